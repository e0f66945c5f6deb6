"""The model tracking: an MLflow store of our own, one experiment per model, one run and one version per month.

Stays out: what is fitted (`ml`), and which version serves (`registry`).

A model version is found again by the digest of its content. Recording the same model for the same month twice, as a
rerun or a resumed run does, gives the same version and no second run.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dagster import ConfigurableResource
from filelock import FileLock

from assets.resources.records import CANDIDATE, KIND, ModelRecord, log_child, log_record, version_tags
from assets.resources.registry import (
    BY_PIPELINE,
    DIGEST,
    MONTH,
    SUPERSEDED,
    Registry,
    RegistryError,
    Version,
)

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion


class TrackingError(RuntimeError):
    """A model that cannot be found or read; the message names it and says what to do."""


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

    def registry(self) -> Registry:
        """The registered versions and their decisions."""
        return Registry(self.client())

    def record(self, record: ModelRecord) -> Version:
        """Keep a fitted model as a run and a registered version, or find it where it is kept already."""
        found = self._find(record)
        experiment = self._experiment(record)
        number = self._keep(record, experiment) if found is None else str(found.version)
        if record.made_by == BY_PIPELINE:
            self._make_live(experiment, record.month, self.registry().version(record.name, number).run_id)
            self.registry().supersede_others(record.name, number)
        return self.registry().version(record.name, number)

    def url(self, version: Version) -> str | None:
        """The page of the run that a version came from; None where no address of MLflow is set."""
        return self._url(version.run_id)

    def load_files(self, name: str, number: str, folder: str) -> dict[str, bytes]:
        """The files under `folder` that a version was recorded with, by their names in it."""
        import mlflow

        run_id = self._run_of(name, number)
        try:
            path = Path(mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path=folder))
            return {file.name: file.read_bytes() for file in sorted(path.iterdir())}
        except Exception as error:
            raise TrackingError(_unreadable(name, number, error)) from error

    def has_files(self, name: str, number: str, folder: str) -> bool:
        """Whether a version was recorded with files under `folder`."""
        return bool(self.client().list_artifacts(self._run_of(name, number), folder))

    def _run_of(self, name: str, number: str) -> str:
        from mlflow.exceptions import MlflowException

        try:
            return self.registry().version(name, number).run_id
        except (MlflowException, RegistryError) as error:
            raise TrackingError(_unreadable(name, number, error)) from error

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

    def _keep(self, record: ModelRecord, experiment: str) -> str:
        import mlflow

        client = self.client()
        run = client.create_run(experiment, run_name=record.month, tags={MONTH: record.month, **record.tags})
        run_id = run.info.run_id
        with _failed_on_error(client, run_id):
            log_record(client, run_id, record)
            for child in record.children:
                log_child(client, experiment, run_id, record.month, child)
            with mlflow.start_run(run_id=run_id):
                info = record.log_model()
            version = client.create_model_version(
                record.name, source=info.model_uri, run_id=run_id, tags=version_tags(record)
            )
        return str(version.version)

    def _experiment(self, record: ModelRecord) -> str:
        client = self.client()
        if not client.search_registered_models(f"name = '{record.name}'"):
            client.create_registered_model(record.name)
        return self.experiment(record.experiment or record.name)

    def experiment(self, name: str) -> str:
        """The id of an experiment, which is made if it is not there."""
        client = self.client()
        found = client.get_experiment_by_name(name)
        if found:
            return str(found.experiment_id)
        folder = Path(self.artifacts).resolve() / name
        return str(client.create_experiment(name, artifact_location=folder.as_uri()))

    def _make_live(self, experiment: str, month: str, run_id: str | None) -> None:
        """Make a run the month's live one; mark the others: killed where one never ended, and superseded."""
        client = self.client()
        for run in client.search_runs([experiment], f"tags.{MONTH} = '{month}'"):
            if run.data.tags.get(KIND) == CANDIDATE:
                continue
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
