"""Tiny snapshots, counted by hand, and the dashboard over them.

Stays out: snapshots of the pipeline (`tests/browser`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from dashboard import snapshot
from dashboard.app import create_app
from dashboard.settings import Settings
from dashboard.static_files import NEEDED
from dashboard.store import open_snapshot
from tests.derived_tables import LIST_TABLES, fill_derived

Rows = dict[str, list[dict[str, Any]]]
Publish = Callable[..., Path]


def _segment(month: str, dimension: str, segment: str, customers: int, **more: Any) -> dict[str, Any]:
    blank = {
        "customers_share": customers / 4,
        "active_customers": customers - 1,
        "order_count": 2 * customers,
        "value_brl": 100 * customers,
        "cltv_total": 2.5 * customers,
    }
    names = {"snapshot_month": month, "dimension": dimension, "segment": segment, "customers": customers}
    return names | blank | more


def _trend(month: str, as_of: date, customers: int, new: int, revenue: float) -> dict[str, Any]:
    return {
        "snapshot_month": month,
        "as_of_date": as_of,
        "customers": customers,
        "new_customers": new,
        "purchases": new + 1,
        "revenue_brl": revenue,
        "cltv_total": 2.5 * customers,
        "cltv_low": 2.0 * customers,
        "cltv_high": 3.5 * customers,
        "cltv_mean": 2.5,
        "cltv_high_value": 2.0 * customers,
        "cltv_low_value": 0.5 * customers,
    }


def tiny_rows() -> Rows:
    """Two months: in July three customers and no churn model, in August four of whom two are red."""
    july, august = "2018-07", "2018-08"
    quality = {"snapshot_month": august, "model": "churn_model", "baseline": "recency alone"}
    span = {"evaluated_from": date(2018, 2, 1), "evaluated_to": date(2018, 7, 31)}
    return {
        "segment_summary": [
            _segment(july, "total", "All", 3, repurchase_rate=0.0),
            _segment(july, "risk_band", "unknown", 3),
            _segment(august, "total", "All", 4, repurchase_rate=0.25, churn_probability_mean=0.98),
            _segment(august, "value_tier", "Low Value", 3, cltv_total=4.0),
            _segment(august, "value_tier", "High Value", 1, cltv_total=6.0, churn_sensitivity_30d=0.0044),
            _segment(august, "age_band", "Unknown", 4),
            _segment(august, "risk_band", "green", 1),
            _segment(august, "risk_band", "red", 2, value_brl=1234.56, cltv_total=1.5),
            _segment(august, "risk_band", "yellow", 1),
            _segment(august, "rfm_segment", "Lost", 3),
            _segment(august, "rfm_segment", "Champions", 1),
            _segment(august, "action", "Nurture", 3, cltv_total=1.0),
            _segment(august, "action", "VIP promotion", 1, cltv_total=9.0),
        ],
        "cltv_trend": [
            _trend(july, date(2018, 8, 1), 3, 3, 300.0),
            _trend(august, date(2018, 8, 30), 4, 1, 150.5),
        ],
        "model_quality": [
            quality
            | span
            | {"metric": "roc_auc", "value": 0.6, "low": 0.58, "high": 0.62, "baseline_value": 0.5},
            quality | span | {"metric": "something_new", "value": 12.5},
        ],
        "data_checks": [
            {"table_name": "purchases", "expectation": "x", "severity": "critical", "is_passed": True},
            {"table_name": "purchases", "expectation": "y", "severity": "critical", "is_passed": True},
            {"table_name": "reviews", "expectation": "z", "severity": "warning", "is_passed": False},
            {"table_name": "reviews", "expectation": "w", "severity": "warning", "is_passed": None},
        ],
        "data_loads": [
            {"table_name": "orders", "file_name": "orders.csv", "rows_read": 10, "rows_rejected": 1},
            {"table_name": "items", "file_name": "items.csv", "rows_read": 20, "rows_rejected": 0},
        ],
        "glossary": [
            {
                "table_name": "marts.segment_summary",
                "column_name": "repurchase_rate",
                "type": "DOUBLE",
                "unit": "fraction",
                "meaning": "Share of customers with more than one purchase.",
            }
        ],
    }


def _score(model: str, metric: str, value: float, **more: Any) -> dict[str, Any]:
    return {"snapshot_month": "2018-08", "model": model, "metric": metric, "value": value} | more


def _point(model: str, curve: str, position: int, x: float, y: float, **more: Any) -> dict[str, Any]:
    names = {"model": model, "model_version": "3", "curve": curve, "position": position}
    return names | {"x": x, "y": y} | more


def _days(number: int) -> dict[str, int | None]:
    """The group of customers with so many purchase days; the fourth is open above."""
    return {"group_from": number, "group_to": None if number == 4 else number}


def _served(month: str, model: str, version: str | None, **more: Any) -> dict[str, Any]:
    usual = {"trained_version": version, "status": "fitted", "decision": "promoted"}
    usual |= {"reason": "Chosen.", "reason_coded": stated("default_kept", family="BG/NBD")}
    usual |= {"decision_reason_coded": stated("champion_never_judged", version=f"of {month}")}
    names = {"snapshot_month": month, "model": model, "model_version": version, "choice": "catboost"}
    return names | usual | {"decision_reason": f"{month} was no worse."} | more


def stated(code: str, **values: Any) -> str:
    """A statement as the snapshot holds it."""
    return json.dumps([{"code": code, "values": values}])


def _looked_back(
    metric: str, model: str, value: float, low: float, high: float, **more: Any
) -> dict[str, Any]:
    span = {"evaluated_from": date(2018, 3, 1), "evaluated_to": date(2018, 8, 27), "horizon_days": 180}
    names = {"snapshot_month": "2018-08", "model": model, "metric": metric, "scored_month": "2018-02"}
    return names | span | {"model_version": "1", "value": value, "low": low, "high": high} | more


def model_tables() -> Rows:
    """Both models served by version 3: churn since July, the lifetime value since August; curves, past and drift."""
    held = {"trained_version": "4", "decision": "held", "decision_reason": "Worse."}
    held |= {"decision_reason_coded": stated("not_judged", version="3")}
    none = {"status": "not enough data", "decision": None, "decision_reason": None}
    none |= {"reason": "Too few.", "decision_reason_coded": None}
    none |= {"reason_coded": stated("purchase_model_needs", needed=100, repeat_customers=7)}
    return {
        "model_quality": [
            _score("cltv_model", "interval_coverage_80", 0.64, low=0.41, high=0.83),
            _score("cltv_model", "holdout_total_error", -0.1, low=-0.2, high=0.05),
        ],
        "model_curves": [
            _point("churn_model", "calibration", 0, 0.01, 0.02, low=0.01, high=0.03, customers=50),
            _point("churn_model", "calibration", 1, 0.10, 0.08, low=0.05, high=0.12, customers=50),
            _point("churn_model", "gain", 0, 0.0, 0.0, baseline=0.0),
            _point("churn_model", "gain", 1, 0.1, 0.375, baseline=0.25),
            _point("churn_model", "gain", 2, 1.0, 1.0, baseline=1.0),
            *(
                _point("cltv_model", "calibration", i, 0.1 * i, 0.11 * i, customers=9 - i, **_days(i + 1))
                for i in range(4)
            ),
            _point("cltv_model", "gain", 0, 0.0, 0.0, baseline=0.0),
            _point("cltv_model", "gain", 1, 1.0, 1.0, baseline=1.0),
        ],
        "model_history": [
            _served("2018-06", "churn_model", None, trained_version=None, choice=None, **none),
            _served("2018-07", "churn_model", "3"),
            _served("2018-08", "churn_model", "3", **held),
            _served("2018-07", "cltv_model", "2"),
            _served("2018-08", "cltv_model", "3"),
        ],
        "past_predictions": [
            _looked_back("roc_auc", "churn_model", 0.61, 0.55, 0.66),
            _looked_back("return_rate_error", "churn_model", -0.2, -0.3, -0.1, predicted=0.008, seen=0.01),
            _looked_back("purchases_error", "cltv_model", 0.04, -0.1, 0.2, predicted=52.0, seen=50.0),
        ],
        "population_drift": [
            {"model_version": "3", "feature": "age_days", "psi": 0.31, "validated_psi": 0.2},
            {"model_version": "3", "feature": "churn_probability", "psi": 0.02, "validated_psi": 0.01},
        ],
        "glossary": [
            {"table_name": table, "column_name": column, "type": "DOUBLE", "unit": "BRL", "meaning": meaning}
            for table, column, meaning in (
                ("scores.customer_cltv", "cltv", "Discounted expected spend."),
                ("marts.cltv_trend", "customers", "Customers with a purchase."),
                ("features.customer_behaviour", "age_days", "Days since the first purchase."),
                ("raw.orders", "order_id", "The order."),
            )
        ],
    }


_POSITIONS = """
UPDATE customers SET position = place
FROM (
    SELECT customer_unique_id AS one, row_number() OVER (ORDER BY customer_unique_id) AS place FROM customers
) AS places
WHERE customer_unique_id = one
"""


def _fill(database: Path, rows: Rows) -> dict[str, int]:
    with duckdb.connect(str(database)) as connection:
        for table, columns in snapshot.TABLES.items():
            connection.execute(f"CREATE TABLE {table} ({', '.join(f'{n} {t}' for n, t in columns.items())})")
            for row in rows.get(table, []):
                names = ", ".join(row)
                marks = ", ".join("?" * len(row))
                connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))
        connection.execute(_POSITIONS)
        fill_derived(connection, LIST_TABLES)
    return {table: len(rows.get(table, [])) for table in snapshot.TABLES}


def _manifest(snapshot_id: str, counts: dict[str, int], digest: str) -> snapshot.Manifest:
    return snapshot.Manifest(
        schema_version=snapshot.SCHEMA_VERSION,
        snapshot_id=snapshot_id,
        published_at=datetime(2018, 9, 1, 3, 12, tzinfo=UTC),
        snapshot_month="2018-08",
        as_of_date=date(2018, 8, 30),
        months=["2018-07", "2018-08"],
        row_counts=counts,
        content_digests={},
        database_sha256=digest,
        model_versions={"churn_model": "3"},
        mlflow_run_ids={},
        dagster_run_id="run",
        code_version="0.1.0",
        data_fingerprint="0123456789abcdef" * 4,
        source="sample",
        is_simulated=False,
        demographics="none",
        horizon_days=180,
        cltv_horizon_days=365,
        annual_discount_rate=0.1,
        risk_rule=snapshot.RiskRule(base_return_rate=0.0116, green_lift=1.5, red_lift=0.75),
    )


@pytest.fixture
def rows() -> Rows:
    """The rows of the tiny snapshot, to change before publishing."""
    return tiny_rows()


@pytest.fixture
def model_rows(rows: Rows) -> Rows:
    """The rows of the tiny snapshot with those of the models added."""
    for table, more in model_tables().items():
        rows[table] = rows.get(table, []) + more
    return rows


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A folder for published snapshots, with none in it."""
    folder = tmp_path / "published"
    folder.mkdir()
    return folder


