"""The charts of the pages as data: every text is made here, the browser only draws.

Stays out: drawing (`dashboard/static/js`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dashboard.formatting import count, money, month_short, share
from dashboard.queries.months import Month
from dashboard.queries.segments import Segment
from dashboard.terms import Term, dimension_label, term


@dataclass(frozen=True)
class Slice:
    """A part of a donut: a segment with its words, the token of its colour, its shape, count and share."""

    segment: str
    label: str
    token: str
    shape: str
    customers: int
    count: str
    share: str


@dataclass(frozen=True)
class Donut:
    """A donut of customers by segment, with the total in its centre."""

    kind: str
    name: str
    title: str
    question: str
    total: str
    slices: tuple[Slice, ...]


@dataclass(frozen=True)
class Series:
    """A course over the months: numbers for drawing, texts for reading; `form` is column or line."""

    name: str
    token: str
    form: str
    shape: str
    values: tuple[float | None, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Trend:
    """A chart over months; columns are stacked. `unit` is money or count."""

    kind: str
    name: str
    unit: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]


def donut(dimension: str, question: str, segments: Sequence[Segment]) -> Donut:
    """The donut of a dimension's segments; its total is the sum of its slices."""
    total = sum(row.customers for row in segments)
    slices = tuple(_slice(row, total) for row in segments)
    return Donut("donut", dimension, dimension_label(dimension), question, count(total), slices)


def cltv_chart(months: Sequence[Month], days: int) -> Trend:
    """Expected spend of the base by value tier beside what the month itself brought in."""
    return Trend(
        "trend",
        "cltv",
        "money",
        _categories(months),
        (
            _series(
                Term(f"High Value, expected over {days} days", "value-high"), "column", months, _high, money
            ),
            _series(
                Term(f"Low Value, expected over {days} days", "value-low"), "column", months, _low, money
            ),
            _series(
                Term("Actual revenue of the month", "actual"), "line", months, lambda m: m.revenue_brl, money
            ),
        ),
    )


def cltv_mean_chart(months: Sequence[Month], days: int) -> Trend:
    """Mean expected spend of a customer."""
    series = _series(
        Term(f"Mean per customer, {days} days", "value-high"), "line", months, lambda m: m.cltv_mean, money
    )
    return Trend("trend", "cltv-mean", "money", _categories(months), (series,))


def risk_chart(months: Sequence[Month]) -> Trend:
    """Customers by risk band; those without a score in grey."""
    bands: tuple[tuple[str, Callable[[Month], float | None]], ...] = (
        ("red", lambda m: m.risk.red),
        ("yellow", lambda m: m.risk.yellow),
        ("green", lambda m: m.risk.green),
        ("unknown", lambda m: m.risk.unknown),
    )
    series = tuple(
        _series(term("risk_band", band), "column", months, read, count)
        for band, read in bands
        if any(read(month) for month in months)
    )
    return Trend("trend", "risk", "count", _categories(months), series)


def _slice(row: Segment, total: int) -> Slice:
    words = term(row.dimension, row.segment)
    part = share(row.customers / total) if total else share(None)
    return Slice(
        row.segment, words.label, words.token, words.shape, row.customers, count(row.customers), part
    )


def _series(
    term: Term,
    form: str,
    months: Sequence[Month],
    read: Callable[[Month], float | None],
    text: Callable[[float | None], str],
) -> Series:
    values = tuple(read(month) for month in months)
    return Series(term.label, term.token, form, term.shape, values, tuple(text(value) for value in values))


def _categories(months: Sequence[Month]) -> tuple[str, ...]:
    return tuple(month_short(month.snapshot_month) for month in months)


def _high(month: Month) -> float | None:
    return month.cltv_high_value


def _low(month: Month) -> float | None:
    return month.cltv_low_value
