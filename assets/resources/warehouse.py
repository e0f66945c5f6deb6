"""The warehouse: one DuckDB file, one schema per layer, tables as their contracts say.

Stays out: what the tables hold (their SQL), and serving (only published snapshots are served).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
from dagster import ConfigurableResource, InitResourceContext
from dagster_duckdb import DuckDBResource
from filelock import FileLock, Timeout
from pydantic import PrivateAttr

from assets.binding import WarehouseError, bind
from assets.contracts import Contract

LAYERS = ("raw", "staging", "features", "models", "scores", "marts", "publish")
_MACROS = Path(__file__).parent.parent / "macros.sql"


class Warehouse(ConfigurableResource):
    """The DuckDB file. One run writes at a time; another waits for it, and fails plainly after `patience_s`.

    A run holds one connection from its first step to its last, so that no other run gets between its steps.
    """

    path: str
    memory_limit: str = "1GB"
    threads: int = 0
    patience_s: float = 1800

    _held: duckdb.DuckDBPyConnection | None = PrivateAttr(default=None)

    @contextmanager
    def yield_for_execution(self, context: InitResourceContext) -> Iterator[Warehouse]:
        """The warehouse for one run: waits for other runs, then keeps the connection until the run ends."""
        try:
            with self.between_runs() as self._held:
                yield self
        finally:
            self._held = None

    @contextmanager
    def between_runs(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection for as long as no run may write: waits for other runs, and they for it."""
        Path(self.path).parent.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(f"{self.path}.lock", timeout=self.patience_s), self._open() as connection:
                yield connection
        except Timeout as error:
            raise WarehouseError(
                f"another run has been writing to {self.path} for {self.patience_s:.0f} s; wait for it to end"
            ) from error

    @contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The run's connection; outside a run, one of its own that is closed afterwards."""
        if self._held is not None:
            yield self._held
            return
        with self._open() as connection:
            yield connection

    @contextmanager
    def _open(self) -> Iterator[duckdb.DuckDBPyConnection]:
        Path(self.path).parent.mkdir(parents=True, exist_ok=True)
        config = {"memory_limit": self.memory_limit, **({"threads": self.threads} if self.threads else {})}
        with ExitStack() as stack:
            resource = DuckDBResource(database=self.path, connection_config=config)
            try:
                connection = stack.enter_context(resource.get_connection())
            except duckdb.IOException as error:
                raise WarehouseError(
                    f"{self.path} cannot be opened ({str(error).splitlines()[0]}). "
                    "If another program is using it, wait for it to end"
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


@contextmanager
def sparing_memory(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Inside, DuckDB gives freed memory back to the system before it takes more.

    Its allocator keeps what is freed, and gives it back only before an allocation above this threshold, half a GiB by
    default: hash tables and sorts of one table after another then stand beside what was freed by those before. A whole
    run with the low threshold takes about 6 % more of the processor's time; the writing of a snapshot, 3 %.
    """
    connection.execute("SET allocator_bulk_deallocation_flush_threshold = '1MB'")
    try:
        yield
    finally:
        connection.execute("RESET allocator_bulk_deallocation_flush_threshold")


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
