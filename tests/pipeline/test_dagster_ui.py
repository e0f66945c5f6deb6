"""What a data engineer clicks: resume a failed run, backfill three months; through the UI's own GraphQL."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from assets.catalog import catalog
from dashboard.snapshot import current_snapshot_id, verify

ROOT = Path(__file__).parent.parent.parent
PATIENCE_SECONDS = 120.0
LONGEST_SECONDS = 600.0
MONTHS = ["2018-05", "2018-06", "2018-07"]
RESUME = """
mutation ($parent: String!) {
  launchRunReexecution(reexecutionParams: {parentRunId: $parent, strategy: FROM_FAILURE}) {
    __typename
    ... on LaunchRunSuccess { run { runId stepKeysToExecute } }
    ... on PythonError { message }
  }
}
"""
BACKFILL = """
mutation ($assets: [AssetKeyInput!]!, $months: [String!]!) {
  launchPartitionBackfill(backfillParams: {assetSelection: $assets, partitionNames: $months}) {
    __typename
    ... on LaunchBackfillSuccess { backfillId }
    ... on PythonError { message }
  }
}
"""
RUNS = """
query ($filter: RunsFilter!) {
  runsOrError(filter: $filter) {
    ... on Runs { results { runId status jobName repositoryOrigin { repositoryLocationName } tags { key value } } }
  }
}
"""
Ask = Callable[..., dict[str, Any]]


def _environment(home: Path, source: Path) -> dict[str, str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("CRM_", "DAGSTER_"))}
    settings = {"CRM_HOME": home, "CRM_SOURCE": source, "CRM_HISTORY_START": MONTHS[0]}
    dagster = {"DAGSTER_HOME": home / "dagster", "DAGSTER_DISABLE_TELEMETRY": 1}
    return {**inherited, **{name: str(value) for name, value in {**settings, **dagster}.items()}}


@pytest.fixture(scope="module")
def home(pipeline_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the home of four months."""
    return Path(shutil.copytree(pipeline_home, tmp_path_factory.mktemp("ui") / "home"))


@pytest.fixture(scope="module")
def ask(home: Path, small_shop: Path) -> Iterator[Ask]:
    """Dagster's UI and daemon over the home; `ask(query, name=value)` gives the data of a GraphQL answer."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    with (home / "dev.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "dagster", "dev", "-w", str(ROOT / "workspace.yaml"), "-p", str(port)],
            cwd=home,
            env=_environment(home, small_shop),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield lambda query, **variables: _post(
            f"http://127.0.0.1:{port}/graphql", query, variables, process, home
        )
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    for sign in (signal.SIGINT, signal.SIGKILL):
        if process.poll() is None:
            os.killpg(process.pid, sign)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            continue


def _post(url: str, query: str, variables: dict[str, Any], process: Any, home: Path) -> dict[str, Any]:
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                found = json.load(answer)
            assert "errors" not in found, found["errors"]
            return found["data"]
        except urllib.error.URLError:
            assert process.poll() is None, (home / "dev.log").read_text()[-3000:]
            assert time.monotonic() < deadline, (home / "dev.log").read_text()[-3000:]
            time.sleep(0.3)


def _ended(ask: Ask, home: Path, **run_filter: Any) -> list[dict[str, Any]]:
    """The runs of a filter once all have ended and there is at least one; patient while the log still grows."""
    log, seen = home / "dev.log", -1
    began = grown = time.monotonic()
    while True:
        runs = ask(RUNS, filter=run_filter)["runsOrError"]["results"]
        if runs and all(run["status"] in ("SUCCESS", "FAILURE", "CANCELED") for run in runs):
            return runs
        now, size = time.monotonic(), log.stat().st_size
        grown, seen = (now, size) if size != seen else (grown, seen)
        is_hopeless = now - grown > PATIENCE_SECONDS or now - began > LONGEST_SECONDS
        assert not is_hopeless, f"no end of {run_filter}: {runs}\n{log.read_text()[-3000:]}"
        time.sleep(0.5)


@pytest.fixture(scope="module")
def backfill(ask: Ask) -> str:
    """A backfill of three months over every monthly asset, asked for while the daemon starts; its id."""
    monthly = [name for name, table in catalog().items() if table.contract.is_monthly]
    assets = [{"path": name.split(".")} for name in monthly]
    answer = ask(BACKFILL, assets=assets, months=MONTHS)["launchPartitionBackfill"]
    assert answer["__typename"] == "LaunchBackfillSuccess", answer
    return str(answer["backfillId"])


@pytest.fixture(scope="module")
def failed_run(ask: Ask, backfill: str, home: Path, small_shop: Path, crm: Callable[..., Any]) -> str:
    """The id of a `crm run` that could not publish, because a file was where the folder of snapshots belongs."""
    _ended(ask, home, tags=[{"key": "dagster/backfill", "value": backfill}])
    published, aside = home / "published", home / "aside"
    published.rename(aside)
    published.write_text("in the way")
    done = crm(home, "run", "--source", str(small_shop), "--latest", CRM_HISTORY_START=MONTHS[0])
    published.unlink()
    aside.rename(published)
    assert done.returncode == 1, done.stdout + done.stderr
    (newest, *_) = ask(RUNS, filter={"statuses": ["FAILURE"]})["runsOrError"]["results"]
    return str(newest["runId"])


def test_a_backfill_of_three_months_is_one_run_and_succeeds(ask, backfill, home) -> None:
    runs = _ended(ask, home, tags=[{"key": "dagster/backfill", "value": backfill}])
    tags = {tag["key"]: tag["value"] for tag in runs[0]["tags"]}

    assert [run["status"] for run in runs] == ["SUCCESS"]
    assert tags["dagster/asset_partition_range_start"] == MONTHS[0]
    assert tags["dagster/asset_partition_range_end"] == MONTHS[-1]


def test_runs_of_the_command_line_stand_in_the_run_list_as_those_of_the_code_location(
    ask, failed_run
) -> None:
    runs = ask(RUNS, filter={})["runsOrError"]["results"]
    ours = [run for run in runs if "crm/source" in {tag["key"] for tag in run["tags"]}]

    assert {run["jobName"] for run in ours} == {"history", "nightly"}
    assert {run["repositoryOrigin"]["repositoryLocationName"] for run in ours} == {"crm"}
    assert failed_run in {run["runId"] for run in ours}


def test_a_failed_run_is_resumed_from_the_step_that_failed_and_succeeds(
    ask, failed_run, home, pipeline_home
) -> None:
    answer = ask(RESUME, parent=failed_run)["launchRunReexecution"]

    assert answer["__typename"] == "LaunchRunSuccess", answer
    (run,) = _ended(ask, home, runIds=[answer["run"]["runId"]])
    assert run["status"] == "SUCCESS", (home / "dev.log").read_text()[-3000:]
    assert "raw" not in answer["run"]["stepKeysToExecute"]
    assert "publish__dashboard_snapshot" in answer["run"]["stepKeysToExecute"]
    snapshot_id = str(current_snapshot_id(home / "published"))
    assert snapshot_id == current_snapshot_id(pipeline_home / "published")
    verify(home / "published" / snapshot_id)
