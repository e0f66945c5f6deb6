"""Search: defaults first, resumable, repeatable, and blind to the validation cutoff."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import optuna
import pandas as pd
import pytest
from optuna.trial import FixedTrial, FrozenTrial, TrialState

from ml.churn import search as search_module
from ml.churn.config import ChurnConfig
from ml.churn.features import GROUPS
from ml.churn.panel import split_panel
from ml.churn.recipe import CATBOOST, LOGISTIC, ChurnRecipe, default_recipe
from ml.churn.search import best_recipe, cross_validate, evaluate, finished_trials, open_study, search
from ml.churn.space import CLASSES, suggest, trial_parameters

Run = Callable[..., list[FrozenTrial]]


@pytest.fixture
def panel(panel: pd.DataFrame) -> pd.DataFrame:
    """The panel of fewer customers: a search fits many models."""
    return panel[panel["customer_unique_id"] < "customer-001000"]


@pytest.fixture
def small(config: ChurnConfig) -> ChurnConfig:
    return replace(config, iterations=5)


@pytest.fixture
def run(panel: pd.DataFrame, validation_cutoff: dt.date, small: ChurnConfig) -> Run:
    def search_on(study: optuna.Study, trials: int, seconds: float = 600.0) -> list[FrozenTrial]:
        seen: list[FrozenTrial] = []
        search(study, panel, validation_cutoff, small, trials, seconds, seen.append)
        return seen

    return search_on


def test_the_defaults_are_tried_first_and_every_trial_tells_its_recipe(run: Run, small: ChurnConfig) -> None:
    study = open_study("churn", None, small)
    seen = run(study, trials=5)
    recipes = [ChurnRecipe.from_json(trial.user_attrs["recipe"]) for trial in seen]
    assert recipes[:3] == [default_recipe(name, small) for name in CLASSES]
    for trial in seen:
        assert trial.value == trial.user_attrs["log_loss"]
        assert 0.4 < trial.user_attrs["roc_auc"] < 1
        assert trial.user_attrs["seconds"] > 0
    best = min(seen, key=lambda trial: float(trial.value or 0))
    assert best_recipe(study).to_json() == best.user_attrs["recipe"]


def test_equal_seeds_give_equal_searches_and_other_seeds_others(run: Run, small: ChurnConfig) -> None:
    def params(seed: int) -> list[dict[str, object]]:
        return [trial.params for trial in run(open_study("churn", None, replace(small, seed=seed)), trials=5)]

    assert params(7) == params(7)
    assert params(7)[3:] != params(8)[3:]


def test_a_search_goes_on_where_it_stopped(tmp_path: Path, run: Run, small: ChurnConfig) -> None:
    storage = f"sqlite:///{tmp_path / 'optuna.db'}"
    first = run(open_study("churn", storage, small), trials=4)
    again = open_study("churn", storage, small)
    assert finished_trials(again) == 4
    assert run(again, trials=4) == []
    later = run(again, trials=5)
    assert [trial.number for trial in later] == [4]
    assert later[0].params != first[3].params


_KILLED = """
import os, pickle, sys
from ml.churn.search import open_study, search
panel, cutoff, config, storage = pickle.load(open(sys.argv[1], "rb"))
import ml.churn.search as module
judge = module.cross_validate
def die_at_the_second(recipe, rows, config):
    if len(study.trials) > 1 and study.trials[1].state.name == "RUNNING":
        os._exit(9)
    return judge(recipe, rows, config)
