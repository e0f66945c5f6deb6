"""The naive baseline of churn: a logistic regression on the logarithm of recency alone.

Stays out: any other feature; what the churn model adds is measured against this.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

NAME = "recency alone"
_MOST_STEPS = 50
_TOLERANCE = 1e-10


@dataclass(frozen=True)
class RecencyBaseline:
    """P(return) = expit(intercept + slope * log(1 + recency_days))."""

    intercept: float
    slope: float

    def predict(self, recency_days: np.ndarray) -> np.ndarray:
        """Return P(return), shape (n,)."""
        return expit(self.intercept + self.slope * np.log1p(recency_days))


def fit_baseline(recency_days: np.ndarray, is_returned: np.ndarray) -> RecencyBaseline:
    """Fit by maximum likelihood, without a penalty, in Newton steps (McCullagh & Nelder 1989, section 4.4).

    Args:
        recency_days: Days since the last purchase, shape (n,).
        is_returned: Whether a purchase followed, shape (n,); both outcomes must occur.

    Raises:
        ValueError: The steps do not settle, as where one outcome has all the smaller recencies.
    """
    design = np.column_stack([np.ones(len(recency_days)), np.log1p(recency_days)])
    outcome = is_returned.astype(np.float64)
    share = outcome.mean()
    coefficients = np.array([np.log(share / (1 - share)), 0.0])
    for _ in range(_MOST_STEPS):
        probability = expit(design @ coefficients)
        information = (design.T * (probability * (1 - probability))) @ design
        step = np.linalg.lstsq(information, design.T @ (outcome - probability), rcond=None)[0]
        coefficients = coefficients + step
        if np.max(np.abs(step)) < _TOLERANCE:
            return RecencyBaseline(float(coefficients[0]), float(coefficients[1]))
    raise ValueError("the recency baseline does not converge: recency separates the outcomes")
