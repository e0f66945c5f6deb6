"""The plan of a campaign in words: sentences, a table, and the curve as data.

Stays out: the arithmetic (`dashboard.planner`) and drawing (`static/js/actions.js`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from dashboard.formatting import count, money, money_compact, share
from dashboard.i18n import gettext, ngettext
from dashboard.links import CUSTOMERS, customers_link
from dashboard.planner import Assumptions, Outcome, Plan
from dashboard.terms import Term, term

_CENT = 100


@dataclass(frozen=True)
class PlanRow:
    """An action's part of the plan, or the whole; `link` and `export` are '' where nobody is contacted."""

    action: str
    term: Term
    customers: int
    outcome: Outcome
    link: str
    export: str


@dataclass(frozen=True)
class Point:
    """A point of the curve: customers contacted and net return, as numbers and as texts."""

    x: int
    y: float
    contacted: str
    cost: str
    extra: str
    net: str


@dataclass(frozen=True)
class Mark:
    """A point that the chart names."""

    x: int
    y: float
    label: str
    token: str


@dataclass(frozen=True)
class Curve:
    """Net return against customers contacted, with the names of what a point shows; the best cut-off's mark first."""

    kind: str
    name: str
    names: tuple[str, str, str, str]
    points: tuple[Point, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Assumed:
    """An assumption as it is shown beside the result."""

    label: str
    text: str


@dataclass(frozen=True)
class PlanView:
    """What the page shows of a plan."""

    headline: str
    explanation: str
    is_contacting: bool
    rows: tuple[PlanRow, ...]
    total: PlanRow
    assumed: tuple[Assumed, ...]
    curve: Curve


def plan_view(plan: Plan) -> PlanView:
    """The plan in words."""
    rows = tuple(
        _row(part.name, term("action", part.name), part.customers, part.outcome, plan) for part in plan.shares
    )
    names = [part.name for part in plan.shares]
    whole = _row(names, Term(gettext("Total"), "none"), plan.customers, plan.outcome, plan)
    return PlanView(
        headline=_headline(plan),
        explanation=_explanation(plan),
        is_contacting=plan.outcome.contacted > 0,
        rows=rows,
        total=whole,
        assumed=_assumed(plan.assumptions),
        curve=_curve(plan),
    )


def export_link(**filters: object) -> str:
    """The address of the file with the customers that `customers_link` leads to."""
    return customers_link(**filters).replace(CUSTOMERS, f"{CUSTOMERS}.csv", 1)


def _row(action: str | list[str], words: Term, customers: int, outcome: Outcome, plan: Plan) -> PlanRow:
    name = action if isinstance(action, str) else ""
    if not outcome.contacted or plan.cltv_min is None:
        return PlanRow(name, words, customers, outcome, "", "")
    filters = {"action": action, "cltv_min": f"{_cents_below(plan.cltv_min):.2f}"}
    return PlanRow(name, words, customers, outcome, customers_link(**filters), export_link(**filters))


def _cents_below(value: float) -> float:
    """Rounded down to centavos, so that the list loses nobody by the rounding."""
    return math.floor(value * _CENT) / _CENT


def _headline(plan: Plan) -> str:
    result = plan.outcome
    if not result.contacted:
        return gettext("No contact pays under these assumptions")
    return ngettext(
        "Contact %(count)s customer for an expected net return of %(net)s",
        "Contact %(count)s customers for an expected net return of %(net)s",
        result.contacted,
        count=count(result.contacted),
        net=money_compact(result.net_return_brl),
    )


def _explanation(plan: Plan) -> str:
    if plan.is_limited_by_budget:
        return _budget_explanation(plan)
    if plan.assumptions.break_even_brl == math.inf:
        return gettext("Without a response or a margin, a contact brings nothing.")
    if not plan.outcome.contacted:
        return gettext(
            "A contact would pay from an expected spend of %(from)s on; the most that anybody is expected to "
            "spend is about %(most)s.",
            **{"from": money(plan.assumptions.break_even_brl), "most": money(plan.cltv_max)},
        )
    if plan.outcome.contacted == plan.customers:
        return gettext(
            "A contact pays from an expected spend of %(from)s on, and everybody here is expected to spend that.",
            **{"from": money(plan.assumptions.break_even_brl)},
        )
    return gettext(
        "A contact pays from an expected spend of %(from)s on. Each customer below that would cost more than "
        "they are expected to bring.",
        **{"from": money(plan.assumptions.break_even_brl)},
    )


def _budget_explanation(plan: Plan) -> str:
    if plan.cltv_min is None:
        return gettext("The budget does not pay for a single contact.")
    return gettext(
        "The budget ends at an expected spend of %(end)s. Without a limit, contacting would pay down to %(from)s: "
        "%(count)s contacts for a net return of %(net)s.",
        **{
            "end": money(plan.cltv_min),
            "from": money(plan.assumptions.break_even_brl),
            "count": count(plan.best.contacted),
            "net": money_compact(plan.best.net_return_brl),
        },
    )


def _assumed(assumptions: Assumptions) -> tuple[Assumed, ...]:
    budget = assumptions.budget_brl
    return (
        Assumed(gettext("Cost of a contact"), money(assumptions.contact_cost_brl)),
        Assumed(gettext("Response"), _percent(assumptions.response)),
        Assumed(gettext("Margin"), _percent(assumptions.margin)),
        Assumed(gettext("Budget"), gettext("no limit") if budget is None else money(budget)),
    )


def _percent(fraction: float) -> str:
    """A percentage with as many decimals as it needs, up to two."""
    hundred = round(100 * fraction, 2)
    decimals = next(places for places in (0, 1, 2) if round(hundred, places) == hundred)
    return share(fraction, decimals)


def _curve(plan: Plan) -> Curve:
    marks = []
    if plan.best.contacted:
        marks.append(
            _mark(plan.best, gettext("Best cut-off: %(count)s", count=count(plan.best.contacted)), "good")
        )
    if plan.is_limited_by_budget:
        marks.append(
            _mark(plan.outcome, gettext("Budget: %(count)s", count=count(plan.outcome.contacted)), "warn")
        )
    return Curve(
        kind="curve",
        name="plan",
        names=(
            gettext("Customers contacted"),
            gettext("Cost of the contacts"),
            gettext("Expected extra revenue"),
            gettext("Expected net return"),
        ),
        points=tuple(_point(one) for one in plan.curve),
        marks=tuple(marks),
    )


def _mark(outcome: Outcome, label: str, token: str) -> Mark:
    return Mark(outcome.contacted, outcome.net_return_brl, label, token)


def _point(outcome: Outcome) -> Point:
    return Point(
        outcome.contacted,
        round(outcome.net_return_brl, 2),
        count(outcome.contacted),
        money(outcome.cost_brl),
        money(outcome.extra_revenue_brl),
        money(outcome.net_return_brl),
    )
