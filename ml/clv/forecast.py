"""What groups of customers will spend within the CLTV horizon, with the interval of the sum that will be seen.

Stays out: single customers (`scoring`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ml.clv.history import distinct_histories
from ml.clv.inputs import checked_history, checked_monetary_value
from ml.clv.model import CltvModel
from ml.clv.scoring import score
from ml.clv.uncertainty import draw_models
from ml.errors import InvalidInputError

_YEAR_DAYS = 365
_INTERVAL = (10.0, 90.0)


def forecast(model: CltvModel, customers: pd.DataFrame, segments: pd.DataFrame) -> pd.DataFrame:
    """Forecast the discounted spend of every segment within the CLTV horizon.

    Args:
        model: The fitted model.
        customers: frequency, recency, T and monetary_value, as in `scoring.score`.
        segments: On the index of `customers`, one column for each dimension; a missing value belongs to no
            segment of that dimension.

    Returns:
        One row per dimension and segment, in that order: dimension, segment, customers, cltv_total (the sum of
        cltv) and the 80 % predictive interval cltv_low to cltv_high of the spend that will be seen. It holds the
        uncertainty of parameters and the chance of who is still a customer, who buys how often and what they
        spend, so it is wider than the sum of single customers' intervals where these are of expectations.

    Raises:
        InvalidInputError: A frame breaks a rule, or the indexes differ.
    """
    if not segments.index.equals(customers.index):
        raise InvalidInputError("segments: the index is not that of customers")
    places, labels = _places(segments)
    cltv = score(model, customers)["cltv"].to_numpy()
    drawn = _drawn_totals(model, customers, places, len(labels))
    low, high = np.percentile(drawn, _INTERVAL, axis=0) if len(labels) else (np.empty(0), np.empty(0))
    counted = [_by_segment(places, weights, len(labels)) for weights in (None, cltv)]
    return labels.assign(
        customers=counted[0].astype(np.int64), cltv_total=counted[1], cltv_low=low, cltv_high=high
    )


def _places(segments: pd.DataFrame) -> tuple[np.ndarray, pd.DataFrame]:
    """Return each customer's segment in each dimension, (dimensions, n), -1 for none, and all segments' names."""
    columns, labels, first = [], [], 0
    for dimension in segments.columns:
        codes, names = pd.factorize(segments[dimension], sort=True)
        columns.append(np.where(codes >= 0, codes + first, -1))
        labels.append(pd.DataFrame({"dimension": dimension, "segment": list(names)}))
        first += len(names)
    empty = pd.DataFrame({"dimension": [], "segment": []}, dtype=object)
    places = np.array(columns, dtype=np.int64).reshape(len(columns), len(segments))
    return places, pd.concat(labels, ignore_index=True) if labels else empty


def _by_segment(places: np.ndarray, weights: np.ndarray | None, size: int) -> np.ndarray:
    """Return the sum of weights (n,), or the count, of each segment, shape (segments,)."""
    total = np.zeros(size)
    for column in places:
        inside = column >= 0
        total += np.bincount(column[inside], None if weights is None else weights[inside], minlength=size)
    return total


def _drawn_totals(model: CltvModel, customers: pd.DataFrame, places: np.ndarray, size: int) -> np.ndarray:
    """Return drawn discounted totals of the segments, shape (draws, segments).

    A draw takes parameters, then for every customer whether they are still one, and the days and values of
    their purchases. Only customers who buy are drawn one by one.
    """
    frequency, recency, T = checked_history(customers, "customers")
    m = checked_monetary_value(customers, frequency, "customers")
    history, place = distinct_histories(frequency, recency, T, np.ones_like(T))
    rng = np.random.default_rng(model.seed)
    purchases = draw_models(model.purchases, model.purchases_covariance, model.interval_draws, rng)
    spends = draw_models(model.gamma_gamma, model.gamma_gamma_covariance, model.interval_draws, rng)
    once, horizon = np.ones(len(T)), model.cltv_horizon_days
    totals = np.empty((model.interval_draws, size))
    for total, purchase, spend in zip(totals, purchases, spends, strict=True):
        alive = purchase.p_alive(*history.rows)[place]
        buyers, customer, days = purchase.draw_purchases(rng, frequency, T, alive, once, horizon)
        scale = spend.draw_scale(rng, frequency[buyers], m[buyers])
        worth = rng.gamma(spend.p, size=len(days)) / scale[customer]
        worth *= (1 + model.annual_discount_rate) ** (-days / _YEAR_DAYS)
        by_buyer = np.bincount(customer, worth, minlength=len(buyers))
        total[:] = _by_segment(places[:, buyers], by_buyer, size)
    return totals
