"""A table's contract: what a row is, what each column means, and what must hold.

Stays out: how the expectations are checked (`assets.expectations`) and how the table is made (its SQL or Python).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

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


class Fact(_Frozen):
    """A statement about the whole table, true when its query counts no violation.

    `violations` is SQL with one value: how far the table is from the statement (rows, or a sum's difference).
    """

    name: str
    violations: str
    meaning: str
    severity: Severity = "critical"


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
    references: dict[str, str] = Field(default_factory=dict)
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


def load_contract(path: Path) -> Contract:
    """Read one contract; its layer and name are its folder's and its file's."""
    content: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    try:
        contract = Contract(layer=path.parent.name, name=path.stem, **content)
    except (ValidationError, TypeError) as error:
        raise ContractError(f"{path}: {error}") from error
    named = [
        *contract.key,
        *contract.references,
        *(name for pair in contract.pairs for name in (pair.at_least, pair.of)),
    ]
    unknown = [name for name in named if name not in contract.columns]
    if unknown:
        raise ContractError(f"{path}: {', '.join(unknown)} named in the contract but not among its columns")
    return contract
