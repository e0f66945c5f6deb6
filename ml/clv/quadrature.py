"""Integrals of (c + y)^-m (d + y)^-n over an interval, row by row, by Gauss-Legendre.

Stays out: what they mean; Pareto/NBD's likelihood and predictions are made of them.

With u = log(min(c, d) + y) the integrand is smooth and log-concave on the scale of its logarithm, so few nodes
do. Where it falls by more than `_DROP` the interval is cut there first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

_NODES = 16
_DROP = 34.0
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


Number = float | np.ndarray


def power_integral(c: Number, m: Number, d: Number, n: Number, low: Number, high: Number) -> PowerIntegral:
    """Integrate (c + y)^-m (d + y)^-n over y from low to high; c, d > 0 and 0 <= low <= high broadcast."""
    return PowerIntegral(*by_chunks(_with_means, 5, (c, m, d, n, low, high)))


def log_power_integral(c: Number, m: Number, d: Number, n: Number, low: Number, high: Number) -> np.ndarray:
    """Return the logarithm of `power_integral` alone, at half its cost."""
    (log_value,) = by_chunks(_without_means, 1, (c, m, d, n, low, high))
    return log_value


def by_chunks(
    integrate: Callable[..., tuple[np.ndarray, ...]], results: int, arguments: tuple[Number, ...]
) -> list[np.ndarray]:
    """Apply a function of rows, one array for each argument, in chunks that stay in the processor's cache."""
    columns = np.broadcast_arrays(*(np.asarray(value, np.float64) for value in arguments))
    flat = [column.ravel() for column in columns]
    found = np.empty((results, len(flat[0])))
    for begin in range(0, len(flat[0]), _CHUNK):
        part = slice(begin, begin + _CHUNK)
        found[:, part] = integrate(*(column[part] for column in flat))
    return [row.reshape(columns[0].shape) for row in found]


def _without_means(*columns: np.ndarray) -> tuple[np.ndarray, ...]:
    return (_nodes(*columns).log_value(),)


def _with_means(*columns: np.ndarray) -> tuple[np.ndarray, ...]:
    c, _, d, *_ = columns
    nodes, swap = _nodes(*columns), d < c
    logs = nodes.mean(nodes.u), nodes.mean(nodes.log_far)
    inverses = nodes.mean(np.exp(-nodes.u)), nodes.mean(np.exp(-nodes.log_far))
    return (
        nodes.log_value(),
        np.where(swap, logs[1], logs[0]),
        np.where(swap, logs[0], logs[1]),
        np.where(swap, inverses[1], inverses[0]),
        np.where(swap, inverses[0], inverses[1]),
    )


@dataclass(frozen=True, eq=False)
class _Nodes:
    """The integrand at the nodes: u and log(far + y), shape (n, nodes), its weighted values and their sum."""

    u: np.ndarray
    log_far: np.ndarray
    density: np.ndarray
    total: np.ndarray
    log_scale: np.ndarray

    def log_value(self) -> np.ndarray:
        return self.log_scale + np.log(self.total)

    def mean(self, values: np.ndarray) -> np.ndarray:
        return np.einsum("ij,ij->i", self.density, values) / self.total


def _nodes(
    c: np.ndarray, m: np.ndarray, d: np.ndarray, n: np.ndarray, low: np.ndarray, high: np.ndarray
) -> _Nodes:
    swap = d < c
    near, gap = np.minimum(c, d), np.abs(c - d)
    near_power, far_power = np.where(swap, n, m), np.where(swap, m, n)
    begin = np.log(near + low)
    end = _cut(begin, np.log(near + high), near_power, far_power, gap)
    places, weights = legendre(_NODES)
    u = begin[:, None] + (end - begin)[:, None] * places
    log_far = np.log(gap[:, None] + np.exp(u))
    log_f = (1 - near_power)[:, None] * u - far_power[:, None] * log_far
    top = log_f.max(axis=1)
    density = np.exp(log_f - top[:, None]) * weights
    total = np.einsum("ij->i", density)
    with np.errstate(divide="ignore"):
        return _Nodes(u, log_far, density, total, top + np.log(end - begin))


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


@lru_cache
def legendre(nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the nodes and weights of Gauss-Legendre on (0, 1)."""
    places, weights = np.polynomial.legendre.leggauss(nodes)
    return (places + 1) / 2, weights / 2
