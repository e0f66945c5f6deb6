"""Customers by falling expected spend, known by hundredths alone: how many reach a spend, and what the first add up to.

Stays out: what contacting them brings (`dashboard.planner`).

Inside a hundredth (`Step`) spend is interpolated linearly: its customers lie evenly around their mean, as far as the
smallest spend of this hundredth and of the one before allow. So every hundredth keeps its customers, its sum and its
bounds, and where a hundredth is a single customer everything is exact.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

_NARROW = 1e-9


@dataclass(frozen=True)
class Step:
    """Neighbours by falling expected spend: how many, the smallest spend, and the sum (reais)."""

    customers: int
    cltv_min: float
    cltv_total: float


@dataclass(frozen=True)
class _Band:
    """Customers spread evenly between two expected spends."""

    customers: int
    low: float
    high: float

    def reached(self, threshold: float, is_above: bool = False) -> float:
        """How many lie at or above a threshold, or strictly above it."""
        if self.low == self.high:
            return self.customers if (self.low > threshold if is_above else self.low >= threshold) else 0
        part = (self.high - threshold) / (self.high - self.low)
        return self.customers * min(max(part, 0.0), 1.0)


class Ranking:
    """Customers by falling expected spend, from the hundredths of one or several groups."""

    def __init__(self, groups: Sequence[Sequence[Step]]) -> None:
        self._bands = [band for steps in groups for band in _bands(steps)]
        self.customers = sum(band.customers for band in self._bands)
        marks = _swept(self._bands)
        self._thresholds = [mark[0] for mark in marks]
        self._counts = [mark[1] for mark in marks]
        self._totals = [mark[2] for mark in marks]

    @property
    def cltv_max(self) -> float:
        """The largest expected spend; 0 without customers."""
        return self._thresholds[0] if self._thresholds else 0.0

    def count(self, threshold: float, is_above: bool = False) -> float:
        """How many customers are expected to spend at least `threshold`, or strictly more."""
        return sum(band.reached(threshold, is_above) for band in self._bands)

    def threshold(self, contacted: float) -> float:
        """What the last of the first `contacted` customers is expected to spend; at least one is."""
        at = min(bisect_left(self._counts, contacted), len(self._counts) - 1)
        if at == 0 or self._counts[at] == self._counts[at - 1]:
            return self._thresholds[at]
        part = min((contacted - self._counts[at - 1]) / (self._counts[at] - self._counts[at - 1]), 1.0)
        return self._thresholds[at - 1] + part * (self._thresholds[at] - self._thresholds[at - 1])

    def total(self, contacted: float) -> float:
        """What the first `contacted` customers are expected to spend together."""
        if contacted <= 0 or not self._counts:
            return 0.0
        at = max(bisect_right(self._counts, contacted) - 1, 0)
        further = contacted - self._counts[at]
        return self._totals[at] + further * (self._thresholds[at] + self.threshold(contacted)) / 2


def _swept(bands: Sequence[_Band]) -> list[tuple[float, float, float]]:
    """Every spend at which a band begins or ends, falling, with the customers and their sum down to it.

    Where customers share one spend it stands twice: before them and after them.
    """
    single, change = _edges(bands)
    edges = sorted(single.keys() | change.keys(), reverse=True)
    marks: list[tuple[float, float, float]] = []
    density = count = total = 0.0
    last = edges[0] if edges else 0.0
    for edge in edges:
        passed = density * (last - edge)
        count, total = count + passed, total + passed * (last + edge) / 2
        marks.append((edge, count, total))
        if edge in single:
            count, total = count + single[edge], total + single[edge] * edge
            marks.append((edge, count, total))
        density += change.get(edge, 0.0)
        last = edge
    return marks


def _edges(bands: Sequence[_Band]) -> tuple[dict[float, int], dict[float, float]]:
    """The customers who share one spend, and by how much the customers per real change on the way down."""
    single: dict[float, int] = {}
    change: dict[float, float] = {}
    for band in bands:
        if band.low == band.high:
            single[band.low] = single.get(band.low, 0) + band.customers
            continue
        density = band.customers / (band.high - band.low)
        change[band.high] = change.get(band.high, 0.0) + density
        change[band.low] = change.get(band.low, 0.0) - density
    return single, change


def _bands(steps: Sequence[Step]) -> list[_Band]:
    """Each step spread around its mean, as far as its smallest spend and the smallest of the step before allow."""
    bands = []
    upper = math.inf
    for step in steps:
        mean = step.cltv_total / step.customers
        width = min(mean - step.cltv_min, upper - mean)
        is_spread = width > _NARROW * max(abs(mean), 1.0)
        width = width if is_spread else 0.0
        bands.append(_Band(step.customers, mean - width, mean + width))
        upper = step.cltv_min
    return bands
