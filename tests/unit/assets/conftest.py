"""What tests of the tables share: a warehouse in memory, rows put into its tables, and a simulated shop."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from assets.catalog import catalog, raw_contracts
from assets.months import snapshot_month
from assets.parameters import Parameters
from assets.raw.ingest import ingest
from assets.resources.source import open_source
from assets.resources.warehouse import ensure_table, prepare, replace_rows
from assets.work import RunFacts, Work
from ml.simulate import SimulationConfig, simulate

Rows = Sequence[Mapping[str, Any]]
DATA_END = dt.date(2018, 8, 31)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty warehouse in memory, with layers and formulas."""
    with duckdb.connect() as opened:
        prepare(opened)
        yield opened


@pytest.fixture
def put(connection: duckdb.DuckDBPyConnection) -> Callable[[str, Rows], None]:
    """Add rows to a table, made as its contract says; columns that a row leaves out are null."""

    def add(table: str, rows: Rows) -> None:
        contract = catalog()[table].contract
        ensure_table(connection, contract)
        for row in rows:
            names = ", ".join(f'"{name}"' for name in row)
            marks = ", ".join("?" for _ in row)
            connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))

    return add


@pytest.fixture(scope="session")
def month() -> Callable[..., dict[str, Any]]:
    """The parameters of a month of data that end on 2018-08-31; others than the defaults by name."""

    def parameters(key: str, **more: Any) -> dict[str, Any]:
        return {**Parameters().of_month(snapshot_month(key, DATA_END)), **more}

    return parameters


@pytest.fixture(scope="session")
def make() -> Callable[[duckdb.DuckDBPyConnection, str, Mapping[str, Any]], None]:
    """Make a table of a warehouse that has its parents, by its SQL or its Python; without model tracking."""

    def run(connection: duckdb.DuckDBPyConnection, table: str, parameters: Mapping[str, Any]) -> None:
        definition = catalog()[table]
        if definition.sql is not None:
            replace_rows(connection, definition.contract, definition.sql, parameters)
        else:
            facts = RunFacts("run", "code", "0" * 64, True, "none", "test")
            no_tracking: Any = None
            definition.module.build(Work(connection, definition.contract, parameters, facts, no_tracking))

    return run


@pytest.fixture
def build(
    connection: duckdb.DuckDBPyConnection,
    make: Callable[[duckdb.DuckDBPyConnection, str, Mapping[str, Any]], None],
) -> Callable[..., list[dict[str, Any]]]:
    """Make a table and return its rows; tables that it reads and a test has not filled are empty."""

    def run(table: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        for parent in catalog()[table].reads:
            ensure_table(connection, catalog()[parent].contract)
        make(connection, table, parameters or {})
        rows = connection.execute(f"FROM {table}")
        names = [column[0] for column in rows.description or []]
        return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]

    return run


@pytest.fixture(scope="session")
def simulated_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a small simulated shop."""
    folder = tmp_path_factory.mktemp("simulated")
    return simulate(SimulationConfig(customers=400, seed=5, r=0.5), folder).out


@pytest.fixture(scope="session")
def load_shop() -> Callable[[duckdb.DuckDBPyConnection, Path], None]:
    """Ingest a folder of files into the raw tables."""

    def run(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        source = open_source(str(folder), folder / "workspace")
        ingest(connection, raw_contracts(), source, max_reject_share=0.01, simulate_ages=False, seed=7)

    return run
