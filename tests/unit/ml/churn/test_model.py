"""The model as a value: the risk rule at its edges, JSON there and back, and the digest."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ml.churn.config import ChurnConfig
from ml.churn.model import ChurnModel, RiskRule, risk_band
from ml.churn.scoring import score
from ml.churn.training import ChurnTraining, train

RULE = RiskRule(base_return_rate=0.01, green_lift=2.0, red_lift=0.75)


@pytest.mark.parametrize(
    ("return_probability", "band"),
    [
        (1.0, "green"),
        (0.02, "green"),
        (0.0199999, "yellow"),
        (0.0075, "yellow"),
        (0.0074999, "red"),
        (0.0, "red"),
    ],
)
def test_the_band_follows_the_return_probability_in_base_rates(return_probability: float, band: str) -> None:
    assert risk_band(np.array([1 - return_probability]), RULE).tolist() == [band]


def test_bands_keep_the_order_of_the_customers() -> None:
    bands = risk_band(pd.Series([0.9, 0.999, 0.99]), RULE)
    assert bands.tolist() == ["green", "red", "yellow"]


@pytest.mark.parametrize("bad", [np.nan, -0.1, 1.1])
def test_what_is_no_probability_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match=r"churn_probability: 1 of 2 value\(s\)"):
        risk_band(np.array([0.5, bad]), RULE)


@pytest.mark.parametrize(
    ("base", "green", "red"), [(0.0, 2, 0.75), (1.2, 2, 0.75), (0.01, 0.5, 0.75), (0.01, 2, -1)]
)
def test_a_rule_that_makes_no_sense_is_refused(base: float, green: float, red: float) -> None:
    with pytest.raises(ValueError, match=r"base_return_rate|red_lift"):
        RiskRule(base, green, red)


def test_json_and_classifier_there_and_back_score_the_same(
    training: ChurnTraining, customers: pd.DataFrame
) -> None:
    model = training.model
    again = ChurnModel.from_json(model.to_json(), model.classifier.copy())
    assert again.digest() == model.digest()
    assert again.rule == model.rule
    assert again.validation_cutoff == model.validation_cutoff
    pd.testing.assert_frame_equal(score(again, customers), score(model, customers))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 2}, "version 2"),
        ({"surprise": 1}, "surprise"),
        ({"tree_count": 9999}, "number of trees"),
        ({"features": ["recency_days"]}, "other features"),
    ],
)
def test_what_does_not_fit_is_refused(
    training: ChurnTraining, change: dict[str, object], message: str
) -> None:
    text = json.dumps({**json.loads(training.model.to_json()), **change})
    with pytest.raises(ValueError, match=message):
        ChurnModel.from_json(text, training.model.classifier)


def test_the_digest_changes_with_the_rule(training: ChurnTraining) -> None:
    model = training.model
    assert replace(model, rule=replace(model.rule, green_lift=2.5)).digest() != model.digest()


def test_the_digest_changes_with_one_leaf(
    panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig
) -> None:
    model = train(panel, validation_cutoff, replace(config, iterations=3)).model
    before = model.digest()
    leaves = model.classifier.get_leaf_values()
    leaves[0] += 1e-6
    model.classifier.set_leaf_values(leaves)
    assert model.digest() != before


def test_taking_the_digest_leaves_the_classifier_alone(training: ChurnTraining) -> None:
    before = dict(training.model.classifier.get_metadata().items())
    training.model.digest()
    assert dict(training.model.classifier.get_metadata().items()) == before
    assert "model_guid" in before
