"""The filters of the customers: which there are, how their texts are read, and what they demand of a row.

Stays out: their words (`dashboard.pages.filter_words`) and their addresses (`dashboard.links`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from dashboard.links import DIMENSIONS, FILTERS
from dashboard.tables import customers

ID_MIN, ID_MAX = 3, 64
_LAST_CHARACTER = "\U0010ffff"
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_RANGES = (("cltv_min", "cltv_max"), ("last_from", "last_to"))

Value = str | float | date
Clause = sa.ColumnElement[bool]


class UnreadableError(ValueError):
    """A text that is no value of its filter; the message is the kind of the problem."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with a parameter.

    `kind` is unknown_parameter, unknown_segment, repeated, not_a_number, not_a_day, too_short, not_an_id, out_of_order,
    unknown_sort or unknown_place.
    """

    kind: str
    name: str
    given: str


@dataclass(frozen=True)
class Filter:
    """A filter: `read` turns a text into a value or raises UnreadableError, `clause` demands the values of a row."""

    read: Callable[[str], Value]
    clause: Callable[[tuple[Value, ...]], Clause]


@dataclass(frozen=True)
class Selection:
    """The filters in use with their values, in the order of `FILTERS`; all must hold, of a dimension's values one."""

    conditions: tuple[tuple[str, tuple[Value, ...]], ...] = ()

    def values(self, name: str) -> tuple[Value, ...]:
        """The values of a filter; empty where it is not in use."""
        return dict(self.conditions).get(name, ())

    def without(self, name: str, value: Value) -> Selection:
        """The same filters less one value."""
        fewer = (
            (key, tuple(one for one in values if key != name or one != value))
            for key, values in self.conditions
        )
        return Selection(tuple((key, values) for key, values in fewer if values))

    def texts(self) -> dict[str, list[str]]:
        """The values as parameters of an address."""
        return {name: [str(value) for value in values] for name, values in self.conditions}

    def clauses(self) -> list[Clause]:
        """What a customer must fulfil, with bound values."""
        return [_TABLE[name].clause(values) for name, values in self.conditions]


def read_selection(
    pairs: Iterable[tuple[str, str]], segments: Mapping[str, tuple[str, ...]]
) -> tuple[Selection, tuple[Problem, ...]]:
    """Read the filters from the parameters of an address; an empty text is an unused filter.

    Args:
        pairs: Names and texts, in any order.
        segments: The segments of the snapshot by dimension, each in its own order.

    Returns:
        The filters that could be read, and what was wrong with the others.
    """
    texts: dict[str, list[str]] = {}
    for name, text in pairs:
        if text.strip():
            texts.setdefault(name, []).append(text.strip())
    problems = [Problem("unknown_parameter", name, "") for name in texts if name not in FILTERS]
    conditions: list[tuple[str, tuple[Value, ...]]] = []
    for name in (name for name in FILTERS if name in texts):
        reader = _read_segments if name in DIMENSIONS else _read_one
        values, wrong = reader(name, texts[name], segments.get(name, ()))
        problems += wrong
        conditions += [(name, values)] if values else []
    selection = Selection(tuple(conditions))
    return selection, (*problems, *_ranges_out_of_order(selection))


_Read = tuple[tuple[Value, ...], list[Problem]]


def _read_segments(name: str, texts: list[str], known: tuple[str, ...]) -> _Read:
    wrong = [Problem("unknown_segment", name, text) for text in texts if text not in known]
    return tuple(segment for segment in known if segment in texts), wrong


def _read_one(name: str, texts: list[str], _: tuple[str, ...]) -> _Read:
    if len(texts) > 1:
        return (), [Problem("repeated", name, text) for text in texts[1:]]
    try:
        return (_TABLE[name].read(texts[0]),), []
    except UnreadableError as error:
        return (), [Problem(str(error), name, texts[0])]


def _ranges_out_of_order(selection: Selection) -> tuple[Problem, ...]:
    chosen = {name: values[0] for name, values in selection.conditions}
    return tuple(
        Problem("out_of_order", low, str(chosen[low]))
        for low, high in _RANGES
        if low in chosen and high in chosen and chosen[low] > chosen[high]  # type: ignore[operator]
    )


def _number(text: str) -> float:
    if not _NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        raise UnreadableError("not_a_number")
    return float(text)


def _day(text: str) -> date:
    try:
        if not _DAY.fullmatch(text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise UnreadableError("not_a_day") from None


def _id_prefix(text: str) -> str:
    if len(text) > ID_MAX or not text.isprintable():
        raise UnreadableError("not_an_id")
    if len(text) < ID_MIN:
        raise UnreadableError("too_short")
    return text


def _begins_with(column: sa.Column[str]) -> Callable[[tuple[Value, ...]], Clause]:
    """A range instead of LIKE: nothing to escape, and DuckDB skips what its block ranges rule out."""
    return lambda values: sa.and_(column >= values[0], column < f"{values[0]}{_LAST_CHARACTER}")


def _at_least(column: sa.Column[Value]) -> Callable[[tuple[Value, ...]], Clause]:
    return lambda values: column >= values[0]


def _at_most(column: sa.Column[Value]) -> Callable[[tuple[Value, ...]], Clause]:
    return lambda values: column <= values[0]


def _any_of(column: sa.Column[str]) -> Callable[[tuple[Value, ...]], Clause]:
    return lambda values: column.in_(values)


_TABLE: dict[str, Filter] = {
    **{name: Filter(str, _any_of(customers.c[name])) for name in DIMENSIONS},
    "q": Filter(_id_prefix, _begins_with(customers.c.customer_unique_id)),
    "cltv_min": Filter(_number, _at_least(customers.c.cltv)),
    "cltv_max": Filter(_number, _at_most(customers.c.cltv)),
    "last_from": Filter(_day, _at_least(customers.c.last_purchase_date)),
    "last_to": Filter(_day, _at_most(customers.c.last_purchase_date)),
}
