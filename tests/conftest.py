"""What all tests share: the real data, and one small pipeline run of the session.

Stays out: fixtures of one folder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest
from filelock import FileLock

from assets.catalog import catalog
from assets.months import data_end, snapshot_month
from assets.parameters import Parameters
from assets.resources.tracking import Tracking
from assets.resources.warehouse import prepare
from assets.work import Work, read_run_facts
from ml.simulate import SimulationConfig, simulate

# The command line's console would keep the width of the terminal that the tests are started from.
for name in ("COLUMNS", "LINES"):
    os.environ.pop(name, None)

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"
# The file that takes longest and shares nothing.
LONGEST = "test_real_olist.py"
CrmRunner = Callable[..., "subprocess.CompletedProcess[str]"]
MadeOnce = Callable[[str, Callable[[Path], None]], Path]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One process begins with the longest file, while another makes what the others wait for."""
    items.sort(key=lambda item: item.path.name != LONGEST)


@pytest.fixture(scope="session")
def olist() -> Path:
    """The folder of the real Olist files; the test is skipped where it is missing."""
    folder = SHARED / "data" / "olist"
    if not folder.exists():
        pytest.skip(f"the real data are not at {folder}")
    return folder


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> MadeOnce:
    """A folder of that name, made by whichever process of the tests needs it first: `made_once("shop", make)`."""
    base = tmp_path_factory.getbasetemp()
    base = base if worker_id == "master" else base.parent

    def made(name: str, make: Callable[[Path], None]) -> Path:
        folder, done = base / name, base / f"{name}.done"
        with FileLock(base / f"{name}.lock"):
            if not done.exists():
                folder.mkdir()
                make(folder)
                done.touch()
        return folder

    return made


@pytest.fixture(scope="session")
def small_shop(made_once: MadeOnce) -> Path:
    """A simulated shop of 6,000 customers in Olist's files."""
    return made_once("shop", lambda folder: simulate(SimulationConfig(customers=6_000, seed=11), folder))


@pytest.fixture(scope="session")
def crm() -> CrmRunner:
    """Run the command line in a process of its own: `crm(home, "run", "--month", "2018-08", CRM_SEED="1")`."""

    def run(
        home: Path, *arguments: str, timeout: float = 300, **settings: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "orchestration.cli", *arguments],
            cwd=home.parent,
            env=crm_environment(home, **settings),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run


def crm_environment(home: Path, **settings: str) -> dict[str, str]:
    """The environment of a process with its own CRM_HOME and no setting of the machine's."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("CRM_", "DAGSTER_"))
    }
    return {**inherited, "CRM_HOME": str(home), "COLUMNS": "200", **settings}


@pytest.fixture(scope="session")
def pipeline_home(made_once: MadeOnce, small_shop: Path, crm: CrmRunner) -> Path:
    """CRM_HOME after the history of four months of the small shop was made and published."""

    def run(home: Path) -> None:
        done = crm(home, "run", "--source", str(small_shop), "--history", CRM_HISTORY_START="2018-05")
        assert done.returncode == 0, done.stdout + done.stderr

    return made_once("home", run)


@pytest.fixture(scope="session")
def published(pipeline_home: Path) -> Path:
    """The published folder of that run."""
    return pipeline_home / "published"


@pytest.fixture(scope="module")
def tracking(tmp_path_factory: pytest.TempPathFactory) -> Tracking:
    """A new model store."""
    folder = tmp_path_factory.mktemp("store")
    return Tracking(database=str(folder / "mlflow.db"), artifacts=str(folder / "artifacts"))


@pytest.fixture
def warehouse(pipeline_home: Path, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of that run's warehouse, to write to."""
    copy = shutil.copy(pipeline_home / "warehouse.duckdb", tmp_path / "warehouse.duckdb")
    with duckdb.connect(str(copy)) as connection:
        prepare(connection)
        yield connection


@pytest.fixture(scope="session")
def work_on() -> Callable[..., Work]:
    """A table's work for a month: `work_on(warehouse, tracking, "models.cltv_model", "2018-07", seed=8)`."""

    def make(
        warehouse: duckdb.DuckDBPyConnection,
        tracking: Tracking,
        table: str,
        month: str = "2018-08",
        fingerprint: str | None = None,
        **parameters: Any,
    ) -> Work:
        run = read_run_facts(warehouse, "the-dagster-run", "the-code")
        values = Parameters(**parameters).of_month(snapshot_month(month, data_end(warehouse)))
        facts = replace(run, fingerprint=fingerprint) if fingerprint else run
        return Work(warehouse, catalog()[table].contract, values, facts, tracking)

    return make


@pytest.fixture
def work(
    warehouse: duckdb.DuckDBPyConnection, tracking: Tracking, work_on: Callable[..., Work]
) -> Callable[..., Work]:
    """A table's work over the copy and the new store: `work("models.cltv_model", seed=8)`."""
    return partial(work_on, warehouse, tracking)
