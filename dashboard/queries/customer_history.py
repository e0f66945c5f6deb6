"""How did one customer stand in each month of the history?

Stays out: the customer base as a whole (`dashboard.queries.months`).
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from dashboard.tables import customer_history

MONTH_LIMIT = 200


@dataclass(frozen=True)
class HistoryMonth:
    """A customer's scores and segments as they were seen in a month; a None had not enough data then."""

    snapshot_month: str
    cltv: float | None
    churn_probability: float | None
    risk_band: str
    value_tier: str
    rfm_segment: str


_COLUMNS = tuple(HistoryMonth.__dataclass_fields__)
# No LIMIT: with one beside the order, DuckDB looks through the whole table instead of using the index.
_QUERY = (
    sa.select(*(customer_history.c[name] for name in _COLUMNS))
    .where(customer_history.c.customer_unique_id == sa.bindparam("customer"))
    .order_by(customer_history.c.snapshot_month.desc())
)


def history_of(connection: sa.Connection, customer_unique_id: str) -> tuple[HistoryMonth, ...]:
    """The newest months of a customer, at most `MONTH_LIMIT`, oldest first."""
    rows = connection.execute(_QUERY, {"customer": customer_unique_id}).mappings()
    newest_first = [HistoryMonth(**row) for row in rows.fetchmany(MONTH_LIMIT)]
    return tuple(reversed(newest_first))
