"""Which customers fit a filter, in which order, how many are they, and what are they worth?

Stays out: a single customer's profile, and the words of the filters (`dashboard.pages.filter_words`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from dashboard.links import DIMENSIONS
from dashboard.queries.filters import Problem, Selection, read_selection
from dashboard.queries.rows import real
from dashboard.queries.sorting import DEFAULT_SORT, Place, Sort, read_place, read_sort, row_id
from dashboard.store import Snapshot
from dashboard.tables import customers, segment_summary
from dashboard.terms import RED, UNKNOWN_RISK, rank

PAGE_SIZE = 50
CONTROLS = ("sort", "after")
BATCH_SIZE = 10_000


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
class Option:
    """A segment that can be chosen, and its customers in the whole base."""

    segment: str
    customers: int


@dataclass(frozen=True)
class ListRequest:
    """What an address asks for, as far as it could be read, and what was wrong with the rest."""

    selection: Selection
    sort: Sort = DEFAULT_SORT
    place: Place | None = None
    problems: tuple[Problem, ...] = ()


_KEPT = tuple(customers.c[name] for name in Customer.__dataclass_fields__)


def options(snapshot: Snapshot) -> dict[str, tuple[Option, ...]]:
    """The segments of each dimension, in their own order: those of the customers, and those of any month's summary."""
    return snapshot.keep("options", lambda: _options(snapshot))


def _options(snapshot: Snapshot) -> dict[str, tuple[Option, ...]]:
    counts: dict[str, dict[str, int]] = {name: {} for name in DIMENSIONS}
    summarised = sa.select(segment_summary.c.dimension, segment_summary.c.segment).distinct()
    with snapshot.engine.connect() as connection:
        for name, segment in connection.execute(
            summarised.where(segment_summary.c.dimension.in_(DIMENSIONS))
        ):
            counts[name][segment] = 0
        for name in DIMENSIONS:
            column = customers.c[name]
            query = sa.select(column, sa.func.count()).where(column.is_not(None)).group_by(column)
            counts[name].update((segment, number) for segment, number in connection.execute(query))
    return {name: _in_order(name, found) for name, found in counts.items()}


def _in_order(dimension: str, counts: dict[str, int]) -> tuple[Option, ...]:
    ordered = sorted(counts, key=lambda segment: rank(dimension, segment))
    return tuple(Option(segment, counts[segment]) for segment in ordered)


def read_request(snapshot: Snapshot, pairs: Iterable[tuple[str, str]]) -> ListRequest:
    """Read filters, order and place from the parameters of an address; nothing that cannot be read is left unsaid."""
    segments = {name: tuple(option.segment for option in found) for name, found in options(snapshot).items()}
    controls: dict[str, list[str]] = {name: [] for name in CONTROLS}
    filters = []
    for name, text in pairs:
        if name not in controls:
            filters.append((name, text))
        elif text:
            controls[name].append(text)
    selection, problems = read_selection(filters, segments)
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
        rows, is_more = _page(connection, request, limit)
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
        tuple(_customer(row) for row in rows),
        _place(sort, rows[-1], False, rows_before + len(rows)).encode() if rows and has_next else None,
        _place(sort, rows[0], True, rows_before).encode() if rows and has_previous else None,
    )


def batches(
    snapshot: Snapshot, selection: Selection, sort: Sort, size: int = BATCH_SIZE
) -> Iterator[list[tuple[Any, ...]]]:
    """Every customer that fits, all columns, in order, `size` rows at a time; one connection sees one snapshot."""
    names = list(customers.columns.keys())
    key, one = names.index(sort.column.name), names.index("customer_unique_id")
    clauses = selection.clauses()
    with snapshot.engine.connect() as connection:
        place: Place | None = None
        while True:
            query = sa.select(customers).where(*clauses, *_from(connection, place)).order_by(*sort.order())
            rows = [tuple(row) for row in connection.execute(query.limit(size))]
            if rows:
                yield rows
            if len(rows) < size:
                return
            place = Place(sort, rows[-1][key], rows[-1][one], False, 0)


def _page(connection: sa.Connection, request: ListRequest, limit: int) -> tuple[list[sa.RowMapping], bool]:
    """The rows of a page in order, and whether more follow in the direction of reading.

    First the numbers of the rows, then their ids, then the rows through the index on the id: sorting whole rows, or
    looking for them by number, takes several times as long.
    """
    place, sort = request.place, request.sort
    is_backwards = place is not None and place.is_backwards
    clauses = [*request.selection.clauses(), *_from(connection, place)]
    numbers = sa.select(row_id).select_from(customers).where(*clauses).order_by(*sort.order(is_backwards))
    column = customers.c.customer_unique_id
    ids = connection.scalars(sa.select(column).where(row_id.in_(numbers.limit(limit + 1)))).all()
    query = sa.select(*_KEPT).where(column.in_(ids)).order_by(*sort.order())
    rows = list(connection.execute(query).mappings()) if ids else []
    is_more = len(rows) > limit
    if is_more:
        del rows[0 if is_backwards else -1]
    return rows, is_more


def _from(connection: sa.Connection, place: Place | None) -> list[sa.ColumnElement[bool]]:
    """What rows from a place on fulfil; none do where its customer is not in the snapshot."""
    if place is None:
        return []
    query = sa.select(row_id).select_from(customers)
    found = connection.scalars(
        query.where(customers.c.customer_unique_id == place.customer_unique_id)
    ).first()
    return [sa.false() if found is None else place.clause(found)]


def _totals(snapshot: Snapshot, selection: Selection) -> Totals:
    column, number = customers.c, sa.func.count()
    query = sa.select(
        number.label("customers"),
        number.filter(column.risk_band == RED).label("red"),
        number.filter(column.risk_band != UNKNOWN_RISK).label("scored"),
        sa.func.sum(column.cltv).label("cltv_total"),
        sa.func.avg(column.cltv).label("cltv_mean"),
        sa.func.coalesce(sa.func.sum(column.value_brl), 0).label("value_brl"),
    ).where(*selection.clauses())
    with snapshot.engine.connect() as connection:
        row = connection.execute(query).mappings().one()
    everybody = snapshot.manifest.row_counts["customers"]
    return Totals(
        customers=row["customers"],
        customers_share=row["customers"] / everybody if everybody else None,
        customers_at_risk=row["red"] if row["scored"] else None,
        cltv_total=real(row["cltv_total"]),
        cltv_mean=real(row["cltv_mean"]),
        value_brl=real(row["value_brl"]),
    )


def _customer(row: sa.RowMapping) -> Customer:
    return Customer(**{**row, "value_brl": real(row["value_brl"])})


def _place(sort: Sort, row: sa.RowMapping, is_backwards: bool, rows_before: int) -> Place:
    return Place(sort, row[sort.column.name], row["customer_unique_id"], is_backwards, rows_before)
