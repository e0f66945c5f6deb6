"""A customer's purchases by day and value as the places of a drawing, with the expected next one.

Stays out: drawing them (`templates/partials/profile/timeline.html`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta

from dashboard.formatting import count, day, day_short, money, month_short
from dashboard.i18n import gettext, ngettext
from dashboard.queries.profile import Profile

_LEFT, _WIDTH = 3.0, 94.0
_MOST_TICKS = 5
_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)
_LEAST_DAYS = 90


@dataclass(frozen=True)
class Point:
    """A place in the drawing: in percent of its width from the left and of its height from the top."""

    x: float
    y: float
    title: str


@dataclass(frozen=True)
class Tick:
    """A place on an axis, in percent across or down."""

    at: float
    label: str


@dataclass(frozen=True)
class Timeline:
    """The drawing: purchases, the expected next one, the end of the data, and two axes."""

    label: str
    points: tuple[Point, ...]
    expected: Point | None
    end: Tick
    days: tuple[Tick, ...]
    values: tuple[Tick, ...]


@dataclass(frozen=True)
class _Scale:
    """From days and reais to places."""

    first: date
    last: date
    top: float

    def x(self, at: date) -> float:
        return round(_LEFT + _WIDTH * (at - self.first).days / (self.last - self.first).days, 2)

    def y(self, value: float) -> float:
        return round(100 - 100 * value / self.top, 1)


def timeline(answer: Profile) -> Timeline | None:
    """The drawing of a customer's purchases; None where there is none."""
    if not answer.purchases:
        return None
    customer, end = answer.customer, answer.about.observation_end
    bought = [(purchase.purchased_at.date(), purchase.value_brl) for purchase in answer.purchases]
    expected = None
    if customer.expected_next_purchase_date is not None and customer.expected_spend is not None:
        expected = (customer.expected_next_purchase_date, customer.expected_spend)
    scale = _scale([*bought, *([expected] if expected else [])], end)
    return Timeline(
        label=_label(len(bought), min(at for at, _ in bought), max(at for at, _ in bought)),
        points=tuple(_point(scale, at, value) for at, value in bought),
        expected=_expected(scale, *expected) if expected else None,
        end=Tick(scale.x(end), gettext("Data up to %(day)s", day=day_short(end))),
        days=_day_ticks(scale),
        values=tuple(Tick(scale.y(part * scale.top), _whole(part * scale.top)) for part in (0, 0.5, 1)),
    )


def _scale(points: list[tuple[date, float]], end: date) -> _Scale:
    last = max(end, *(at for at, _ in points))
    first = min(last - timedelta(days=_LEAST_DAYS), *(at for at, _ in points))
    return _Scale(first, last, round_top(max(value for _, value in points)))


def round_top(value: float) -> float:
    """The smallest of 2, 4, 6, 8 or 10 times a power of ten that is not below `value`, for an axis with a middle."""
    unit = 10.0 ** math.floor(math.log10(value))
    return next((step * unit for step in (2, 4, 6, 8) if step * unit >= value), 10 * unit)


def _day_ticks(scale: _Scale) -> tuple[Tick, ...]:
    """First days of months, as far apart as needed for a few of them."""
    firsts = _month_starts(scale.first, scale.last)
    step = next((one for one in _STEPS if len(firsts) / one <= _MOST_TICKS), _STEPS[-1])
    chosen = [at for at in firsts if (at.year * 12 + at.month - 1) % step == 0]
    return tuple(Tick(scale.x(at), month_short(f"{at:%Y-%m}")) for at in chosen)


def _month_starts(first: date, last: date) -> list[date]:
    months = range(first.year * 12 + first.month, last.year * 12 + last.month)
    return [date(month // 12, month % 12 + 1, 1) for month in months]


def _point(scale: _Scale, at: date, value: float) -> Point:
    title = gettext("%(day)s: %(money)s", day=day(at), money=money(value))
    return Point(scale.x(at), scale.y(value), title)


def _expected(scale: _Scale, at: date, value: float) -> Point:
    title = gettext("Expected next purchase by %(day)s, about %(money)s", day=day(at), money=money(value))
    return Point(scale.x(at), scale.y(value), title)


def _whole(value: float) -> str:
    return f"R$\u00a0{count(value)}"


def _label(purchases: int, first: date, last: date) -> str:
    return ngettext(
        "%(purchases)s purchase by day and value, %(first)s to %(last)s; the numbers are in the table below",
        "%(purchases)s purchases by day and value, %(first)s to %(last)s; the numbers are in the table below",
        purchases,
        purchases=count(purchases),
        first=day_short(first),
        last=day_short(last),
    )
