"""Publish the newest month with the history of all: an immutable folder, and a pointer moved to it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from assets.catalog import ROOT
from assets.glossary import glossary
from assets.models.reference import CURVES, CURVES_FILE
from assets.resources.publisher import publish
from assets.work import Built, Work
from dashboard.snapshot import TABLES, RiskRule
from ml.curves import curve_frame

_FOLDER = ROOT / "publish" / "snapshot"
_FRAMES = ("glossary", "model_curves")
QUERIES = {
    table: (_FOLDER / f"{table}.sql").read_text(encoding="utf-8") for table in TABLES if table not in _FRAMES
} | {"models": "SELECT * FROM models.cltv_model, models.churn_model", "source": "FROM raw.data_source"}


def build(work: Work) -> Built:
    """Write, verify and point to the snapshot; publishing equal content again changes nothing."""
    published = Path(work.parameters["published"])
    tables = {table: QUERIES[table] for table in TABLES if table not in _FRAMES}
    manifest = publish(
        work.connection,
        published,
        tables,
        {"glossary": glossary(), "model_curves": _curves(work)},
        {name: work.parameters[name] for name in ("as_of", "horizon_days")} | {"snapshot_month": work.month},
        lambda: _description(work),
        keep=work.parameters["keep_snapshots"],
    )
    row = {
        "snapshot_id": manifest.snapshot_id,
        "snapshot_month": manifest.snapshot_month,
        "as_of_date": manifest.as_of_date,
        "months": len(manifest.months),
        "customers": manifest.row_counts["customers"],
        "purchases": manifest.row_counts["purchases"],
    }
    work.connection.register("published_row", pd.DataFrame([row]))
    work.connection.execute(f"CREATE OR REPLACE TABLE {work.contract.table} ({work.contract.columns_sql})")
    work.connection.execute(f"INSERT INTO {work.contract.table} BY NAME SELECT * FROM published_row")
    work.connection.unregister("published_row")
    return Built(
        1,
        facts={
            **{name: str(value) for name, value in row.items()},
            "folder": str(published / manifest.snapshot_id),
        },
    )


def _description(work: Work) -> dict[str, Any]:
    """What the manifest says beside the tables."""
    models = {name: _model(work, name) for name in ("cltv_model", "churn_model")}
    churn = models["churn_model"]
    fitted = {name: row for name, row in models.items() if row["model_version"] is not None}
    rule = {name: churn[name] for name in ("base_return_rate", "green_lift", "red_lift")}
    run, registry = work.run, work.tracking.registry()
    return {
        "snapshot_month": work.month,
        "as_of_date": work.parameters["as_of"].date(),
        "model_versions": {name: row["model_version"] for name, row in fitted.items()},
        "mlflow_run_ids": {
            name: registry.version(name, row["model_version"]).run_id for name, row in fitted.items()
        },
        "dagster_run_id": run.dagster_run_id,
        "code_version": run.code_version,
        "data_fingerprint": run.fingerprint,
        "source": run.origin,
        "is_simulated": run.is_simulated,
        "demographics": run.demographics,
        "horizon_days": work.parameters["horizon_days"],
        "cltv_horizon_days": work.parameters["cltv_horizon_days"],
        "annual_discount_rate": work.parameters["annual_discount_rate"],
        "risk_rule": RiskRule(**rule) if "churn_model" in fitted else None,
    }


def _curves(work: Work) -> pd.DataFrame:
    """The curves that the serving versions were validated with; of each model that has one."""
    parts = [curve_frame("", np.empty(0), np.empty(0)).assign(model="", model_version="")]
    for name in ("cltv_model", "churn_model"):
        version = _model(work, name)["model_version"]
        if version is not None:
            text = work.tracking.load_files(name, version, CURVES)[CURVES_FILE].decode()
            parts.append(pd.read_csv(io.StringIO(text)).assign(model=name, model_version=version))
    return pd.concat(parts[1:] or parts, ignore_index=True)


def _model(work: Work, name: str) -> dict[str, Any]:
    rows = work.query(f"SELECT * FROM models.{name} WHERE snapshot_month = $snapshot_month")
    if rows.empty:
        raise LookupError(f"models.{name} has no row for {work.month}: materialise it first")
    found: dict[str, Any] = rows.iloc[0].to_dict()
    return found
