"""What is kept of a fitted model, and how it is written into an MLflow run.

Stays out: the store and finding again what is kept (`tracking`), and decisions (`registry`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from assets.resources.registry import AS_OF, BY_PIPELINE, CHOICE, DIGEST, LINEAGE, MADE_BY, MONTH
from ml.metrics import ModelMetric

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.models.model import ModelInfo

KIND, CANDIDATE = "kind", "candidate"
INTERVALS_FILE = "metrics_with_intervals.json"
_PARENT = "mlflow.parentRunId"


@dataclass(frozen=True)
class Child:
    """A candidate beside the one chosen: a run of its own under the month's run."""

    name: str
    parameters: Mapping[str, Any]
    metrics: Sequence[ModelMetric]
    tags: Mapping[str, str]


@dataclass(frozen=True)
class ModelRecord:
    """What is kept of a fitted model.

    Attributes:
        name: the registered model.
        month: the snapshot month.
        as_of: the as-of date; the model knows nothing later.
        lineage: what versions must share to stand in for each other: the source and the meaning of the scores.
        choice: the family or class that was chosen.
        digest: identity of the model and of the data it was fitted on.
        log_model: writes the model into the run that is active, and returns what MLflow says of it.
        parameters, metrics, tags, figures (PNG), texts: what the run keeps beside it.
        files: what loading needs, by path; `load_files` gives them back.
        children: the candidates.
        made_by: the pipeline or the search.
        experiment: where the run stands; the model's name unless given.
    """

    name: str
    month: str
    as_of: date
    lineage: str
    choice: str
    digest: str
    log_model: Callable[[], ModelInfo]
    parameters: Mapping[str, Any]
    metrics: Sequence[ModelMetric]
    tags: Mapping[str, str] = field(default_factory=dict)
    figures: Mapping[str, bytes] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    children: Sequence[Child] = ()
    made_by: str = BY_PIPELINE
    experiment: str = ""


def version_tags(record: ModelRecord) -> dict[str, str]:
    """The tags of the registered version."""
    return {
        DIGEST: record.digest,
        MONTH: record.month,
        AS_OF: record.as_of.isoformat(),
        LINEAGE: record.lineage,
        MADE_BY: record.made_by,
        CHOICE: record.choice,
    }


def log_record(client: MlflowClient, run_id: str, record: ModelRecord) -> None:
    """Write everything but the model itself into a run."""
    log_figures(client, run_id, record.metrics, record.parameters)
    _log_intervals(client, run_id, record.metrics)
    files = {
        **{f"{name}.png": png for name, png in record.figures.items()},
        **{name: text.encode() for name, text in record.texts.items()},
        **record.files,
    }
    with TemporaryDirectory() as folder:
        for name, content in files.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        client.log_artifacts(run_id, folder)


def log_figures(
    client: MlflowClient, run_id: str, metrics: Sequence[ModelMetric], parameters: Mapping[str, Any]
) -> None:
    """Log metrics, those of the baseline beside them, and parameters in one go."""
    from mlflow.entities import Metric, Param

    now = int(time.time() * 1000)
    values = {metric.metric: metric.value for metric in metrics}
    baselines = {
        f"baseline_{metric.metric}": metric.baseline_value
        for metric in metrics
        if metric.baseline_value is not None
    }
    client.log_batch(
        run_id,
        metrics=[Metric(name, value, now, 0) for name, value in {**values, **baselines}.items()],
        params=[Param(name, str(value)) for name, value in parameters.items()],
    )


def log_child(client: MlflowClient, experiment: str, parent: str, month: str, child: Child) -> None:
    """Write a candidate as a finished run under its parent."""
    tags = {**child.tags, MONTH: month, KIND: CANDIDATE, _PARENT: parent}
    run = client.create_run(experiment, run_name=child.name, tags=tags)
    log_figures(client, run.info.run_id, child.metrics, child.parameters)
    _log_intervals(client, run.info.run_id, child.metrics)
    client.set_terminated(run.info.run_id, "FINISHED")


def _log_intervals(client: MlflowClient, run_id: str, metrics: Sequence[ModelMetric]) -> None:
    client.log_dict(run_id, {"metrics": [vars(metric) for metric in metrics]}, INTERVALS_FILE)
