"""The model store: one run and one version per model and month, however often and however badly a run ends."""

from __future__ import annotations

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assets.resources.records import INTERVALS_FILE, Child
from assets.resources.registry import BY_SEARCH, MONTH, SUPERSEDED
from assets.resources.tracking import Tracking, TrackingError


def runs_of(tracking: Tracking, name: str):
    client = tracking.client()
    return client.search_runs([client.get_experiment_by_name(name).experiment_id])


def live(runs) -> list[str]:
    return [run.info.run_id for run in runs if run.data.tags.get(SUPERSEDED) != "true"]


def test_a_record_makes_a_finished_run_with_all_that_was_given(tracking, record) -> None:
    kept = record(
        tags={"code_version": "abc"},
        figures={"reliability": b"a picture"},
        texts={"card.md": "# Card"},
        files={"served/model.json": b"{}"},
    )

    reference = tracking.record(kept)

    (run,) = runs_of(tracking, kept.name)
    client = tracking.client()
    assert (reference.name, reference.number, reference.run_id) == (kept.name, "1", run.info.run_id)
    assert (run.info.status, run.info.run_name) == ("FINISHED", "2018-08")
    assert run.data.params == {"trees": "12"}
    assert run.data.metrics == {"roc_auc": 0.61, "baseline_roc_auc": 0.57, "brier": 0.1}
    assert run.data.tags[MONTH] == "2018-08"
    assert run.data.tags["code_version"] == "abc"
    artifacts = {item.path for item in client.list_artifacts(run.info.run_id)}
    assert {"reliability.png", "card.md", "served", "metrics_with_intervals.json"} <= artifacts
    assert (reference.digest, reference.month, reference.choice) == ("a", "2018-08", "catboost")
    assert tracking.load_files(kept.name, "1", "served") == {"model.json": b"{}"}
    assert tracking.has_files(kept.name, "1", "served")
    assert not tracking.has_files(kept.name, "1", "judged")


def test_candidates_are_finished_runs_under_the_months_run(tracking, record) -> None:
    children = [
        Child(name, {"depth": depth}, [], {"is_chosen": str(depth == 4).lower()})
        for name, depth in (("catboost", 4), ("recency alone", 0))
    ]

    reference = tracking.record(record(children=children))

    runs = [run for run in runs_of(tracking, reference.name) if run.info.run_id != reference.run_id]
    assert {run.info.run_name: run.data.params["depth"] for run in runs} == {
        "catboost": "4",
        "recency alone": "0",
    }
    assert {run.data.tags["mlflow.parentRunId"] for run in runs} == {reference.run_id}
    assert {run.info.status for run in runs} == {"FINISHED"}
    assert not [run for run in runs if SUPERSEDED in run.data.tags]
    artifacts = {item.path for run in runs for item in tracking.client().list_artifacts(run.info.run_id)}
    assert artifacts == {INTERVALS_FILE}


def test_what_a_search_found_stands_in_its_own_experiment_and_supersedes_nothing(tracking, record) -> None:
    nightly = tracking.record(record("a"))
    found = tracking.record(record("b", made_by=BY_SEARCH, experiment=f"{nightly.name}_search"))

    assert found.number == "2"
    assert not tracking.registry().version(nightly.name, nightly.number).is_superseded
    assert len(runs_of(tracking, nightly.name)) == 1
    assert len(runs_of(tracking, f"{nightly.name}_search")) == 1


def test_the_link_leads_to_the_runs_page(tracking, record) -> None:
    reference = tracking.record(record())
    experiment = tracking.client().get_experiment_by_name(reference.name).experiment_id

    assert (
        tracking.url(reference) == f"http://localhost:5000/#/experiments/{experiment}/runs/{reference.run_id}"
    )


def test_the_same_model_again_is_the_same_version_and_no_second_run(tracking, record) -> None:
    first = tracking.record(record())
    second = tracking.record(record())

    assert second == first
    assert len(runs_of(tracking, first.name)) == 1


def test_another_model_for_the_month_supersedes_the_older(tracking, record) -> None:
    old, new = tracking.record(record("a")), tracking.record(record("b"))
    runs = runs_of(tracking, old.name)

    assert (old.number, new.number) == ("1", "2")
    assert len(runs) == 2
    assert live(runs) == [new.run_id]


