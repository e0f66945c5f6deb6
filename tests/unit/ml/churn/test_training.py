"""Training: signal is found, noise is not, the simplest that none beats is served, and nothing leaks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ml.churn.config import ChurnConfig
from ml.churn.purchase_models import PurchaseModels
from ml.churn.recipe import (
    CATBOOST,
    HISTOGRAM,
    LOGISTIC,
    MODEL_CLASSES,
    PURCHASE,
    RECENCY,
    ChurnRecipe,
    default_recipe,
)
from ml.churn.scoring import score
from ml.churn.training import ChurnTraining, train, train_recipe
from ml.errors import InvalidInputError
from ml.metrics import ModelMetric

FITTED = tuple(name for name in MODEL_CLASSES if name != PURCHASE)


def by_name(metrics: tuple[ModelMetric, ...]) -> dict[str, ModelMetric]:
    return {metric.metric: metric for metric in metrics}


def test_a_feature_that_drives_the_return_is_found_and_beats_recency_alone(training: ChurnTraining) -> None:
    assert training.model.recipe.model_class in (LOGISTIC, CATBOOST)
    metrics = by_name(training.metrics)
    assert metrics["roc_auc"].value > 0.75
    assert metrics["roc_auc_gain"].low > 0.05
    log_loss = metrics["log_loss"]
    assert log_loss.baseline_value is not None
    assert log_loss.value < log_loss.baseline_value
    assert training.importance["feature"].iloc[0] == "review_score"
    assert training.importance["importance_pct"].sum() == pytest.approx(100)
    assert f"{training.model.recipe.model_class} beats recency alone beyond noise".lower() in (
        training.reason.lower()
    )


def test_where_recency_says_it_all_recency_alone_is_served(
    recency_panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig
) -> None:
    training = train(recency_panel, validation_cutoff, config)
    assert training.model.recipe.model_class == RECENCY
    chosen = [one for one in training.candidates if one.is_chosen]
    assert [one.label for one in chosen] == [RECENCY]
    assert chosen[0].gain is None
    gain = by_name(training.metrics)["roc_auc_gain"]
    assert (gain.value, gain.low, gain.high) == (0.0, 0.0, 0.0)
    for name in (LOGISTIC, CATBOOST):
        assert f"{name} does not beat recency alone beyond noise: ROC-AUC " in training.reason.replace(
            "Logistic", "logistic"
        )
    assert "served is the simplest that no more complex one beats: recency alone" in training.reason


@pytest.mark.parametrize("name", MODEL_CLASSES)
def test_shuffled_labels_give_an_auc_of_about_one_half(
    panel: pd.DataFrame,
    validation_cutoff: dt.date,
    config: ChurnConfig,
    purchase_models: PurchaseModels,
    name: str,
) -> None:
    shuffled = np.random.default_rng(3).permutation(panel["is_churned"].to_numpy())
    recipe = default_recipe(name, config)
    training = train_recipe(
        panel.assign(is_churned=shuffled), validation_cutoff, config, recipe, purchase_models
    )
    assert by_name(training.metrics)["roc_auc"].value == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("name", [LOGISTIC, HISTOGRAM, CATBOOST])
def test_a_feature_made_from_the_label_gives_itself_away_by_its_auc(
    panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig, name: str
) -> None:
    noise = np.random.default_rng(4).integers(0, 2, len(panel))
    leaking = panel.assign(installments=np.where(panel["is_churned"], 1, 4) + noise)
    training = train_recipe(leaking, validation_cutoff, config, default_recipe(name, config))
    assert by_name(training.metrics)["roc_auc"].value > 0.9


@pytest.mark.parametrize("name", FITTED)
def test_probabilities_of_every_class_are_calibrated(
    trainings: Mapping[str, ChurnTraining], name: str
) -> None:
    validation = trainings[name].validation
    assert validation["return_probability"].mean() == pytest.approx(
        validation["is_returned"].mean(), abs=0.02
    )
    assert by_name(trainings[name].metrics)["expected_calibration_error"].value < 0.03


def test_training_twice_gives_equal_models_whatever_the_order_of_rows(
    panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig, training: ChurnTraining
) -> None:
    again = train(panel.sample(frac=1, random_state=2), validation_cutoff, config)
    assert again.model.digest() == training.model.digest()
    assert again.judged.digest() == training.judged.digest()
    assert again.metrics == training.metrics
    assert again.candidates == training.candidates


@pytest.mark.parametrize("name", MODEL_CLASSES)
def test_the_digest_of_every_class_is_that_of_its_content(
    panel: pd.DataFrame,
    validation_cutoff: dt.date,
    config: ChurnConfig,
    trainings: Mapping[str, ChurnTraining],
    purchase_models: PurchaseModels,
    name: str,
) -> None:
    models = replace(purchase_models, served=purchase_models.judged)
    again = train_recipe(panel, validation_cutoff, config, default_recipe(name, config), models)
    assert again.model.digest() == trainings[name].model.digest()
    assert again.judged.digest() != again.model.digest()


def test_another_seed_gives_another_catboost(
    panel: pd.DataFrame,
    validation_cutoff: dt.date,
    config: ChurnConfig,
    trainings: Mapping[str, ChurnTraining],
) -> None:
    other = train_recipe(panel, validation_cutoff, replace(config, seed=8), default_recipe(CATBOOST, config))
    assert other.model.digest() != trainings[CATBOOST].model.digest()


def test_labels_at_the_validation_cutoff_do_not_move_the_judged_predictions(
    panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig, training: ChurnTraining
) -> None:
    at_validation = (panel["cutoff_date"] == validation_cutoff).to_numpy()
    turned = panel.assign(is_churned=panel["is_churned"] ^ at_validation)
    other = train(turned, validation_cutoff, config)
    columns = ["customer_unique_id", RECENCY, LOGISTIC, CATBOOST]
    pd.testing.assert_frame_equal(other.validation[columns], training.validation[columns])
    assert other.model.digest() != training.model.digest()


def test_the_served_booster_has_as_many_trees_as_the_judged_one(
    trainings: Mapping[str, ChurnTraining],
) -> None:
    for name in (HISTOGRAM, CATBOOST):
        training = trainings[name]
        trees = training.model.recipe.parameters["iterations"]
        assert 1 <= int(trees) <= 80
        assert training.judged.recipe == training.model.recipe
        for model in (training.model, training.judged):
            assert model.predictor.settled["iterations"] == trees
        assert f"({trees} trees" in training.reason


def test_the_two_twins_have_learned_from_the_cutoffs_they_say(
    training: ChurnTraining, panel: pd.DataFrame, validation_cutoff: dt.date
) -> None:
    latest = panel[panel["cutoff_date"] == validation_cutoff]
    assert training.model.rule.base_return_rate == pytest.approx(1 - latest["is_churned"].mean())
    assert training.model.learned_cutoffs == tuple(sorted(panel["cutoff_date"].unique()))
    assert training.judged.learned_cutoffs == training.model.learned_cutoffs[:-1]
    assert "2017-06-08, 2017-09-06" in training.reason


def test_candidates_are_the_defaults_that_apply_and_those_that_differ_from_them(
    panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig, purchase_models: PurchaseModels
) -> None:
    same = default_recipe(CATBOOST, config)
    other = ChurnRecipe(CATBOOST, {**same.parameters, "depth": 2}, ("recency", "review"))
    training = train(panel, validation_cutoff, config, purchase_models, [same, other])
    labels = [one.label for one in training.candidates]
    assert labels == [RECENCY, PURCHASE, LOGISTIC, CATBOOST, "catboost 2"]
    assert sum(one.is_chosen for one in training.candidates) == 1
    assert all(one.reason for one in training.candidates)
    for one in training.candidates:
        assert training.validation[one.label].between(0, 1).all()
        auc = by_name(one.metrics)["roc_auc"]
        if one.gain is not None:
            assert auc.baseline_value is not None
            assert one.gain.difference == pytest.approx(auc.value - auc.baseline_value)
    chosen = next(one for one in training.candidates if one.is_chosen)
    np.testing.assert_array_equal(
        training.validation[chosen.label], training.validation["return_probability"]
    )


def test_the_served_purchase_model_is_the_one_fitted_up_to_the_as_of_date(
    panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig, purchase_models: PurchaseModels
) -> None:
    recipe = default_recipe(PURCHASE, config)
    training = train_recipe(panel, validation_cutoff, config, recipe, purchase_models)
    for twin, expected in (
        (training.judged, purchase_models.judged),
        (training.model, purchase_models.served),
    ):
        assert twin.predictor.model == expected  # type: ignore[attr-defined]


def test_a_recipe_of_the_purchase_model_needs_one(
    panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig
) -> None:
    with pytest.raises(ValueError, match="needs a fitted purchase model"):
        train_recipe(panel, validation_cutoff, config, default_recipe(PURCHASE, config))


def test_a_recipe_is_trained_as_asked_beside_recency_alone(trainings: Mapping[str, ChurnTraining]) -> None:
    for name, training in trainings.items():
        assert training.model.recipe.model_class == name
        assert [one.label for one in training.candidates if one.is_chosen] == [name]
        assert {one.label for one in training.candidates} == {RECENCY, name}


def test_the_panel_stays_as_it_was(
    panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig
) -> None:
    before = panel.copy(deep=True)
    train(panel, validation_cutoff, replace(config, iterations=3))
    pd.testing.assert_frame_equal(panel, before)


def test_a_missing_feature_is_named(
    panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig
) -> None:
    with pytest.raises(InvalidInputError, match=r"panel: missing column\(s\) installments"):
        train(panel.drop(columns="installments"), validation_cutoff, config)


def test_a_null_category_is_refused(
    panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig
) -> None:
    panel.loc[4, "category"] = None
    with pytest.raises(InvalidInputError, match="category is missing in 1 of"):
        train(panel, validation_cutoff, config)


def test_a_feature_that_nobody_has_yet_hinders_no_class(
    panel: pd.DataFrame,
    customers: pd.DataFrame,
    validation_cutoff: dt.date,
    config: ChurnConfig,
) -> None:
    nowhere = panel.assign(distance_km=np.nan)
    for name in (LOGISTIC, HISTOGRAM, CATBOOST):
        training = train_recipe(nowhere, validation_cutoff, config, default_recipe(name, config))
        importance = training.importance.set_index("feature")["importance_pct"]
        assert importance["distance_km"] == 0
        assert score(training.model, customers)["churn_probability"].between(0, 1).all()


def test_a_candidate_keeps_the_recipe_as_it_was_asked_for(
    panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig
) -> None:
    first = train(panel, validation_cutoff, config)
    boosted = next(one for one in first.candidates if one.recipe.model_class == CATBOOST)
    again = train(panel, validation_cutoff, config, recipes=[boosted.asked])

    assert boosted.recipe.parameters["iterations"] <= boosted.asked.parameters["iterations"]
    assert [one.label for one in again.candidates] == [one.label for one in first.candidates]


def test_the_model_knows_how_far_the_customers_of_the_validation_had_moved(
    panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig
) -> None:
    """Another review score at the validation cutoff is seen in that feature, and in the scores made of it."""
    later = panel["cutoff_date"] == validation_cutoff
    moved = panel.assign(review_score=panel["review_score"].mask(later, 5.0))
    trained = [
        train_recipe(frame, validation_cutoff, config, default_recipe(LOGISTIC, config))
        for frame in (panel, moved)
    ]
    for training in trained:
        assert training.model.validated_drift == training.judged.validated_drift
    still, shifted = (training.model.validated_drift for training in trained)
    assert set(still) == {*trained[0].model.features, "churn_probability"}
    assert still["review_score"] < 0.02
    assert shifted["review_score"] > 1
    assert shifted["churn_probability"] > still["churn_probability"] + 0.1
    assert shifted["state"] == still["state"]
