"""The model tracking: an MLflow store of our own, one experiment per model, one run and one version per month.

Stays out: what is fitted (`ml`) and which month uses which version (`assets.models`).

A model version is found again by the digest of its content. Recording the same model for the same month twice, as a
rerun or a resumed run does, gives the same version and no second run.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster import ConfigurableResource
from filelock import FileLock

from ml.metrics import ModelMetric

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion
    from mlflow.models.model import ModelInfo

MONTH, DIGEST, SUPERSEDED = "snapshot_month", "digest", "superseded"


class TrackingError(RuntimeError):
    """A model that cannot be found or read; the message names it and says what to do."""


@dataclass(frozen=True)
class ModelRecord:
    """What is kept of a fitted model.

    Attributes:
        name: the model, which is also its experiment and registered model.
        month: the snapshot month.
        digest: identity of the model and of the data it was fitted on.
        log_model: writes the model into the run that is active, and returns what MLflow says of it.
        parameters, metrics, tags, figures, texts: what the run keeps beside it.
    """

    name: str
    month: str
    digest: str
    log_model: Callable[[], ModelInfo]
    parameters: Mapping[str, Any]
    metrics: Sequence[ModelMetric]
    tags: Mapping[str, str] = field(default_factory=dict)
    figures: Mapping[str, Figure] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ModelReference:
    """One explicit model version, and the page of its run."""

    name: str
    version: str
    run_id: str
    url: str | None


class Tracking(ConfigurableResource):
    """The MLflow store: a SQLite file and a folder of artifacts."""

    database: str
    artifacts: str
    ui_url: str = ""

    def client(self) -> MlflowClient:
        """A client of the store, which is made on first use; one process at a time may make it."""
        os.environ.update(_QUIET)
        import mlflow

        logger_levels()
        uri = f"sqlite:///{Path(self.database).resolve()}"
        if not _PREPARED.get(uri):
            self._make_store()
            _PREPARED[uri] = True
        if mlflow.get_tracking_uri() != uri:
            mlflow.set_tracking_uri(uri)
        return mlflow.MlflowClient()

    def _make_store(self) -> None:
        """Make the store beside its place and move it there, so that a kill leaves none rather than half of one."""
        path = Path(self.database)
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock"):
            if path.exists():
                return
            from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

            partial = path.with_name(f"{path.name}.partial")
            partial.unlink(missing_ok=True)
            store = SqlAlchemyStore(f"sqlite:///{partial.resolve()}", Path(self.artifacts).resolve().as_uri())
            store.engine.dispose()
            partial.replace(path)

    def record(self, record: ModelRecord) -> ModelReference:
        """Keep a fitted model as a run and a registered version, or find it where it is kept already."""
        found = self._find(record)
        if found is None:
            return self._keep(record)
        self._make_live(self._experiment(record.name), record.month, found.run_id)
        return self.reference(record.name, found.version)

    def reference(self, name: str, version: str) -> ModelReference:
        """The version `version` of a model; TrackingError if there is none."""
        found = self._version(name, version)
        run_id = str(found.run_id)
        return ModelReference(name, str(found.version), run_id, self._url(run_id))

    def load_text(self, name: str, version: str, file: str) -> str:
        """A text artifact of the run that a model version came from."""
        import mlflow

        run_id = self._version(name, version).run_id
        try:
            return mlflow.artifacts.load_text(f"runs:/{run_id}/{file}")
        except Exception as error:
            raise TrackingError(_unreadable(name, version, error)) from error

    def load_catboost(self, name: str, version: str) -> Any:
        """The CatBoost classifier of a model version."""
        import mlflow.catboost

        self._version(name, version)
        try:
            return mlflow.catboost.load_model(f"models:/{name}/{version}")
        except Exception as error:
            raise TrackingError(_unreadable(name, version, error)) from error

    def _version(self, name: str, version: str) -> ModelVersion:
        from mlflow.exceptions import MlflowException

        try:
            return self.client().get_model_version(name, version)
        except MlflowException as error:
            raise TrackingError(_unreadable(name, version, error)) from error

    def _url(self, run_id: str) -> str | None:
        if not self.ui_url:
            return None
        experiment = self.client().get_run(run_id).info.experiment_id
        return f"{self.ui_url.rstrip('/')}/#/experiments/{experiment}/runs/{run_id}"

    def _find(self, record: ModelRecord) -> ModelVersion | None:
        versions = self.client().search_model_versions(
            f"name = '{record.name}' and tags.{DIGEST} = '{record.digest}' and tags.{MONTH} = '{record.month}'"
        )
        return min(versions, key=lambda version: int(version.version), default=None)

    def _keep(self, record: ModelRecord) -> ModelReference:
        import mlflow

        client = self.client()
        experiment = self._experiment(record.name)
        self._make_live(experiment, record.month, None)
        run = client.create_run(experiment, run_name=record.month, tags={MONTH: record.month, **record.tags})
        with _failed_on_error(client, run.info.run_id):
            _log(client, run.info.run_id, record)
            with mlflow.start_run(run_id=run.info.run_id):
                info = record.log_model()
            version = client.create_model_version(
                record.name,
                source=info.model_uri,
                run_id=run.info.run_id,
                tags={DIGEST: record.digest, MONTH: record.month},
            )
        return ModelReference(record.name, str(version.version), run.info.run_id, self._url(run.info.run_id))

    def _experiment(self, name: str) -> str:
        client = self.client()
        if not client.search_registered_models(f"name = '{name}'"):
            client.create_registered_model(name)
        found = client.get_experiment_by_name(name)
        if found:
            return str(found.experiment_id)
        folder = Path(self.artifacts).resolve() / name
        return str(client.create_experiment(name, artifact_location=folder.as_uri()))

    def _make_live(self, experiment: str, month: str, run_id: str | None) -> None:
        """Make a run the month's live one; mark the others: killed where one never ended, and superseded."""
        client = self.client()
        for run in client.search_runs([experiment], f"tags.{MONTH} = '{month}'"):
            is_live, is_marked = run.info.run_id == run_id, SUPERSEDED in run.data.tags
            if run.info.status == "RUNNING":
                client.set_terminated(run.info.run_id, "FINISHED" if is_live else "KILLED")
            if is_live and is_marked:
                client.delete_tag(run.info.run_id, SUPERSEDED)
            elif not is_live and not is_marked:
                client.set_tag(run.info.run_id, SUPERSEDED, "true")


