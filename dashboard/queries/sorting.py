"""The order of the customers, and a place in it from which the next page goes on.

Stays out: which customers are listed (`dashboard.queries.filters`).

Customers come by their rank (`customer_list`), which tells alike ones apart by their id; those without the figure come
last whichever way it runs. A place is the last customer of a page, so that no row is counted to reach it, and none
skipped or repeated; a newer snapshot goes on from where that customer stands in it.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from dashboard.queries.filters import Clause
from dashboard.tables import customer_list

_PLACE_MAX = 400
_INTEGER_MAX = 2**31 - 1
SORTS = ("cltv", "churn_probability", "value_brl", "last_purchase_date", "order_count", "id")
_position = customer_list.c.position


@dataclass(frozen=True)
class Sort:
    """One of `SORTS` and a direction; `text` is how an address names it, falling with a minus before it."""

    name: str
    is_falling: bool

    @property
    def text(self) -> str:
        """The parameter that names this order."""
        return f"-{self.name}" if self.is_falling else self.name

    @property
    def rank(self) -> sa.Column[Any]:
        """The column of `customer_list` that customers are sorted by."""
        return _position if self.name == "id" else customer_list.c[f"{self.name}_rank"]

    def order(self, is_reversed: bool = False) -> list[sa.ColumnElement[Any]]:
        """The terms of ORDER BY, or those of the same order from its end."""
        by = self.rank.desc() if self.is_falling != is_reversed else self.rank.asc()
        if self.name == "id":
            return [by]
        return [by.nulls_first(), _position.desc()] if is_reversed else [by.nulls_last(), _position.asc()]


@dataclass(frozen=True)
class Standing:
    """Where a customer stands in a snapshot: by id, and in an order; `rank` is None without the figure."""

    position: int
    rank: int | None


@dataclass(frozen=True)
class Place:
    """A customer between two pages, and whether the page after them or, backwards, the one before them is meant.

    `rows_before` rows come before what begins here: the page after the customer, or the customer's own row.
    """

    sort: Sort
    customer_unique_id: str
    is_backwards: bool
    rows_before: int

    def encode(self) -> str:
        """As one opaque text for an address."""
        kind = "before" if self.is_backwards else "after"
        values = [self.sort.text, self.customer_unique_id, kind, self.rows_before]
        return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")

    def clause(self, standing: Standing, has_unranked: bool) -> Clause:
        """What the rows of the page fulfil, where the place's customer stands so.

        `has_unranked` says whether there are customers without one: looking for them takes as long as all the rest.
        """
        column, rank = self.sort.rank, standing.rank
        if rank is None:
            return (
                sa.or_(column.is_not(None), _position < standing.position)
                if self.is_backwards
                else sa.and_(column.is_(None), _position > standing.position)
            )
        beyond = column < rank if self.sort.is_falling != self.is_backwards else column > rank
        return sa.or_(beyond, column.is_(None)) if has_unranked and not self.is_backwards else beyond


def read_sort(text: str) -> Sort | None:
    """The order that a parameter names; None for one that there is none of."""
    sort = Sort(text.removeprefix("-"), text.startswith("-"))
    return sort if sort.name in SORTS else None


def read_place(text: str, sort: Sort) -> Place | None:
    """The place that a text holds; None when it was not made by `Place.encode` for this order."""
    try:
        name, one, kind, rows_before = json.loads(
            base64.b64decode(_padded(text), altchars=b"-_", validate=True)
        )
    except (ValueError, TypeError, binascii.Error, RecursionError):
        return None
    if name != sort.text or kind not in ("after", "before") or not isinstance(one, str):
        return None
    if type(rows_before) is not int or not 0 <= rows_before <= _INTEGER_MAX:
        return None
    return Place(sort, one, kind == "before", rows_before)


def _padded(text: str) -> str:
    if len(text) > _PLACE_MAX:
        raise ValueError("too long")
    return text + "=" * (-len(text) % 4)


DEFAULT_SORT = Sort("cltv", is_falling=True)
