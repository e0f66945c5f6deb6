"""The arithmetic of a contact campaign: whom to contact, at what cost, for what expected return.

Stays out: customers by their expected spend (`dashboard.ranking`) and all words.

A contact costs c and raises what a customer will spend by the share r, of which the shop keeps the share m. Contacting
a customer with the expected spend v gains r·m·v − c, so customers are contacted in falling order of v, and contacting
pays down to v = c / (r·m). How many customers that is, and what they spend, says `dashboard.ranking`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard.ranking import Ranking, Step

_POINTS = 100
_NARROW = 1e-9


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
