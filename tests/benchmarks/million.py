"""A snapshot of a million simulated customers, made by SQL alone, for measuring the dashboard.

Stays out: measuring, and any truth about customers: numbers have the spread of a real shop's, not its relations.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from dashboard import snapshot
from tests.derived_tables import LIST_TABLES, fill_derived

CUSTOMERS = 1_000_000
MONTHS = tuple(f"2017-{month:02d}" for month in range(9, 13)) + tuple(
    f"2018-{month:02d}" for month in range(1, 9)
)
AS_OF = date(2018, 9, 1)
_SNAPSHOT_ID = "2018-08-000000000000"
_DIMENSIONS = ("value_tier", "age_band", "risk_band", "rfm_segment", "action")

# u1 to u6 are independent and uniform; about 97 % buy once, values are log-normal, lower recency brings a higher cltv.
_CUSTOMERS = """
WITH drawn AS (
    SELECT
        md5(i::VARCHAR) AS id,
        hash(i::VARCHAR || '/1') / 2.0 ** 64 AS u1,
        hash(i::VARCHAR || '/2') / 2.0 ** 64 AS u2,
        greatest(hash(i::VARCHAR || '/3') / 2.0 ** 64, 1e-12) AS u3,
        hash(i::VARCHAR || '/4') / 2.0 ** 64 AS u4,
        hash(i::VARCHAR || '/5') / 2.0 ** 64 AS u5,
        hash(i::VARCHAR || '/6') / 2.0 ** 64 AS u6
    FROM range($customers) AS numbers (i)
), facts AS (
    SELECT
        *,
        CASE WHEN u1 < 0.969 THEN 1 WHEN u1 < 0.997 THEN 2 ELSE 3 + (u1 > 0.9995)::INTEGER END AS orders,
        floor(730 * u2 ** 1.2)::INTEGER AS recency,
        round(exp(4.7 + 0.9 * sqrt(-2 * ln(u3)) * cos(2 * pi() * u4)), 2) AS spent
    FROM drawn
), scored AS (
    SELECT *, orders * exp(-recency / 300.0) AS strength FROM facts
)
SELECT
    id AS customer_unique_id,
    'cidade ' || floor(4000 * u5 * u6)::INTEGER AS city,
    ['SP', 'SP', 'SP', 'RJ', 'MG', 'RS', 'PR', 'SC', 'BA', 'DF', 'GO', 'ES', 'PE', 'CE', 'PA', 'MT', 'MA', 'MS', 'PB',
     'RN', 'AL', 'PI', 'SE', 'TO', 'RO', 'AM', 'AC', 'AP', 'RR'][1 + floor(29 * u5 * u6)::INTEGER] AS state,
    lpad(floor(u5 * 99999)::INTEGER::VARCHAR, 5, '0') AS zip_prefix,
    CASE
        WHEN u6 < 0.01 THEN 'Child 0–12' WHEN u6 < 0.06 THEN 'Teen 13–19' WHEN u6 < 0.92 THEN 'Adult 20–64'
        WHEN u6 < 0.98 THEN 'Elderly 65+' ELSE 'Unknown'
    END AS age_band,
    orders AS order_count,
    orders * spent AS value_brl,
    $as_of - 1 - recency - 40 * (orders - 1) AS first_purchase_date,
    $as_of - 1 - recency AS last_purchase_date,
    recency AS recency_days,
    orders - 1 AS frequency,
    40 * (orders - 1) AS recency,
    recency + 40 * (orders - 1) AS T,
    CASE WHEN orders > 1 THEN spent ELSE 0 END AS monetary_value,
    'category ' || floor(70 * u5)::INTEGER AS category,
    ['credit_card', 'boleto', 'voucher', 'debit_card'][1 + floor(4 * u6 * u5)::INTEGER] AS payment_type,
    1 + floor(5 * sqrt(u5)) AS review_score,
    floor(40 * u6)::INTEGER - 30 AS delivery_delay_days,
    1.0 AS p_alive,
    0.04 * strength AS p_purchase,
    0.01 * strength AS expected_purchases_30d,
    0.02 * strength AS expected_purchases_90d,
    0.04 * strength AS expected_purchases_180d,
    0.08 * strength AS expected_purchases_365d,
    160 + orders AS expected_spend,
    12 * strength AS cltv,
    11 * strength AS cltv_low,
    13.5 * strength AS cltv_high,
    1 - 0.04 * strength / orders AS churn_probability,
    0.002 * strength AS churn_sensitivity_30d,
    CASE WHEN recency > 240 THEN 'red' WHEN recency > 40 THEN 'yellow' ELSE 'green' END AS risk_band,
    '[{"feature":"recency_days","value":"' || recency || '","effect":0.15,"words":"no purchase"}]' AS reasons,
    CASE WHEN strength > 0.75 THEN 'High Value' ELSE 'Low Value' END AS value_tier,
    3 AS recency_score,
    orders AS frequency_score,
    3 AS monetary_score,
    CASE
        WHEN orders > 2 THEN 'Champions' WHEN orders > 1 THEN 'Loyal' WHEN recency < 30 THEN 'New'
        WHEN recency < 90 THEN 'Promising' WHEN recency < 180 THEN 'Needs attention'
        WHEN recency < 365 THEN 'Hibernating' ELSE 'Lost'
    END AS rfm_segment,
    CASE
        WHEN recency > 365 THEN 'Win-back' WHEN orders > 1 THEN 'VIP promotion' WHEN u6 < 0.04 THEN 'Service recovery'
        WHEN recency < 90 THEN 'Repurchase inducement' ELSE 'Nurture'
    END AS action,
    'silent' AS action_reason_code,
    recency AS action_reason_value,
    row_number() OVER (ORDER BY id) AS position
