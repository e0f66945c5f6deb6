"""Reasons: the strongest first, one per group, with the sign of their effect, and only where there are any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ml.churn.classes.recency import RecencyPredictor
from ml.churn.features import FEATURES, GROUPS, feature_frame
from ml.churn.reasons import group_effects, reasons
from ml.churn.recipe import CATBOOST, HISTOGRAM, LOGISTIC, PURCHASE, RECENCY
from ml.churn.training import ChurnTraining
from ml.errors import InvalidInputError


@pytest.mark.parametrize("name", [LOGISTIC, HISTOGRAM, CATBOOST])
def test_reasons_stand_by_falling_strength_one_per_group(
    trainings: Mapping[str, ChurnTraining], customers: pd.DataFrame, name: str
) -> None:
    found = reasons(trainings[name].model, customers)
    assert found.index.equals(customers.index)
    effects = found[["effect_1", "effect_2", "effect_3"]].abs().to_numpy()
    assert (np.diff(effects, axis=1) <= 0).all()
    group = {feature: group for group, names in GROUPS.items() for feature in names}
    told = found[["feature_1", "feature_2", "feature_3"]].map(group.__getitem__)
    assert (told.nunique(axis=1) == 3).all()


@pytest.mark.parametrize("name", [LOGISTIC, CATBOOST])
def test_few_stars_raise_the_risk_and_many_lower_it(
    trainings: Mapping[str, ChurnTraining], customers: pd.DataFrame, name: str
) -> None:
    model = trainings[name].model
    for stars, sign in ((1, 1), (5, -1)):
        found = reasons(model, customers.assign(review_score=stars, recency_days=100, age_days=100))
        assert (found["feature_1"] == "review_score").all()
        assert (found["value_1"] == str(stars)).all()
        assert (found["words_1"] == f"gave {stars} of 5 stars").all()
        assert (sign * found["effect_1"] > 0).all()


def test_recency_alone_has_one_reason(
    trainings: Mapping[str, ChurnTraining], customers: pd.DataFrame
) -> None:
    model = trainings[RECENCY].model
    found = reasons(model, customers)
    assert (found["feature_1"] == "recency_days").all()
    assert found["words_1"].iloc[0] == f"no purchase for {customers['recency_days'].iloc[0]} days"
    assert found[["feature_2", "value_2", "effect_2", "words_2", "feature_3"]].isna().all(axis=None)
    without = replace(model, predictor=RecencyPredictor(-3.0, 0.0, 1.0))
    assert reasons(without, customers).isna().all(axis=None)


def test_the_purchase_model_has_two_reasons(
    trainings: Mapping[str, ChurnTraining], customers: pd.DataFrame
) -> None:
    found = reasons(trainings[PURCHASE].model, customers)
    assert set(found["feature_1"]) <= {"recency_days", "age_days", "purchase_days"}
    assert found["feature_3"].isna().all()


def test_the_effect_is_that_of_the_group_and_the_speaker_agrees_with_it(
    trainings: Mapping[str, ChurnTraining], customers: pd.DataFrame
) -> None:
    model = trainings[LOGISTIC].model
    contributions = model.contributions(feature_frame(customers, "customers", model.features))
    effects, speakers = group_effects(model.features, contributions)
    np.testing.assert_allclose(effects.sum(axis=1), contributions.sum(axis=1))
    spoken = np.take_along_axis(contributions, speakers, axis=1)
    assert (spoken * effects >= 0).all()
    found = reasons(model, customers, top=len(GROUPS))
    total = found[[f"effect_{place}" for place in range(1, len(GROUPS) + 1)]].sum(axis=1)
    np.testing.assert_allclose(total, contributions.sum(axis=1), atol=1e-6)


def test_features_that_pull_against_each_other_do_not_both_speak() -> None:
    contributions = np.zeros((1, len(FEATURES)))
    contributions[0, [FEATURES.index("order_count"), FEATURES.index("purchase_days")]] = 0.6, -3.1
    effects, speakers = group_effects(FEATURES, contributions)
    history = list(GROUPS).index("history")
    assert effects[0, history] == pytest.approx(-2.5)
    assert FEATURES[speakers[0, history]] == "purchase_days"


def test_a_customer_has_the_same_reasons_alone_as_among_others(
    trainings: Mapping[str, ChurnTraining], customers: pd.DataFrame
) -> None:
    for training in trainings.values():
        together = reasons(training.model, customers)
        pd.testing.assert_frame_equal(reasons(training.model, customers.iloc[[7]]), together.iloc[[7]])


def test_no_customers_have_no_reasons(
    trainings: Mapping[str, ChurnTraining], customers: pd.DataFrame
) -> None:
    for training in trainings.values():
        found = reasons(training.model, customers.iloc[:0])
        assert len(found) == 0
        assert len(found.columns) == 12


def test_a_missing_feature_is_named_and_the_customers_stay_as_they_were(
    trainings: Mapping[str, ChurnTraining], customers: pd.DataFrame
) -> None:
    model = trainings[LOGISTIC].model
    before = customers.copy(deep=True)
    reasons(model, customers)
    pd.testing.assert_frame_equal(customers, before)
    with pytest.raises(InvalidInputError, match=r"customers: missing column\(s\) state"):
        reasons(model, customers.drop(columns="state"))
