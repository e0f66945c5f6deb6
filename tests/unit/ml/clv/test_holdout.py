"""Holdout figures against their definitions on one row per customer, and intervals that cover."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from ml.clv.config import ClvConfig
from ml.clv.holdout import Holdout, correlation, holdout_metrics, mean_absolute_error, root_mean_squared_error
from ml.clv.model import BgNbd

TRUTH = BgNbd(r=0.4, alpha=90.0, a=0.8, b=2.5, penalizer=0.0)


def test_weighted_figures_equal_those_of_repeated_rows() -> None:
    rng = np.random.default_rng(1)
    expected, actual = rng.random(50), rng.poisson(0.5, 50).astype(float)
    weights = rng.integers(1, 5, 50).astype(float)
    e, a = np.repeat(expected, weights.astype(int)), np.repeat(actual, weights.astype(int))
    assert mean_absolute_error(weights, expected, actual) == pytest.approx(np.abs(e - a).mean())
    assert root_mean_squared_error(weights, expected, actual) == pytest.approx(np.sqrt(((e - a) ** 2).mean()))
    assert correlation(weights, expected, actual) == pytest.approx(np.corrcoef(e, a)[0, 1])


def test_the_baseline_is_the_past_rate_per_customer_day_times_the_horizon() -> None:
    frame = pd.DataFrame(
        {
            "frequency": [0, 2],
            "recency": [0, 50],
            "T": [100, 100],
            "holdout_purchases": [0, 1],
            "customers": [3, 1],
        }
    )
    holdout = Holdout.from_frame(frame, 180)
    np.testing.assert_allclose(holdout.naive(), 2 / 400 * 180)
    assert holdout.total == 1


def test_the_interval_of_the_total_error_covers_zero_for_the_true_model_nearly_always(
    draw: Callable[..., pd.DataFrame], distinct: Callable[[pd.DataFrame], pd.DataFrame]
) -> None:
    config = ClvConfig(bootstrap_replicates=200)
    covered = 0
    for seed in range(40):
        drawn = draw(TRUTH, np.full(1500, 300.0), 180.0, seed=100 + seed)
        holdout = Holdout.from_frame(distinct(drawn), 180)
        total_error = holdout_metrics(holdout, holdout.expected(TRUTH), config)[0]
        covered += total_error.low <= 0 <= total_error.high
    assert covered >= 34


def test_the_true_model_has_a_better_holdout_likelihood_than_a_wrong_one(
    draw: Callable[..., pd.DataFrame],
) -> None:
    drawn = draw(TRUTH, np.full(5000, 300.0), 180.0, seed=1).assign(customers=1)
    holdout = Holdout.from_frame(drawn, 180)
    wrong = BgNbd(r=0.4, alpha=40.0, a=0.8, b=2.5, penalizer=0.0)
    assert holdout.mean_log_likelihood(TRUTH) > holdout.mean_log_likelihood(wrong)
