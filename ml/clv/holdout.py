"""The holdout: histories up to a date, and what these customers bought in the horizon after it.

Stays out: fitting, and the figures that judge a model by it (`evaluation`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.clv.config import ClvConfig
from ml.clv.family import PurchaseModel
from ml.clv.history import History, distinct_histories
from ml.clv.inputs import checked_counts, checked_monetary_value, checked_values
from ml.frames import refuse_rows
from ml.statements import Statement

_WHAT = "calibration"


@dataclass(frozen=True, eq=False)
class Holdout:
    """Customers by history and what followed; arrays of shape (n,) unless said.

    Attributes:
        rows: Histories up to the cutoff, one for each row.
        history: The distinct ones among them, counted, shape (m,): what models are fitted on.
        place: Each row's place in `history`.
        monetary_value: Mean repeat spend at the cutoff; 0 without a repeat purchase.
        purchases: Purchase days in the horizon of each customer of the row.
        value: Mean value of these purchases per customer of the row.
        horizon_days: Length of the horizon.
    """

    rows: History
    history: History
    place: np.ndarray
    monetary_value: np.ndarray
    purchases: np.ndarray
    value: np.ndarray
    horizon_days: int

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, horizon_days: int) -> Holdout:
        """Return the checked content of a calibration frame; see `training.train`."""
        rows = History.from_frame(frame, _WHAT)
        monetary_value = checked_monetary_value(frame, rows.frequency, _WHAT)
        purchases = checked_counts(frame, _WHAT, "holdout_purchases")
        total = checked_values(frame, _WHAT, "holdout_value_brl")
        wrong = (purchases > 0) != (total > 0)
        refuse_rows(wrong, _WHAT, "holdout_value_brl", "does not agree with holdout_purchases")
        history, place = distinct_histories(*rows.rows, rows.customers)
        value = total / np.maximum(rows.customers, 1)
        return cls(rows, history, place, monetary_value, purchases, value, horizon_days)

    @property
    def total(self) -> float:
        """Purchase days of all customers in the holdout."""
        return float(self.purchases @ self.rows.customers)

    def is_usable(self, config: ClvConfig) -> bool:
        """Whether there are enough repeat customers before the cutoff, and purchases after it."""
        fewest = config.min_repeat_customers
        return self.history.repeat_customers >= fewest and self.total >= fewest

    def shortage(self, config: ClvConfig) -> Statement:
        """Return what a holdout that is not usable lacks, with the figures."""
        return Statement(
            "holdout_too_small",
            f"{self.history.repeat_customers} repeat customers before it and {self.total:.0f} purchases in it, "
            f"{config.min_repeat_customers} of each are needed",
            {
                "repeat_customers": self.history.repeat_customers,
                "purchases": round(self.total),
                "needed": config.min_repeat_customers,
            },
        )

    def repeat_spend(self) -> pd.DataFrame:
        """Return frequency, monetary_value and customers of the rows with a repeat purchase before the cutoff."""
        repeat = self.rows.frequency > 0
        return pd.DataFrame(
            {
                "frequency": self.rows.frequency[repeat],
                "monetary_value": self.monetary_value[repeat],
                "customers": self.rows.customers[repeat],
            }
        )

    def expected(self, model: PurchaseModel) -> np.ndarray:
        """Return the purchases that a model expects of a customer of each row, shape (n,)."""
        return model.expected_purchases(*self.history.rows, self.horizon_days)[self.place]

    def log_likelihood(self, model: PurchaseModel) -> np.ndarray:
        """Return the log-probability of each row's holdout count given its history, shape (n,)."""
        return model.distribution(self.purchases, *self.rows.rows, self.horizon_days)

    def mean_log_likelihood(self, model: PurchaseModel) -> float:
        """Return the log-likelihood of the holdout counts per customer."""
        return float(self.rows.shares @ self.log_likelihood(model))

    def naive(self) -> np.ndarray:
        """Return the baseline's expectation, (n,): repeat purchases per customer-day times the horizon."""
        rows = self.rows
        rate = (rows.frequency @ rows.customers) / (rows.T @ rows.customers)
        return np.full_like(rows.T, rate * self.horizon_days)
