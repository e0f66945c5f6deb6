"""Every table of the pipeline, found by its files: `<layer>/<table>.yml` with a `.sql` or `.py` of the same name.

Stays out: Dagster (`assets.factory` makes assets of these).
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

from assets.contracts import Contract, load_contract
from assets.lineage import tables_read
from assets.resources.warehouse import LAYERS

ROOT = Path(__file__).parent


@dataclass(frozen=True)
class Table:
    """A table: its contract, and the queries that make it or that its Python reads.

    Attributes:
        contract: what the table holds.
        sql: the query that makes it; None where Python does.
        module: the Python module with `build(work)`; imported when first used.
    """

    contract: Contract
    sql: str | None
    module_name: str | None

    @property
    def key(self) -> str:
        """The table's name, `layer.name`."""
        return self.contract.table

    @property
    def module(self) -> ModuleType:
        """The Python that makes the table."""
        if self.module_name is None:
            raise LookupError(f"{self.key} is made by SQL")
        return importlib.import_module(self.module_name)

    @property
    def queries(self) -> Mapping[str, str]:
        """Every query that the table is made from, by name."""
        return {"table": self.sql} if self.sql is not None else self.module.QUERIES

    @property
    def reads(self) -> frozenset[str]:
        """The tables that it depends on."""
        return frozenset().union(*(tables_read(sql) for sql in self.queries.values())) - {self.key}


@cache
def catalog() -> Mapping[str, Table]:
    """All tables by name, layer by layer from the ground up."""
    tables = [_table(path) for layer in LAYERS for path in sorted((ROOT / layer).glob("*.yml"))]
    return {table.key: table for table in tables}


def table_sql(key: str) -> str:
    """The query of a table made by SQL, for another table to build on with another as-of date."""
    layer, name = key.split(".")
    return (ROOT / layer / f"{name}.sql").read_text(encoding="utf-8")


def raw_contracts() -> list[Contract]:
    """The contracts of the raw tables, which are all made by one ingestion."""
    return [table.contract for table in catalog().values() if table.contract.layer == "raw"]


def _table(path: Path) -> Table:
    contract = load_contract(path)
    sql, python = path.with_suffix(".sql"), path.with_suffix(".py")
    if sql.exists():
        return Table(contract, sql.read_text(encoding="utf-8"), None)
    module = f"assets.{contract.layer}.{contract.name}" if python.exists() else None
    if module is None and contract.layer != "raw":
        raise FileNotFoundError(f"{path} has neither {sql.name} nor {python.name} beside it")
    return Table(contract, None, module)