_PREPARED: dict[str, bool] = {}
_QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_ENABLE_ASYNC_LOGGING": "false",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}


def logger_levels() -> None:
    """Keep MLflow's and Alembic's reports of every step out of the log."""
    import logging

    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)


def _log(client: MlflowClient, run_id: str, record: ModelRecord) -> None:
    from mlflow.entities import Metric, Param

    now = int(time.time() * 1000)
    values = {metric.metric: metric.value for metric in record.metrics}
    baselines = {
        f"baseline_{metric.metric}": metric.baseline_value
        for metric in record.metrics
        if metric.baseline_value is not None
    }
    client.log_batch(
        run_id,
        metrics=[Metric(name, value, now, 0) for name, value in {**values, **baselines}.items()],
        params=[Param(name, str(value)) for name, value in record.parameters.items()],
    )
    client.log_dict(
        run_id, {"metrics": [vars(metric) for metric in record.metrics]}, "metrics_with_intervals.json"
    )
    for name, figure in record.figures.items():
        client.log_figure(run_id, figure, f"{name}.png")
    for name, text in record.texts.items():
        client.log_text(run_id, text, name)


@contextmanager
def _failed_on_error(client: MlflowClient, run_id: str) -> Iterator[None]:
    try:
        yield
    except BaseException:
        client.set_terminated(run_id, "FAILED")
        raise
    client.set_terminated(run_id, "FINISHED")


def _unreadable(name: str, version: str, error: Exception) -> str:
    return (
        f"model {name} version {version} cannot be read ({error}). "
        f"Run the month again from assets.models.{name} to fit it anew"
    )
