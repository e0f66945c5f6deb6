"""The model store: one run and one version per model and month, however often and however badly a run ends."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import matplotlib.figure
import pytest

from assets.resources.tracking import DIGEST, MONTH, SUPERSEDED, ModelRecord, Tracking, TrackingError
from ml.metrics import ModelMetric

METRICS = [
    ModelMetric("roc_auc", 0.61, 0.58, 0.64, "recency alone", 0.57, 0.55, 0.59),
    ModelMetric("brier", 0.1, 0.09, 0.11),
]


@pytest.fixture(scope="module")
def tracking(tmp_path_factory: pytest.TempPathFactory) -> Tracking:
    """A new store."""
    folder = tmp_path_factory.mktemp("store")
    return Tracking(
        database=str(folder / "mlflow.db"),
        artifacts=str(folder / "artifacts"),
        ui_url="http://localhost:5000/",
    )


def log_constant():
    """Log a model that answers with its input."""
    import mlflow.pyfunc

    class Echo(mlflow.pyfunc.PythonModel):
        def predict(self, context: object, model_input: list[str]) -> list[str]:
            return model_input

    return mlflow.pyfunc.log_model(name="model", python_model=Echo(), pip_requirements=["mlflow"])


@pytest.fixture
def record(request) -> Callable[..., ModelRecord]:
    """A record of a model named after the test: `record(digest="a", month="2018-08")`."""
    name = request.node.name.replace("[", "_").replace("]", "")[:60]

    def make(digest: str = "a", month: str = "2018-08", log_model=log_constant, **more) -> ModelRecord:
        return ModelRecord(name, month, digest, log_model, {"trees": 12}, METRICS, **more)

    return make


def runs_of(tracking: Tracking, name: str):
    client = tracking.client()
    return client.search_runs([client.get_experiment_by_name(name).experiment_id])


def live(runs) -> list[str]:
    return [run.info.run_id for run in runs if run.data.tags.get(SUPERSEDED) != "true"]


def test_a_record_makes_a_finished_run_with_all_that_was_given(tracking, record) -> None:
    kept = record(
        tags={"code_version": "abc"},
        figures={"reliability": matplotlib.figure.Figure()},
        texts={"model.json": "{}"},
    )

    reference = tracking.record(kept)

    (run,) = runs_of(tracking, kept.name)
    client = tracking.client()
    assert (reference.name, reference.version, reference.run_id) == (kept.name, "1", run.info.run_id)
    assert (run.info.status, run.info.run_name) == ("FINISHED", "2018-08")
    assert run.data.params == {"trees": "12"}
    assert run.data.metrics == {"roc_auc": 0.61, "baseline_roc_auc": 0.57, "brier": 0.1}
    assert run.data.tags[MONTH] == "2018-08"
    assert run.data.tags["code_version"] == "abc"
    artifacts = {item.path for item in client.list_artifacts(run.info.run_id)}
    assert {"reliability.png", "model.json", "metrics_with_intervals.json"} <= artifacts
    assert client.get_model_version(kept.name, "1").tags == {DIGEST: "a", MONTH: "2018-08"}
    assert tracking.load_text(kept.name, "1", "model.json") == "{}"


def test_the_link_leads_to_the_runs_page(tracking, record) -> None:
    reference = tracking.record(record())
    experiment = tracking.client().get_experiment_by_name(reference.name).experiment_id

    assert reference.url == f"http://localhost:5000/#/experiments/{experiment}/runs/{reference.run_id}"


def test_the_same_model_again_is_the_same_version_and_no_second_run(tracking, record) -> None:
    first = tracking.record(record())
    second = tracking.record(record())

    assert second == first
    assert len(runs_of(tracking, first.name)) == 1


def test_another_model_for_the_month_supersedes_the_older(tracking, record) -> None:
    old, new = tracking.record(record("a")), tracking.record(record("b"))
    runs = runs_of(tracking, old.name)

    assert (old.version, new.version) == ("1", "2")
    assert len(runs) == 2
    assert live(runs) == [new.run_id]


def test_going_back_to_an_older_model_makes_its_run_the_live_one_again(tracking, record) -> None:
    first, _ = tracking.record(record("a")), tracking.record(record("b"))
    back = tracking.record(record("a"))

    assert back == first
    assert live(runs_of(tracking, first.name)) == [first.run_id]


def test_months_do_not_touch_each_other(tracking, record) -> None:
    july, august = tracking.record(record("a", "2018-07")), tracking.record(record("a", "2018-08"))

    assert {july.version, august.version} == {"1", "2"}
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


@pytest.mark.parametrize("load", [Tracking.reference, Tracking.load_catboost])
def test_a_version_that_is_not_there_is_an_error_that_says_what_to_do(load, tracking) -> None:
    with pytest.raises(
        TrackingError, match=r"model churn_model version 99 cannot be read.*Run the month again"
    ):
        load(tracking, "churn_model", "99")


def test_an_artifact_that_is_gone_is_an_error_that_names_model_and_version(tracking, record) -> None:
    reference = tracking.record(record(texts={"model.json": "{}"}))
    folder = tracking.client().get_run(reference.run_id).info.artifact_uri.removeprefix("file://")
    shutil.rmtree(Path(folder))

    with pytest.raises(TrackingError, match=rf"{reference.name} version 1 cannot be read"):
        tracking.load_text(reference.name, "1", "model.json")
    with pytest.raises(TrackingError, match=rf"{reference.name} version 1 cannot be read"):
        tracking.load_catboost(reference.name, "1")


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