FROM scored
ORDER BY customer_unique_id
"""
_HISTORY = """
SELECT
    month AS snapshot_month,
    customer_unique_id,
    cltv * (0.7 + number / 40.0) AS cltv,
    churn_probability,
    risk_band,
    value_tier,
    rfm_segment
FROM customers, (SELECT unnest($months) AS month, generate_subscripts($months, 1) AS number) AS months
ORDER BY customer_unique_id, snapshot_month
"""
_PURCHASES = """
SELECT
    md5(customer_unique_id || number) AS order_id,
    customer_unique_id,
    last_purchase_date - 40 * number + INTERVAL 10 HOUR AS purchased_at,
    (value_brl / order_count)::DECIMAL(12,2) AS value_brl,
    (0.85 * value_brl / order_count)::DECIMAL(12,2) AS price_brl,
    (0.15 * value_brl / order_count)::DECIMAL(12,2) AS freight_brl,
    1 AS item_count,
    '[]' AS items,
    category,
    payment_type,
    last_purchase_date - 40 * number + INTERVAL 9 DAY AS delivered_at,
    last_purchase_date - 40 * number + 20 AS estimated_delivery_date,
    review_score
FROM customers, (SELECT number::INTEGER AS number FROM range(4) AS numbers (number)) AS repeats
WHERE number < order_count
ORDER BY customer_unique_id, purchased_at
"""
_TREND = """
SELECT
    month AS snapshot_month,
    $as_of AS as_of_date,
    (SELECT count(*) FROM customers) AS customers,
    1000 AS new_customers,
    1100 AS purchases,
    150000 AS revenue_brl,
    (SELECT sum(cltv) FROM customers) AS cltv_total
FROM (SELECT unnest($months) AS month) AS months
"""
_SUMMARY = """
SELECT
    month AS snapshot_month,
    '{dimension}' AS dimension,
    {segment} AS segment,
    count(*) AS customers,
    count(*) / any_value(everybody) AS customers_share,
    count(*) AS active_customers,
    sum(order_count) AS order_count,
    sum(value_brl) AS value_brl,
    sum(cltv) AS cltv_total,
    avg(cltv) AS cltv_mean
FROM customers, (SELECT unnest($months) AS month) AS months, (SELECT count(*) AS everybody FROM customers) AS total
GROUP BY ALL
"""
_DERIVED = (*LIST_TABLES, "segment_cube", "segment_medians", "segment_movement", "action_steps")


def write_snapshot(published: Path, customers: int = CUSTOMERS) -> Path:
    """Write a snapshot of that many customers and twelve months below `published`, and point to it."""
    folder = published / _SNAPSHOT_ID
    folder.mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute(
            f"ATTACH '{folder / snapshot.DATABASE}' AS snapshot (BLOCK_SIZE {snapshot.BLOCK_SIZE})"
        )
        connection.execute("USE snapshot")
        counts = _fill(connection, customers)
    manifest = _manifest(counts, snapshot.file_sha256(folder / snapshot.DATABASE))
    (folder / snapshot.MANIFEST).write_text(manifest.model_dump_json(), encoding="utf-8")
    pointer = json.dumps({"snapshot_id": _SNAPSHOT_ID})
    (published / snapshot.POINTER).write_text(pointer, encoding="utf-8")
    return folder


def _fill(connection: duckdb.DuckDBPyConnection, customers: int) -> dict[str, int]:
    for table, columns in snapshot.TABLES.items():
        connection.execute(
            f"CREATE TABLE {table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})"
        )
    values = {"months": list(MONTHS), "as_of": AS_OF, "customers": customers}
    totals = _SUMMARY.format(dimension="total", segment="'All'")
    summaries = [totals, *(_SUMMARY.format(dimension=name, segment=name) for name in _DIMENSIONS)]
    queries = [("customers", _CUSTOMERS), ("customer_history", _HISTORY), ("purchases", _PURCHASES)]
    queries += [
        ("cltv_trend", _TREND),
        *(("segment_summary", sql) for sql in summaries),
    ]
    for table, sql in queries:
        named = {name: value for name, value in values.items() if f"${name}" in sql}
        connection.execute(f"INSERT INTO {table} BY NAME ({sql})", named)
    fill_derived(connection, _DERIVED, {"horizon_days": 180})
    for table, column in snapshot.INDEXES:
        connection.execute(f"CREATE INDEX {table}_{column} ON {table} ({column})")
    return {table: _count(connection, table) for table in snapshot.TABLES}


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone() or (0,)
    return int(count)


def _manifest(counts: dict[str, int], digest: str) -> snapshot.Manifest:
    return snapshot.Manifest(
        schema_version=snapshot.SCHEMA_VERSION,
        snapshot_id=_SNAPSHOT_ID,
        published_at=datetime(2018, 9, 1, tzinfo=UTC),
        snapshot_month=MONTHS[-1],
        as_of_date=AS_OF,
        months=list(MONTHS),
        row_counts=counts,
        content_digests={},
        database_sha256=digest,
        model_versions={},
        mlflow_run_ids={},
        dagster_run_id="none",
        code_version="none",
        data_fingerprint="0" * 64,
        source="sample",
        is_simulated=True,
        demographics="simulated",
        horizon_days=180,
        cltv_horizon_days=365,
        annual_discount_rate=0.1,
        risk_rule=None,
    )
