"""What happens after a month's as-of date changes no feature, label or training row of that month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

Make = Callable[[duckdb.DuckDBPyConnection, str, dict[str, Any]], None]
Month = Callable[..., dict[str, Any]]

FEATURES = ("customer_rfm", "customer_behaviour", "churn_training", "clv_training", "purchase_counts")
LATER = {
    "orders, by customers known and new": """
        INSERT INTO raw.customers SELECT 'later ' || customer_id, customer_unique_id, '99999', 'nowhere', 'ZZ'
            FROM raw.customers;
        INSERT INTO raw.customers
            SELECT 'new ' || customer_id, 'new ' || customer_unique_id, '99999', 'nowhere', 'ZZ'
            FROM raw.customers LIMIT 50;
        INSERT INTO raw.orders BY NAME
            SELECT 'order of ' || customer_id AS order_id, customer_id, 'delivered' AS order_status,
                $as_of + INTERVAL (row_number() OVER () - 1) SECOND AS order_purchase_timestamp,
                $as_of AS order_estimated_delivery_date
            FROM raw.customers WHERE customer_state = 'ZZ';
        INSERT INTO raw.order_items BY NAME
            SELECT order_id, 1 AS order_item_id, 'p' AS product_id, 's' AS seller_id,
                $as_of AS shipping_limit_date, 999 AS price, 99 AS freight_value
            FROM raw.orders WHERE starts_with(order_id, 'order of ');
    """,
    "reviews, first and second ones": """
        INSERT INTO raw.order_reviews BY NAME
            SELECT '0 later ' || order_id AS review_id, order_id, 1 AS review_score,
                $as_of AS review_creation_date, $as_of AS review_answer_timestamp
            FROM raw.orders;
    """,
    "deliveries": """
        UPDATE raw.orders SET order_delivered_customer_date = $as_of, order_status = 'delivered'
            WHERE order_delivered_customer_date IS NULL AND order_status NOT IN ('canceled', 'unavailable');
    """,
    "nothing at all": """
        DELETE FROM raw.orders WHERE order_purchase_timestamp >= $as_of;
        DELETE FROM raw.order_reviews WHERE review_answer_timestamp >= $as_of;
        UPDATE raw.orders SET order_delivered_customer_date = NULL
            WHERE order_delivered_customer_date >= $as_of;
    """,
}


def features(
    connection: duckdb.DuckDBPyConnection, make: Make, parameters: dict[str, Any]
) -> dict[str, list[Any]]:
    """Make staging and the month's features; return all rows."""
    for table in ("staging.places", "staging.purchases", "staging.reviews", "staging.customers"):
        make(connection, table, {})
    for table in FEATURES:
        make(connection, f"features.{table}", parameters)
    return {table: connection.execute(f"FROM features.{table} ORDER BY ALL").fetchall() for table in FEATURES}


@pytest.mark.parametrize("later", LATER)
def test_what_comes_later_changes_nothing(
    connection: duckdb.DuckDBPyConnection,
    simulated_shop: Path,
    load_shop: Callable[..., None],
    make: Make,
    month: Month,
    later: str,
) -> None:
    load_shop(connection, simulated_shop)
    parameters = month("2018-02", horizon_days=90)
    before = features(connection, make, parameters)
    purchases = connection.execute("FROM staging.purchases ORDER BY ALL").fetchall()
    reviews = connection.execute("FROM staging.reviews ORDER BY ALL").fetchall()
    assert all(before.values())
    for statement in filter(str.strip, LATER[later].split(";")):
        bound = {"as_of": parameters["as_of"]} if "$as_of" in statement else {}
        connection.execute(statement, bound)
    after = features(connection, make, parameters)
    changed = connection.execute("FROM staging.purchases ORDER BY ALL").fetchall() != purchases
    assert changed or connection.execute("FROM staging.reviews ORDER BY ALL").fetchall() != reviews
    for table in FEATURES:
        assert after[table] == before[table], table


@pytest.mark.parametrize(
    ("earlier", "table"),
    [
        (
            "UPDATE raw.orders SET order_purchase_timestamp = order_purchase_timestamp - INTERVAL 1 DAY",
            "customer_rfm",
        ),
        ("UPDATE raw.order_reviews SET review_score = 6 - review_score", "customer_behaviour"),
        ("UPDATE raw.order_reviews SET review_score = 6 - review_score", "churn_training"),
        ("DELETE FROM raw.orders WHERE order_purchase_timestamp < TIMESTAMP '2017-06-01'", "clv_training"),
        ("DELETE FROM raw.orders WHERE order_purchase_timestamp < TIMESTAMP '2017-06-01'", "purchase_counts"),
        ("UPDATE raw.geolocation SET geolocation_lat = geolocation_lat - 0.01", "churn_training"),
    ],
)
def test_what_came_before_does_change_them(
    connection: duckdb.DuckDBPyConnection,
    simulated_shop: Path,
    load_shop: Callable[..., None],
    make: Make,
    month: Month,
    earlier: str,
    table: str,
) -> None:
    load_shop(connection, simulated_shop)
    parameters = month("2018-02", horizon_days=90)
    before = features(connection, make, parameters)
    connection.execute(earlier)
    assert features(connection, make, parameters)[table] != before[table]


def test_later_orders_would_show_in_the_columns_if_they_were_looked_at(
    connection: duckdb.DuckDBPyConnection,
    simulated_shop: Path,
    load_shop: Callable[..., None],
    make: Make,
    month: Month,
) -> None:
    load_shop(connection, simulated_shop)
    parameters = month("2018-02", horizon_days=90)
    features(connection, make, parameters)
    connection.execute("CREATE TABLE known AS FROM features.customer_behaviour")
    for statement in filter(str.strip, LATER["orders, by customers known and new"].split(";")):
        bound = {"as_of": parameters["as_of"]} if "$as_of" in statement else {}
        connection.execute(statement, bound)
    features(connection, make, {**parameters, "as_of": parameters["as_of"] + dt.timedelta(days=1)})
    for column in ("purchase_days", "last_purchase_month", "last_purchase_weekday", "distance_km"):
        changed = connection.execute(
            f"SELECT count(*) FROM known JOIN features.customer_behaviour AS ahead USING (customer_unique_id) "
            f"WHERE known.{column} IS DISTINCT FROM ahead.{column}"
        ).fetchone()
        assert changed > (100,), column
