"""Groups of customers and the share of them inside their predictive intervals."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from ml.clv.bgnbd import BgNbd
from ml.clv.config import ClvConfig
from ml.clv.coverage import binomial_interval, groups_of, interval_coverage
from ml.clv.gammagamma import GammaGamma
from ml.clv.holdout import Holdout

TRUTH = BgNbd(r=0.4, alpha=90.0, a=0.8, b=2.5, penalizer=0.0)
EXACT = ((0.0,) * 4,) * 4
Draw = Callable[..., pd.DataFrame]


def holdout_of(draw: Draw, with_spend: Draw, distinct: Draw, seed: int, size: int = 3000) -> Holdout:
    age = np.random.default_rng(seed).integers(30, 400, size).astype(float)
    customers = with_spend(draw(TRUTH, age, 180.0, seed), GammaGamma(3.0, 4.0, 180.0, 0.0), seed)
    return Holdout.from_frame(distinct(customers), 180)


def test_groups_are_about_twenty_bands_of_age_within_frequency(
    draw: Draw, with_spend: Draw, distinct: Draw
) -> None:
    holdout = holdout_of(draw, with_spend, distinct, seed=1)
    group, rows = groups_of(holdout), holdout.rows
    assert set(group) == set(range(20))
    for one in range(20):
        assert len(np.unique(np.minimum(rows.frequency[group == one], 2))) == 1
    once = rows.frequency == 0
    sizes = np.bincount(group[once], rows.customers[once])
    assert sizes.min() > 0.8 * sizes.max()
    for age in np.unique(rows.T[once])[:50]:
        assert len(np.unique(group[once & (age == rows.T)])) == 1


def test_the_true_model_covers_at_least_as_often_as_it_says(
    draw: Draw, with_spend: Draw, distinct: Draw
) -> None:
    shares = [
        interval_coverage(
            holdout_of(draw, with_spend, distinct, seed), TRUTH, EXACT, ClvConfig(interval_draws=100)
        ).value
        for seed in range(15)
    ]
    noise = np.sqrt(0.8 * 0.2 / (15 * 20))
    assert 0.8 - 3 * noise <= np.mean(shares) <= 0.93


def test_a_wrong_model_covers_less(draw: Draw, with_spend: Draw, distinct: Draw) -> None:
    holdout = holdout_of(draw, with_spend, distinct, seed=3)
    wrong = BgNbd(r=0.4, alpha=30.0, a=0.8, b=2.5, penalizer=0.0)
    assert interval_coverage(holdout, wrong, EXACT, ClvConfig()).high < 0.8


@pytest.mark.parametrize(("successes", "trials"), [(0, 20), (16, 20), (20, 20), (1, 3)])
def test_the_interval_of_the_share_is_the_exact_binomial_one(successes: int, trials: int) -> None:
    exact = binomtest(successes, trials).proportion_ci(0.95, method="exact")
    assert binomial_interval(successes, trials) == pytest.approx((exact.low, exact.high), abs=1e-9)
