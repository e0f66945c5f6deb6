"""A table's contract: what a row is, what each column means, and what must hold.

Stays out: how expectations are checked (`assets.validation`), how the table is made (its SQL or Python).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

Severity = Literal["critical", "warning"]


class ContractError(ValueError):
    """A contract file that does not say what a contract must say."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Column(_Frozen):
    """One column: its DuckDB type, unit and meaning, and what each value must satisfy."""

    type: str
    meaning: str
    unit: str = ""
    nullable: bool = False
    min: float | None = None
    max: float | None = None
    values: tuple[str, ...] | None = None
    pattern: str | None = None

    @model_validator(mode="after")
    def _can_hold(self) -> Self:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min:g} is above max {self.max:g}: no value can hold")
        try:
            re.compile(self.pattern or "")
        except re.error as error:
            raise ValueError(f"pattern {self.pattern} is no regular expression ({error})") from error
        return self


Reference = Annotated[str, StringConstraints(pattern=r"^\w+\.\w+\.\w+$")]


class Fact(_Frozen):
    """A statement about the whole table, true when its query counts no violation.

    `violations` is SQL with one value: how far the table is from the statement (rows, or a sum's difference).
    `coded` is the meaning as codes and values, of a statement that is made of others' names.
    """

    name: str
    violations: str
    meaning: str
    severity: Severity = "critical"
    coded: str = "[]"


class Pair(_Frozen):
    """Two columns of a row where the first is never below the second."""

    at_least: str
    of: str


class Alternative(_Frozen):
    """Another column that a file may hold instead, and the SQL that turns it into the contract's column."""

    column: str
    type: str
    sql: str


class SourceFile(_Frozen):
    """Where a raw table comes from: the file's stem under Kaggle's name, and whether a shop may lack it."""

    file: str
    required: bool
    alternatives: dict[str, Alternative] = Field(default_factory=dict)


class Contract(_Frozen):
    """A table's contract, read from the `.yml` beside the table's definition."""

    layer: str
    name: str
    description: str
    grain: str
    columns: dict[str, Column]
    key: tuple[str, ...] = ()
    pairs: tuple[Pair, ...] = ()
    facts: tuple[Fact, ...] = ()
    references: dict[str, Reference] = Field(default_factory=dict)
    charts: dict[str, str] = Field(default_factory=dict)
    may_be_empty: bool = False
    source: SourceFile | None = None
    owner: str = "team:data-engineering"
    kinds: tuple[str, ...] = ("duckdb", "sql")

    @property
    def table(self) -> str:
        """The table's qualified name in the warehouse, the same words as its asset key."""
        return f"{self.layer}.{self.name}"

    @property
    def is_monthly(self) -> bool:
        """Whether the table holds one set of rows per snapshot month."""
        return "snapshot_month" in self.key

    @property
    def columns_sql(self) -> str:
        """The column list of the statement that makes the table."""
        return ", ".join(f'"{name}" {column.type}' for name, column in self.columns.items())


class _Loader(yaml.CSafeLoader):
    """Reads YAML and refuses a key that stands twice, of which YAML would keep the last without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise ContractError(f"line {key.start_mark.line + 1}: {key.value} stands twice")
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def load_contract(path: Path) -> Contract:
    """Read one contract; its layer and name are its folder's and its file's.

    Raises:
        ContractError: the file does not say what a contract must say; the message names it and the problem.
    """
    try:
        content: Any = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
        contract = Contract(layer=path.parent.name, name=path.stem, **content)
        _require_known_columns(contract)
    except (ValidationError, TypeError, yaml.YAMLError, ContractError) as error:
        raise ContractError(f"{path}: {error}") from error
    return contract


def _require_known_columns(contract: Contract) -> None:
    pairs = [name for pair in contract.pairs for name in (pair.at_least, pair.of)]
    named = [*contract.key, *contract.references, *pairs]
    unknown = [name for name in named if name not in contract.columns]
    if unknown:
        raise ContractError(f"{', '.join(unknown)} named in the contract but not among its columns")
