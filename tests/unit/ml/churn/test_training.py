"""Training: signal is found, noise is not, seeds hold, and nothing leaks into the figures."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ml.churn.config import ChurnConfig
from ml.churn.scoring import score
from ml.churn.training import ChurnTraining, train
from ml.errors import InvalidInputError
from ml.metrics import ModelMetric


def by_name(training: ChurnTraining) -> dict[str, ModelMetric]:
    return {metric.metric: metric for metric in training.metrics}


def test_a_feature_that_drives_the_return_is_found_and_beats_recency_alone(training: ChurnTraining) -> None:
    metrics = by_name(training)
    assert metrics["roc_auc"].value > 0.75
    assert metrics["roc_auc_gain"].low > 0.05
    log_loss = metrics["log_loss"]
    assert log_loss.baseline_value is not None
    assert log_loss.value < log_loss.baseline_value
    assert set(training.importance["feature"][:2]) == {"review_score", "recency_days"}
    assert training.importance["importance_pct"].sum() == pytest.approx(100)


def test_probabilities_are_calibrated(training: ChurnTraining) -> None:
    validation = training.validation
    assert validation["return_probability"].mean() == pytest.approx(
        validation["is_returned"].mean(), abs=0.02
    )
    assert by_name(training)["expected_calibration_error"].value < 0.03


def test_shuffled_labels_give_an_auc_of_about_one_half(
    panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig
) -> None:
    shuffled = np.random.default_rng(3).permutation(panel["is_churned"].to_numpy())
    training = train(panel.assign(is_churned=shuffled), validation_cutoff, config)
    assert by_name(training)["roc_auc"].value == pytest.approx(0.5, abs=0.05)


def test_training_twice_gives_equal_predictions_whatever_the_order_of_rows(
    panel: pd.DataFrame,
    customers: pd.DataFrame,
    validation_cutoff: dt.date,
    config: ChurnConfig,
    training: ChurnTraining,
) -> None:
    again = train(panel.sample(frac=1, random_state=2), validation_cutoff, config)
    assert again.model.digest() == training.model.digest()
    assert again.metrics == training.metrics
    pd.testing.assert_frame_equal(score(again.model, customers), score(training.model, customers))


def test_another_seed_gives_another_model(
    panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig, training: ChurnTraining
) -> None:
    other = train(panel, validation_cutoff, replace(config, seed=8))
    assert other.model.digest() != training.model.digest()


def test_labels_at_the_validation_cutoff_do_not_move_the_judged_predictions(
    panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig, training: ChurnTraining
) -> None:
    at_validation = (panel["cutoff_date"] == validation_cutoff).to_numpy()
    turned = panel.assign(is_churned=panel["is_churned"] ^ at_validation)
    other = train(turned, validation_cutoff, config)
    columns = ["customer_unique_id", "return_probability", "baseline_return_probability"]
    pd.testing.assert_frame_equal(other.validation[columns], training.validation[columns])
    assert other.model.digest() != training.model.digest()


def test_the_served_model_has_as_many_trees_and_the_base_rate_of_validation(
    training: ChurnTraining, panel: pd.DataFrame, validation_cutoff: dt.date
) -> None:
    latest = panel[panel["cutoff_date"] == validation_cutoff]
    assert training.model.rule.base_return_rate == pytest.approx(1 - latest["is_churned"].mean())
    assert training.model.classifier.tree_count_ == training.model.tree_count
    assert 1 <= training.model.tree_count <= 80
    assert f"stopped at {training.model.tree_count} on" in training.reason
    assert "2017-06-08, 2017-09-06" in training.reason


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
