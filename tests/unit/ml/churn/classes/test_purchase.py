"""The purchase model's own probability: the right history, the right horizon, and its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

import numpy as np
import pandas as pd
import pytest

from ml.churn.classes.purchase import PurchasePredictor, purchase_history
from ml.churn.features import feature_frame
from ml.churn.purchase_models import purchase_model_from_json, purchase_model_to_json
from ml.churn.recipe import PURCHASE
from ml.churn.scoring import score
from ml.churn.training import ChurnTraining
from ml.clv.family import FAMILIES


def test_an_actual_history_is_that_of_lifetimes() -> None:
    # recency_days, age_days, purchase_days: bought once 100 days ago; and on 3 days, first 300, last 50 ago.
    x, t_x, T = purchase_history(np.array([[100.0, 100.0, 1.0], [50.0, 300.0, 3.0]]))
    np.testing.assert_array_equal(x, [0, 2])
    np.testing.assert_array_equal(t_x, [0, 250])
    np.testing.assert_array_equal(T, [100, 300])


def test_an_impossible_history_becomes_the_nearest_possible_one() -> None:
    x, t_x, T = purchase_history(np.array([[200.0, 100.0, 1.0], [100.0, 100.0, 3.0], [40.0, 100.0, 1.0]]))
    np.testing.assert_array_equal(x, [0, 0, 0])
    np.testing.assert_array_equal(t_x, [0, 0, 0])
    np.testing.assert_array_equal(T, [200, 100, 100])


def test_the_score_is_the_purchase_models_probability_over_the_horizon(
    trainings: Mapping[str, ChurnTraining], customers: pd.DataFrame
) -> None:
    model = trainings[PURCHASE].model
    predictor = model.predictor
    assert isinstance(predictor, PurchasePredictor)
    T = customers["age_days"].to_numpy(dtype=float)
    x = customers["purchase_days"].to_numpy(dtype=float) - 1
    t_x = T - customers["recency_days"].to_numpy(dtype=float)
    raw = predictor.model.p_purchase_within(x, np.where(x > 0, t_x, 0), T, 180.0)
    expected = 1 - model.calibration.apply(raw)
    np.testing.assert_allclose(score(model, customers)["churn_probability"], expected, rtol=1e-9)


def test_a_purchase_model_that_is_far_off_gets_calibrated(trainings: Mapping[str, ChurnTraining]) -> None:
    training = trainings[PURCHASE]
    assert training.judged.calibration.slope != 1.0
    validation = training.validation
    assert validation["return_probability"].mean() == pytest.approx(
        validation["is_returned"].mean(), abs=0.03
    )


def test_contributions_of_purchases_point_the_right_way(
    trainings: Mapping[str, ChurnTraining], customers: pd.DataFrame
) -> None:
    predictor = trainings[PURCHASE].model.predictor
    frequent = customers.assign(purchase_days=5, recency_days=10, age_days=400)
    features = feature_frame(frequent, "customers", predictor.features)
    recency, _, purchases = predictor.contributions(features).T
    assert (purchases < 0).all()
    assert (recency < 0).all()


def test_the_reason_says_that_purchases_were_learned_from(trainings: Mapping[str, ChurnTraining]) -> None:
    reason = trainings[PURCHASE].reason
    assert "Fitted on purchases before 2018-03-05, calibrated on training cutoffs" in reason
    assert reason.endswith("then fitted on all purchases.")


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_of_the_lifetime_value_survives_json(family: str) -> None:
    kind = FAMILIES[family]
    model = kind(**{field.name: 1.5 for field in fields(kind)})
    again = purchase_model_from_json(purchase_model_to_json(model))
    assert again == model
    probability = again.p_purchase_within(
        np.array([0.0, 2.0]), np.array([0.0, 30.0]), np.full(2, 90.0), 180.0
    )
    assert ((probability > 0) & (probability < 1)).all()


def test_an_unknown_family_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown family Unheard"):
        purchase_model_from_json('{"family": "Unheard", "parameters": {}}')
