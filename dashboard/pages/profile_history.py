"""A customer's months side by side: risk as coloured cells, segments as runs of months.

Stays out: the figures (`dashboard.queries.customer_history`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from babel.dates import format_date

from dashboard.formatting import money, month, month_short, share
from dashboard.i18n import gettext, language
from dashboard.queries.customer_history import HistoryMonth
from dashboard.queries.profile import Profile
from dashboard.queries.summary import About
from dashboard.terms import Term, term


@dataclass(frozen=True)
class Year:
    """A year over its months."""

    name: str
    span: int


@dataclass(frozen=True)
class Cell:
    """The churn score of a month; `band` is None in the months before the first purchase."""

    snapshot_month: str
    label: str
    title: str
    band: Term | None
    probability: str


@dataclass(frozen=True)
class Run:
    """A segment over the months it lasted; `segment` is None before the first purchase."""

    segment: Term | None
    span: int
    title: str


@dataclass(frozen=True)
class HistoryRow:
    """A month in full, for the table."""

    snapshot_month: str
    label: str
    churn_probability: str
    band: Term
    cltv: str
    value_tier: Term
    rfm_segment: Term


@dataclass(frozen=True)
class HistoryStrip:
    """The months of the snapshot, and the customer in each; the rows of the table run backward in time."""

    years: tuple[Year, ...]
    cells: tuple[Cell, ...]
    rfm_segments: tuple[Run, ...]
    value_tiers: tuple[Run, ...]
    rows: tuple[HistoryRow, ...]


def history_strip(answer: Profile) -> HistoryStrip:
    """A cell for every month that the snapshot or the customer has."""
    known = {row.snapshot_month: row for row in answer.history}
    months = tuple(sorted({*answer.about.months, *known}))
    course = [(name, known.get(name)) for name in months]
    return HistoryStrip(
        years=tuple(Year(name, len(list(part))) for name, part in groupby(months, lambda name: name[:4])),
        cells=tuple(_cell(answer.about, name, row) for name, row in course),
        rfm_segments=_runs("rfm_segment", course, lambda row: row.rfm_segment),
        value_tiers=_runs("value_tier", course, lambda row: row.value_tier),
        rows=tuple(_row(row) for row in reversed(answer.history)),
    )


def _cell(about: About, name: str, row: HistoryMonth | None) -> Cell:
    label = format_date(date.fromisoformat(f"{name}-01"), "LLL", locale=language().locale)
    if row is None:
        return Cell(name, label, gettext("%(month)s: not a customer yet", month=month(name)), None, "")
    band = term("risk_band", row.risk_band)
    title = gettext(
        "%(month)s: %(band)s. Churn within %(days)s days: %(churn)s. "
        "Expected spend over %(cltv_days)s days: %(cltv)s.",
        month=month(name),
        band=band.label,
        days=about.horizon_days,
        churn=share(row.churn_probability),
        cltv_days=about.cltv_horizon_days,
        cltv=money(row.cltv),
    )
    shown = "" if row.churn_probability is None else share(row.churn_probability, 0)
    return Cell(name, label, title, band, shown)


def _runs(
    dimension: str,
    course: Iterable[tuple[str, HistoryMonth | None]],
    read: Callable[[HistoryMonth], str],
) -> tuple[Run, ...]:
    runs = []
    for segment, part in groupby(course, lambda pair: None if pair[1] is None else read(pair[1])):
        months = [name for name, _ in part]
        words = None if segment is None else term(dimension, segment)
        runs.append(Run(words, len(months), _span(words, months)))
    return tuple(runs)


def _span(words: Term | None, months: list[str]) -> str:
    label = gettext("Not a customer yet") if words is None else words.label
    first, last = month_short(months[0]), month_short(months[-1])
    if first == last:
        return gettext("%(segment)s: %(month)s", segment=label, month=first)
    return gettext("%(segment)s: %(first)s to %(last)s", segment=label, first=first, last=last)


def _row(row: HistoryMonth) -> HistoryRow:
    return HistoryRow(
        snapshot_month=row.snapshot_month,
        label=month_short(row.snapshot_month),
        churn_probability=share(row.churn_probability),
        band=term("risk_band", row.risk_band),
        cltv=money(row.cltv),
        value_tier=term("value_tier", row.value_tier),
        rfm_segment=term("rfm_segment", row.rfm_segment),
    )
