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


def history_of(connection: sa.Connection, customer_unique_id: str) -> tuple[HistoryMonth, ...]:
    """The newest months of a customer, at most `MONTH_LIMIT`, oldest first.

    The query has no LIMIT: with one beside its order, DuckDB looks through the whole table instead of using the index.
    """
    table = customer_history.c
    query = (
        sa.select(*(table[name] for name in _COLUMNS))
        .where(table.customer_unique_id == customer_unique_id)
        .order_by(table.snapshot_month.desc())
    )
    newest_first = [
        HistoryMonth(**row) for row in connection.execute(query).mappings().fetchmany(MONTH_LIMIT)
    ]
    return tuple(reversed(newest_first))
