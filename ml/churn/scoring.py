"""Scores of customers under a fitted churn model.

Stays out: risk bands, which `risk.risk_band` cuts from the score, and the reasons of a score (`reasons`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ml.churn.features import feature_frame
from ml.churn.model import ChurnModel

SENSITIVITY_DAYS = 30
_GROWING = ("recency_days", "age_days")


def score(model: ChurnModel, customers: pd.DataFrame) -> pd.DataFrame:
    """Score customers.

    Args:
        model: The fitted model.
        customers: The model's features as of the as-of date, one row per customer. Other columns are ignored.

    Returns:
        A frame on the index of `customers`: churn_probability, P(no purchase within the horizon), and
        churn_sensitivity_30d, what is added to it if 30 more days pass without a purchase and nothing else
        changes (it may be negative).

    Raises:
        InvalidInputError: A feature is missing or holds what it must not.
    """
    features = feature_frame(customers, "customers", model.features)
    later = features.assign(
        **{name: features[name] + SENSITIVITY_DAYS for name in _GROWING if name in features}
    )
    now = _churn_probability(model, features)
    sensitivity = _churn_probability(model, later) - now
    return pd.DataFrame(
        {"churn_probability": now, "churn_sensitivity_30d": sensitivity}, index=customers.index
    )


def _churn_probability(model: ChurnModel, features: pd.DataFrame) -> np.ndarray:
    return 1 - model.return_probability(features)
