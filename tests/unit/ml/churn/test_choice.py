"""The choice, on figures made by hand: move on only beyond noise, and never for a worse log loss."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest

from ml.churn.candidates import Fitted
from ml.churn.choice import candidates, choose, told
from ml.churn.evaluation import Replicated
from ml.churn.model import ChurnModel
from ml.churn.recipe import CATBOOST, LOGISTIC, RECENCY, ChurnRecipe
from ml.metrics import Comparison
from ml.statements import Statement

NOISE = np.random.default_rng(1).normal(0, 0.01, 400)
NAMES = ("roc_auc", "pr_auc", "lift_at_10pct", "brier", "log_loss", "expected_calibration_error", "base_rate")


def fitted(name: str, auc: float, log_loss: float = 0.06, own_noise: float = 0.0, label: str = "") -> Fitted:
    """Return a candidate whose AUC has the noise that all share, and noise of its own."""
    rng = np.random.default_rng(len(label or name))
    points = {**dict.fromkeys(NAMES, 0.1), "roc_auc": auc, "log_loss": log_loss}
    replicates = {key: value + NOISE / 10 for key, value in points.items()}
    replicates["roc_auc"] = auc + NOISE + rng.normal(0, own_noise, 400)
    figures = Replicated(points, replicates)
    judged = cast(ChurnModel, None)
    recipe = ChurnRecipe(name, {}, ("recency",))
    return Fitted(label or name, recipe, recipe, judged, np.empty(0), figures)


def in_words(reasons: dict[str, tuple[Statement, ...]]) -> dict[str, str]:
    return {label: "; ".join(one.words for one in said) for label, said in reasons.items()}


def test_a_gain_within_noise_is_not_worth_a_more_complex_model() -> None:
    tried = [fitted(RECENCY, 0.57), fitted(CATBOOST, 0.588, own_noise=0.02)]
    chosen, said = choose(tried)
    reasons = in_words(said)
    assert chosen.label == RECENCY
    assert reasons[CATBOOST].startswith(
        "catboost does not beat recency alone beyond noise: ROC-AUC +.018 (-.0"
    )
    assert reasons[RECENCY].endswith("served is the simplest that no more complex one beats: recency alone")
    assert reasons[CATBOOST] in reasons[RECENCY]


def test_a_gain_beyond_noise_is() -> None:
    tried = [fitted(CATBOOST, 0.60, own_noise=0.001), fitted(RECENCY, 0.57)]
    chosen, said = choose(tried)
    reasons = in_words(said)
    assert chosen.label == CATBOOST
    assert reasons[RECENCY] in reasons[CATBOOST]
    assert reasons[RECENCY].startswith("catboost beats recency alone beyond noise: ROC-AUC +.030 (+.0")
    told_of = candidates(tried, chosen, said)
    assert [one.is_chosen for one in told_of] == [True, False]
    assert told_of[1].gain is None
    assert told_of[0].gain is not None
    assert told_of[0].gain.is_better


def test_a_complex_model_must_beat_the_better_of_the_simpler_ones() -> None:
    tried = [
        fitted(RECENCY, 0.57),
        fitted(LOGISTIC, 0.60, own_noise=0.001),
        fitted(CATBOOST, 0.601, own_noise=0.005),
    ]
    chosen, said = choose(tried)
    reasons = in_words(said)
    assert chosen.label == LOGISTIC
    assert "does not beat logistic regression" in reasons[CATBOOST]


def test_a_step_over_one_that_did_not_win_is_possible() -> None:
    tried = [
        fitted(RECENCY, 0.57),
        fitted(LOGISTIC, 0.571, own_noise=0.01),
        fitted(CATBOOST, 0.63, own_noise=0.005),
    ]
    assert choose(tried)[0].label == CATBOOST


def test_a_better_ranking_with_a_worse_log_loss_is_not_served() -> None:
    chosen, said = choose([fitted(RECENCY, 0.57), fitted(CATBOOST, 0.62, log_loss=0.08)])
    assert chosen.label == RECENCY
    assert "worse log loss" in in_words(said)[CATBOOST]
    (statement,) = said[CATBOOST]
    assert (statement.code, statement.values["verdict"]) == ("candidate_beside_simpler", "worse log loss")
    assert statement.values["difference"] > 0


def test_two_of_a_class_stay_in_the_order_in_which_they_were_tried() -> None:
    tried = [fitted(RECENCY, 0.5), fitted(CATBOOST, 0.6), fitted(CATBOOST, 0.6, label="catboost 2")]
    assert choose(tried)[0].label == CATBOOST


@pytest.mark.parametrize(
    ("metric", "text"), [("roc_auc", "+.018 (-.004 to +.041)"), ("log_loss", "+.01800 (-.00400 to +.04100)")]
)
def test_a_difference_is_told_with_its_interval(metric: str, text: str) -> None:
    assert told(Comparison(metric, 0.589, 0.571, 0.018, -0.004, 0.041, metric == "roc_auc")) == text
