"""Recalibration of probabilities: a straight line on the log-odds (Cox 1958; Platt 1999).

Stays out: the models whose probabilities it mends.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from ml.churn.logits import fit_logistic, log_likelihood, log_odds

_CRITICAL = 5.991  # 95 % quantile of the chi-square distribution with 2 degrees of freedom


@dataclass(frozen=True)
class Calibration:
    """log-odds of a return = intercept + slope * log-odds that the model gives."""

    intercept: float
    slope: float

    @classmethod
    def learn(cls, probability: np.ndarray, is_returned: np.ndarray) -> Calibration:
        """Learn from customers that the model was not grown on; both arguments of shape (n,).

        Raises:
            ValueError: The model's log-odds separate the outcomes.
        """
        return cls(*fit_logistic(log_odds(probability), is_returned, "the model's log-odds"))

    @classmethod
    def learn_if_needed(cls, probability: np.ndarray, is_returned: np.ndarray) -> Calibration:
        """Learn, and keep the line only where it is better than none beyond noise; arguments as `learn`.

        It must beat the identity in a likelihood-ratio test of its two parameters at 5 % (Cox 1958), rise, and
        exist: too few outcomes of one kind, or probabilities all alike, teach no line.
        """
        if min(is_returned.mean(), 1 - is_returned.mean()) == 0 or np.ptp(probability) == 0:
            return NO_CALIBRATION
        try:
            line = cls.learn(probability, is_returned)
        except ValueError:
            return NO_CALIBRATION
        gain = log_likelihood(line.apply(probability), is_returned) - log_likelihood(probability, is_returned)
        return line if line.slope > 0 and 2 * gain > _CRITICAL else NO_CALIBRATION

    def apply(self, probability: np.ndarray) -> np.ndarray:
        """Return the mended probabilities, shape as given; `NO_CALIBRATION` leaves them untouched."""
        if self == NO_CALIBRATION:
            return probability
        return expit(self.intercept + self.slope * log_odds(probability))


NO_CALIBRATION = Calibration(0.0, 1.0)
