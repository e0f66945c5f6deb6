"""How does one customer stand beside others, and who is like them?

Stays out: the customer (`dashboard.queries.customer_detail`). Reads prepared tables only, never all customers.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from dashboard.queries.customer_detail import CustomerDetail
from dashboard.store import Snapshot
from dashboard.tables import segment_cube, segment_medians, segment_summary

_EVERYBODY = ("total", "All")
_COMPARED = ("value_tier", "age_band", "risk_band", "rfm_segment")
_ALIKE = ("value_tier", "risk_band", "rfm_segment")
_LISTS: tuple[tuple[str, ...], ...] = (_ALIKE, ("rfm_segment",), ("action",))


@dataclass(frozen=True)
class Median:
    """The customer in the middle of a segment, figure by figure; dimension 'total' has the one segment 'All'."""

    dimension: str
    segment: str
    customers: int
    order_count: float | None
    value_brl: float | None
    recency_days: float | None
    review_score: float | None
    cltv: float | None
    churn_probability: float | None


@dataclass(frozen=True)
class Similar:
    """Customers who share segments: the filters that give their list, and how many they are."""

    filters: dict[str, str]
    customers: int


def medians_of(snapshot: Snapshot, customer: CustomerDetail) -> tuple[Median, ...]:
    """The medians of everybody and of the customer's segments, in that order; a segment without a row is left out."""
    known = snapshot.keep("medians", lambda: _medians(snapshot))
    wanted = (_EVERYBODY, *((name, getattr(customer, name)) for name in _COMPARED))
    return tuple(known[pair] for pair in wanted if pair in known)


def similar_to(snapshot: Snapshot, customer: CustomerDetail) -> tuple[Similar, ...]:
    """Lists of similar customers now, the customer among them: alike in all, by RFM segment, by action."""
    sizes = snapshot.keep("sizes of similar lists", lambda: _sizes(snapshot))
    found = []
    for names in _LISTS:
        segments = {name: getattr(customer, name) for name in names}
        found.append(Similar(segments, sizes.get(tuple(segments.items()), 0)))
    return tuple(one for one in found if one.customers)


def _medians(snapshot: Snapshot) -> dict[tuple[str, str], Median]:
    with snapshot.engine.connect() as connection:
        rows = [Median(**row) for row in connection.execute(sa.select(segment_medians)).mappings()]
    return {(row.dimension, row.segment): row for row in rows}


def _sizes(snapshot: Snapshot) -> dict[tuple[tuple[str, str], ...], int]:
    """The customers of each list: of those alike in all from the cube, of a single segment from the summary."""
    alike, summary = [segment_cube.c[name] for name in _ALIKE], segment_summary.c
    crossed = sa.select(*alike, sa.func.sum(segment_cube.c.customers)).group_by(*alike)
    single = sa.select(summary.dimension, summary.segment, summary.customers).where(
        summary.snapshot_month == snapshot.manifest.snapshot_month,
        summary.dimension.in_([name for names in _LISTS for name in names if len(names) == 1]),
    )
    with snapshot.engine.connect() as connection:
        sizes = {
            tuple(zip(_ALIKE, segments, strict=True)): int(customers)
            for *segments, customers in connection.execute(crossed)
        }
        for dimension, segment, customers in connection.execute(single):
            sizes[((dimension, segment),)] = customers
    return sizes
