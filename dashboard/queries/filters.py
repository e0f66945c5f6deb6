"""The filters of the customers: which there are, how their texts are read, and what they demand of a row.

Stays out: their words (`dashboard.pages.filter_words`) and their addresses (`dashboard.links`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from dashboard.links import DIMENSIONS, FILTERS
from dashboard.queries.segment_codes import Options
from dashboard.tables import customer_list

ID_MIN, ID_MAX = 3, 64
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LAST_BIT = 62
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

    def clauses(self, known: Options, span: Callable[[str], tuple[int, int]]) -> list[Clause]:
        """What a row of `customer_list` must fulfil, with bound values.

        Args:
            known: The segments of the snapshot.
            span: The first and last position of the customers whose ids begin with a text.
        """
        return [self._clause(name, values, known, span) for name, values in self.conditions]

    def _clause(
        self, name: str, values: tuple[Value, ...], known: Options, span: Callable[[str], tuple[int, int]]
    ) -> Clause:
        if name in DIMENSIONS:
            codes = {one.code for one in known[name] if one.segment in values}
            return _is_one_of(customer_list.c[f"{name}_code"], codes)
        if name == "q":
            return customer_list.c.position.between(*span(str(values[0])))
        return _CLAUSES[name](values[0])


def _is_one_of(column: sa.Column[int], codes: set[int]) -> Clause:
    """Whether the code of a row is one of these.

    The bit of a code is looked up in a mask: DuckDB compares a value with each of a list, and a count takes two to
    three times as long.
    """
    if len(codes) == 1 or max(codes) > _LAST_BIT:
        return column.in_(codes)
    mask = sa.cast(sum(1 << code for code in codes), sa.BigInteger)
    return mask.bitwise_rshift(column).bitwise_and(1) == 1


def read_selection(pairs: Iterable[tuple[str, str]], known: Options) -> tuple[Selection, tuple[Problem, ...]]:
    """Read the filters from the parameters of an address; an empty text is an unused filter.

    Args:
        pairs: Names and texts, in any order.
        known: The segments of the snapshot by dimension, each in its own order.

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
        values, wrong = (
            _read_segments(name, texts[name], known) if name in DIMENSIONS else _read_one(name, texts[name])
        )
        problems += wrong
        conditions += [(name, values)] if values else []
    selection = Selection(tuple(conditions))
    return selection, (*problems, *_ranges_out_of_order(selection))


_Read = tuple[tuple[Value, ...], list[Problem]]


def _read_segments(name: str, texts: list[str], known: Options) -> _Read:
    segments = [option.segment for option in known.get(name, ())]
    wrong = [Problem("unknown_segment", name, text) for text in texts if text not in segments]
    return tuple(segment for segment in segments if segment in texts), wrong


def _read_one(name: str, texts: list[str]) -> _Read:
    if len(texts) > 1:
        return (), [Problem("repeated", name, text) for text in texts[1:]]
    try:
        return (_READERS[name](texts[0]),), []
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


_READERS: dict[str, Callable[[str], Value]] = {
    "q": _id_prefix,
    "cltv_min": _number,
    "cltv_max": _number,
    "last_from": _day,
    "last_to": _day,
}
_CLAUSES: dict[str, Callable[[Value], Clause]] = {
    "cltv_min": lambda value: customer_list.c.cltv >= value,
    "cltv_max": lambda value: customer_list.c.cltv <= value,
    "last_from": lambda value: customer_list.c.last_purchase_date >= value,
    "last_to": lambda value: customer_list.c.last_purchase_date <= value,
}
