"""Shapley values by sampling, for models whose exact ones are out of reach.

Stays out: models; a prediction is any function of a matrix.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np

Prediction = Callable[[np.ndarray], np.ndarray]


def shapley_values(
    predict: Prediction, rows: np.ndarray, background: np.ndarray, orders: np.ndarray
) -> np.ndarray:
    """Return the Shapley values of predictions, shape (n, k) (Štrumbelj & Kononenko 2014, algorithm 1).

    Each background row is turned into each customer feature by feature, in its orders; what a step changes
    is credited to its feature. All customers share the steps, so the values of a customer sum exactly to
    their prediction less the mean prediction of the background.

    Args:
        predict: Maps a matrix (m, k) to predictions (m,).
        rows: The customers, shape (n, k).
        background: The rows they are compared with, shape (b, k).
        orders: For each background row the orders in which features are taken, shape (b, o, k).
    """
    distinct, inverse = np.unique(rows, axis=0, return_inverse=True)
    values = np.zeros(distinct.shape)
    for row, row_orders in zip(background, orders, strict=True):
        for order in row_orders:
            _walk(predict, distinct, row, order, values)
    steps = orders.shape[0] * orders.shape[1]
    return values[inverse.reshape(-1)] / steps


def _walk(
    predict: Prediction, rows: np.ndarray, start: np.ndarray, order: np.ndarray, values: np.ndarray
) -> None:
    """Turn `start` into each row along one order; add the changes of the prediction to `values`."""
    mixed = np.tile(start, (len(rows), 1))
    before = np.repeat(predict(start[None, :]), len(rows))
    for feature in order:
        different = np.flatnonzero(mixed[:, feature] != rows[:, feature])
        if not different.size:
            continue
        mixed[different, feature] = rows[different, feature]
        after = predict(mixed[different])
        values[different, feature] += after - before[different]
        before[different] = after


def feature_orders(features: int, backgrounds: int, seed: int) -> np.ndarray:
    """Return the orders for `shapley_values`, shape (backgrounds, o, features).

    All orders where they are few (up to 6). Else one for each background row; every second one is the reverse
    of the one before, which cancels much of the noise (antithetic sampling; Mitchell et al. 2022).
    """
    if math.factorial(features) <= math.factorial(3):
        every = np.array(list(itertools.permutations(range(features))))
        return np.broadcast_to(every, (backgrounds, *every.shape))
    rng = np.random.default_rng(seed)
    drawn = [rng.permutation(features) for _ in range(-(-backgrounds // 2))]
    paired = [order for one in drawn for order in (one, one[::-1])]
    return np.array(paired[:backgrounds])[:, None, :]


def spread_rows(predictions: np.ndarray, count: int) -> np.ndarray:
    """Return the places of `count` rows spread evenly over the ranks of their predictions, shape (count,)."""
    ranked = np.argsort(predictions, kind="stable")
    return ranked[((np.arange(count) + 0.5) / count * len(ranked)).astype(np.int64)]
