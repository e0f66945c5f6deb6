"""Distinct purchase histories with the number of customers that share each.

Stays out: making them from purchases; the warehouse does that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ml.clv.inputs import checked_counts, checked_history

Rows = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False)
class History:
    """Distinct purchase histories and how many customers share each; float arrays of shape (n,)."""

    frequency: np.ndarray
    recency: np.ndarray
    T: np.ndarray
    customers: np.ndarray

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, what: str) -> History:
        """Return the checked content of a frame with columns frequency, recency, T and customers."""
        return cls(*checked_history(frame, what), checked_counts(frame, what))

    @property
    def repeat_customers(self) -> int:
        """Customers with at least one repeat purchase."""
        return int(self.customers[self.frequency > 0].sum())

    @property
    def rows(self) -> Rows:
        """frequency, recency and T, in the order in which every formula takes them."""
        return self.frequency, self.recency, self.T

    @property
    def shares(self) -> np.ndarray:
        """The share of all customers in each row, shape (n,)."""
        return self.customers / self.customers.sum()

    @property
    def unit(self) -> float:
        """The largest T: the unit of time in which models are fitted; 1 where every customer is of today."""
        return float(self.T.max()) or 1.0

    def in_units(self, unit: float) -> History:
        """Return the same histories with times divided by `unit`."""
        return replace(self, recency=self.recency / unit, T=self.T / unit)


def distinct_rows(*columns: np.ndarray) -> tuple[tuple[np.ndarray, ...], np.ndarray]:
    """Return the distinct rows of columns of shape (n,) in order of appearance, and each row's place (n,)."""
    frame = pd.DataFrame(dict(enumerate(columns)))
    inverse = frame.groupby(list(frame.columns), sort=False).ngroup().to_numpy()
    first = frame.drop_duplicates()
    return tuple(first[name].to_numpy() for name in frame.columns), inverse


def distinct_histories(
    frequency: np.ndarray, recency: np.ndarray, T: np.ndarray, customers: np.ndarray
) -> tuple[History, np.ndarray]:
    """Return the distinct histories of rows (n,) counted by `customers`, and each row's place among them."""
    (x, t_x, age), inverse = distinct_rows(frequency, recency, T)
    return History(x, t_x, age, np.bincount(inverse, customers, len(x))), inverse
