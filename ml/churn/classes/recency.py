"""The naive baseline of churn, and the simplest model: a logistic regression on the logarithm of recency alone.

Stays out: any other feature; what a churn model adds is measured against this.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from scipy.special import expit

from ml.churn.config import ChurnConfig
from ml.churn.logits import fit_logistic, label_of
from ml.churn.recipe import ChurnRecipe, Parameter

_FILE = "recency.json"


@dataclass(frozen=True)
class RecencyPredictor:
    """P(return) = expit(intercept + slope * log(1 + recency_days)); `centre` is the mean of that logarithm."""

    intercept: float
    slope: float
    centre: float

    @property
    def features(self) -> tuple[str, ...]:
        """The one feature."""
        return ("recency_days",)

    @property
    def base(self) -> float:
        """Log-odds of churn at the mean logarithm of recency."""
        return -(self.intercept + self.slope * self.centre)

    @property
    def settled(self) -> Mapping[str, Parameter]:
        """Nothing is decided by early stopping."""
        return {}

    def predict(self, features: pd.DataFrame) -> np.ndarray:
        """Return P(return), shape (n,)."""
        return expit(self.intercept + self.slope * _logarithm(features))

    def contributions(self, features: pd.DataFrame) -> np.ndarray:
        """Return what recency adds to the log-odds of churn, exactly, shape (n, 1)."""
        return -self.slope * (_logarithm(features) - self.centre)[:, None]

    def to_files(self) -> dict[str, bytes]:
        """Return the coefficients as JSON."""
        return {_FILE: json.dumps(asdict(self), sort_keys=True, allow_nan=False).encode()}

    def identity(self) -> bytes:
        """Return the JSON itself."""
        return self.to_files()[_FILE]


def fit(
    rows: pd.DataFrame, recipe: ChurnRecipe, config: ChurnConfig, stopping: pd.DataFrame | None
) -> RecencyPredictor:
    """Fit by maximum likelihood on all rows, those held out for stopping too: nothing is stopped.

    Raises:
        ValueError: The fit does not settle, as where recency separates the outcomes.
    """
    rows = rows if stopping is None else pd.concat([rows, stopping])
    logarithm = _logarithm(rows)
    intercept, slope = fit_logistic(logarithm, label_of(rows), "recency")
    return RecencyPredictor(intercept, slope, float(logarithm.mean()))


def from_files(files: Mapping[str, bytes]) -> RecencyPredictor:
    """Return the predictor that `to_files` wrote."""
    return RecencyPredictor(**json.loads(files[_FILE]))


def _logarithm(frame: pd.DataFrame) -> np.ndarray:
    return np.log1p(frame["recency_days"].to_numpy(dtype=np.float64))
