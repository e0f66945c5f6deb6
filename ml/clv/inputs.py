"""The rules that frames of lifetime-value statistics obey.

Stays out: making the statistics; the warehouse does that.

`frequency` is the number of repeat purchase days, `recency` the age in days at the last of them (0 without
one), `T` the age in days at the as-of date, `monetary_value` the mean value of the repeat purchases.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ml.frames import refuse_rows, require_columns, to_floats

HISTORY = ("frequency", "recency", "T")


def checked_history(frame: pd.DataFrame, what: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return frequency, recency and T as floats, each of shape (n,).

    Raises:
        InvalidInputError: A column is missing or a value breaks a rule.
    """
    require_columns(frame, HISTORY, what)
    frequency, recency, T = (to_floats(frame, name, what) for name in HISTORY)
    for name, values in zip(HISTORY, (frequency, recency, T), strict=True):
        refuse_rows(~np.isfinite(values), what, name, "is missing or not finite")
        refuse_rows(values < 0, what, name, "is negative")
    refuse_rows(frequency != np.floor(frequency), what, "frequency", "is not a whole number")
    refuse_rows(recency > T, what, "recency", "is larger than T")
    refuse_rows((frequency == 0) & (recency > 0), what, "recency", "is above 0 without a repeat purchase")
    refuse_rows((frequency > 0) & (recency == 0), what, "recency", "is 0 in spite of a repeat purchase")
    return frequency, recency, T


def checked_counts(frame: pd.DataFrame, what: str, column: str = "customers") -> np.ndarray:
    """Return a column of whole numbers >= 0 as floats, shape (n,); raise `InvalidInputError` otherwise."""
    require_columns(frame, (column,), what)
    counts = to_floats(frame, column, what)
    refuse_rows(~(np.isfinite(counts) & (counts >= 0)), what, column, "is missing or negative")
    refuse_rows(counts != np.floor(counts), what, column, "is not a whole number")
    return counts


def checked_values(frame: pd.DataFrame, what: str, column: str) -> np.ndarray:
    """Return a column of finite numbers >= 0, shape (n,); raise `InvalidInputError` otherwise."""
    require_columns(frame, (column,), what)
    values = to_floats(frame, column, what)
    refuse_rows(~(np.isfinite(values) & (values >= 0)), what, column, "is missing or negative")
    return values


def checked_monetary_value(frame: pd.DataFrame, frequency: np.ndarray, what: str) -> np.ndarray:
    """Return the mean repeat spend, (n,), 0 where there is no repeat purchase, whatever the column says there.

    Raises:
        InvalidInputError: The column is missing, or not positive where there is a repeat purchase.
    """
    require_columns(frame, ("monetary_value",), what)
    value = to_floats(frame, "monetary_value", what)
    bad = (frequency > 0) & ~(np.isfinite(value) & (value > 0))
    refuse_rows(bad, what, "monetary_value", "is missing or not positive in spite of a repeat purchase")
    return np.where(frequency > 0, value, 0.0)


def checked_spend(frame: pd.DataFrame, what: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return frequency, mean spend and number of repeat customers as floats, each of shape (n,).

    Without a column customers each row is one customer.

    Raises:
        InvalidInputError: A column is missing, a frequency is below 1 or a spend is not positive.
    """
    frequency = checked_counts(frame, what, "frequency")
    require_columns(frame, ("monetary_value",), what)
    spend = to_floats(frame, "monetary_value", what)
    refuse_rows(frequency < 1, what, "frequency", "is below 1")
    refuse_rows(~(np.isfinite(spend) & (spend > 0)), what, "monetary_value", "is missing or not positive")
    customers = checked_counts(frame, what) if "customers" in frame else np.ones_like(spend)
    return frequency, spend, customers
