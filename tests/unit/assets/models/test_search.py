"""The search in MLflow: one run with a child per trial, resumed where it was, its best trial through the gate."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import mlflow.artifacts
import pytest

from assets.catalog import catalog
from assets.models.churn_model import churn_record
from assets.models.search import EXPERIMENT, Budget, read_task, run_search
from assets.resources.registry import BY_SEARCH, SUPERSEDED, Decision
from assets.resources.tracking import Tracking
from ml.churn.features import GROUPS
from ml.churn.recipe import CATBOOST, default_recipe
from ml.churn.search import finished_trials
from ml.churn.training import train_recipe

LONG = 600.0


@pytest.fixture
def tracking(tmp_path: Path) -> Tracking:
    """A store that no other test has written to."""
    return Tracking(database=str(tmp_path / "mlflow.db"), artifacts=str(tmp_path / "artifacts"))


@pytest.fixture
def task(work, tmp_path: Path):
    """The search's task on 2018-08, with the nightly models in the store."""
    for model in ("models.cltv_model", "models.churn_model"):
        catalog()[model].module.build(work(model))
    return read_task(work("models.churn_model"), tmp_path / "optuna.db")


def runs_of(tracking: Tracking):
    client = tracking.client()
    return client.search_runs([client.get_experiment_by_name(EXPERIMENT).experiment_id])


def trials_of(tracking: Tracking) -> list[int]:
    return sorted(int(run.data.tags["trial"]) for run in runs_of(tracking) if "trial" in run.data.tags)


def search_run(tracking: Tracking):
    (run,) = [run for run in runs_of(tracking) if run.data.tags.get("kind") == "search"]
    return run


def test_a_search_is_one_run_with_a_child_for_each_trial(task, tracking) -> None:
    seen = []
    found = run_search(task, Budget(3, LONG), lambda study: seen.append(study.best_value))
    parent = search_run(tracking)
    children = [run for run in runs_of(tracking) if "trial" in run.data.tags]

    assert (found.trials, trials_of(tracking), len(seen)) == (3, [0, 1, 2], 3)
    assert found.value == seen[-1] == min(run.data.metrics["cv_log_loss"] for run in children)
    assert {run.data.tags["mlflow.parentRunId"] for run in children} == {parent.info.run_id}
    assert all(0 < run.data.metrics["cv_roc_auc"] < 1 and run.data.params for run in children)
    assert parent.info.status == "FINISHED"
    assert parent.data.tags["decision"] in ("promoted", "held")


def test_the_best_trial_is_a_version_that_went_through_the_gate_and_supersedes_nothing(
    task, tracking
) -> None:
    found = run_search(task, Budget(3, LONG), lambda _: None)
    nightly, searched = tracking.registry().versions("churn_model")

    assert searched == found.reference.trained
    assert (searched.made_by, searched.choice) == (BY_SEARCH, found.model_class)
    assert searched.compared_with == nightly.number
    assert not nightly.is_superseded
    run = tracking.client().get_run(searched.run_id)
    assert run.data.tags["mlflow.parentRunId"] == search_run(tracking).info.run_id
    assert SUPERSEDED not in run.data.tags


def test_a_search_called_again_goes_on_and_adds_no_second_run(task, tracking) -> None:
    run_search(task, Budget(3, LONG), lambda _: None)
    first = search_run(tracking).info.run_id
    found = run_search(task, Budget(4, LONG), lambda _: None)

    assert found.trials == 4
    assert trials_of(tracking) == [0, 1, 2, 3]
    assert search_run(tracking).info.run_id == first


def test_a_search_that_is_done_gives_the_same_version_again(task, tracking) -> None:
    first = run_search(task, Budget(3, LONG), lambda _: None)
    again = run_search(task, Budget(3, LONG), lambda _: None)

    assert again.reference.trained == first.reference.trained
    assert len(tracking.registry().versions("churn_model")) == 2


def test_an_interrupted_search_says_so_and_goes_on_where_it_was(task, tracking) -> None:
    def interrupt(study) -> None:
        if finished_trials(study) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_search(task, Budget(3, LONG), interrupt)
    assert search_run(tracking).info.status == "KILLED"
    assert len(tracking.registry().versions("churn_model")) == 1

    found = run_search(task, Budget(3, LONG), lambda _: None)

    assert (found.trials, trials_of(tracking)) == (3, [0, 1, 2])
    assert search_run(tracking).info.status == "FINISHED"


def test_what_a_kill_kept_out_of_mlflow_is_written_first(task, tracking) -> None:
    run_search(task, Budget(3, LONG), lambda _: None)
    (lost,) = [run for run in runs_of(tracking) if run.data.tags.get("trial") == "1"]
    tracking.client().delete_run(lost.info.run_id)
    assert trials_of(tracking) == [0, 2]

    run_search(task, Budget(3, LONG), lambda _: None)

    assert trials_of(tracking) == [0, 1, 2]


def test_other_data_and_other_settings_have_a_study_of_their_own(work, tmp_path) -> None:
    same = read_task(work("models.churn_model"), tmp_path / "optuna.db").study
    others = [
        read_task(work("models.churn_model", **change), tmp_path / "optuna.db").study
        for change in ({"fingerprint": "other data"}, {"seed": 8}, {"month": "2018-07"})
    ]

    assert len({same, *others}) == 4
    assert read_task(work("models.churn_model", threads=1), tmp_path / "optuna.db").study == same


def test_a_month_without_a_panel_is_an_error(work, warehouse, tmp_path) -> None:
    warehouse.execute("DELETE FROM features.churn_training")

    with pytest.raises(LookupError, match="run the pipeline first"):
        read_task(work("models.churn_model"), tmp_path / "optuna.db")


def test_the_next_months_training_tries_the_recipe_of_the_champion(work, tracking) -> None:
    build = catalog()["models.churn_model"].module.build
    for month in ("2018-07", "2018-08"):
        catalog()["models.cltv_model"].module.build(work("models.cltv_model", month))
    july = read_task(work("models.churn_model", "2018-07"), Path("unused.db"))
    recipe = default_recipe(CATBOOST, july.config)
    shallow = replace(recipe, parameters={**recipe.parameters, "depth": 2})
    training = train_recipe(july.panel, july.cutoff, july.config, shallow)
    found = tracking.record(churn_record(july.work, training, july.panel, made_by=BY_SEARCH))
    tracking.registry().settle(found, lambda _: Decision(True, "the best of a search"))
    build(work("models.churn_model"))

    client = tracking.client()
    runs = client.search_runs(
        [client.get_experiment_by_name("churn_model").experiment_id], "tags.kind = 'candidate'"
    )
    depths = {run.info.run_name: run.data.params["depth"] for run in runs if "depth" in run.data.params}
    assert depths == {"2018-07 catboost": "2", "2018-08 catboost": "4", "2018-08 catboost 2": "2"}


def test_the_searchs_run_tells_what_each_feature_group_is_worth(task, tracking) -> None:
    run_search(task, Budget(3, LONG), lambda _: None)
    table = mlflow.artifacts.load_text(f"runs:/{search_run(tracking).info.run_id}/ablation.csv")
    rows = list(csv.DictReader(io.StringIO(table)))

    best = min(
        (run for run in runs_of(tracking) if "trial" in run.data.tags),
        key=lambda run: run.data.metrics["cv_log_loss"],
    )
    assert search_run(tracking).data.tags["ablated_trial"] == best.data.tags["trial"]
    assert {row["feature_group"] for row in rows} <= set(GROUPS)
    assert len(rows) >= 2
    assert all(float(row["low"]) <= float(row["roc_auc_change"]) <= float(row["high"]) for row in rows)
