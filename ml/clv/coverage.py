"""Whether the purchases of groups of customers fell inside the model's 80 % predictive intervals.

Stays out: intervals of single customers, of whom hardly one buys.
"""

from __future__ import annotations

import numpy as np
from scipy.special import betaincinv

from ml.clv.config import ClvConfig
from ml.clv.family import PurchaseModel
from ml.clv.holdout import Holdout
from ml.clv.uncertainty import Covariance, draw_models
from ml.metrics import ModelMetric

LEVEL = 0.80
NAME = "interval_coverage_80"
_AGE_BANDS = (10, 5, 5)
_CONFIDENCE = 0.95


def interval_coverage(
    holdout: Holdout, model: PurchaseModel, covariance: Covariance, config: ClvConfig
) -> ModelMetric:
    """Return the share of groups whose holdout purchases lie in the 80 % predictive interval of the model.

    The interval holds the chance of purchases and the uncertainty of parameters. Counts are whole, so it holds
    at least 80 %. The share's own 95 % interval is that of Clopper & Pearson (1934); it takes groups as
    independent, which they are but for the parameters that they share.
    """
    group = groups_of(holdout)
    actual = np.bincount(group, holdout.purchases * holdout.rows.customers)
    drawn = predicted_totals(holdout, model, covariance, group, config)
    tail = 100 * (1 - LEVEL) / 2
    low, high = np.percentile(drawn, [tail, 100 - tail], axis=0, method="inverted_cdf")
    inside = int(np.count_nonzero((low <= actual) & (actual <= high)))
    return ModelMetric(NAME, inside / len(actual), *binomial_interval(inside, len(actual)))


def groups_of(holdout: Holdout) -> np.ndarray:
    """Return each row's group, 0, 1, ... without gaps, shape (n,): bands of age among 0, 1, and more repeats."""
    rows = holdout.rows
    group = np.empty(len(rows.T), dtype=np.int64)
    first = 0
    for repeats, bands in enumerate(_AGE_BANDS):
        in_class = np.minimum(rows.frequency, len(_AGE_BANDS) - 1) == repeats
        group[in_class] = first + _bands(rows.T[in_class], rows.customers[in_class], bands)
        first += bands
    return np.unique(group, return_inverse=True)[1].ravel()


def _bands(age: np.ndarray, customers: np.ndarray, bands: int) -> np.ndarray:
    """Return the band of each row, cut where the ages divide customers evenly; equal ages share a band."""
    ages, place = np.unique(age, return_inverse=True)
    counted = np.bincount(place.ravel(), customers, len(ages))
    middle = (np.cumsum(counted) - counted / 2) / max(counted.sum(), 1.0)
    return np.minimum((middle * bands).astype(np.int64), bands - 1)[place.ravel()]


def predicted_totals(
    holdout: Holdout, model: PurchaseModel, covariance: Covariance, group: np.ndarray, config: ClvConfig
) -> np.ndarray:
    """Return drawn totals of purchases in the holdout, shape (draws, groups); each draw has its own parameters."""
    rng = np.random.default_rng(config.seed)
    rows, size = holdout.rows, int(group.max()) + 1
    totals = np.empty((config.interval_draws, size))
    for i, drawn in enumerate(draw_models(model, covariance, config.interval_draws, rng)):
        alive = drawn.p_alive(*holdout.history.rows)[holdout.place]
        buyers, customer, _ = drawn.draw_purchases(
            rng, rows.frequency, rows.T, alive, rows.customers, holdout.horizon_days
        )
        totals[i] = np.bincount(group[buyers[customer]], minlength=size)
    return totals


def binomial_interval(successes: int, trials: int) -> tuple[float, float]:
    """Return the exact 95 % interval of a share (Clopper & Pearson 1934, Biometrika 26, 404-413)."""
    tail = (1 - _CONFIDENCE) / 2
    misses = trials - successes
    low = float(betaincinv(successes, misses + 1, tail)) if successes else 0.0
    high = float(betaincinv(successes + 1, misses, 1 - tail)) if misses else 1.0
    return low, high
