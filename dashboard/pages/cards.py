"""The headline figures as cards: a number in words, its change, and its course over the months.

Stays out: what the figures are (`dashboard.queries.headline`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dashboard.formatting import (
    count,
    day_short,
    money,
    money_compact,
    month,
    rate,
    share,
    signed_points,
    signed_share,
)
from dashboard.i18n import gettext, ngettext
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
    return (*_base_cards(summary), *_risk_cards(summary), *_month_cards(summary))


def _base_cards(summary: Summary) -> tuple[Card, ...]:
    figures, about = summary.headline, summary.about
    new = figures.new_customers.value
    return (
        _card(
            summary,
            "customers",
            gettext("Customers"),
            count,
            ngettext(
                "%(count)s bought for the first time this month",
                "%(count)s bought for the first time this month",
                int(new or 0),
                count=count(new),
            ),
        ),
        _card(
            summary,
            "active_share",
            gettext("Active customers"),
            share,
            gettext(
                "%(count)s whose last purchase lies within the last %(days)s days",
                count=count(figures.active_customers.value),
                days=about.horizon_days,
            ),
        ),
        _card(
            summary,
            "expected_revenue_brl",
            gettext("Expected revenue"),
            money_compact,
            _expected_note(summary),
        ),
    )


def _expected_note(summary: Summary) -> str:
    """The horizon of the expected revenue, and its predictive interval where the newest month has one."""
    days, newest = summary.about.cltv_horizon_days, summary.months[-1]
    if newest.cltv_low is None or newest.cltv_high is None:
        return gettext("Discounted, from all customers over the %(days)s days after the snapshot", days=days)
    return gettext(
        "Discounted, from all customers over the %(days)s days after the snapshot; "
        "80%% interval %(low)s to %(high)s",
        days=days,
        low=money_compact(newest.cltv_low),
        high=money_compact(newest.cltv_high),
    )


def _risk_cards(summary: Summary) -> tuple[Card, ...]:
    notes = _risk_notes(summary)
    return (
        _card(summary, "customers_at_risk", gettext("Customers at risk"), count, notes[0], "down"),
        _card(summary, "value_at_risk_brl", gettext("Value at risk"), money_compact, notes[1], "down"),
    )


def _risk_notes(summary: Summary) -> tuple[str, str]:
    figures, about = summary.headline, summary.about
    if figures.customers_at_risk.value is None or not figures.customers.value:
        nobody = gettext("Nobody has a churn score yet")
        return nobody, nobody
    return (
        gettext(
            "%(share)s of all: unlikely to buy again within %(days)s days",
            share=share(figures.customers_at_risk.value / figures.customers.value),
            days=about.horizon_days,
        ),
        gettext(
            "What these customers spent so far; %(expected)s expected over %(days)s days",
            expected=money_compact(figures.expected_revenue_at_risk_brl.value),
            days=about.cltv_horizon_days,
        ),
    )


def _month_cards(summary: Summary) -> tuple[Card, ...]:
    figures, last = summary.headline, summary.about.observation_end
    purchases = figures.purchases.value
    return (
        _card(
            summary,
            "revenue_brl",
            gettext("Revenue in %(month)s", month=month(figures.snapshot_month)),
            money_compact,
            ngettext(
                "%(first)s to %(last)s, from %(count)s purchase",
                "%(first)s to %(last)s, from %(count)s purchases",
                int(purchases or 0),
                first=day_short(last.replace(day=1)),
                last=day_short(last),
                count=count(purchases),
            ),
        ),
        _card(
            summary,
            "repurchase_rate",
            gettext("Repurchase rate"),
            rate,
            gettext("Share of customers who bought on more than one day"),
        ),
    )


def _card(summary: Summary, name: str, label: str, form: _Format, note: str, good: str = "up") -> Card:
    figure: Figure = getattr(summary.headline, name)
    exact = money if form is money_compact else form
    course = sparkline([FIGURES[name](row) for row in summary.months])
    change = _change(figure, good, is_rate=form in (rate, share))
    return Card(name, label, form(figure.value), exact(figure.value), note, change, course, good == "down")


def _change(figure: Figure, good: str, is_rate: bool) -> Change | None:
    if figure.change is None or (not is_rate and figure.change_share is None):
        return None
    text = signed_points(figure.change) if is_rate else signed_share(figure.change_share)
    direction = _direction(figure.change if is_rate else figure.change_share, text)
    tone = "neutral" if direction == "flat" else "good" if direction == good else "bad"
    return Change(text, direction, tone)


def _direction(change: float | None, text: str) -> str:
    """Up or down as the text says it: flat where the change is too small to be seen in it."""
    if change is None or not any(digit in text for digit in "123456789"):
        return "flat"
    return "up" if change > 0 else "down"
