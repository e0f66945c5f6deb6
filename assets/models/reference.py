"""The row that refers a month to its model version, or says why the month has none.

Stays out: the version itself, which MLflow keeps.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pandas as pd

from assets.resources.tracking import ModelReference
from assets.work import Work
from ml.metrics import ModelMetric

FITTED, NOT_ENOUGH_DATA = "fitted", "not enough data"


def reference_row(
    work: Work,
    model: ModelReference | None,
    reason: str,
    metrics: Sequence[ModelMetric] = (),
    more: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """One row for the model's table; without a model its status is "not enough data" and `reason` says why."""
    as_of = work.parameters["as_of"].date()
    row = {
        "snapshot_month": work.month,
        "model_name": work.contract.name,
        "model_version": model.version if model else None,
        "status": FITTED if model else NOT_ENOUGH_DATA,
        "reason": reason,
        "as_of_date": as_of,
        "evaluated_from": as_of - timedelta(days=work.parameters["horizon_days"]) if metrics else None,
        "evaluated_to": as_of - timedelta(days=1) if metrics else None,
        "metrics": json.dumps([asdict(metric) for metric in metrics]),
        **(more or {}),
    }
    return pd.DataFrame([row])


def run_tags(work: Work) -> dict[str, str]:
    """What every model run says of where it came from."""
    run = work.run
    return {
        "as_of_date": str(work.parameters["as_of"].date()),
        "data_fingerprint": run.fingerprint,
        "dagster_run_id": run.dagster_run_id,
        "code_version": run.code_version,
        "is_simulated": str(run.is_simulated).lower(),
        "source": run.origin,
    }


def model_facts(model: ModelReference | None, reason: str, metrics: Sequence[ModelMetric]) -> dict[str, Any]:
    """What the asset page shows: version, reason and the figures."""
    figures = {metric.metric: metric.value for metric in metrics}
    return {"model_version": model.version if model else NOT_ENOUGH_DATA, "reason": reason, **figures}


def month_model(work: Work, table: str) -> dict[str, Any] | None:
    """The reference of the month's model, None where the month has too little data for one.

    Raises:
        LookupError: the month's model was never made.
    """
    rows = work.query(f"SELECT * FROM {table} WHERE snapshot_month = $snapshot_month")
    if rows.empty:
        raise LookupError(f"{table} has no row for {work.month}: materialise it first")
    row: dict[str, Any] = rows.iloc[0].to_dict()
    return row if row["status"] == FITTED else None
