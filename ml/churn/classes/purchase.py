"""The purchase model's own answer: 1 - P(a purchase within the horizon), from dates of purchase alone.

Stays out: fitting it; it comes fitted from the lifetime value.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit

from ml.churn.classes.shapley import feature_orders, shapley_values, spread_rows
from ml.churn.config import ChurnConfig
from ml.churn.logits import log_odds
from ml.churn.purchase_models import PurchaseModel, purchase_model_from_json, purchase_model_to_json
from ml.churn.recipe import Parameter

_MODEL = "purchase_model.json"
_JSON = "purchase.json"
_FEATURES = ("recency_days", "age_days", "purchase_days")
_BACKGROUND_ROWS = 8


@dataclass(frozen=True, eq=False)
class PurchasePredictor:
    """A purchase model asked about one horizon.

    Attributes:
        model: The purchase model.
        horizon_days: Days ahead.
        background: Training rows that contributions are measured from, shape (b, 3), columns as `features`.
    """

    model: PurchaseModel
    horizon_days: int
    background: np.ndarray

    @property
    def features(self) -> tuple[str, ...]:
        """The three features, from which frequency, recency and T follow."""
        return _FEATURES

    @property
    def settled(self) -> Mapping[str, Parameter]:
        """Nothing is decided by early stopping."""
        return {}

    @property
    def base(self) -> float:
        """Mean log-odds of churn of the background rows."""
        return float(self._churn_log_odds(self.background).mean())

    def predict(self, features: pd.DataFrame) -> np.ndarray:
        """Return P(return), shape (n,)."""
        rows = features[list(_FEATURES)].to_numpy(dtype=np.float64)
        distinct, inverse = np.unique(rows, axis=0, return_inverse=True)
        return expit(-self._churn_log_odds(distinct))[inverse.reshape(-1)]

    def contributions(self, features: pd.DataFrame) -> np.ndarray:
        """Return Shapley values over all orders, shape (n, 3).

        A history mixed of two customers may be impossible; it is moved to the nearest possible one.
        """
        rows = features[list(_FEATURES)].to_numpy(dtype=np.float64)
        orders = feature_orders(len(_FEATURES), len(self.background), seed=0)
        return shapley_values(self._churn_log_odds, rows, self.background, orders)

    def _churn_log_odds(self, rows: np.ndarray) -> np.ndarray:
        if not len(rows):
            return np.empty(0)
        x, t_x, T = purchase_history(rows)
        return -log_odds(self.model.p_purchase_within(x, t_x, T, float(self.horizon_days)))

    def to_files(self) -> dict[str, bytes]:
        """Return the purchase model and the rest as JSON."""
        content = {"horizon_days": self.horizon_days, "background": self.background.tolist()}
        text = json.dumps(content, sort_keys=True, allow_nan=False)
        return {_MODEL: purchase_model_to_json(self.model).encode(), _JSON: text.encode()}

    def identity(self) -> bytes:
        """Return the JSON itself."""
        return b"".join(self.to_files().values())


def purchase_history(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (frequency, recency, T) as in lifetimes from rows of the three features, each of shape (n,).

    Age is at least the days since the last purchase, and as many repeat days as lie between first and last
    purchase are possible; both hold for every actual customer.
    """
    since_last, age, purchase_days = rows.T
    T = np.maximum(age, since_last)
    x = np.minimum(purchase_days - 1, T - since_last)
    return x, np.where(x > 0, T - since_last, 0.0), T


def fit(rows: pd.DataFrame, config: ChurnConfig, model: PurchaseModel) -> PurchasePredictor:
    """Wrap a fitted purchase model; the rows only say what customers are compared with."""
    predictor = PurchasePredictor(model, config.horizon_days, np.empty((0, len(_FEATURES))))
    probability = predictor.predict(rows)
    background = rows.iloc[spread_rows(probability, _BACKGROUND_ROWS)]
    values = background[list(_FEATURES)].to_numpy(dtype=np.float64)
    return PurchasePredictor(model, config.horizon_days, values)


def from_files(files: Mapping[str, bytes]) -> PurchasePredictor:
    """Return the predictor that `to_files` wrote."""
    content = json.loads(files[_JSON])
    model = purchase_model_from_json(files[_MODEL].decode())
    return PurchasePredictor(
        model, content["horizon_days"], np.array(content["background"], dtype=np.float64)
    )
