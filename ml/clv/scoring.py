"""Scores of customers under a fitted lifetime-value model.

Stays out: tiers and segments, which are cut from these scores elsewhere, and totals of groups (`forecast`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ml.clv.family import PurchaseModel
from ml.clv.gammagamma import GammaGamma
from ml.clv.history import Rows, distinct_histories, distinct_rows
from ml.clv.inputs import checked_history, checked_monetary_value
from ml.clv.model import CltvModel
from ml.clv.uncertainty import draw_models

_STEP_DAYS = 30
_YEAR_DAYS = 365
_INTERVAL = (10.0, 90.0)
_LIKELY_GONE = 0.5
_CHUNK = 4096


def score(model: CltvModel, customers: pd.DataFrame) -> pd.DataFrame:
    """Score customers.

    Args:
        model: The fitted model.
        customers: frequency, recency, T (days) and monetary_value (mean of repeat purchases; not looked at
            where frequency is 0). Other columns are ignored.

    Returns:
        A frame on the index of `customers`: p_alive; p_purchase, the probability of a purchase within
        `horizon_days`; expected_purchases_<h>d for each prediction horizon; expected_spend per purchase; cltv,
        the discounted expected spend within `cltv_horizon_days`, with the 80 % interval cltv_low to cltv_high
        of that expectation under the uncertainty of the parameters; and days_to_next_purchase, the median wait
        given that the customer is still active (NaN = not enough data). Spend is in the unit of monetary_value.
        All but days_to_next_purchase are finite, and all are non-negative; low <= cltv <= high.

    Raises:
        InvalidInputError: A column is missing or a value breaks a rule; names the column and counts the rows.
    """
    frequency, recency, T = checked_history(customers, "customers")
    m = checked_monetary_value(customers, frequency, "customers")
    purchases = model.purchases
    history, place = distinct_histories(frequency, recency, T, np.ones_like(T))
    rows = history.rows
    edges, days = _edges(model)
    by_day = _expected_by_day(purchases, rows, days)
    alive = purchases.p_alive(*rows)
    scores = {"p_alive": alive, "p_purchase": purchases.p_purchase_within(*rows, model.horizon_days)}
    for horizon in model.prediction_horizons:
        scores[f"expected_purchases_{horizon}d"] = by_day[:, days.index(horizon)]
    scores = {name: values[place] for name, values in scores.items()}
    spend = model.gamma_gamma.expected_spend(frequency, m)
    discounted = _discounted(by_day[:, [days.index(edge) for edge in edges]], edges, model)
    cltv = discounted[place] * spend
    low, high = _interval(model, rows, place, discounted, by_day[:, days.index(edges[-1])], m, cltv)
    wait = _median_wait(model, rows[0], rows[2], alive)[place]
    return pd.DataFrame(
        {
            **scores,
            "expected_spend": spend,
            "cltv": cltv,
            "cltv_low": low,
            "cltv_high": high,
            "days_to_next_purchase": wait,
        },
        index=customers.index,
    )


def _edges(model: CltvModel) -> tuple[list[int], list[int]]:
    """Return the ends of the steps of the CLTV horizon, and all days ahead that are needed, ascending."""
    horizon = model.cltv_horizon_days
    edges = [*range(_STEP_DAYS, horizon, _STEP_DAYS), horizon]
    return edges, sorted({*edges, *model.prediction_horizons})


def _expected_by_day(purchases: PurchaseModel, rows: Rows, days: list[int]) -> np.ndarray:
    """Return expected purchases of distinct rows, (m,) each, within each number of days, shape (m, days)."""
    x, t_x, T = (row[:, np.newaxis] for row in rows)
    expected = purchases.expected_purchases(x, t_x, T, np.array(days, dtype=np.float64))
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


def _interval(
    model: CltvModel,
    rows: Rows,
    place: np.ndarray,
    discounted: np.ndarray,
    expected: np.ndarray,
    m: np.ndarray,
    cltv: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of the interval of `cltv`, each of shape (n,).

    Each draw of the parameters is evaluated on the distinct customers, chunk by chunk. What a discount takes off
    hardly depends on the parameters, so it is taken over from the point estimate. The interval is widened to hold
    `cltv` itself, which a skewed distribution could leave out.

    Args:
        model: The model.
        rows: Distinct frequency, recency and T, shape (m,) each.
        place: Each customer's row among them, shape (n,).
        discounted: Discounted expected purchases of the rows, shape (m,).
        expected: The same without a discount, shape (m,).
        m: The customers' mean repeat spend, shape (n,).
        cltv: The customers' value, shape (n,).
    """
    kept = np.divide(discounted, expected, out=np.ones_like(expected), where=expected > 0)
    (row, spent), who = distinct_rows(place, m)
    frequency = rows[0][row]
    purchases, spends = _drawn(model)
    counts = np.array([kept * one.expected_purchases(*rows, model.cltv_horizon_days) for one in purchases])
    ends = np.empty((2, len(row)))
    for begin in range(0, len(row), _CHUNK):
        part = slice(begin, begin + _CHUNK)
        each = np.array([spend.expected_spend(frequency[part], spent[part]) for spend in spends])
        ends[:, part] = np.percentile(counts[:, row[part]] * each, _INTERVAL, axis=0)
    low, high = ends[:, who]
    return np.minimum(low, cltv), np.maximum(high, cltv)


def _drawn(model: CltvModel) -> tuple[list[PurchaseModel], list[GammaGamma]]:
    """Return drawn purchase models and spend models, `interval_draws` each."""
    rng = np.random.default_rng(model.seed)
    return (
        draw_models(model.purchases, model.purchases_covariance, model.interval_draws, rng),
        draw_models(model.gamma_gamma, model.gamma_gamma_covariance, model.interval_draws, rng),
    )


def _median_wait(model: CltvModel, frequency: np.ndarray, T: np.ndarray, alive: np.ndarray) -> np.ndarray:
    """Return the median of the Lomax wait of an active customer, shape (m,); NaN where it says too little.

    It says too little without a repeat purchase, where the customer has more likely gone than not, and where
    the median lies beyond the CLTV horizon.
    """
    wait = model.purchases.first_at(frequency, T, np.full_like(T, 0.5))
    told = (frequency > 0) & (alive >= _LIKELY_GONE) & (wait <= model.cltv_horizon_days)
    return np.where(told, wait, np.nan)
