"""Holdout figures against their definitions, their baseline, their intervals, and paired comparisons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import poisson

from ml.clv.bgnbd import BgNbd
from ml.clv.config import ClvConfig
from ml.clv.evaluation import (
    Figures,
    Prediction,
    compare_log_likelihoods,
    evaluate,
    holdout_metrics,
    predict,
    predict_naively,
)
from ml.clv.gammagamma import GammaGamma
from ml.clv.holdout import Holdout
from ml.errors import InvalidInputError

TRUTH = BgNbd(r=0.4, alpha=90.0, a=0.8, b=2.5, penalizer=0.0)
SPEND = GammaGamma(3.0, 4.0, 180.0, 0.0)
SMALL = pd.DataFrame(
    {
        "frequency": [0, 2],
        "recency": [0, 50],
        "T": [100, 100],
        "monetary_value": [0.0, 30.0],
        "holdout_purchases": [0, 1],
        "holdout_value_brl": [0.0, 40.0],
        "customers": [3, 1],
    }
)


def drawn_holdout(
    draw: Callable[..., pd.DataFrame],
    with_spend: Callable[..., pd.DataFrame],
    distinct: Callable[[pd.DataFrame], pd.DataFrame],
    seed: int,
    size: int = 1500,
) -> Holdout:
    customers = with_spend(draw(TRUTH, np.full(size, 300.0), 180.0, seed=seed), SPEND, seed + 1)
    return Holdout.from_frame(distinct(customers), 180)


def test_weighted_figures_equal_those_of_repeated_rows() -> None:
    rng = np.random.default_rng(1)
    expected, actual = rng.random(50), rng.poisson(0.5, 50).astype(float)
    logs = -rng.random(50)
    weights = rng.integers(1, 5, 50).astype(float)
    found = Figures(Prediction(logs, expected, actual, None, actual)).at(weights)
    e, a, log = (np.repeat(column, weights.astype(int)) for column in (expected, actual, logs))
    assert found["holdout_log_likelihood"] == pytest.approx(log.mean())
    assert found["holdout_mae"] == pytest.approx(np.abs(e - a).mean())
    assert found["holdout_rmse"] == pytest.approx(np.sqrt(((e - a) ** 2).mean()))
    assert found["holdout_correlation"] == pytest.approx(np.corrcoef(e, a)[0, 1])
    assert found["holdout_total_error"] == pytest.approx(e.sum() / a.sum() - 1)
    assert "holdout_gini" not in found


def test_the_baseline_is_the_past_rate_times_the_horizon_at_the_past_mean_spend() -> None:
    holdout = Holdout.from_frame(SMALL, 180)
    naive = predict_naively(holdout)
    rate = 2 / 400 * 180
    np.testing.assert_allclose(naive.expected, rate)
    np.testing.assert_allclose(naive.log_likelihood, poisson.logpmf([0, 1], rate))
    assert naive.expected_value is not None
    np.testing.assert_allclose(naive.expected_value, rate * 30.0)
    assert holdout.total == 1


def test_the_value_predicted_is_expected_purchases_times_expected_spend() -> None:
    holdout = Holdout.from_frame(SMALL, 180)
    found = predict(holdout, TRUTH, SPEND)
    rows = holdout.rows
    each = SPEND.expected_spend(rows.frequency, np.array([0.0, 30.0]))
    assert found.expected_value is not None
    np.testing.assert_allclose(found.expected_value, TRUTH.expected_purchases(*rows.rows, 180.0) * each)


def test_metrics_come_with_intervals_and_a_baseline_where_it_has_a_meaning(
    draw: Callable[..., pd.DataFrame],
    with_spend: Callable[..., pd.DataFrame],
    distinct: Callable[[pd.DataFrame], pd.DataFrame],
) -> None:
    holdout, config = drawn_holdout(draw, with_spend, distinct, seed=9, size=4000), ClvConfig()
    figures = [
        evaluate(prediction, holdout.rows.customers, config)
        for prediction in (predict(holdout, TRUTH, SPEND), predict_naively(holdout))
    ]
    metrics = {metric.metric: metric for metric in holdout_metrics(*figures)}
    for metric in metrics.values():
        assert metric.low <= metric.value <= metric.high
    for name in ("holdout_correlation", "holdout_spearman", "holdout_gini"):
        assert metrics[name].value > 0.1
        assert metrics[name].baseline is None
    top = metrics["holdout_top_decile_share"]
    assert top.baseline_value == 0.10
    assert top.low > 0.10
    likelihood = metrics["holdout_log_likelihood"]
    assert likelihood.baseline_high is not None
    assert likelihood.low > likelihood.baseline_high
    assert abs(metrics["holdout_value_error"].value) < 0.2


def test_the_interval_of_the_total_error_covers_zero_for_the_true_model_nearly_always(
    draw: Callable[..., pd.DataFrame],
    with_spend: Callable[..., pd.DataFrame],
    distinct: Callable[[pd.DataFrame], pd.DataFrame],
) -> None:
    covered = 0
    for seed in range(40):
        holdout = drawn_holdout(draw, with_spend, distinct, 100 + seed, size=800)
        found = evaluate(predict(holdout, TRUTH, None), holdout.rows.customers, ClvConfig())
        low, high = np.percentile(found.replicates["holdout_total_error"], [2.5, 97.5])
        covered += low <= 0 <= high
    assert covered >= 38 - 3 * np.sqrt(40 * 0.95 * 0.05)


def test_the_true_model_is_better_than_a_wrong_one_beyond_noise_and_no_better_than_itself(
    draw: Callable[..., pd.DataFrame],
    with_spend: Callable[..., pd.DataFrame],
    distinct: Callable[[pd.DataFrame], pd.DataFrame],
) -> None:
    holdout = drawn_holdout(draw, with_spend, distinct, seed=1, size=5000)
    wrong = replace(TRUTH, alpha=40.0)
    true_rows, wrong_rows = holdout.log_likelihood(TRUTH), holdout.log_likelihood(wrong)
    customers = holdout.rows.customers
    better = compare_log_likelihoods(true_rows, wrong_rows, customers, ClvConfig())
    assert better.is_better
    assert better.difference == pytest.approx(better.challenger - better.champion)
    assert not compare_log_likelihoods(wrong_rows, true_rows, customers, ClvConfig()).is_no_worse
    same = compare_log_likelihoods(true_rows, true_rows, customers, ClvConfig())
    assert (same.low, same.difference, same.high) == (0.0, 0.0, 0.0)
    assert not same.is_better


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("holdout_value_brl", 0.0, "holdout_value_brl does not agree with holdout_purchases in 1 of 2"),
        ("holdout_value_brl", -1.0, "holdout_value_brl is missing or negative"),
        ("monetary_value", 0.0, "monetary_value is missing or not positive in spite of a repeat purchase"),
        ("holdout_purchases", 0.5, "holdout_purchases is not a whole number"),
    ],
)
def test_a_holdout_that_breaks_a_rule_is_refused(column: str, value: float, message: str) -> None:
    broken = SMALL.astype(float)
    broken.loc[1, column] = value
    with pytest.raises(InvalidInputError, match=f"calibration: {message}"):
        Holdout.from_frame(broken, 180)
