"""What is read of a snapshot before anybody asks, so that the first readers do not wait for it.

Stays out: when a snapshot is opened (`dashboard.store`).

DuckDB reads an index, and what it keeps of each column in a row group, when they are first needed. With a million
customers the first profile takes more than half a second, and the next hundred up to twice as long as those after.
"""

from __future__ import annotations

import logging
import math

import sqlalchemy as sa

from dashboard.deadline import TooSlowError
from dashboard.queries.customers import ListRequest, list_customers
from dashboard.queries.filters import Selection
from dashboard.queries.sorting import SORTS, Sort
from dashboard.store import Snapshot
from dashboard.tables import customer_history, customer_list, customers, purchases

# Rows of a row group: https://duckdb.org/docs/stable/internals/storage
ROW_GROUP = 122_880
MOST_CUSTOMERS = 200

_log = logging.getLogger(__name__)


def read_ahead(snapshot: Snapshot) -> None:
    """Read what lists are found in, a page of the list by each figure, and a customer of each row group.

    A snapshot in which that cannot be read is not refused: its pages say what is wrong.
    """
    try:
        with snapshot.engine.connect() as connection:
            connection.execute(sa.select(*(sa.func.max(sa.func.hash(column)) for column in customer_list.c)))
            for name in SORTS:
                list_customers(snapshot, ListRequest(Selection(), Sort(name, is_falling=True)))
            for customer_unique_id in _one_of_each(snapshot, connection):
                for table in (customers, customer_history, purchases):
                    rows = sa.select(table).where(table.c.customer_unique_id == customer_unique_id)
                    connection.execute(rows).all()
    except (sa.exc.SQLAlchemyError, TooSlowError):
        _log.warning("snapshot %s could not be read ahead", snapshot.manifest.snapshot_id, exc_info=True)


def _one_of_each(snapshot: Snapshot, connection: sa.Connection) -> list[str]:
    """Customers as far apart as a row group of `customer_history` is long, which has a row for each month."""
    number, months = snapshot.manifest.row_counts["customers"], len(snapshot.manifest.months)
    apart = max(ROW_GROUP // max(months, 1), math.ceil(number / MOST_CUSTOMERS))
    places = list(range(1, number + 1, apart))
    one, position = customers.c.customer_unique_id, customers.c.position
    return list(connection.scalars(sa.select(one).where(position.in_(places)).order_by(position)))
