"""How well a BG/NBD model foretold the purchases of the holdout, beside a naive baseline.

Stays out: fitting. The model is held fixed; the intervals speak of the customers drawn, not of the fit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.clv.candidates import History
from ml.clv.config import ClvConfig
from ml.clv.formulas import expected_purchases, log_probability_of_purchases
from ml.clv.inputs import checked_counts
from ml.clv.model import BgNbd
from ml.metrics import ModelMetric, percentile_interval

BASELINE = "every customer buys at the population's past rate"


@dataclass(frozen=True)
class Holdout:
    """Histories up to a date and the purchase days in the horizon after it; `purchases` has shape (n,)."""

    history: History
    purchases: np.ndarray
    horizon_days: int

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, horizon_days: int) -> Holdout:
        """Return the checked content of a calibration frame."""
        what = "calibration"
        purchases = checked_counts(frame, what, "holdout_purchases")
        return cls(History.from_frame(frame, what), purchases, horizon_days)

    @property
    def total(self) -> float:
        """Purchase days of all customers in the holdout."""
        return float(self.purchases @ self.history.customers)

    def expected(self, params: BgNbd) -> np.ndarray:
        """Return the purchases that a model expects, shape (n,)."""
        h = self.history
        return expected_purchases(params, h.frequency, h.recency, h.T, self.horizon_days)

    def log_likelihood(self, params: BgNbd) -> np.ndarray:
        """Return the log-probability of each row's holdout count given its history, shape (n,)."""
        h = self.history
        return log_probability_of_purchases(
            params, self.purchases, h.frequency, h.recency, h.T, self.horizon_days
        )

    def mean_log_likelihood(self, params: BgNbd) -> float:
        """Return the log-likelihood of the holdout counts per customer."""
        weights = self.history.customers
        return float(weights @ self.log_likelihood(params) / weights.sum())

    def naive(self) -> np.ndarray:
        """Return the baseline's expectation, (n,): repeat purchases per customer-day times the horizon."""
        h = self.history
        rate = (h.frequency @ h.customers) / (h.T @ h.customers)
        return np.full_like(h.T, rate * self.horizon_days)


def total_error(weights: np.ndarray, expected: np.ndarray, actual: np.ndarray) -> np.ndarray:
    """Return expected / actual total - 1, a signed share, for each row of weights (replicates, n)."""
    return (weights @ expected) / (weights @ actual) - 1


def mean_absolute_error(weights: np.ndarray, expected: np.ndarray, actual: np.ndarray) -> np.ndarray:
    """Return the mean absolute error in purchases per customer, shape (replicates,)."""
    return (weights @ np.abs(expected - actual)) / weights.sum(axis=-1)


def root_mean_squared_error(weights: np.ndarray, expected: np.ndarray, actual: np.ndarray) -> np.ndarray:
    """Return the root mean squared error in purchases per customer, shape (replicates,)."""
    return np.sqrt((weights @ (expected - actual) ** 2) / weights.sum(axis=-1))


def correlation(weights: np.ndarray, expected: np.ndarray, actual: np.ndarray) -> np.ndarray:
    """Return Pearson's correlation over customers, shape (replicates,)."""
    n = weights.sum(axis=-1)
    mean_e, mean_a = (weights @ expected) / n, (weights @ actual) / n
    covariance = (weights @ (expected * actual)) / n - mean_e * mean_a
    variance_e = (weights @ expected**2) / n - mean_e**2
    variance_a = (weights @ actual**2) / n - mean_a**2
    return covariance / np.sqrt(variance_e * variance_a)


_FIGURES: dict[str, Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]] = {
    "holdout_total_error": total_error,
    "holdout_mae": mean_absolute_error,
    "holdout_correlation": correlation,
    "holdout_rmse": root_mean_squared_error,
}
_UNDEFINED_FOR_A_CONSTANT = "holdout_correlation"


def holdout_metrics(holdout: Holdout, expected: np.ndarray, config: ClvConfig) -> tuple[ModelMetric, ...]:
    """Return the holdout figures of an expectation and of the baseline, with 95 % bootstrap intervals.

    A replicate draws as many customers as there are, with replacement: multinomial counts on the distinct
    rows. The baseline expects the same of everybody, so its correlation is undefined.
    """
    draws = _bootstrap_counts(holdout.history.customers, config)
    naive = holdout.naive()
    metrics = []
    for name, figure in _FIGURES.items():
        own = _with_interval(figure, holdout, expected, draws)
        if name == _UNDEFINED_FOR_A_CONSTANT:
            metrics.append(ModelMetric(name, *own))
        else:
            metrics.append(ModelMetric(name, *own, BASELINE, *_with_interval(figure, holdout, naive, draws)))
    return tuple(metrics)


def _with_interval(
    figure: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray],
    holdout: Holdout,
    expected: np.ndarray,
    draws: np.ndarray,
) -> tuple[float, float, float]:
    value = float(figure(holdout.history.customers, expected, holdout.purchases))
    return value, *percentile_interval(figure(draws, expected, holdout.purchases))


def _bootstrap_counts(customers: np.ndarray, config: ClvConfig) -> np.ndarray:
    """Return multinomial counts as floats, shape (replicates, n)."""
    total = int(customers.sum())
    rng = np.random.default_rng(config.seed)
    return rng.multinomial(total, customers / total, size=config.bootstrap_replicates).astype(np.float64)
