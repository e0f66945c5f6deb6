"""What a reader asks of the cross table: read from the address, with a notice for what is not known.

Stays out: the answer (`dashboard.queries.cuts`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.datastructures import QueryParams

from dashboard.i18n import gettext
from dashboard.pages.measures import MEASURES
from dashboard.queries.cube import DIMENSIONS
from dashboard.terms import Term, dimension_label, term

ROWS, COLUMNS, MEASURE = "rows", "columns", "measure"
_DEFAULTS = {ROWS: "rfm_segment", COLUMNS: "risk_band", MEASURE: "customers"}


@dataclass(frozen=True)
class Asked:
    """Rows, columns, measure and filters that can be answered, and what of the address could not be."""

    rows: str
    columns: str
    measure: str
    filters: dict[str, tuple[str, ...]]
    notices: tuple[str, ...]
    has_unknown: bool


@dataclass(frozen=True)
class Option:
    """Something to choose, and whether it is chosen."""

    value: str
    label: str
    is_chosen: bool
    term: Term | None = None


@dataclass(frozen=True)
class Filter:
    """A dimension that can be filtered, and what it lets through now, in words."""

    name: str
    label: str
    options: tuple[Option, ...]
    summary: str
    is_active: bool


@dataclass(frozen=True)
class CutForm:
    """The form above the cross table."""

    rows: tuple[Option, ...]
    columns: tuple[Option, ...]
    measures: tuple[Option, ...]
    filters: tuple[Filter, ...]
    is_filtered: bool


def read_cut(query: QueryParams, segments: Mapping[str, Sequence[str]]) -> Asked:
    """Read an address; what it names and we do not know is told and left out. `segments` are those there are."""
    unknown = [
        gettext("This page has no setting “%(name)s”.", name=name)
        for name in dict.fromkeys(query.keys())
        if name not in (*_DEFAULTS, *DIMENSIONS)
    ]
    rows = _choice(query, ROWS, DIMENSIONS, unknown)
    columns = _choice(query, COLUMNS, DIMENSIONS, unknown)
    measure = _choice(query, MEASURE, tuple(MEASURES), unknown)
    filters = {name: _filtered(query, name, segments[name], unknown) for name in DIMENSIONS}
    notices = list(unknown)
    if rows == columns:
        notices.append(gettext("Rows and columns were the same, so the columns show something else now."))
        columns = next(name for name in (_DEFAULTS[COLUMNS], _DEFAULTS[ROWS]) if name != rows)
    chosen = {name: values for name, values in filters.items() if values}
    return Asked(rows, columns, measure, chosen, tuple(notices), bool(unknown))


def _choice(query: QueryParams, name: str, known: Sequence[str], unknown: list[str]) -> str:
    asked = query.get(name, _DEFAULTS[name])
    if asked in known:
        return asked
    unknown.append(_unknown_choice(name, asked))
    return _DEFAULTS[name]


def _filtered(query: QueryParams, name: str, known: Sequence[str], unknown: list[str]) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(query.getlist(name)))
    unknown += [_unknown_segment(name, one) for one in wanted if one not in known]
    return tuple(one for one in wanted if one in known)


def cut_form(asked: Asked, segments: Mapping[str, Sequence[str]]) -> CutForm:
    """The form as it stands: filters for the dimensions that are neither rows nor columns, and for filtered ones."""
    crossed = (asked.rows, asked.columns)
    return CutForm(
        rows=tuple(Option(name, dimension_label(name), name == asked.rows) for name in DIMENSIONS),
        columns=tuple(Option(name, dimension_label(name), name == asked.columns) for name in DIMENSIONS),
        measures=tuple(Option(one.name, one.label, one.name == asked.measure) for one in MEASURES.values()),
        filters=tuple(
            _filter(name, segments[name], asked.filters.get(name, ()))
            for name in DIMENSIONS
            if name not in crossed or name in asked.filters
        ),
        is_filtered=bool(asked.filters),
    )


def _filter(name: str, segments: Sequence[str], chosen: Sequence[str]) -> Filter:
    options = tuple(Option(one, term(name, one).label, one in chosen, term(name, one)) for one in segments)
    words = ", ".join(option.label for option in options if option.is_chosen)
    return Filter(name, dimension_label(name), options, words or gettext("All"), bool(chosen))


def _unknown_choice(name: str, asked: str) -> str:
    if name == ROWS:
        return gettext("The rows cannot be “%(name)s”.", name=asked)
    if name == COLUMNS:
        return gettext("The columns cannot be “%(name)s”.", name=asked)
    return gettext("There is no figure “%(name)s” to show.", name=asked)


def _unknown_segment(dimension: str, asked: str) -> str:
    return gettext(
        "There is no “%(segment)s” in %(dimension)s.", segment=asked, dimension=dimension_label(dimension)
    )
