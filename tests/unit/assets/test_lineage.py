"""Dependencies and the origin of columns are read from the SQL that runs."""

from __future__ import annotations

import pytest

from assets.catalog import Table, catalog
from assets.lineage import columns_read, tables_read

RAW = {"raw.items": {"order_id": "VARCHAR", "price": "DOUBLE", "freight": "DOUBLE"}}
# Numbers of rows, and instants bound from outside, come from no column.
FROM_NO_COLUMN = {
    "staging.places": {"point_count"},
    "staging.purchases": {"item_count"},
    "features.customer_behaviour": {"order_count"},
    "features.customer_rfm": {"frequency"},
    "marts.cltv_trend": {"as_of_date", "customers", "purchases"},
    "marts.model_quality": {"kind"},
    "marts.segment_summary": {"customers", "customers_share"},
}


def origins(key: str, column: str) -> set[str]:
    """The columns that a column of a table made by SQL comes from."""
    sql = catalog()[key].sql
    assert sql is not None
    columns = {
        table: {name: c.type for name, c in catalog()[table].contract.columns.items()}
        for table in tables_read(sql)
    }
    return {f"{table}.{name}" for table, name in columns_read(sql, columns, column)}


def test_tables_are_those_of_the_layers_and_no_names_of_the_query() -> None:
    sql = """
        WITH orders AS (SELECT * FROM raw.orders), more AS (SELECT * FROM orders)
        SELECT * FROM more JOIN staging.customers USING (customer_id)
        WHERE EXISTS (SELECT 1 FROM raw.order_items AS items) AND x IN (FROM other.things)
    """
    assert tables_read(sql) == {"raw.orders", "staging.customers", "raw.order_items"}


@pytest.mark.parametrize(
    ("table", "reads"),
    [
        ("staging.reviews", {"raw.order_reviews", "raw.orders"}),
        ("staging.customers", {"raw.customers", "raw.orders", "raw.customer_demographics"}),
        ("features.customer_rfm", {"staging.purchases"}),
        ("features.churn_training", {"staging.purchases", "staging.reviews"}),
        ("features.clv_training", {"staging.purchases", "features.customer_rfm"}),
        (
            "models.cltv_model",
            {"features.clv_training", "features.customer_rfm", "features.purchase_counts"},
        ),
        ("models.churn_model", {"features.churn_training", "models.cltv_model"}),
        ("scores.customer_churn", {"features.customer_behaviour", "models.churn_model"}),
    ],
)
def test_dependencies_of_the_real_tables(table: str, reads: set[str]) -> None:
    assert catalog()[table].reads == reads


@pytest.mark.parametrize(
    ("table", "column", "expected"),
    [
        ("staging.purchases", "value_brl", {"raw.order_items.price", "raw.order_items.freight_value"}),
        ("staging.purchases", "freight_brl", {"raw.order_items.freight_value"}),
        ("staging.purchases", "purchased_at", {"raw.orders.order_purchase_timestamp"}),
        ("staging.purchases", "payment_brl", {"raw.order_payments.payment_value"}),
        ("staging.purchases", "customer_unique_id", {"raw.customers.customer_unique_id"}),
        ("staging.reviews", "answered_at", {"raw.order_reviews.review_answer_timestamp"}),
        ("features.customer_rfm", "T", {"staging.purchases.purchased_at"}),
        (
            "features.customer_rfm",
            "monetary_value",
            {"staging.purchases.value_brl", "staging.purchases.purchased_at"},
        ),
        (
            "features.customer_behaviour",
            "delivery_delay_days",
            {"staging.purchases.delivered_at", "staging.purchases.estimated_delivery_date"},
        ),
        ("features.customer_behaviour", "review_score", {"staging.reviews.review_score"}),
        ("marts.cltv_trend", "revenue_brl", {"staging.purchases.value_brl"}),
    ],
)
def test_columns_of_the_real_tables_are_traced(table: str, column: str, expected: set[str]) -> None:
    assert origins(table, column) == expected


@pytest.mark.parametrize("table", [t for t in catalog().values() if t.sql is not None], ids=lambda t: t.key)
def test_every_column_but_counts_has_an_origin(table: Table) -> None:
    columns = set(table.contract.columns) - {"snapshot_month"}
    without = {name for name in columns if not origins(table.key, name)}
    assert without == FROM_NO_COLUMN.get(table.key, set())


def test_an_expression_comes_from_all_its_columns() -> None:
    sql = "WITH i AS (SELECT * FROM raw.items) SELECT sum(price + freight) AS value FROM i"
    assert columns_read(sql, RAW, "value") == {("raw.items", "price"), ("raw.items", "freight")}


def test_a_constant_comes_from_no_column() -> None:
    assert columns_read("SELECT 1 AS one, price FROM raw.items", RAW, "one") == frozenset()


def test_a_column_that_is_not_there_comes_from_nowhere() -> None:
    assert columns_read("SELECT price FROM raw.items", RAW, "other") == frozenset()
