"""The charts of the pages as data: every text is made here, the browser only draws.

Stays out: drawing (`dashboard/static/js`) and the curves of the models (`dashboard.pages.curves`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dashboard.formatting import count, money, month_short, not_enough_data, share
from dashboard.i18n import gettext
from dashboard.links import customers_link
from dashboard.queries.months import Month
from dashboard.queries.segments import Segment
from dashboard.terms import Term, dimension_label, term

COLUMN, LINE, BAND, TEXT = "column", "line", "band", "text"
_Read = Callable[[Month], float | None]
_Text = Callable[[float | None], str]


@dataclass(frozen=True)
class Slice:
    """A part of a donut: a segment with its words, colour, shape, count and share, and its customers' address."""

    segment: str
    label: str
    token: str
    shape: str
    customers: int
    count: str
    share: str
    tip: str
    link: str


@dataclass(frozen=True)
class Donut:
    """A donut of customers by segment, with the total in its centre."""

    kind: str
    name: str
    title: str
    question: str
    total: str
    total_label: str
    slices: tuple[Slice, ...]


@dataclass(frozen=True)
class Series:
    """A course over the months: numbers for drawing, texts for reading.

    `form` is column, line, band (from `values` up to `tops`) or text, which is read and not drawn.
    """

    label: str
    token: str
    form: str
    shape: str
    values: tuple[float | None, ...]
    texts: tuple[str, ...]
    tops: tuple[float | None, ...] = ()


@dataclass(frozen=True)
class Trend:
    """A chart over months. `unit` is money, count or share; columns are stacked or stand side by side."""

    kind: str
    name: str
    unit: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    is_stacked: bool = True

    @property
    def is_drawn(self) -> bool:
        """Whether there is something to see: a column, or a line of two points and more."""
        return any(
            len(known) > (0 if series.form == COLUMN else 1)
            for series in self.series
            if series.form != TEXT and (known := [value for value in series.values if value is not None])
        )


def donut(dimension: str, question: str, segments: Sequence[Segment]) -> Donut:
    """The donut of a dimension's segments; its total is the sum of its slices."""
    total = sum(row.customers for row in segments)
    slices = tuple(_slice(row, total) for row in segments)
    return Donut(
        "donut", dimension, dimension_label(dimension), question, count(total), gettext("Total"), slices
    )


def cltv_chart(months: Sequence[Month], days: int) -> Trend:
    """Expected spend of the base with its interval, beside what the month itself brought in."""
    expected = gettext("Expected revenue, %(days)s days", days=days)
    return Trend(
        "trend",
        "cltv",
        "money",
        _categories(months),
        (
            _series(Term(expected, "value-high"), LINE, months, lambda month: month.cltv_total, money),
            _interval_series(months),
            _series(
                Term(gettext("Actual revenue of the month"), "actual"),
                LINE,
                months,
                lambda month: month.revenue_brl,
                money,
            ),
        ),
    )


def cltv_mean_chart(months: Sequence[Month], days: int) -> Trend:
    """Mean expected spend of a customer."""
    label = gettext("Mean per customer, %(days)s days", days=days)
    series = _series(Term(label, "value-high"), LINE, months, lambda month: month.cltv_mean, money)
    return Trend("trend", "cltv-mean", "money", _categories(months), (series,))


def risk_chart(months: Sequence[Month]) -> Trend:
    """Customers by risk band; those without a score in grey."""
    bands: tuple[tuple[str, _Read], ...] = (
        ("red", lambda month: month.risk.red),
        ("yellow", lambda month: month.risk.yellow),
        ("green", lambda month: month.risk.green),
        ("unknown", lambda month: month.risk.unknown),
    )
    series = tuple(
        _series(term("risk_band", band), COLUMN, months, read, count)
        for band, read in bands
        if any(read(month) for month in months)
    )
    return Trend("trend", "risk", "count", _categories(months), series)


def _slice(row: Segment, total: int) -> Slice:
    words = term(row.dimension, row.segment)
    part = share(row.customers / total) if total else share(None)
    return Slice(
        segment=row.segment,
        label=words.label,
        token=words.token,
        shape=words.shape,
        customers=row.customers,
        count=count(row.customers),
        share=part,
        tip=gettext("%(share)s of customers", share=part),
        link=customers_link(**{row.dimension: row.segment}),
    )


def _series(words: Term, form: str, months: Sequence[Month], read: _Read, text: _Text) -> Series:
    values = tuple(read(month) for month in months)
    return Series(words.label, words.token, form, words.shape, values, tuple(text(value) for value in values))


def _interval_series(months: Sequence[Month]) -> Series:
    """The 80 % predictive interval of what all customers will spend."""
    lows, highs = tuple(month.cltv_low for month in months), tuple(month.cltv_high for month in months)
    texts = tuple(between(money(low), money(high)) for low, high in zip(lows, highs, strict=True))
    return Series(gettext("80% interval of it"), "value-high", BAND, "", lows, texts, highs)


def between(low: str, high: str) -> str:
    """An interval of two formatted numbers in words; not enough data where an end is missing."""
    if not_enough_data() in (low, high):
        return not_enough_data()
    return gettext("%(low)s to %(high)s", low=low, high=high)


def _categories(months: Sequence[Month]) -> tuple[str, ...]:
    return tuple(month_short(month.snapshot_month) for month in months)
