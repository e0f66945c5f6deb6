"""`crm models` and `crm tune` on a home of their own: by hand, killed, interrupted, and run again.

Searches that a signal ends, a list of versions and a rollback run in processes of their own, so that what one leaves is
what another finds; the other commands run here.
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
from typer.testing import Result

from tests.conftest import crm_environment

PATIENCE_SECONDS = 120.0


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, pipeline_home: Path) -> Path:
    """A copy of the session's home: four months, version 1 to 4 of each model, every version promoted."""
    return Path(shutil.copytree(pipeline_home, tmp_path_factory.mktemp("by_hand") / "home"))


def served(home: Path, table: str = "scores.customer_cltv") -> set[str]:
    """The model versions that scored the customers of 2018-08."""
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            f"SELECT DISTINCT model_version FROM {table} WHERE snapshot_month = '2018-08'"
        ).fetchall()
    return {version for (version,) in rows}


def lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def ended_without_a_traceback(done: Result) -> bool:
    """Whether a command that ran here chose its exit code itself and printed no traceback."""
    return isinstance(done.exception, SystemExit) and "Traceback" not in done.output


def test_models_lists_versions_with_figures_decisions_and_aliases(crm, home) -> None:
    shown = crm(home, "models", COLUMNS="240")

    assert shown.returncode == 0, shown.stderr
    text = " ".join(lines(shown.stdout))
    for word in (
        "cltv_model",
        "churn_model",
        "champion",
        "roc_auc 0.",
        "recency alone 0.",
        "promoted",
        "2018-07",
    ):
        assert word in text, word


def test_a_rollback_serves_the_version_before_from_the_next_run_on(crm, crm_here, home, small_shop) -> None:
    assert served(home) == {"4"}
    done = crm(home, "models", "rollback", "cltv_model", "--reason", "scores looked wrong")
    assert done.returncode == 0, done.stderr
    assert "cltv_model version 3" in " ".join(lines(done.stdout))
    assert served(home) == {"4"}

    again = crm_here(home, "run", "--source", str(small_shop), "--month", "2018-08")

    assert again.exit_code == 0, again.output
    assert served(home) == {"3"}
    listed = crm_here(home, "models", "--name", "cltv_model")
    assert "scores looked wrong" in " ".join(lines(listed.stdout))


def test_a_promotion_by_hand_serves_from_the_next_run_on(crm_here, home, small_shop) -> None:
    done = crm_here(home, "models", "promote", "cltv_model", "4")
    assert done.exit_code == 0, done.output

    again = crm_here(home, "run", "--source", str(small_shop), "--month", "2018-08")

    assert again.exit_code == 0, again.output
    assert served(home) == {"4"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("promote", "cltv_model", "99"), "model cltv_model has no version 99; versions: 1, 2, 3, 4"),
        (("promote", "cltv", "1"), "model cltv has no version 1"),
        (("rollback", "nothing"), "model nothing has no champion"),
        (("--name", "cltv"), "no model is called cltv; there are: churn_model, cltv_model"),
    ],
)
def test_a_wrong_name_or_number_is_a_plain_message_and_exit_code_1(
    crm_here, home, arguments, message
) -> None:
    done = crm_here(home, "models", *arguments)

    assert done.exit_code == 1
    assert message in " ".join(lines(done.stderr))
    assert ended_without_a_traceback(done)


@pytest.mark.parametrize("command", [("models",), ("tune", "--trials", "1")])
def test_without_a_run_there_is_nothing_to_list_or_to_search_on(crm_here, tmp_path, command) -> None:
    done = crm_here(tmp_path / "home", *command)

    assert done.exit_code == 1
    assert "Begin with: crm run" in " ".join(lines(done.stdout + done.stderr))
    assert ended_without_a_traceback(done)


def test_too_few_returns_to_search_on_are_a_plain_message(crm_here, home) -> None:
    done = crm_here(home, "tune", "--trials", "1", CRM_MIN_RETURNS="100000")

    assert done.exit_code == 1
    assert "There is too little data to search on: training: " in " ".join(lines(done.stdout))
    assert ended_without_a_traceback(done)


def finished(home: Path) -> int:
    """How many trials of the search have finished."""
    try:
        with sqlite3.connect(f"file:{home / 'optuna.db'}?mode=ro", uri=True) as store:
            (count,) = store.execute("SELECT count(*) FROM trials WHERE state = 'COMPLETE'").fetchone()
    except sqlite3.OperationalError:
        return 0
    return int(count)


def search_until(home: Path, trials: int, sign: signal.Signals) -> tuple[int, str]:
    """Begin a search, send a signal once so many trials have finished; the exit code and what was printed.

    A shell that runs these tests in the background hands down SIGINT as ignored, and Python then never sees it; `env`
    gives the search the signal's default back, as a terminal does.
    """
    search = [sys.executable, "-m", "orchestration.cli", "tune", "--trials", "400"]
    command = ["env", "--default-signal=INT", *search]
    process = subprocess.Popen(
        command, cwd=home.parent, env=crm_environment(home), stdout=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while finished(home) < trials and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    assert process.poll() is None, "the search ended before the signal"
    os.kill(process.pid, sign)
    printed, _ = process.communicate(timeout=60)
    return process.returncode, printed


def test_a_search_killed_and_interrupted_goes_on_where_it_was(crm, home) -> None:
    killed, _ = search_until(home, 2, signal.SIGKILL)
    assert killed == -signal.SIGKILL
    after_the_kill = finished(home)
    assert after_the_kill >= 2

    code, printed = search_until(home, after_the_kill + 1, signal.SIGINT)
    assert (code, "the same command goes on where it was" in printed) == (1, True)
    after_the_interruption = finished(home)
    assert after_the_interruption > after_the_kill

    wanted = after_the_interruption + 1
    done = crm(home, "tune", "--trials", str(wanted))

    assert done.returncode == 0, done.stdout + done.stderr
    text = " ".join(lines(done.stdout))
    assert f"{after_the_interruption} trials done" in text
    assert f"of {wanted} trials" in text
    assert finished(home) == wanted
    with sqlite3.connect(home / "optuna.db") as store:
        numbers = [n for (n,) in store.execute("SELECT number FROM trials WHERE state = 'COMPLETE'")]
    with sqlite3.connect(home / "mlflow.db") as store:
        logged = [int(v) for (v,) in store.execute("SELECT value FROM tags WHERE key = 'trial'")]
    assert sorted(logged) == sorted(numbers)


def test_the_weekly_job_searches_as_the_command_does(home) -> None:
    command = [
        sys.executable,
        "-m",
        "dagster",
        "job",
        "execute",
        "-m",
        "orchestration.definitions",
        "-j",
        "tune",
    ]
    environment = {
        **crm_environment(home, CRM_TUNE_TRIALS="3"),
        "DAGSTER_HOME": str(home / "dagster"),
    }
    done = subprocess.run(
        command, cwd=home.parent, env=environment, capture_output=True, text=True, timeout=300, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "RUN_SUCCESS" in done.stdout + done.stderr
    assert finished(home) >= 3
