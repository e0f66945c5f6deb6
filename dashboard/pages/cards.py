"""The headline figures as cards: a number in words, its change, and its course over the months.

Stays out: what the figures are (`dashboard.queries.headline`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dashboard.formatting import (
    MINUS,
    count,
    day,
    money,
    money_compact,
    month,
    not_enough_data,
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
    month_to = f"1 to {day(summary.about.observation_end)}, from {count(figures.purchases.value)} purchases"
    return (
        _card(summary, "customers", "Customers", count, f"{new} bought for the first time this month", "up"),
        _card(
            summary,
            "expected_revenue_brl",
            "Expected revenue",
            money_compact,
            f"Discounted, from all customers over the {days} days after the snapshot{_interval(summary)}",
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


def _interval(summary: Summary) -> str:
    """The predictive interval of the newest month, to stand at the end of a sentence; '' where there is none."""
    newest = summary.months[-1]
    if newest.cltv_low is None or newest.cltv_high is None:
        return ""
    return f"; 80 % interval {money_compact(newest.cltv_low)} to {money_compact(newest.cltv_high)}"


def _risk_cards(summary: Summary) -> tuple[Card, ...]:
    notes = _risk_notes(summary)
    return (
        _card(summary, "customers_at_risk", "Customers at risk", count, notes[0], "down"),
        _card(summary, "value_at_risk_brl", "Value at risk", money_compact, notes[1], "down"),
    )


def _risk_notes(summary: Summary) -> tuple[str, str]:
    figures, about = summary.headline, summary.about
    if figures.customers_at_risk.value is None or not figures.customers.value:
        return ("Nobody has a churn score yet", "Nobody has a churn score yet")
    part = share(figures.customers_at_risk.value / figures.customers.value)
    expected = money_compact(figures.expected_revenue_at_risk_brl.value)
    return (
        f"{part} of all: unlikely to buy again within {about.horizon_days} days",
        f"What these customers spent so far; {expected} expected over {about.cltv_horizon_days} days",
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
    if text == not_enough_data():
        return None
    direction = "up" if text.startswith("+") else "down" if text.startswith(MINUS) else "flat"
    tone = "neutral" if direction == "flat" else "good" if direction == good else "bad"
    return Change(text, direction, tone)


def _rate(value: float | None) -> str:
    return share(value, decimals=2)
