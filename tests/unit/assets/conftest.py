"""What tests of the tables share: a warehouse in memory, a simulated shop, and warehouses with fitted models."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import duckdb
import pytest

from assets.catalog import catalog, raw_contracts
from assets.months import snapshot_month
from assets.parameters import Parameters
from assets.raw.ingest import ingest
from assets.resources.source import open_source
from assets.resources.tracking import Tracking
from assets.resources.warehouse import ensure_table, prepare, replace_rows
from assets.work import Built, RunFacts, Work
from ml.simulate import SimulationConfig, simulate

Rows = Sequence[Mapping[str, Any]]
DATA_END = dt.date(2018, 8, 31)
WAREHOUSE, STORE = "warehouse.duckdb", "mlflow.db"


@dataclass(frozen=True)
class ModelHome:
    """A folder's warehouse and model store, open, and the work on their tables."""

    folder: Path
    warehouse: duckdb.DuckDBPyConnection
    tracking: Tracking
    work: Callable[..., Work]

    def build(self, model: str, month: str = "2018-08", **more: Any) -> Built:
        """Build a model's table: `home.build("cltv_model", seed=8)`."""
        table = f"models.{model}"
        return catalog()[table].module.build(self.work(table, month, **more))


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


@pytest.fixture(scope="session")
def open_home(tmp_path_factory: pytest.TempPathFactory, work_on: Callable[..., Work]) -> Callable[..., Any]:
    """Open a folder's warehouse and model store; MLflow's own functions speak to that store from then on.

    Stores name their artifacts by absolute paths, so a store and its copies share one folder of them. Each run has a
    folder of its own in it.
    """
    artifacts = tmp_path_factory.mktemp("artifacts")

    @contextmanager
    def opened(folder: Path, read_only: bool = False) -> Iterator[ModelHome]:
        tracking = Tracking(database=str(folder / STORE), artifacts=str(artifacts))
        tracking.client()
        with duckdb.connect(str(folder / WAREHOUSE), read_only=read_only) as warehouse:
            yield ModelHome(folder, warehouse, tracking, partial(work_on, warehouse, tracking))

    return opened


@pytest.fixture(scope="session")
def fitted(
    pipeline_home: Path, tmp_path_factory: pytest.TempPathFactory, open_home: Callable[..., Any]
) -> Callable[..., Path]:
    """A folder in which models were built one after another: `fitted("cltv_model 2018-08", "churn_model 2018-08")`.

    Fitting is what costs: each sequence is built once a session, on a copy of the sequence without its last model, and
    shared. `fitted()` is the small shop with an empty store. Read from the folder, or change a copy (`home_with`).
    A test that patches the fitting asks for its folder first, since what it builds is there for the tests after it.
    """

    @cache
    def build(*models: str) -> Path:
        folder = tmp_path_factory.mktemp("fitted")
        if models:
            shutil.copytree(build(*models[:-1]), folder, dirs_exist_ok=True)
        else:
            shutil.copy(pipeline_home / WAREHOUSE, folder / WAREHOUSE)
        with open_home(folder) as home:
            prepare(home.warehouse)
            if models:
                home.build(*models[-1].split())
        return folder

    return build


@pytest.fixture
def copy_home(open_home: Callable[..., Any], tmp_path: Path) -> Iterator[Callable[[Path], ModelHome]]:
    """Open a copy of a folder of `fitted`, to write to."""
    with ExitStack() as until_the_test_ends:

        def copied(folder: Path) -> ModelHome:
            copy = shutil.copytree(folder, tmp_path / "home")
            return until_the_test_ends.enter_context(open_home(copy))

        yield copied


@pytest.fixture
def home_with(
    fitted: Callable[..., Path], copy_home: Callable[[Path], ModelHome]
) -> Callable[..., ModelHome]:
    """A home of the test's own in which models were built: `home_with("cltv_model 2018-07")`; none: an empty store."""
    return lambda *models: copy_home(fitted(*models))
