"""How many customers, of what worth, lie in each segment of a month?

Stays out: movement between the months (`dashboard.queries.headline`, `dashboard.queries.months`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from dashboard.queries.rows import real
from dashboard.tables import segment_summary
from dashboard.terms import rank


@dataclass(frozen=True)
class Segment:
    """A segment's figures; a None is a figure for which the month had not enough data.

    Money is in reais; rates and probabilities are fractions; `cltv_*` speak of the CLTV horizon,
    `churn_probability_mean` of the horizon, both in the manifest. `cltv_low` and `cltv_high` are the 80 % predictive
    interval of what the segment will spend.
    """

    snapshot_month: str
    dimension: str
    segment: str
    customers: int
    customers_share: float
    active_customers: int
    order_count: int
    value_brl: float
    cltv_total: float | None
    cltv_low: float | None
    cltv_high: float | None
    cltv_mean: float | None
    expected_purchases_180d: float | None
    repurchase_rate: float | None
    churn_probability_mean: float | None
    churn_sensitivity_30d: float | None


def segments_of_month(connection: sa.Connection, snapshot_month: str) -> dict[str, tuple[Segment, ...]]:
    """The segments of a month by dimension, each dimension in its own order."""
    query = sa.select(segment_summary).where(segment_summary.c.snapshot_month == snapshot_month)
    by_dimension: dict[str, list[Segment]] = {}
    for row in connection.execute(query).mappings():
        by_dimension.setdefault(row["dimension"], []).append(_segment(dict(row)))
    return {
        dimension: tuple(sorted(rows, key=lambda row: rank(row.dimension, row.segment)))
        for dimension, rows in sorted(by_dimension.items())
    }


def _segment(row: dict[str, Any]) -> Segment:
    counted = ("snapshot_month", "dimension", "segment", "customers", "active_customers", "order_count")
    values: dict[str, Any] = {name: value if name in counted else real(value) for name, value in row.items()}
    return Segment(**values)
