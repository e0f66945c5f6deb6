"""The contract of a published snapshot: its tables, its manifest, its pointer.

Stays out: how a snapshot is made (`assets.publish`) and how it is shown (`dashboard.pages`).

Layout of the folder `published/`::

    current.json                  {"snapshot_id": "2018-08-1f2e3d4c5b6a"}, replaced by atomic rename
    2018-08-1f2e3d4c5b6a/         immutable
        snapshot.duckdb           the tables below, with indexes
        manifest.json             what it is made of (`Manifest`)
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import duckdb
from pydantic import BaseModel, ConfigDict, ValidationError

SCHEMA_VERSION = 4
POINTER = "current.json"
MANIFEST = "manifest.json"
DATABASE = "snapshot.duckdb"

# A column named `_coded` says the same as the one before it as codes and values, for other languages: a JSON list.
# Written in this order: a table may be made from those above it, which its query names `snapshot.<table>`.
TABLES: dict[str, dict[str, str]] = {
    # One row per customer, at the newest month; `position` is the customer's place in the order of ids, from 1.
    "customers": {
        "customer_unique_id": "VARCHAR",
        "city": "VARCHAR",
        "state": "VARCHAR",
        "zip_prefix": "VARCHAR",
        "age_band": "VARCHAR",
        "order_count": "INTEGER",
        "value_brl": "DECIMAL(14,2)",
        "first_purchase_date": "DATE",
        "last_purchase_date": "DATE",
        "recency_days": "INTEGER",
        "frequency": "INTEGER",
        "recency": "INTEGER",
        "T": "INTEGER",
        "monetary_value": "DOUBLE",
        "category": "VARCHAR",
        "payment_type": "VARCHAR",
        "review_score": "DOUBLE",
        "delivery_delay_days": "INTEGER",
        "p_alive": "DOUBLE",
        "p_purchase": "DOUBLE",
        "expected_purchases_30d": "DOUBLE",
        "expected_purchases_90d": "DOUBLE",
        "expected_purchases_180d": "DOUBLE",
        "expected_purchases_365d": "DOUBLE",
        "expected_spend": "DOUBLE",
        "cltv": "DOUBLE",
        "cltv_low": "DOUBLE",
        "cltv_high": "DOUBLE",
        "expected_next_purchase_date": "DATE",
        "churn_probability": "DOUBLE",
        "churn_sensitivity_30d": "DOUBLE",
        "risk_band": "VARCHAR",
        "reasons": "VARCHAR",
        "value_tier": "VARCHAR",
        "recency_score": "TINYINT",
        "frequency_score": "TINYINT",
        "monetary_score": "TINYINT",
        "rfm_segment": "VARCHAR",
        "action": "VARCHAR",
        "action_reason_code": "VARCHAR",
        "action_reason_value": "INTEGER",
        "position": "INTEGER",
    },
    # One row per dimension and segment that a customer is in, numbered from 1 within the dimension.
    "segment_codes": {
        "dimension": "VARCHAR",
        "segment": "VARCHAR",
        "code": "SMALLINT",
        "customers": "BIGINT",
    },
    # One row per customer, for finding them, those alike stored together: their position, their places in the rising
    # order of each figure, alike ones by id (NULL without the figure), and the codes of `segment_codes` (NULL without a
    # segment).
    "customer_list": {
        "position": "INTEGER",
        "cltv_rank": "INTEGER",
        "churn_probability_rank": "INTEGER",
        "value_brl_rank": "INTEGER",
        "last_purchase_date_rank": "INTEGER",
        "order_count_rank": "INTEGER",
        "value_tier_code": "SMALLINT",
        "age_band_code": "SMALLINT",
        "risk_band_code": "SMALLINT",
        "rfm_segment_code": "SMALLINT",
        "action_code": "SMALLINT",
        "state_code": "SMALLINT",
        "cltv": "DOUBLE",
        "value_brl": "DECIMAL(14,2)",
        "last_purchase_date": "DATE",
    },
    # One row per customer and month.
    "customer_history": {
        "snapshot_month": "VARCHAR",
        "customer_unique_id": "VARCHAR",
        "cltv": "DOUBLE",
        "churn_probability": "DOUBLE",
        "risk_band": "VARCHAR",
        "value_tier": "VARCHAR",
        "rfm_segment": "VARCHAR",
    },
    # One row per order that counts, up to the newest month's as-of date.
    "purchases": {
        "order_id": "VARCHAR",
        "customer_unique_id": "VARCHAR",
        "purchased_at": "TIMESTAMP",
        "value_brl": "DECIMAL(12,2)",
        "price_brl": "DECIMAL(12,2)",
        "freight_brl": "DECIMAL(12,2)",
        "item_count": "INTEGER",
        "items": "VARCHAR",
        "category": "VARCHAR",
        "payment_type": "VARCHAR",
        "delivered_at": "TIMESTAMP",
        "estimated_delivery_date": "DATE",
        "review_score": "TINYINT",
        "review_comment": "VARCHAR",
    },
    # One row per month, dimension and segment; dimension 'total' has the one segment 'All'.
    "segment_summary": {
        "snapshot_month": "VARCHAR",
        "dimension": "VARCHAR",
        "segment": "VARCHAR",
        "customers": "BIGINT",
        "customers_share": "DOUBLE",
        "active_customers": "BIGINT",
        "order_count": "BIGINT",
        "value_brl": "DECIMAL(38,2)",
        "cltv_total": "DOUBLE",
        "cltv_low": "DOUBLE",
        "cltv_high": "DOUBLE",
        "cltv_mean": "DOUBLE",
        "expected_purchases_180d": "DOUBLE",
        "repurchase_rate": "DOUBLE",
        "churn_probability_mean": "DOUBLE",
        "churn_sensitivity_30d": "DOUBLE",
    },
    # One row per combination of segments and action that has customers, at the newest month; sums, so that any cut
    # adds up.
    "segment_cube": {
        "value_tier": "VARCHAR",
        "age_band": "VARCHAR",
        "risk_band": "VARCHAR",
        "rfm_segment": "VARCHAR",
        "action": "VARCHAR",
        "customers": "BIGINT",
        "active_customers": "BIGINT",
        "repeat_customers": "BIGINT",
        "scored_customers": "BIGINT",
        "order_count": "BIGINT",
        "value_brl": "DECIMAL(38,2)",
        "cltv_total": "DOUBLE",
        "churn_probability_total": "DOUBLE",
        "churn_sensitivity_total": "DOUBLE",
    },
    # One row per dimension and pair of segments, from the month before to the newest; new customers come from none.
    "segment_movement": {
        "dimension": "VARCHAR",
        "segment_before": "VARCHAR",
        "segment": "VARCHAR",
        "customers": "BIGINT",
        "cltv_total": "DOUBLE",
    },
    # One row per dimension and segment, at the newest month: the customer in the middle.
    "segment_medians": {
        "dimension": "VARCHAR",
        "segment": "VARCHAR",
        "customers": "BIGINT",
        "order_count": "DOUBLE",
        "value_brl": "DOUBLE",
        "recency_days": "DOUBLE",
        "review_score": "DOUBLE",
        "cltv": "DOUBLE",
        "churn_probability": "DOUBLE",
    },
    # One row per action and hundredth of its customers, by falling cltv, at the newest month.
    "action_steps": {
        "action": "VARCHAR",
        "step": "INTEGER",
        "customers": "BIGINT",
        "cltv_min": "DOUBLE",
        "cltv_total": "DOUBLE",
    },
    # One row per month.
    "cltv_trend": {
        "snapshot_month": "VARCHAR",
        "as_of_date": "DATE",
        "customers": "BIGINT",
        "new_customers": "BIGINT",
        "purchases": "BIGINT",
        "revenue_brl": "DECIMAL(38,2)",
        "cltv_total": "DOUBLE",
        "cltv_low": "DOUBLE",
        "cltv_high": "DOUBLE",
        "cltv_mean": "DOUBLE",
        "cltv_high_value": "DOUBLE",
        "cltv_low_value": "DOUBLE",
    },
    # One row per month, model and metric, each beside a naive baseline, with 95 % intervals.
    "model_quality": {
        "snapshot_month": "VARCHAR",
        "model": "VARCHAR",
        "metric": "VARCHAR",
        "value": "DOUBLE",
        "low": "DOUBLE",
        "high": "DOUBLE",
        "baseline": "VARCHAR",
        "baseline_value": "DOUBLE",
        "baseline_low": "DOUBLE",
        "baseline_high": "DOUBLE",
        "evaluated_from": "DATE",
        "evaluated_to": "DATE",
    },
    # One row per point of a curve that the serving version was validated with.
    "model_curves": {
        "model": "VARCHAR",
        "model_version": "VARCHAR",
        "curve": "VARCHAR",
        "position": "INTEGER",
        "x": "DOUBLE",
        "y": "DOUBLE",
        "low": "DOUBLE",
        "high": "DOUBLE",
        "baseline": "DOUBLE",
        "customers": "BIGINT",
        "group_from": "INTEGER",
        "group_to": "INTEGER",
    },
    # One row per month and model: the version that served it, and what became of the version fitted in it.
    "model_history": {
        "snapshot_month": "VARCHAR",
        "model": "VARCHAR",
        "model_version": "VARCHAR",
        "choice": "VARCHAR",
        "trained_version": "VARCHAR",
        "status": "VARCHAR",
        "reason": "VARCHAR",
        "reason_coded": "VARCHAR",
        "decision": "VARCHAR",
        "decision_reason": "VARCHAR",
        "decision_reason_coded": "VARCHAR",
    },
    # One row per month that looks back, model and metric.
    "past_predictions": {
        "snapshot_month": "VARCHAR",
        "model": "VARCHAR",
        "metric": "VARCHAR",
        "scored_month": "VARCHAR",
        "model_version": "VARCHAR",
        "horizon_days": "INTEGER",
        "value": "DOUBLE",
        "low": "DOUBLE",
        "high": "DOUBLE",
        "predicted": "DOUBLE",
        "seen": "DOUBLE",
        "evaluated_from": "DATE",
        "evaluated_to": "DATE",
    },
    # One row per feature of the serving churn model, and one for its score, at the newest month.
    "population_drift": {
        "model_version": "VARCHAR",
        "feature": "VARCHAR",
        "psi": "DOUBLE",
        "validated_psi": "DOUBLE",
    },
    # One row per difference against the snapshot published before, and per warning.
    "alerts": {
        "alert_id": "VARCHAR",
        "kind": "VARCHAR",
        "severity": "VARCHAR",
        "dimension": "VARCHAR",
        "subject": "VARCHAR",
        "expectation": "VARCHAR",
        "detail": "VARCHAR",
        "detail_coded": "VARCHAR",
        "message": "VARCHAR",
        "value": "DOUBLE",
        "value_before": "DOUBLE",
        "compared_with": "VARCHAR",
    },
    # One row per check of the latest run.
    "data_checks": {
        "table_name": "VARCHAR",
        "expectation": "VARCHAR",
        "column_name": "VARCHAR",
        "severity": "VARCHAR",
        "is_passed": "BOOLEAN",
        "observed": "VARCHAR",
        "observed_coded": "VARCHAR",
        "meaning": "VARCHAR",
        "meaning_coded": "VARCHAR",
    },
    # One row per source file.
    "data_loads": {
        "table_name": "VARCHAR",
        "file_name": "VARCHAR",
        "file_bytes": "BIGINT",
        "file_sha256": "VARCHAR",
        "rows_read": "BIGINT",
        "rows_rejected": "BIGINT",
        "note": "VARCHAR",
        "note_coded": "VARCHAR",
    },
    # One row per column of every table: the field's terms in words.
    "glossary": {
        "table_name": "VARCHAR",
        "column_name": "VARCHAR",
        "type": "VARCHAR",
        "unit": "VARCHAR",
        "meaning": "VARCHAR",
    },
}

INDEXES: tuple[tuple[str, str], ...] = (
    ("customers", "customer_unique_id"),
    ("customers", "position"),
    ("customer_list", "position"),
    ("customer_history", "customer_unique_id"),
    ("purchases", "customer_unique_id"),
)
# The database's block, in bytes: the smallest there is, a sixteenth of DuckDB's usual one. Whoever reads one customer
# reads a block of each column; the file of a million customers is a seventh larger for it.
BLOCK_SIZE = 16_384


class SnapshotError(RuntimeError):
    """A snapshot that cannot be opened or does not match its manifest; the message says what and where."""


class RiskRule(BaseModel):
    """How a return probability becomes a band: green from `green_lift` base rates on, red below `red_lift`."""

    model_config = ConfigDict(frozen=True)

    base_return_rate: float
    green_lift: float
    red_lift: float


class Manifest(BaseModel):
    """What a snapshot is made of. Every figure is of the newest month unless a name says otherwise."""

    model_config = ConfigDict(frozen=True)

    schema_version: int
    snapshot_id: str
    published_at: datetime
    snapshot_month: str
    as_of_date: date
    months: list[str]
    row_counts: dict[str, int]
    content_digests: dict[str, str]
    database_sha256: str
    model_versions: dict[str, str]
    mlflow_run_ids: dict[str, str]
    dagster_run_id: str
    code_version: str
    data_fingerprint: str
    source: str
    is_simulated: bool
    demographics: Literal["none", "file", "simulated"]
    horizon_days: int
    cltv_horizon_days: int
    annual_discount_rate: float
    risk_rule: RiskRule | None


def current_snapshot_id(published: Path) -> str | None:
    """The id the pointer names, or None before the first publication; SnapshotError if it does not read."""
    pointer = published / POINTER
    if not pointer.exists():
        return None
    try:
        return str(json.loads(pointer.read_text(encoding="utf-8"))["snapshot_id"])
    except (ValueError, KeyError, TypeError) as error:
        raise SnapshotError(
            f"{pointer} does not read as a pointer ({error}): publish again with crm run"
        ) from error


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the snapshot in `folder`; SnapshotError if it is missing, unreadable or of another version."""
    path = folder / MANIFEST
    try:
        manifest = Manifest.model_validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SnapshotError(f"{path} is missing: the snapshot is incomplete") from error
    except ValidationError as error:
        raise SnapshotError(f"{path} does not read as a manifest: {error}") from error
    if manifest.schema_version != SCHEMA_VERSION:
        raise SnapshotError(
            f"{path} has schema version {manifest.schema_version}, this program reads {SCHEMA_VERSION}: "
            "run the pipeline again to publish anew"
        )
    return manifest


