"""The search in MLflow: one run with a child per trial, resumed where it was, its best trial through the gate."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import mlflow.artifacts
import pytest

from assets.models.churn_model import churn_record
from assets.models.search import EXPERIMENT, Budget, Found, read_task, run_search
from assets.resources.registry import BY_SEARCH, SUPERSEDED, Decision
from assets.resources.tracking import Tracking
from ml.churn.features import GROUPS
from ml.churn.recipe import CATBOOST, default_recipe
from ml.churn.search import finished_trials
from ml.churn.training import train_recipe
from ml.statements import Statement

LONG = 600.0
NIGHTLY = ("cltv_model 2018-08", "churn_model 2018-08")


@dataclass(frozen=True)
class Searched:
    """A home in which a search has ended: its folder, what it found, and the best value after each trial."""

    folder: Path
    found: Found
    seen: list[float]


def task_of(home, **change):
    """The search's task on 2018-08."""
    return read_task(home.work("models.churn_model", **change), home.folder / "optuna.db")


@pytest.fixture
def home(home_with):
    """A home of the test's own with the nightly models of 2018-08, and no search yet."""
    return home_with(*NIGHTLY)


@pytest.fixture(scope="module")
def searched(fitted, open_home, tmp_path_factory) -> Searched:
    """That home after a search of three trials, made once: to read, or to copy."""
    folder = Path(shutil.copytree(fitted(*NIGHTLY), tmp_path_factory.mktemp("searched") / "home"))
    seen: list[float] = []
    with open_home(folder) as home:
        found = run_search(task_of(home), Budget(3, LONG), lambda study: seen.append(study.best_value))
    return Searched(folder, found, seen)


@pytest.fixture
def tracking(searched, open_home) -> Iterator[Tracking]:
    """The store after the search, only to read."""
    with open_home(searched.folder, read_only=True) as home:
        yield home.tracking


@pytest.fixture
def searched_home(searched, copy_home):
    """A copy of the home after the search, to go on in."""
    return copy_home(searched.folder)


def runs_of(tracking: Tracking):
    client = tracking.client()
    return client.search_runs([client.get_experiment_by_name(EXPERIMENT).experiment_id])


def trials_of(tracking: Tracking) -> list[int]:
    return sorted(int(run.data.tags["trial"]) for run in runs_of(tracking) if "trial" in run.data.tags)


def search_run(tracking: Tracking):
    (run,) = [run for run in runs_of(tracking) if run.data.tags.get("kind") == "search"]
    return run


def test_a_search_is_one_run_with_a_child_for_each_trial(searched, tracking) -> None:
    found, seen = searched.found, searched.seen
    parent = search_run(tracking)
    children = [run for run in runs_of(tracking) if "trial" in run.data.tags]

    assert (found.trials, trials_of(tracking), len(seen)) == (3, [0, 1, 2], 3)
    assert found.value == seen[-1] == min(run.data.metrics["cv_log_loss"] for run in children)
    assert {run.data.tags["mlflow.parentRunId"] for run in children} == {parent.info.run_id}
    assert all(0 < run.data.metrics["cv_roc_auc"] < 1 and run.data.params for run in children)
    assert parent.info.status == "FINISHED"
    assert parent.data.tags["decision"] in ("promoted", "held")


def test_the_best_trial_is_a_version_that_went_through_the_gate_and_supersedes_nothing(
    searched, tracking
) -> None:
    found = searched.found
    nightly, searched = tracking.registry().versions("churn_model")

    assert searched == found.reference.trained
    assert (searched.made_by, searched.choice) == (BY_SEARCH, found.model_class)
    assert searched.compared_with == nightly.number
    assert not nightly.is_superseded
    run = tracking.client().get_run(searched.run_id)
    assert run.data.tags["mlflow.parentRunId"] == search_run(tracking).info.run_id
    assert SUPERSEDED not in run.data.tags


def test_a_search_called_again_goes_on_and_adds_no_second_run(searched_home) -> None:
    tracking = searched_home.tracking
    first = search_run(tracking).info.run_id
    found = run_search(task_of(searched_home), Budget(4, LONG), lambda _: None)

    assert found.trials == 4
    assert trials_of(tracking) == [0, 1, 2, 3]
    assert search_run(tracking).info.run_id == first


def test_a_search_that_is_done_gives_the_same_version_again(searched, searched_home) -> None:
    again = run_search(task_of(searched_home), Budget(3, LONG), lambda _: None)

    assert again.reference.trained == searched.found.reference.trained
    assert len(searched_home.tracking.registry().versions("churn_model")) == 2


def test_an_interrupted_search_says_so_and_goes_on_where_it_was(home) -> None:
    task, tracking = task_of(home), home.tracking

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


def test_what_a_kill_kept_out_of_mlflow_is_written_first(searched_home) -> None:
    tracking = searched_home.tracking
    (lost,) = [run for run in runs_of(tracking) if run.data.tags.get("trial") == "1"]
    tracking.client().delete_run(lost.info.run_id)
    assert trials_of(tracking) == [0, 2]

    run_search(task_of(searched_home), Budget(3, LONG), lambda _: None)

    assert trials_of(tracking) == [0, 1, 2]


def test_other_data_and_other_settings_have_a_study_of_their_own(home) -> None:
    same = task_of(home).study
    others = [
        task_of(home, **change).study
        for change in ({"fingerprint": "other data"}, {"seed": 8}, {"month": "2018-07"})
    ]

    assert len({same, *others}) == 4
    assert task_of(home, threads=1).study == same


def test_a_month_without_a_panel_is_an_error(home) -> None:
    home.warehouse.execute("DELETE FROM features.churn_training")

    with pytest.raises(LookupError, match="run the pipeline first"):
        task_of(home)


def test_the_next_months_training_tries_the_recipe_of_the_champion(home_with) -> None:
    home = home_with("cltv_model 2018-07", "cltv_model 2018-08")
    tracking = home.tracking
    july = task_of(home, month="2018-07")
    recipe = default_recipe(CATBOOST, july.config)
    shallow = replace(recipe, parameters={**recipe.parameters, "depth": 2})
    training = train_recipe(july.panel, july.cutoff, july.config, shallow)
    found = tracking.record(churn_record(july.work, training, july.panel, made_by=BY_SEARCH))
    tracking.registry().settle(
        found, lambda _: Decision(True, Statement("asked_for", "the best of a search"))
    )
    home.build("churn_model")

    client = tracking.client()
    runs = client.search_runs(
        [client.get_experiment_by_name("churn_model").experiment_id], "tags.kind = 'candidate'"
    )
    depths = {run.info.run_name: run.data.params["depth"] for run in runs if "depth" in run.data.params}
    assert depths == {"2018-07 catboost": "2", "2018-08 catboost": "4", "2018-08 catboost 2": "2"}


def test_the_searchs_run_tells_what_each_feature_group_is_worth(tracking) -> None:
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
