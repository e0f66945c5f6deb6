"""A run killed at any moment: the last good snapshot stays, and the same command again gives what it would have."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dashboard.snapshot import current_snapshot_id, verify

FIRST = "2018-06"
MOMENTS = [
    ("raw", 0.5),
    ("models__churn_model", 0.9),
    ("models__cltv_model", 0.5),
    ("publish__dashboard_snapshot", 0.1),
]
PATIENCE_SECONDS = 120.0


@dataclass(frozen=True)
class Shop:
    """A home in which one month is published, a copy of it to begin from, and what an undisturbed run makes of it."""

    home: Path
    base: Path
    source: Path
    undisturbed: dict[str, tuple[int, str]]
    snapshot_id: str

    def begin_anew(self) -> str:
        """Put the home back to where one month is published; the id of that snapshot."""
        _copy(self.base, self.home)
        return str(current_snapshot_id(self.home / "published"))

    @property
    def command(self) -> list[str]:
        return ["run", "--source", str(self.source), "--history"]


SETTINGS = {"CRM_HISTORY_START": "2018-07", "CRM_KEEP_SNAPSHOTS": "5"}


def _copy(source: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, small_shop: Path, crm, digests) -> Shop:
    home, base = tmp_path_factory.mktemp("killed") / "home", tmp_path_factory.mktemp("base") / "home"
    first = crm(home, "run", "--source", str(small_shop), "--month", FIRST, CRM_HISTORY_START=FIRST)
    assert first.returncode == 0, first.stdout + first.stderr
    _copy(home, base)
    whole = crm(home, "run", "--source", str(small_shop), "--history", **SETTINGS)
    assert whole.returncode == 0, whole.stdout + whole.stderr
    snapshot_id = str(current_snapshot_id(home / "published"))
    return Shop(home, base, small_shop, digests(home), snapshot_id)


@pytest.fixture(scope="module")
def start() -> Iterator[Callable[[Shop], subprocess.Popen[bytes]]]:
    """Start the history run of a shop in a process of its own."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(shop: Shop) -> subprocess.Popen[bytes]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("CRM_", "DAGSTER_"))}
        process = subprocess.Popen(
            [sys.executable, "-m", "orchestration.cli", *shop.command],
            cwd=shop.home.parent,
            env={**inherited, "CRM_HOME": str(shop.home), **SETTINGS},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()


def _runs(home: Path) -> list[tuple[str, str]]:
    """(id, status) of all runs of the Dagster instance, the newest first."""
    path = home / "dagster" / "history" / "runs.db"
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10) as history:
        return history.execute("SELECT run_id, status FROM runs ORDER BY id DESC").fetchall()


def _has_begun(home: Path, known: int, step: str) -> bool:
    runs = _runs(home)
    if len(runs) == known:
        return False
    path = home / "dagster" / "history" / "runs" / f"{runs[0][0]}.db"
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10) as log:
            sql = "SELECT count(*) FROM event_logs WHERE dagster_event_type = 'STEP_START' AND step_key = ?"
            return bool(log.execute(sql, [step]).fetchone()[0])
    except sqlite3.OperationalError:
        return False


def _kill_at(process: subprocess.Popen[bytes], home: Path, step: str, delay: float) -> None:
    known, deadline = len(_runs(home)), time.monotonic() + PATIENCE_SECONDS
    while not _has_begun(home, known, step):
        assert process.poll() is None, f"the run ended before {step}"
        assert time.monotonic() < deadline, f"{step} did not begin"
        time.sleep(0.03)
    time.sleep(delay)
    assert process.poll() is None, f"the run ended before it could be killed in {step}"
    process.send_signal(signal.SIGKILL)
    process.wait(10)


@pytest.mark.parametrize(("step", "delay"), MOMENTS, ids=[step for step, _ in MOMENTS])
def test_the_same_command_after_a_kill_gives_the_tables_and_the_snapshot_of_an_undisturbed_run(
    step, delay, shop, start, crm, digests
) -> None:
    good = shop.begin_anew()
    published = shop.home / "published"
    _kill_at(start(shop), shop.home, step, delay)

    served = str(current_snapshot_id(published))
    assert served in (good, shop.snapshot_id)
    assert served == good or step.startswith("publish")
    verify(published / served)
    killed, status = _runs(shop.home)[0]
    assert status == "STARTED"

    again = crm(shop.home, *shop.command, **SETTINGS)

    assert again.returncode == 0, again.stdout + again.stderr
    assert f"run {killed[:8]} had been killed" in again.stdout
    assert dict(_runs(shop.home))[killed] == "FAILURE"
    after = digests(shop.home)
    assert {name for name in after if after[name] != shop.undisturbed[name]} == set()
    assert current_snapshot_id(published) == shop.snapshot_id
    verify(published / shop.snapshot_id)
    assert _leftovers(shop.home) == []
    assert _claimed_slots(shop.home) == 0
    assert _unfinished_model_runs(shop.home) == []


def _leftovers(home: Path) -> list[Path]:
    """Files and folders of half-done work."""
    marks = (".partial", ".tmp", ".wal")
    return [path for path in home.rglob("*") if path.name.startswith(".partial") or path.suffix in marks]


def _claimed_slots(home: Path) -> int:
    """Slots of the pool that somebody still holds or waits for."""
    path = home / "dagster" / "history" / "runs" / "index.db"
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10) as index:
        (held,) = index.execute("SELECT count(*) FROM concurrency_slots WHERE run_id IS NOT NULL").fetchone()
        (waiting,) = index.execute("SELECT count(*) FROM pending_steps").fetchone()
    return int(held) + int(waiting)


def _unfinished_model_runs(home: Path) -> list[str]:
    """Model runs that MLflow still believes to be running."""
    with sqlite3.connect(f"file:{home / 'mlflow.db'}?mode=ro", uri=True) as store:
        return store.execute("SELECT name FROM runs WHERE status = 'RUNNING'").fetchall()
