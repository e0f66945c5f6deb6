"""How does one customer stand beside others, and who is like them?

Stays out: the customer (`dashboard.queries.customer_detail`). Reads prepared tables only, never all customers.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from dashboard.queries.customer_detail import CustomerDetail
from dashboard.tables import segment_cube, segment_medians, segment_summary

_EVERYBODY = ("total", "All")
_COMPARED = ("value_tier", "age_band", "risk_band", "rfm_segment")
_ALIKE = ("value_tier", "risk_band", "rfm_segment")


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


def medians_of(connection: sa.Connection, customer: CustomerDetail) -> tuple[Median, ...]:
    """The medians of everybody and of the customer's segments, in that order; a segment without a row is left out."""
    wanted = (_EVERYBODY, *((name, getattr(customer, name)) for name in _COMPARED))
    table = segment_medians.c
    query = sa.select(segment_medians).where(sa.tuple_(table.dimension, table.segment).in_(wanted))
    rows = [Median(**row) for row in connection.execute(query).mappings()]
    return tuple(sorted(rows, key=lambda row: wanted.index((row.dimension, row.segment))))


def similar_to(connection: sa.Connection, customer: CustomerDetail, month: str) -> tuple[Similar, ...]:
    """Lists of similar customers in `month`, the customer among them: alike in all, by RFM segment, by action."""
    alike = {name: getattr(customer, name) for name in _ALIKE}
    found = [
        Similar(alike, _alike(connection, alike)),
        *(
            Similar({name: getattr(customer, name)}, _in_segment(connection, month, name, customer))
            for name in ("rfm_segment", "action")
        ),
    ]
    return tuple(one for one in found if one.customers)


def _alike(connection: sa.Connection, segments: dict[str, str]) -> int:
    query = sa.select(sa.func.sum(segment_cube.c.customers)).where(
        *(segment_cube.c[name] == segment for name, segment in segments.items())
    )
    return int(connection.execute(query).scalar_one() or 0)


def _in_segment(connection: sa.Connection, month: str, dimension: str, customer: CustomerDetail) -> int:
    table = segment_summary.c
    query = sa.select(table.customers).where(
        table.snapshot_month == month,
        table.dimension == dimension,
        table.segment == getattr(customer, dimension),
    )
    return int(connection.execute(query).scalar() or 0)