def connect(folder: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the database of the snapshot in `folder`."""
    path = folder / DATABASE
    if not path.exists():
        raise SnapshotError(f"{path} is missing: the snapshot is incomplete")
    return duckdb.connect(str(path), read_only=True)


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def content_digest(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """A digest of a table's rows that does not depend on their order or on the file's layout."""
    return query_digest(connection, f"SELECT * FROM {table}", {})


def query_digest(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, Any]) -> str:
    """The digest that a table with a query's rows would have: an exclusive or and a sum of the rows' hashes."""
    row = connection.execute(
        f"SELECT count(*), bit_xor(hash(rows)), sum(hash(rows)::HUGEINT) FROM ({sql}) AS rows",
        dict(parameters),
    ).fetchone()
    return hashlib.sha256(repr(row).encode()).hexdigest()


def published_manifests(published: Path) -> list[Manifest]:
    """The manifests of all snapshots that this program can read, the newest first."""
    found = []
    for path in published.glob(f"*/{MANIFEST}"):
        try:
            found.append(read_manifest(path.parent))
        except SnapshotError:
            continue
    return sorted(found, key=lambda manifest: (manifest.published_at, manifest.snapshot_id), reverse=True)


def verify(folder: Path) -> Manifest:
    """Check a snapshot against this contract and its own manifest; SnapshotError on the first difference."""
    manifest = read_manifest(folder)
    if not (folder / DATABASE).exists():
        raise SnapshotError(f"{folder / DATABASE} is missing: the snapshot is incomplete")
    digest = file_sha256(folder / DATABASE)
    if digest != manifest.database_sha256:
        raise SnapshotError(f"{folder / DATABASE} does not match the checksum in its manifest")
    with connect(folder) as connection:
        for table, columns in TABLES.items():
            found = dict(
                connection.execute(
                    "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index",
                    [table],
                ).fetchall()
            )
            if list(found.items()) != list(columns.items()):
                raise SnapshotError(
                    f"{folder}: table {table} has columns {found}, the contract says {columns}"
                )
            (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone() or (0,)
            if count != manifest.row_counts.get(table):
                raise SnapshotError(
                    f"{folder}: table {table} has {count} rows, the manifest says {manifest.row_counts.get(table)}"
                )
    return manifest
