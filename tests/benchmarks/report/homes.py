"""Runs of the pipeline with their state kept, and what is read from them: tables, versions, figures.

Stays out: what is made of it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from assets.catalog import catalog
from assets.months import data_end, snapshot_month
from assets.parameters import Parameters
from assets.resources.registry import Version
from assets.resources.tracking import Tracking
from assets.work import Work, read_run_facts
from ml.metrics import ModelMetric

ROOT = Path(__file__).parent.parent.parent.parent
_FIGURES = "metrics_with_intervals.json"


@dataclass(frozen=True)
class ModelRun:
    """The run of a version in MLflow: the parameters it kept, its figures, and those of its candidates by name."""

    version: Version
    parameters: dict[str, str]
    figures: dict[str, ModelMetric]
    candidates: dict[str, dict[str, float]] = field(default_factory=dict)

    @property
    def evaluated_from(self) -> str:
        """The first day of the held-out period, one horizon before the as-of date."""
        return str(self.version.as_of - timedelta(days=int(self.parameters["horizon_days"])))


@dataclass(frozen=True)
class Home:
    """The state of a finished run.

    Attributes:
        path: its CRM_HOME.
        source: the folder that was read.
    """

    path: Path
    source: Path

    @cached_property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The warehouse, read-only."""
        return duckdb.connect(str(self.path / "warehouse.duckdb"), read_only=True)

    @cached_property
    def tracking(self) -> Tracking:
        """The MLflow store."""
        return Tracking(database=str(self.path / "mlflow.db"), artifacts=str(self.path / "mlartifacts"))

    def query(self, sql: str, **values: Any) -> pd.DataFrame:
        """The rows of a query."""
        return self.connection.execute(sql, values).df()

    def work(self, table: str, month: str) -> Work:
        """The work of a month's table, as the run had it."""
        parameters = Parameters().of_month(snapshot_month(month, data_end(self.connection)))
        facts = read_run_facts(self.connection, "", "")
        return Work(self.connection, catalog()[table].contract, parameters, facts, self.tracking)

    def references(self, model: str) -> list[dict[str, Any]]:
        """The rows of models.<model>, month by month; what is missing is None."""
        rows = self.query(f"FROM models.{model} ORDER BY snapshot_month")
        return rows.astype(object).where(rows.notna(), None).to_dict("records")

    def model_run(self, name: str, number: str) -> ModelRun:
        """The run that a version came from."""
        import mlflow.artifacts

        client = self.tracking.client()
        version = self.tracking.registry().version(name, number)
        run = client.get_run(version.run_id)
        found = mlflow.artifacts.load_dict(f"runs:/{version.run_id}/{_FIGURES}")
        figures = {one["metric"]: ModelMetric(**one) for one in found["metrics"]}
        children = client.search_runs(
            [run.info.experiment_id], f"tags.`mlflow.parentRunId` = '{version.run_id}'"
        )
        candidates = {
            str(child.info.run_name).removeprefix(f"{version.month} "): dict(child.data.metrics)
            for child in children
        }
        return ModelRun(version, dict(run.data.params), figures, candidates)


def run_history(source: Path, home: Path) -> Home:
    """Run `crm run --history` with default settings, unless `home` holds a finished run already."""
    if not (home / "published" / "current.json").exists():
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CRM_")}
        command = [sys.executable, "-m", "orchestration.cli", "run", "--source", str(source), "--history"]
        done = subprocess.run(
            command, cwd=ROOT, env={**environment, "CRM_HOME": str(home)}, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"crm run failed on {source.name}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return Home(home, source)
