"""The headline figures as cards: a number in words, its change, and its course over the months.

Stays out: what the figures are (`dashboard.queries.headline`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dashboard.formatting import (
    NOT_ENOUGH_DATA,
    count,
    day,
    money,
    money_compact,
    month,
    share,
    signed_points,
    signed_share,
)
from dashboard.pages.sparkline import sparkline
from dashboard.queries.headline import FIGURES, Figure
from dashboard.queries.summary import Summary

_Format = Callable[[float | None], str]


@dataclass(frozen=True)
class Change:
    """A change since the month before: `direction` is up, down or flat; `tone` good, bad or neutral."""

    text: str
    direction: str
    tone: str


@dataclass(frozen=True)
class Card:
    """A headline figure. `exact` is the number in full; `course` an SVG path over the months, 100 by 28."""

    name: str
    label: str
    value: str
    exact: str
    note: str
    change: Change | None
    course: str
    is_risk: bool = False


def cards(summary: Summary) -> tuple[Card, ...]:
    """The cards of the overview, in reading order."""
    return (*_base_cards(summary), *_risk_cards(summary))


def _base_cards(summary: Summary) -> tuple[Card, ...]:
    figures, days = summary.headline, summary.about.cltv_horizon_days
    new = count(figures.new_customers.value)
    repurchase = summary.meanings.get("repurchase_rate")
    month_to = f"1 to {day(summary.about.as_of_date)}, from {count(figures.purchases.value)} purchases"
    return (
        _card(summary, "customers", "Customers", count, f"{new} bought for the first time this month", "up"),
        _card(
            summary,
            "expected_revenue_brl",
            f"Expected revenue, {days} days",
            money_compact,
            f"Discounted, from all customers over the {days} days after the snapshot",
            "up",
        ),
        _card(
            summary,
            "revenue_brl",
            f"Revenue in {month(figures.snapshot_month)}",
            money_compact,
            month_to,
            "up",
        ),
        _card(
            summary,
            "repurchase_rate",
            "Repurchase rate",
            _rate,
            repurchase.meaning if repurchase else "",
            "up",
        ),
    )


def _risk_cards(summary: Summary) -> tuple[Card, ...]:
    figures, days = summary.headline, summary.about.horizon_days
    expected = money_compact(figures.expected_revenue_at_risk_brl.value)
    return (
        _card(
            summary,
            "customers_at_risk",
            "Customers at risk",
            count,
            f"{_part(figures.customers_at_risk, figures.customers)} of all: "
            f"unlikely to buy again within {days} days",
            "down",
        ),
        _card(
            summary,
            "value_at_risk_brl",
            "Value at risk",
            money_compact,
            f"What they spent so far; {expected} expected over {summary.about.cltv_horizon_days} days",
            "down",
        ),
    )


def _card(summary: Summary, name: str, label: str, form: _Format, note: str, good: str) -> Card:
    figure: Figure = getattr(summary.headline, name)
    exact = money if form is money_compact else form
    course = sparkline([FIGURES[name](row) for row in summary.months])
    change = _change(figure, good, is_rate=form is _rate)
    return Card(name, label, form(figure.value), exact(figure.value), note, change, course, good == "down")


def _change(figure: Figure, good: str, is_rate: bool) -> Change | None:
    if figure.change is None:
        return None
    text = signed_points(figure.change) if is_rate else signed_share(figure.change_share)
    if text == NOT_ENOUGH_DATA:
        return None
    direction = "up" if text.startswith("+") else "down" if text.startswith("−") else "flat"
    tone = "neutral" if direction == "flat" else "good" if direction == good else "bad"
    return Change(text, direction, tone)


def _rate(value: float | None) -> str:
    return share(value, decimals=2)


def _part(part: Figure, whole: Figure) -> str:
    return share(part.value / whole.value) if part.value is not None and whole.value else NOT_ENOUGH_DATA
