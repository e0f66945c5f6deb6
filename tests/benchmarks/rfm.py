"""RFM of a million orders: the SQL of features.customer_rfm beside lifetimes' summary function.

Stays out: whether they agree; tests/unit/assets/features/test_customer_rfm.py compares every customer.
"""

from __future__ import annotations

import time
from datetime import datetime

from assets.catalog import catalog
from assets.resources.warehouse import replace_rows
from tests.benchmarks.shop import MONTH, staged_shop

CUSTOMERS = 920_000


def run() -> list[tuple[str, str]]:
    """Time both on the same purchases; the SQL writes its table, lifetimes returns a frame."""
    from lifetimes.utils import summary_data_from_transaction_data

    table = catalog()["features.customer_rfm"]
    with staged_shop(CUSTOMERS) as connection:
        values = {**MONTH, "as_of": datetime(2018, 9, 1)}
        replace_rows(connection, table.contract, str(table.sql), values)
        started = time.perf_counter()
        replace_rows(connection, table.contract, str(table.sql), values)
        ours = time.perf_counter() - started
        orders = connection.execute(
            "SELECT customer_unique_id, purchased_at, value_brl FROM staging.purchases"
        ).df()
    started = time.perf_counter()
    summary_data_from_transaction_data(
        orders, "customer_unique_id", "purchased_at", "value_brl", observation_period_end="2018-08-31"
    )
    theirs = time.perf_counter() - started
    label = f"RFM of {len(orders):,} orders"
    return [
        (f"{label}, features.customer_rfm", f"{ours:.2f} s"),
        (f"{label}, lifetimes", f"{theirs:.2f} s"),
        (f"{label}, ratio", f"{theirs / ours:.1f} times faster"),
    ]
