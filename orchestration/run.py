"""Run a job in this process as an ordinary Dagster run, which Dagster's UI lists and can resume.

Stays out: what is shown meanwhile (`orchestration.progress`) and the command line (`orchestration.cli`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.execution.api import execute_run_iterator
from dagster._core.remote_origin import (
    ManagedGrpcPythonEnvCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin

from orchestration.build import build_definitions
from orchestration.instance import PROCESS_TAG, this_process
from orchestration.resources import source_settings
from orchestration.settings import Settings

_MODULE, _LOCATION, _REPOSITORY = "orchestration.definitions", "crm", "__repository__"


@dataclass(frozen=True)
class StartedRun:
    """A run that has begun: its id, how many steps it has, and its events as they happen."""

    run_id: str
    steps: Sequence[str]
    events: Iterator[dg.DagsterEvent]


def start_run(
    instance: dg.DagsterInstance,
    settings: Settings,
    job_name: str,
    months: tuple[str, str],
    resources: Mapping[str, Any] | None = None,
) -> StartedRun:
    """Create a run of a job over the months from the first to the last of `months`, and begin it."""
    definitions = build_definitions(settings, resources=resources, column_lineage=False)
    job = definitions.resolve_job_def(job_name)
    config = {
        "resources": {"source": {"config": source_settings(settings)}},
        "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
    }
    run = instance.create_run_for_job(
        job,
        run_config=config,
        tags={**_month_tags(months), PROCESS_TAG: this_process(), "crm/source": settings.source},
        remote_job_origin=_origin(job_name),
    )
    steps = instance.get_execution_plan_snapshot(run.execution_plan_snapshot_id or "").steps
    events = execute_run_iterator(InMemoryJob(job), run, instance)
    return StartedRun(run.run_id, [step.key for step in steps], events)


def _month_tags(months: tuple[str, str]) -> dict[str, str]:
    first, last = months
    if first == last:
        return {"dagster/partition": first}
    return {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}


def _origin(job_name: str) -> RemoteJobOrigin:
    """Where Dagster's UI finds the job, so that it can resume the run from the step that failed."""
    target = LoadableTargetOrigin(executable_path=sys.executable, module_name=_MODULE)
    location = ManagedGrpcPythonEnvCodeLocationOrigin(target, location_name=_LOCATION)
    return RemoteJobOrigin(RemoteRepositoryOrigin(location, _REPOSITORY), job_name)
