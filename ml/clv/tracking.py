"""Repeat purchases of a shop over time, as a model expects them and as they were.

Stays out: drawing (`figures`), and single customers.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ml.clv.family import PurchaseModel
from ml.clv.inputs import checked_counts
from ml.errors import InvalidInputError
from ml.frames import require_columns

COLUMNS = ("day", "first_purchases", "repeat_purchases")
_WHAT = "daily"


def track(purchases: PurchaseModel, daily: pd.DataFrame, step_days: int = 7) -> pd.DataFrame:
    """Return expected and actual repeat purchases of a shop by steps of time.

    A customer who first bought on one day is expected to repeat as a new customer is: E[X(t)] of the family (FHL
    2005, eq. 9 for BG/NBD). The sum over all customers is the first purchases of each day, convolved with its
    daily increase.

    Args:
        purchases: The model, times in days.
        daily: One row per day on which anything was bought: day (a date), first_purchases (customers who bought
            for the first time) and repeat_purchases (customers who bought again; one per customer and day).
        step_days: Days in a step; the last step is left out unless it is complete.

    Returns:
        One row per step: ends_on (its last day), expected and actual repeat purchases in it, and both summed up
        to it, expected_total and actual_total.

    Raises:
        InvalidInputError: A column is missing, a count is wrong or a day is twice there.
    """
    days, first, repeat = _by_day(daily)
    new = np.zeros((len(days), 1))
    ages = np.arange(len(days), dtype=np.float64)[:, np.newaxis]
    increase = np.diff(purchases.expected_purchases(new, new, new, ages).ravel(), prepend=0.0)
    expected = np.convolve(first, increase)[: len(days)]
    steps = len(days) // step_days
    by_step = [
        column[: steps * step_days].reshape(steps, step_days).sum(axis=1) for column in (expected, repeat)
    ]
    ends_on = days[step_days - 1 :: step_days][:steps]
    return pd.DataFrame(
        {
            "ends_on": ends_on,
            "expected": by_step[0],
            "actual": by_step[1],
            "expected_total": np.cumsum(by_step[0]),
            "actual_total": np.cumsum(by_step[1]),
        }
    )


def _by_day(daily: pd.DataFrame) -> tuple[pd.DatetimeIndex, np.ndarray, np.ndarray]:
    """Return every day from the first to the last, and the counts of each, 0 where the frame has no row."""
    require_columns(daily, COLUMNS, _WHAT)
    counts = {name: checked_counts(daily, _WHAT, name) for name in COLUMNS[1:]}
    frame = pd.DataFrame(counts, index=pd.to_datetime(daily["day"]))
    if not frame.index.is_unique:
        raise InvalidInputError(
            f"{_WHAT}: day is twice there in {int(frame.index.duplicated().sum())} row(s)"
        )
    if frame.empty:
        raise InvalidInputError(f"{_WHAT}: has no rows")
    whole = frame.sort_index().asfreq("D", fill_value=0.0)
    first, repeat = (whole[name].to_numpy(dtype=np.float64) for name in COLUMNS[1:])
    return pd.DatetimeIndex(whole.index), first, repeat
