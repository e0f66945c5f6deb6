"""Scores of customers under a fitted lifetime-value model.

Stays out: tiers and segments, which are cut from these scores elsewhere.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ml.clv.formulas import expected_purchases, expected_spend, p_alive
from ml.clv.inputs import HISTORY, checked_history
from ml.clv.model import CltvModel
from ml.frames import refuse_rows, require_columns, to_floats

_STEP_DAYS = 30
_YEAR_DAYS = 365


def score(model: CltvModel, customers: pd.DataFrame) -> pd.DataFrame:
    """Score customers.

    Args:
        model: The fitted model.
        customers: frequency, recency, T (days) and monetary_value (mean of repeat purchases; not looked at
            where frequency is 0). Other columns are ignored.

    Returns:
        A frame on the index of `customers`: p_alive (1 for every customer without a repeat purchase, by
        construction of BG/NBD), expected_purchases_<h>d for each prediction horizon, expected_spend per
        purchase and cltv, both in the unit of monetary_value. All are finite and non-negative.

    Raises:
        InvalidInputError: A column is missing or a value breaks a rule; names the column and counts the rows.
    """
    frequency, recency, T = checked_history(customers, "customers")
    spend = expected_spend(model.gamma_gamma, frequency, _checked_monetary_value(customers, frequency))
    rows, inverse = _distinct(frequency, recency, T)
    edges, days = _edges(model)
    by_day = _expected_by_day(model, rows, days)
    scores = {"p_alive": p_alive(model.bgnbd, rows[:, 0], rows[:, 1], rows[:, 2])[inverse]}
    for horizon in model.prediction_horizons:
        scores[f"expected_purchases_{horizon}d"] = by_day[inverse, days.index(horizon)]
    discounted = _discounted(by_day[:, [days.index(edge) for edge in edges]], edges, model)
    return pd.DataFrame(
        {**scores, "expected_spend": spend, "cltv": discounted[inverse] * spend}, index=customers.index
    )


def _checked_monetary_value(customers: pd.DataFrame, frequency: np.ndarray) -> np.ndarray:
    require_columns(customers, ("monetary_value",), "customers")
    value = to_floats(customers, "monetary_value", "customers")
    bad = (frequency > 0) & ~(np.isfinite(value) & (value > 0))
    refuse_rows(
        bad, "customers", "monetary_value", "is missing or not positive in spite of a repeat purchase"
    )
    return value


def _distinct(frequency: np.ndarray, recency: np.ndarray, T: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct (frequency, recency, T), shape (m, 3), and each customer's row among them, (n,)."""
    frame = pd.DataFrame({"frequency": frequency, "recency": recency, "T": T})
    inverse = frame.groupby(list(HISTORY), sort=False).ngroup().to_numpy()
    return frame.drop_duplicates().to_numpy(), inverse


def _edges(model: CltvModel) -> tuple[list[int], list[int]]:
    """Return the ends of the steps of the CLTV horizon, and all days ahead that are needed, ascending."""
    horizon = model.cltv_horizon_days
    edges = [*range(_STEP_DAYS, horizon, _STEP_DAYS), horizon]
    return edges, sorted({*edges, *model.prediction_horizons})


def _expected_by_day(model: CltvModel, rows: np.ndarray, days: list[int]) -> np.ndarray:
    """Return expected purchases of distinct rows (m, 3) within each number of days ahead, shape (m, days)."""
    frequency, recency, T = (rows[:, [column]] for column in range(3))
    expected = expected_purchases(model.bgnbd, frequency, recency, T, np.array(days, dtype=np.float64))
    return np.maximum.accumulate(expected, axis=1)


def _discounted(by_edge: np.ndarray, edges: list[int], model: CltvModel) -> np.ndarray:
    """Return the discounted expected purchases of the CLTV horizon, shape (m,).

    Purchases of a step of at most 30 days are discounted from its middle, at (1 + annual rate)^(-days / 365);
    the last step is cut so that the sum is over exactly the horizon.
    """
    ends = np.array(edges, dtype=np.float64)
    starts = np.concatenate(([0.0], ends[:-1]))
    factor = (1 + model.annual_discount_rate) ** (-(starts + ends) / 2 / _YEAR_DAYS)
    return np.diff(by_edge, axis=1, prepend=0.0) @ factor
