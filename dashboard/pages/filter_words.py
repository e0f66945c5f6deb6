"""The words of the filters: chips, the sentence that says who is listed, and what is wrong with an address.

Stays out: what the filters demand (`dashboard.queries.filters`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.lists import format_list

from dashboard.formatting import count, day, day_short, money
from dashboard.i18n import N_, gettext, language, ngettext
from dashboard.links import DIMENSIONS
from dashboard.queries.filters import ID_MIN, Problem, Selection, Value
from dashboard.terms import GREEN, RED, UNKNOWN_RISK, YELLOW, dimension_label, term

_LABELS = {
    "state": N_("State"),
    "q": N_("Customer id"),
    "cltv_min": N_("CLTV from"),
    "cltv_max": N_("CLTV up to"),
    "last_from": N_("Last purchase from"),
    "last_to": N_("Last purchase up to"),
    "sort": N_("Sorting"),
    "after": N_("Page"),
}
_RISKS = {
    RED: N_("are at risk"),
    YELLOW: N_("should be watched"),
    GREEN: N_("are likely to return"),
    UNKNOWN_RISK: N_("have no churn score yet"),
}
_PROBLEMS = {
    "unknown_parameter": N_("There is no filter “%(label)s”."),
    "unknown_segment": N_("%(label)s: this snapshot has no “%(given)s”."),
    "repeated": N_("%(label)s: “%(given)s” is one value too many."),
    "not_a_number": N_("%(label)s: “%(given)s” is not a number. Write it like 12.50."),
    "not_a_day": N_("%(label)s: “%(given)s” is not a day. Write it like 2018-03-01."),
    "not_an_id": N_("%(label)s: “%(given)s” cannot be the beginning of an id."),
    "too_short": N_("%(label)s: “%(given)s” is too short, give at least %(min)s characters."),
    "out_of_order": N_("%(label)s: “%(given)s” lies beyond the end of its range."),
    "unknown_sort": N_("Customers cannot be sorted by “%(given)s”."),
    "unknown_place": N_("This page of the list cannot be found. Begin again with the first page."),
}


@dataclass(frozen=True)
class Chip:
    """A filter in use: what it is a filter of, its value, and the filters that are left without it."""

    label: str
    value: str
    is_data: bool
    rest: Selection


def filter_label(name: str) -> str:
    """What a filter, or another parameter of the list, is about; a name without words speaks for itself."""
    if name in _LABELS:
        return gettext(_LABELS[name])
    return dimension_label(name) if name in DIMENSIONS else name


def chips(selection: Selection) -> tuple[Chip, ...]:
    """A chip for every value in use."""
    return tuple(
        Chip(
            filter_label(name),
            _chip_value(name, value),
            name in ("q", "state"),
            selection.without(name, value),
        )
        for name, values in selection.conditions
        for value in values
    )


def sentence(selection: Selection, found: int, cltv_horizon_days: int) -> str:
    """Who is listed, as one sentence."""
    if not selection.conditions:
        return ngettext(
            "Showing the one customer there is", "Showing all %(count)s customers", found, count=count(found)
        )
    return ngettext(
        "Showing the only one of the customers who %(conditions)s",
        "Showing the %(count)s customers who %(conditions)s",
        found,
        count=count(found),
        conditions=_conditions(selection, cltv_horizon_days),
    )


def problem_text(problem: Problem) -> str:
    """What is wrong with a parameter, and how to mend it."""
    label = filter_label(problem.name)
    return gettext(_PROBLEMS[problem.kind], label=label, given=problem.given, min=ID_MIN)


def _conditions(selection: Selection, cltv_horizon_days: int) -> str:
    phrases = [phrase(selection.values(name)) for name, phrase in _PHRASES.items() if selection.values(name)]
    phrases += [_cltv(selection, cltv_horizon_days)] if _has(selection, "cltv_min", "cltv_max") else []
    phrases += [_last_purchase(selection)] if _has(selection, "last_from", "last_to") else []
    return format_list(phrases, style="standard", locale=language().locale)


def _has(selection: Selection, *names: str) -> bool:
    return any(selection.values(name) for name in names)


def _any_of(texts: list[str]) -> str:
    return format_list(texts, style="or", locale=language().locale)


def _segments(dimension: str, values: tuple[Value, ...]) -> str:
    return _any_of([term(dimension, str(value)).label for value in values])


def _risk(values: tuple[Value, ...]) -> str:
    return _any_of([gettext(_RISKS[one]) if one in _RISKS else one for one in map(str, values)])


_PHRASES: dict[str, Callable[[tuple[Value, ...]], str]] = {
    "value_tier": lambda values: gettext("are %(segments)s", segments=_segments("value_tier", values)),
    "age_band": lambda values: gettext(
        "are in the age band %(segments)s", segments=_segments("age_band", values)
    ),
    "risk_band": _risk,
    "rfm_segment": lambda values: gettext(
        "belong to the RFM segment %(segments)s", segments=_segments("rfm_segment", values)
    ),
    "action": lambda values: gettext(
        "have the recommended action %(segments)s", segments=_segments("action", values)
    ),
    "state": lambda values: gettext("live in %(states)s", states=_any_of([str(one) for one in values])),
    "q": lambda values: gettext("have an id that begins with %(text)s", text=values[0]),
}


def _cltv(selection: Selection, days: int) -> str:
    low, high = _one(selection, "cltv_min"), _one(selection, "cltv_max")
    if high is None:
        return gettext("are expected to spend at least %(low)s in %(days)s days", low=money(low), days=days)
    if low is None:
        return gettext("are expected to spend at most %(high)s in %(days)s days", high=money(high), days=days)
    return gettext(
        "are expected to spend %(low)s to %(high)s in %(days)s days",
        low=money(low),
        high=money(high),
        days=days,
    )


def _last_purchase(selection: Selection) -> str:
    first, last = _one(selection, "last_from"), _one(selection, "last_to")
    if last is None:
        return gettext("last bought on %(first)s or later", first=day(first))
    if first is None:
        return gettext("last bought on %(last)s or before", last=day(last))
    return gettext("last bought between %(first)s and %(last)s", first=day(first), last=day(last))


def _one(selection: Selection, name: str) -> Any:
    return next(iter(selection.values(name)), None)


def _chip_value(name: str, value: Value) -> str:
    if isinstance(value, date):
        return day_short(value)
    return money(value) if isinstance(value, float) else term(name, value).label
