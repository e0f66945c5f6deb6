"""The arithmetic of a contact campaign: whom to contact, at what cost, for what expected return.

Stays out: where the customers' expected spend comes from (`dashboard.queries.actions`) and all words.

A contact costs c and raises what a customer will spend by the share r, of which the shop keeps the share m. Contacting
a customer with the expected spend v gains r·m·v − c, so customers are contacted in falling order of v, and contacting
pays down to v = c / (r·m). Of the customers only hundredths are known (`Step`): inside one, spend is interpolated
linearly around the hundredth's mean, so that every hundredth keeps its customers, its sum and its bounds.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_POINTS = 100
_NARROW = 1e-9


@dataclass(frozen=True)
class Step:
    """Neighbours by falling expected spend: how many, the smallest spend, and the sum (reais)."""

    customers: int
    cltv_min: float
    cltv_total: float


@dataclass(frozen=True)
class Assumptions:
    """What is assumed of a campaign: reais per contact, fractions for response and margin, reais or no limit."""

    contact_cost_brl: float
    response: float
    margin: float
    budget_brl: float | None = None

    @property
    def break_even_brl(self) -> float:
        """The expected spend from which on a contact pays; infinite where no contact can."""
        kept = self.response * self.margin
        return self.contact_cost_brl / kept if kept > 0 else math.inf

    @property
    def affordable(self) -> float:
        """How many contacts the budget pays for; infinite without a budget or a cost."""
        if self.budget_brl is None or self.contact_cost_brl == 0:
            return math.inf
        contacts = self.budget_brl / self.contact_cost_brl * (1 + _NARROW)
        return math.floor(contacts) if contacts < math.inf else contacts


@dataclass(frozen=True)
class Outcome:
    """Contacting the first `contacted` customers: their expected spend and what comes of it (reais).

    `net_return_half` and `net_return_double` are the net return of the same contacts at half and double the response.
    """

    contacted: int
    cltv_total: float
    cost_brl: float
    extra_revenue_brl: float
    net_return_brl: float
    net_return_half_brl: float
    net_return_double_brl: float


@dataclass(frozen=True)
class Share:
    """One group's part of a plan, out of `customers`."""

    name: str
    customers: int
    outcome: Outcome


@dataclass(frozen=True)
class Plan:
    """The best plan under the assumptions.

    `cltv_min` is the expected spend down to which customers are contacted, None where nobody is; `customers` are
    those with an expected spend. `best` is the cut-off without a budget. `curve` runs over the number of contacts,
    as far as everybody or a loss as large as the best return.
    """

    assumptions: Assumptions
    customers: int
    cltv_max: float
    cltv_min: float | None
    is_limited_by_budget: bool
    outcome: Outcome
    best: Outcome
    shares: tuple[Share, ...]
    curve: tuple[Outcome, ...]


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


def outcome(contacted: int, cltv_total: float, assumptions: Assumptions) -> Outcome:
    """What contacting customers with this expected spend brings."""
    cost = contacted * assumptions.contact_cost_brl
    extra = assumptions.response * cltv_total
    kept = assumptions.margin * extra
    return Outcome(contacted, cltv_total, cost, extra, kept - cost, kept / 2 - cost, 2 * kept - cost)


def plan(groups: Mapping[str, Sequence[Step]], assumptions: Assumptions) -> Plan | None:
    """The plan with the highest expected net return for the groups together; None where nobody has a score.

    The steps of each group come by falling expected spend.
    """
    ranking = Ranking(list(groups.values()))
    if not ranking.customers:
        return None
    pays_from = assumptions.break_even_brl
    worth = round(ranking.count(pays_from)) if pays_from < math.inf else 0
    contacted = int(min(worth, assumptions.affordable))
    threshold = ranking.threshold(contacted) if contacted < worth else pays_from
    shares = _shares(groups, contacted, threshold, assumptions)
    planned = outcome(contacted, math.fsum(part.outcome.cltv_total for part in shares), assumptions)
    return Plan(
        assumptions=assumptions,
        customers=ranking.customers,
        cltv_max=ranking.cltv_max,
        cltv_min=threshold if contacted else None,
        is_limited_by_budget=contacted < worth,
        outcome=planned,
        best=_reached(ranking, worth, assumptions) if contacted < worth else planned,
        shares=shares,
        curve=_curve(ranking, {contacted, worth}, assumptions),
    )


def _reached(ranking: Ranking, contacted: int, assumptions: Assumptions) -> Outcome:
    return outcome(contacted, ranking.total(contacted), assumptions)


def _curve(ranking: Ranking, marked: set[int], assumptions: Assumptions) -> tuple[Outcome, ...]:
    """Evenly spaced outcomes and those of the marked counts."""
    best = _reached(ranking, max(marked), assumptions).net_return_brl
    whole = [_reached(ranking, count, assumptions) for count in _even(ranking.customers)]
    too_low = (one.contacted for one in whole if best > 0 and one.net_return_brl < -best)
    reach = next(too_low, ranking.customers)
    counts = sorted({*_even(reach), *marked})
    return tuple(_reached(ranking, count, assumptions) for count in counts)


def _even(reach: int) -> list[int]:
    return sorted({round(reach * i / _POINTS) for i in range(_POINTS + 1)})


def _shares(
    groups: Mapping[str, Sequence[Step]], contacted: int, threshold: float, assumptions: Assumptions
) -> tuple[Share, ...]:
    """The plan by group."""
    rankings = {name: Ranking([steps]) for name, steps in groups.items()}
    counts = _whole(_wanted(rankings, contacted, threshold), contacted)
    return tuple(
        Share(name, ranking.customers, _reached(ranking, counts[name], assumptions))
        for name, ranking in rankings.items()
    )


def _wanted(rankings: dict[str, Ranking], contacted: int, threshold: float) -> dict[str, float]:
    """By group: those above the threshold, and of those who lie at it as many as there is room for."""
    if not contacted:
        return dict.fromkeys(rankings, 0.0)
    above = {name: one.count(threshold, is_above=True) for name, one in rankings.items()}
    tied = {name: one.count(threshold) - above[name] for name, one in rankings.items()}
    ties = sum(tied.values())
    part = min(max((contacted - sum(above.values())) / ties, 0.0), 1.0) if ties > _NARROW else 0.0
    return {name: above[name] + part * tied[name] for name in rankings}


def _whole(wanted: dict[str, float], total: int) -> dict[str, int]:
    """Whole numbers that add up to `total`, by the largest remainders."""
    counts = {name: math.floor(value + _NARROW) for name, value in wanted.items()}
    by_remainder = sorted(wanted, key=lambda name: counts[name] - wanted[name])
    for name in by_remainder[: max(total - sum(counts.values()), 0)]:
        counts[name] += 1
    return counts
