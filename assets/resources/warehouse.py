"""The warehouse: one DuckDB file, one schema per layer, tables as their contracts say.

Stays out: what the tables hold (their SQL), and serving (only published snapshots are served).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
from dagster import ConfigurableResource
from dagster_duckdb import DuckDBResource

from assets.contracts import Contract

LAYERS = ("raw", "staging", "features", "models", "scores", "marts", "publish")
_MACROS = Path(__file__).parent.parent / "macros.sql"
_PARAMETER = re.compile(r"\$([a-z_]+)")


class WarehouseError(RuntimeError):
    """A statement that the warehouse refused; the message says for which table and what to do."""


def bind(sql: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that a statement names (`$as_of`) and no others; WarehouseError on an unknown one."""
    names = set(_PARAMETER.findall(sql))
    unknown = sorted(names - set(parameters))
    if unknown:
        raise WarehouseError(f"parameter ${', $'.join(unknown)} is not among {', '.join(sorted(parameters))}")
    return {name: parameters[name] for name in names}


class Warehouse(ConfigurableResource):
    """Connections to the DuckDB file. One process writes at a time; another waits, then fails plainly."""

    path: str
    memory_limit: str = "1GB"
    threads: int = 0

    @contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection to the warehouse with all layers present."""
        Path(self.path).parent.mkdir(parents=True, exist_ok=True)
        config = {"memory_limit": self.memory_limit, **({"threads": self.threads} if self.threads else {})}
        with ExitStack() as stack:
            resource = DuckDBResource(database=self.path, connection_config=config)
            try:
                connection = stack.enter_context(resource.get_connection())
            except duckdb.IOException as error:
                raise WarehouseError(
                    f"{self.path} cannot be opened ({str(error).splitlines()[0]}). "
                    "If another run is writing to it, wait for it to end"
                ) from error
            stack.callback(connection.close)
            prepare(connection)
            yield connection


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the layers' schemas and the formulas that tables share."""
    for layer in LAYERS:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {layer}")
    connection.execute(_MACROS.read_text(encoding="utf-8"))


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All statements inside, or none."""
    connection.begin()
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def ensure_table(connection: duckdb.DuckDBPyConnection, contract: Contract) -> bool:
    """Make the table as its contract says; True if one of an older contract had to go: make its rows anew."""
    found = _columns(connection, contract.layer, contract.name)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE contract_columns ({contract.columns_sql})")
    wanted = _columns(connection, "main", "contract_columns")
    if found == wanted:
        return False
    connection.execute(f"CREATE OR REPLACE TABLE {contract.table} ({contract.columns_sql})")
    return bool(found)


def _columns(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> list[tuple[str, str]]:
    return connection.execute(
        "SELECT column_name, data_type FROM duckdb_columns() "
        "WHERE schema_name = ? AND table_name = ? ORDER BY column_index",
        [schema, table],
    ).fetchall()


def replace_rows(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    select: str | pd.DataFrame,
    parameters: Mapping[str, Any],
) -> int:
    """Replace the table's rows (of a monthly table: the month's) by a query's or a frame's, all or none.

    Returns:
        The number of rows written.

    Raises:
        WarehouseError: the query's columns are not the contract's.
    """
    source = select if isinstance(select, str) else "SELECT * FROM frame"
    bound = bind(source, parameters)
    if not isinstance(select, str):
        connection.register("frame", select)
    try:
        with transaction(connection):
            ensure_table(connection, contract)
            _require_columns(connection, contract, source, bound)
            if contract.is_monthly:
                connection.execute(
                    f"DELETE FROM {contract.table} WHERE snapshot_month = ?", [parameters["snapshot_month"]]
                )
            else:
                connection.execute(f"DELETE FROM {contract.table}")
            (count,) = connection.execute(
                f"INSERT INTO {contract.table} BY NAME {source}", bound
            ).fetchone() or (0,)
    finally:
        if not isinstance(select, str):
            connection.unregister("frame")
    return int(count)


def _require_columns(
    connection: duckdb.DuckDBPyConnection, contract: Contract, source: str, bound: Mapping[str, Any]
) -> None:
    described = connection.execute(f"DESCRIBE {source}", bound).fetchall()
    found, wanted = {row[0] for row in described}, set(contract.columns)
    if found != wanted:
        raise WarehouseError(
            f"{contract.table}: its query and its contract name different columns "
            f"(only in the query: {sorted(found - wanted)}; only in the contract: {sorted(wanted - found)})"
        )