def test_going_back_to_an_older_model_makes_its_run_the_live_one_again(tracking, record) -> None:
    first, _ = tracking.record(record("a")), tracking.record(record("b"))
    back = tracking.record(record("a"))

    assert back == first
    assert [version.is_superseded for version in tracking.registry().versions(first.name)] == [False, True]
    assert live(runs_of(tracking, first.name)) == [first.run_id]


def test_months_do_not_touch_each_other(tracking, record) -> None:
    july, august = tracking.record(record("a", "2018-07")), tracking.record(record("a", "2018-08"))

    assert {july.number, august.number} == {"1", "2"}
    assert set(live(runs_of(tracking, july.name))) == {july.run_id, august.run_id}


def test_a_run_that_a_kill_left_running_becomes_killed(tracking, record) -> None:
    kept = record()
    tracking.record(record("a", "2018-07"))
    client = tracking.client()
    experiment = client.get_experiment_by_name(kept.name).experiment_id
    left = client.create_run(experiment, run_name="2018-08", tags={MONTH: "2018-08"})

    reference = tracking.record(kept)

    runs = [run for run in runs_of(tracking, kept.name) if run.data.tags[MONTH] == "2018-08"]
    status = {run.info.run_id: run.info.status for run in runs}
    assert status == {left.info.run_id: "KILLED", reference.run_id: "FINISHED"}
    assert live(runs) == [reference.run_id]


def test_a_run_killed_after_its_version_was_registered_is_finished_by_the_next(tracking, record) -> None:
    reference = tracking.record(record())
    tracking.client().update_run(reference.run_id, status="RUNNING")

    assert tracking.record(record()) == reference
    assert [run.info.status for run in runs_of(tracking, reference.name)] == ["FINISHED"]


def test_a_model_that_cannot_be_logged_leaves_a_failed_run_and_no_version(tracking, record) -> None:
    def fail():
        raise RuntimeError("disk full")

    broken = record(log_model=fail)
    with pytest.raises(RuntimeError, match="disk full"):
        tracking.record(broken)

    assert [run.info.status for run in runs_of(tracking, broken.name)] == ["FAILED"]
    assert not tracking.client().search_model_versions(f"name = '{broken.name}'")


def test_a_model_that_is_not_there_is_an_error_that_says_what_to_do(tracking) -> None:
    with pytest.raises(
        TrackingError, match=r"model churn_model version 99 cannot be read.*Run the month again"
    ):
        tracking.load_files("churn_model", "99", "served")


def test_a_version_that_is_not_there_is_an_error_that_lists_those_that_are(tracking, record) -> None:
    name = tracking.record(record()).name

    with pytest.raises(TrackingError, match=rf"model {name} has no version 99; versions: 1"):
        tracking.load_files(name, "99", "served")


def test_an_artifact_that_is_gone_is_an_error_that_names_model_and_version(tracking, record) -> None:
    reference = tracking.record(record(files={"served/model.json": b"{}"}))
    folder = tracking.client().get_run(reference.run_id).info.artifact_uri.removeprefix("file://")
    shutil.rmtree(Path(folder))

    with pytest.raises(TrackingError, match=rf"{reference.name} version 1 cannot be read"):
        tracking.load_files(reference.name, "1", "served")


def test_several_who_ask_at_once_for_a_new_store_all_get_it(tmp_path) -> None:
    new = Tracking(
        database=str(tmp_path / "new" / "mlflow.db"), artifacts=str(tmp_path / "new" / "artifacts")
    )
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: len(new.client().search_experiments()), range(4)))

    assert found == [1, 1, 1, 1]


KILLED = """
import os, signal, sys
from assets.resources.tracking import Tracking
import mlflow.store.db.utils as utils

upgrade = utils._upgrade_db
utils._upgrade_db = lambda engine: os.kill(os.getpid(), signal.SIGKILL)
Tracking(database=sys.argv[1], artifacts=sys.argv[2]).client()
"""


def test_a_store_whose_making_was_killed_is_made_anew(tmp_path) -> None:
    paths = [str(tmp_path / "mlflow.db"), str(tmp_path / "artifacts")]
    assert subprocess.run([sys.executable, "-c", KILLED, *paths], check=False, timeout=60).returncode == -9

    client = Tracking(database=paths[0], artifacts=paths[1]).client()

    assert len(client.search_experiments()) == 1
    assert not list(tmp_path.glob("*.partial"))
