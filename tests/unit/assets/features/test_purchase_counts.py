"""Days count first purchases and repeat purchases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

Put = Callable[[str, list[dict[str, Any]]], None]
Build = Callable[..., list[dict[str, Any]]]
Make = Callable[[duckdb.DuckDBPyConnection, str, dict[str, Any]], None]
Month = Callable[..., dict[str, Any]]


def purchase(person: str, at: str) -> dict[str, Any]:
    return {
        "order_id": f"{person} {at}",
        "customer_unique_id": person,
        "purchased_at": dt.datetime.fromisoformat(at),
    }


def test_days_count_new_customers_and_repeat_purchases_up_to_the_as_of_date(
    put: Put, build: Build, month: Month
) -> None:
    put(
        "staging.purchases",
        [
            purchase("ana", "2018-01-07 23:59:59"),
            purchase("ana", "2018-01-08 00:00:00"),
            purchase("ana", "2018-01-08 10:00:00"),
            purchase("ana", "2018-01-09 10:00:00"),
            purchase("bia", "2018-01-08 10:00:00"),
            purchase("bia", "2018-01-08 11:00:00"),
            purchase("caio", "2018-01-24 12:00:00"),
            purchase("ana", "2018-01-31 23:59:59"),
            purchase("ana", "2018-02-01 00:00:00"),
            purchase("davi", "2018-02-01 00:00:00"),
        ],
    )
    rows = build("features.purchase_counts", month("2018-01"))
    assert [tuple(row.values()) for row in rows] == [
        ("2018-01", dt.date(2018, 1, 7), 1, 0),
        ("2018-01", dt.date(2018, 1, 8), 1, 1),
        ("2018-01", dt.date(2018, 1, 9), 0, 1),
        ("2018-01", dt.date(2018, 1, 24), 1, 0),
        ("2018-01", dt.date(2018, 1, 31), 0, 1),
    ]


def test_the_days_of_a_shop_add_up_to_its_customers_and_their_repeat_purchases(
    connection: duckdb.DuckDBPyConnection,
    simulated_shop: Path,
    load_shop: Callable[..., None],
    make: Make,
    month: Month,
) -> None:
    load_shop(connection, simulated_shop)
    for table in ("staging.places", "staging.purchases"):
        make(connection, table, {})
    for table in ("features.customer_rfm", "features.purchase_counts"):
        make(connection, table, month("2018-05"))
    days = connection.execute(
        "SELECT sum(new_customers), sum(repeat_purchases) FROM features.purchase_counts"
    ).fetchone()
    assert days == connection.execute("SELECT count(*), sum(frequency) FROM features.customer_rfm").fetchone()
    assert days is not None
    assert min(days) > 50