@pytest.fixture
def publish(published: Path) -> Publish:
    """Writes a snapshot of the given rows, with changes to its manifest, and moves the pointer to it."""

    def write(rows: Rows, snapshot_id: str = "2018-08-aaaaaaaaaaaa", **changes: Any) -> Path:
        folder = published / snapshot_id
        folder.mkdir()
        counts = _fill(folder / snapshot.DATABASE, rows)
        manifest = _manifest(snapshot_id, counts, snapshot.file_sha256(folder / snapshot.DATABASE))
        text = manifest.model_copy(update=changes).model_dump_json()
        (folder / snapshot.MANIFEST).write_text(text, encoding="utf-8")
        pointer = published / "pointer.new"
        pointer.write_text(json.dumps({"snapshot_id": snapshot_id}), encoding="utf-8")
        pointer.replace(published / snapshot.POINTER)
        return folder

    return write


@pytest.fixture
def asking(publish: Publish) -> Callable[[Rows], AbstractContextManager[sa.Connection]]:
    """Publishes rows and opens a connection to them."""

    @contextmanager
    def connect(rows: Rows) -> Iterator[sa.Connection]:
        engine = open_snapshot(publish(rows)).engine
        with engine.connect() as connection:
            yield connection
        engine.dispose()

    return connect


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A folder that stands for the built styles and scripts."""
    folder = tmp_path / "dist"
    for name in NEEDED:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"/* {name} */", encoding="utf-8")
    return folder


@pytest.fixture
def client(published: Path, built: Path) -> Iterator[TestClient]:
    """A client of the dashboard over the folder `published`."""
    app = create_app(Settings(home=published.parent, _env_file=None), built)
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:
        yield client
