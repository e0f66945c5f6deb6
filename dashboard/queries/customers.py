"""Which customers fit a filter, in which order, how many are they, and what are they worth?

Stays out: a single customer's profile, and the words of the filters (`dashboard.pages.filter_words`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import sqlalchemy as sa

from dashboard.queries.filters import Clause, Problem, Selection, read_selection
from dashboard.queries.rows import ratio, real
from dashboard.queries.segment_codes import code, options
from dashboard.queries.sorting import DEFAULT_SORT, Place, Sort, Standing, read_place, read_sort
from dashboard.store import Snapshot
from dashboard.tables import customer_list, customers
from dashboard.terms import RED, UNKNOWN_RISK

PAGE_SIZE = 50
CONTROLS = ("sort", "after")
_LAST_CHARACTER = "\U0010ffff"
BATCH_SIZE, FIRST_BATCH = 20_000, 1_000


@dataclass(frozen=True)
class Customer:
    """A row of the list; a None is a figure for which there was not enough data.

    Money is in reais; `cltv` speaks of the CLTV horizon with an 80 % interval of the model's uncertainty,
    `churn_probability` of the horizon, both in the manifest.
    """

    customer_unique_id: str
    city: str | None
    state: str | None
    age_band: str | None
    value_tier: str | None
    risk_band: str | None
    rfm_segment: str | None
    action: str | None
    churn_probability: float | None
    cltv: float | None
    cltv_low: float | None
    cltv_high: float | None
    value_brl: float | None
    last_purchase_date: date | None
    order_count: int | None


@dataclass(frozen=True)
class Totals:
    """All customers that fit: how many, as a fraction of everybody, and what they add up to (reais).

    `customers_at_risk` counts the red ones; None when none of those who fit was scored.
    """

    customers: int
    customers_share: float | None
    customers_at_risk: int | None
    cltv_total: float | None
    cltv_mean: float | None
    value_brl: float | None


@dataclass(frozen=True)
class CustomerList:
    """A page of the customers that fit; `rows_before` of them come before its first.

    `after` and `before` lead to the next page and to the one before, where there is one.
    """

    snapshot_id: str
    snapshot_month: str
    sort: str
    totals: Totals
    rows_before: int
    customers: tuple[Customer, ...]
    after: str | None
    before: str | None


@dataclass(frozen=True)
class ListRequest:
    """What an address asks for, as far as it could be read, and what was wrong with the rest."""

    selection: Selection
    sort: Sort = DEFAULT_SORT
    place: Place | None = None
    problems: tuple[Problem, ...] = ()


# Every column of a customer but the place in the snapshot, which means nothing outside it.
EVERYTHING = tuple(column for column in customers.columns if column.name != "position")
# The columns of a row of the list, in its order. A decimal is a float then, exact to the centavo below 9e13.
_LISTED = tuple(
    sa.cast(customers.c[name], sa.Double).label(name) if name == "value_brl" else customers.c[name]
    for name in Customer.__dataclass_fields__
)


def read_request(snapshot: Snapshot, pairs: Iterable[tuple[str, str]]) -> ListRequest:
    """Read filters, order and place from the parameters of an address; nothing that cannot be read is left unsaid."""
    controls: dict[str, list[str]] = {name: [] for name in CONTROLS}
    filters = []
    for name, text in pairs:
        if name not in controls:
            filters.append((name, text))
        elif text:
            controls[name].append(text)
    selection, problems = read_selection(filters, options(snapshot))
    problems += tuple(
        Problem("repeated", name, text) for name, texts in controls.items() for text in texts[1:]
    )
    sort = read_sort(controls["sort"][0]) if controls["sort"] else DEFAULT_SORT
    if sort is None:
        return ListRequest(
            selection, problems=(*problems, Problem("unknown_sort", "sort", controls["sort"][0]))
        )
    place = read_place(controls["after"][0], sort) if controls["after"] else None
    if controls["after"] and place is None:
        problems += (Problem("unknown_place", "after", ""),)
    return ListRequest(selection, sort, place, problems)


def list_customers(snapshot: Snapshot, request: ListRequest, limit: int = PAGE_SIZE) -> CustomerList:
    """A page of at most `limit` customers, and the totals of all that fit."""
    with snapshot.engine.connect() as connection:
        rows, is_more = _page(snapshot, connection, request, limit)
    totals = snapshot.keep(request.selection, lambda: _totals(snapshot, request.selection))
    place, sort = request.place, request.sort
    is_backwards = place is not None and place.is_backwards
    rows_before = place.rows_before if place is not None else 0
    if is_backwards:
        rows_before = max(rows_before - len(rows), 0) if is_more else 0
    has_next, has_previous = (True, is_more) if is_backwards else (is_more, place is not None)
    return CustomerList(
        snapshot.manifest.snapshot_id,
        snapshot.manifest.snapshot_month,
        sort.text,
        totals,
        rows_before,
        tuple(rows),
        _place(sort, rows[-1], False, rows_before + len(rows)).encode() if rows and has_next else None,
        _place(sort, rows[0], True, rows_before).encode() if rows and has_previous else None,
    )


def batches(
    snapshot: Snapshot, selection: Selection, sort: Sort, size: int = BATCH_SIZE
) -> Iterator[list[tuple[Any, ...]]]:
    """Every customer that fits, all columns, in order, at most `size` rows at a time and few at first.

    One connection sees one snapshot. Each batch is read whole: a slow reader must not run into the time limit.
    """
    one = [column.name for column in EVERYTHING].index("customer_unique_id")
    clauses, column = _clauses(snapshot, selection), customer_list.c
    with snapshot.engine.connect() as connection:
        place: Place | None = None
        limit = min(FIRST_BATCH, size)
        while True:
            listed = (
                sa.select(column.position, sort.rank.label("rank"))
                .where(*clauses, *_from(snapshot, connection, place))
                .order_by(*sort.order())
                .limit(limit)
                .subquery()
            )
            query = sa.select(*EVERYTHING).join(listed, customers.c.position == listed.c.position)
            by = sa.nulls_last(listed.c.rank.desc() if sort.is_falling else listed.c.rank)
            rows = [tuple(row) for row in connection.execute(query.order_by(by, listed.c.position))]
            if rows:
                yield rows
            if len(rows) < limit:
                return
            limit, place = size, Place(sort, rows[-1][one], False, 0)


def _page(
    snapshot: Snapshot, connection: sa.Connection, request: ListRequest, limit: int
) -> tuple[list[Customer], bool]:
    """The rows of a page in order, and whether more follow in the direction of reading.

    First the positions, then the rows through the index on them: whole rows, read while customers are looked through,
    take several times as long. Where the page ends is kept for the reader who goes on from there.
    """
    place, sort = request.place, request.sort
    is_backwards = place is not None and place.is_backwards
    clauses = _clauses(snapshot, request.selection) + _from(snapshot, connection, place)
    query = sa.select(customer_list.c.position, sort.rank.label("rank")).where(*clauses)
    found = connection.execute(query.order_by(*sort.order(is_backwards)).limit(limit + 1)).all()
    is_more = len(found) > limit
    standings = list(reversed(found[:limit])) if is_backwards else list(found[:limit])
    positions = [position for position, _ in standings]
    rows = sa.select(customers.c.position, *_LISTED).where(customers.c.position.in_(positions))
    by_position = {position: Customer(*values) for position, *values in connection.execute(rows).all()}
    page = [by_position[position] for position in positions]
    for end in (0, -1) if page else ():
        _keep_standing(snapshot, sort, page[end].customer_unique_id, partial(Standing, *standings[end]))
    return page, is_more


def _clauses(snapshot: Snapshot, selection: Selection) -> list[Clause]:
    def span(prefix: str) -> tuple[int, int]:
        return snapshot.keep(("ids", prefix), lambda: _span(snapshot, prefix))

    return selection.clauses(options(snapshot), span)


def _span(snapshot: Snapshot, prefix: str) -> tuple[int, int]:
    """Where the customers lie whose ids begin with a text, an empty span where there is none.

    A range instead of LIKE: nothing to escape, and customers are stored in the order of their ids.
    """
    one, position = customers.c.customer_unique_id, customers.c.position
    ends = sa.select(sa.func.coalesce(sa.func.min(position), 1), sa.func.coalesce(sa.func.max(position), 0))
    with snapshot.engine.connect() as connection:
        first, last = connection.execute(ends.where(one >= prefix, one < f"{prefix}{_LAST_CHARACTER}")).one()
    return first, last


def _from(snapshot: Snapshot, connection: sa.Connection, place: Place | None) -> list[sa.ColumnElement[bool]]:
    """What rows from a place on fulfil; none do where its customer is not in the snapshot."""
    if place is None:
        return []
    one, sort = place.customer_unique_id, place.sort
    standing = _keep_standing(snapshot, sort, one, lambda: _standing(connection, sort, one))
    if standing is None:
        return [sa.false()]
    some = sa.select(customer_list.c.position).where(sort.rank.is_(None)).limit(1)
    has_unranked = snapshot.keep(
        ("unranked", sort.name), lambda: connection.execute(some).first() is not None
    )
    return [place.clause(standing, has_unranked)]


def _keep_standing(
    snapshot: Snapshot, sort: Sort, customer_unique_id: str, ask: Callable[[], Standing | None]
) -> Standing | None:
    return snapshot.keep(("standing", sort.name, customer_unique_id), ask)


def _standing(connection: sa.Connection, sort: Sort, customer_unique_id: str) -> Standing | None:
    named = sa.select(customers.c.position).where(customers.c.customer_unique_id == customer_unique_id)
    position = connection.scalars(named).first()
    if position is None:
        return None
    rank = sa.select(sort.rank).where(customer_list.c.position == position)
    return Standing(position, connection.scalars(rank).one())


def _totals(snapshot: Snapshot, selection: Selection) -> Totals:
    known, column, number = options(snapshot), customer_list.c, sa.func.count()
    red, unknown = (code(known, "risk_band", band) for band in (RED, UNKNOWN_RISK))
    query = sa.select(
        number.label("customers"),
        number.filter(column.risk_band_code == red).label("red"),
        number.filter(column.risk_band_code != unknown).label("scored"),
        sa.func.count(column.cltv).label("valued"),
        sa.func.sum(column.cltv).label("cltv_total"),
        sa.func.coalesce(sa.func.sum(column.value_brl), 0).label("value_brl"),
    ).where(*_clauses(snapshot, selection))
    with snapshot.engine.connect() as connection:
        row = connection.execute(query).mappings().one()
    return Totals(
        customers=row["customers"],
        customers_share=ratio(row["customers"], snapshot.manifest.row_counts["customers"]),
        customers_at_risk=row["red"] if row["scored"] else None,
        cltv_total=real(row["cltv_total"]),
        cltv_mean=ratio(row["cltv_total"], row["valued"]),
        value_brl=real(row["value_brl"]),
    )


def _place(sort: Sort, row: Customer, is_backwards: bool, rows_before: int) -> Place:
    return Place(sort, row.customer_unique_id, is_backwards, rows_before)
