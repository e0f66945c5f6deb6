"""Integrals of (c + y)^-m (d + y)^-n over an interval, row by row, by Gauss-Legendre.

Stays out: what they mean; Pareto/NBD's likelihood and predictions are made of them.

With u = log(min(c, d) + y) the integrand is smooth and log-concave on the scale of its logarithm, so few nodes
do. Where it falls by more than `_DROP` the interval is cut there first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_NODES = 24
_DROP = 40.0
_HALVINGS = 6
_CHUNK = 4096


@dataclass(frozen=True, eq=False)
class PowerIntegral:
    """The logarithm of the integral, and means over y with the integrand as the density; all of shape (n,).

    Attributes:
        log_value: Minus infinity where the interval is empty; the means are finite there too.
        log_c: Mean of log(c + y).
        log_d: Mean of log(d + y).
        inverse_c: Mean of 1 / (c + y).
        inverse_d: Mean of 1 / (d + y).
    """

    log_value: np.ndarray
    log_c: np.ndarray
    log_d: np.ndarray
    inverse_c: np.ndarray
    inverse_d: np.ndarray


def power_integral(
    c: float | np.ndarray,
    m: float | np.ndarray,
    d: float | np.ndarray,
    n: float | np.ndarray,
    low: float | np.ndarray,
    high: float | np.ndarray,
) -> PowerIntegral:
    """Integrate (c + y)^-m (d + y)^-n over y from low to high; c, d > 0 and 0 <= low <= high broadcast."""
    columns = np.broadcast_arrays(*(np.asarray(value, np.float64) for value in (c, m, d, n, low, high)))
    flat = [column.ravel() for column in columns]
    results = np.empty((5, len(flat[0])))
    for begin in range(0, len(flat[0]), _CHUNK):
        part = slice(begin, begin + _CHUNK)
        results[:, part] = _chunk(*(column[part] for column in flat))
    return PowerIntegral(*(row.reshape(columns[0].shape) for row in results))


def _chunk(
    c: np.ndarray, m: np.ndarray, d: np.ndarray, n: np.ndarray, low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, ...]:
    swap = d < c
    near, gap = np.minimum(c, d), np.abs(c - d)
    near_power, far_power = np.where(swap, n, m), np.where(swap, m, n)
    begin = np.log(near + low)
    end = _cut(begin, np.log(near + high), near_power, far_power, gap)
    nodes, weights = legendre()
    u = begin[:, None] + (end - begin)[:, None] * nodes
    e_u = np.exp(u)
    log_far = np.log(gap[:, None] + e_u)
    log_f = (1 - near_power)[:, None] * u - far_power[:, None] * log_far
    top = log_f.max(axis=1)
    density = np.exp(log_f - top[:, None]) * weights
    total = density.sum(axis=1)
    with np.errstate(divide="ignore"):
        log_value = top + np.log(total) + np.log(end - begin)
    means = [
        (density * values).sum(axis=1) / total for values in (u, log_far, 1 / e_u, 1 / (gap[:, None] + e_u))
    ]
    by_c = [np.where(swap, means[i + 1], means[i]) for i in (0, 2)]
    by_d = [np.where(swap, means[i], means[i + 1]) for i in (0, 2)]
    return log_value, by_c[0], by_d[0], by_c[1], by_d[1]


def _cut(
    begin: np.ndarray, end: np.ndarray, near_power: np.ndarray, far_power: np.ndarray, gap: np.ndarray
) -> np.ndarray:
    """Return where to stop: the end, or where the integrand has fallen by more than `_DROP` since the begin."""

    def log_f(u: np.ndarray, rows: np.ndarray) -> np.ndarray:
        return (1 - near_power[rows]) * u - far_power[rows] * np.log(gap[rows] + np.exp(u))

    everywhere = np.arange(len(begin))
    floor = log_f(begin, everywhere) - _DROP
    rows = np.flatnonzero(log_f(end, everywhere) < floor)
    inside, outside = begin[rows], end[rows]
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        fallen = log_f(middle, rows) < floor[rows]
        inside, outside = np.where(fallen, inside, middle), np.where(fallen, middle, outside)
    cut = end.copy()
    cut[rows] = outside
    return cut


def legendre(nodes: int = _NODES) -> tuple[np.ndarray, np.ndarray]:
    """Return the nodes and weights of Gauss-Legendre on (0, 1)."""
    places, weights = np.polynomial.legendre.leggauss(nodes)
    return (places + 1) / 2, weights / 2
