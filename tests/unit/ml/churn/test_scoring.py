"""Scores: ranges, alignment, and a sensitivity with the right sign."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from ml.churn.scoring import score
from ml.churn.training import ChurnTraining
from ml.errors import InvalidInputError


def test_scores_are_probabilities_aligned_to_the_customers(
    training: ChurnTraining, customers: pd.DataFrame
) -> None:
    scores = score(training.model, customers)
    assert scores.index.equals(customers.index)
    assert list(scores.columns) == ["churn_probability", "churn_sensitivity_30d"]
    assert scores["churn_probability"].between(0, 1).all()


def test_a_happy_recent_customer_churns_less_than_an_unhappy_old_one(
    training: ChurnTraining, customers: pd.DataFrame
) -> None:
    happy = score(training.model, customers.assign(recency_days=5, age_days=50, review_score=5))
    unhappy = score(training.model, customers.assign(recency_days=450, age_days=500, review_score=1))
    assert (happy["churn_probability"] + 0.2 < unhappy["churn_probability"]).all()


def test_sensitivity_is_what_thirty_days_of_silence_add(
    training: ChurnTraining, customers: pd.DataFrame
) -> None:
    now = score(training.model, customers)
    aged = customers.assign(recency_days=customers["recency_days"] + 30, age_days=customers["age_days"] + 30)
    later = score(training.model, aged)
    difference = later["churn_probability"] - now["churn_probability"]
    np.testing.assert_allclose(now["churn_sensitivity_30d"], difference, atol=1e-12)
    assert now["churn_sensitivity_30d"].mean() > 0.005


def test_a_customer_scores_the_same_alone_as_among_others(
    training: ChurnTraining, customers: pd.DataFrame
) -> None:
    together = score(training.model, customers)
    pd.testing.assert_frame_equal(score(training.model, customers.iloc[[7]]), together.iloc[[7]])


def test_a_category_never_seen_in_training_is_scored(
    training: ChurnTraining, customers: pd.DataFrame
) -> None:
    scores = score(training.model, customers.assign(category="zeppelins", state="XX"))
    assert scores["churn_probability"].between(0, 1).all()


def test_the_customers_stay_as_they_were(training: ChurnTraining, customers: pd.DataFrame) -> None:
    before = customers.copy(deep=True)
    score(training.model, customers)
    pd.testing.assert_frame_equal(customers, before)


def test_a_renamed_feature_is_refused_by_name(training: ChurnTraining, customers: pd.DataFrame) -> None:
    with pytest.raises(InvalidInputError, match=r"customers: missing column\(s\) value_brl"):
        score(training.model, customers.rename(columns={"value_brl": "value"}))


def test_no_customers_are_refused_by_nobody(training: ChurnTraining, customers: pd.DataFrame) -> None:
    assert len(score(training.model, customers.iloc[:0])) == 0


def test_only_the_features_of_the_model_are_needed(
    trainings: Mapping[str, ChurnTraining], customers: pd.DataFrame
) -> None:
    for training in trainings.values():
        model = training.model
        scores = score(model, customers[list(model.features)])
        pd.testing.assert_frame_equal(scores, score(model, customers))