module.cross_validate = die_at_the_second
study = open_study("churn", storage, config)
search(study, panel, cutoff, config, 4, 600)
"""


def test_a_search_whose_process_was_killed_is_taken_up_again(
    tmp_path: Path, panel: pd.DataFrame, validation_cutoff: dt.date, small: ChurnConfig, run: Run
) -> None:
    storage = f"sqlite:///{tmp_path / 'optuna.db'}"
    given = tmp_path / "given.pkl"
    pd.to_pickle((panel, validation_cutoff, small, storage), given)
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, str(given)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 9, done.stderr
    study = open_study("churn", storage, small)
    assert [trial.state for trial in study.trials[:2]] == [TrialState.COMPLETE, TrialState.RUNNING]
    run(study, trials=4)
    assert study.trials[1].state == TrialState.FAIL
    assert finished_trials(study) == 4
    classes = [trial.params["model_class"] for trial in study.get_trials(states=(TrialState.COMPLETE,))]
    assert set(classes) == set(CLASSES)


def test_no_time_means_no_trial_after_the_first(run: Run, small: ChurnConfig) -> None:
    assert len(run(open_study("churn", None, small), trials=5, seconds=0.001)) <= 1


def test_nothing_has_finished_in_an_empty_study(small: ChurnConfig) -> None:
    with pytest.raises(ValueError, match="No trials are completed yet"):
        best_recipe(open_study("churn", None, small))


def test_the_validation_cutoff_is_never_looked_at(
    panel: pd.DataFrame, validation_cutoff: dt.date, small: ChurnConfig
) -> None:
    recipe = default_recipe(CATBOOST, small)
    at_validation = (panel["cutoff_date"] == validation_cutoff).to_numpy()
    other = panel.assign(
        is_churned=panel["is_churned"] ^ at_validation,
        recency_days=np.where(at_validation, 7, panel["recency_days"]),
    )
    one, two = (evaluate(recipe, rows, validation_cutoff, small) for rows in (panel, other))
    assert (one["log_loss"], one["roc_auc"]) == (two["log_loss"], two["roc_auc"])


def test_no_customer_is_predicted_by_a_model_that_knows_them(
    panel: pd.DataFrame, validation_cutoff: dt.date, small: ChurnConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = split_panel(panel, validation_cutoff, small).training
    predict = search_module._predict
    parts: list[tuple[set[str], set[str]]] = []

    def watched(recipe: ChurnRecipe, fitting: pd.DataFrame, held_out: pd.DataFrame, config: ChurnConfig):  # type: ignore[no-untyped-def]
        parts.append((set(fitting["customer_unique_id"]), set(held_out["customer_unique_id"])))
        return predict(recipe, fitting, held_out, config)

    monkeypatch.setattr(search_module, "_predict", watched)
    cross_validate(default_recipe(LOGISTIC, small), rows, small)
    assert len(parts) == 3
    assert all(fitting.isdisjoint(held_out) for fitting, held_out in parts)
    assert set.union(*(held_out for _, held_out in parts)) == set(rows["customer_unique_id"])


def test_a_large_panel_is_thinned_by_customer(
    panel: pd.DataFrame, validation_cutoff: dt.date, small: ChurnConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = split_panel(panel, validation_cutoff, small).training
    seen: list[pd.DataFrame] = []
    predict = search_module._predict

    def watched(recipe: ChurnRecipe, fitting: pd.DataFrame, held_out: pd.DataFrame, config: ChurnConfig):  # type: ignore[no-untyped-def]
        seen.append(held_out)
        return predict(recipe, fitting, held_out, config)

    monkeypatch.setattr(search_module, "_predict", watched)
    monkeypatch.setattr(search_module, "MOST_ROWS", 1000)
    cross_validate(default_recipe(LOGISTIC, small), rows, small)
    kept = pd.concat(seen)
    assert len(kept) == pytest.approx(1000, rel=0.1)
    assert kept["customer_unique_id"].value_counts().eq(2).all()


@pytest.mark.parametrize("name", CLASSES)
def test_a_recipe_is_what_its_trial_suggests(name: str, small: ChurnConfig) -> None:
    recipe = replace(default_recipe(name, small), feature_groups=("recency", "review", "place"))
    assert suggest(FixedTrial(trial_parameters(recipe)), small) == recipe


def test_suggestions_reach_every_class_and_leave_out_every_group(small: ChurnConfig) -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    drawn = [suggest(study.ask(), small) for _ in range(60)]
    assert {recipe.model_class for recipe in drawn} == set(CLASSES)
    for group in GROUPS:
        used = sum(group in recipe.feature_groups for recipe in drawn)
        assert used == 60 if group == "recency" else 10 < used < 50
