"""The Dagster instance of CRM_HOME, and mending what a killed run left in it.

Stays out: running jobs (`orchestration.run`).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import dagster as dg
import yaml
from dagster._core.instance.ref import InstanceRef

from orchestration.settings import Settings

PROCESS_TAG = "crm/process"
_UNFINISHED = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]
_STORAGES = {"storage", "run_storage", "event_log_storage", "schedule_storage"}
_CONFIG = """\
# Written by crm; a change here is kept until the file is removed.
telemetry:
  enabled: false
nux:
  enabled: false
run_monitoring:
  enabled: true
  free_slots_after_run_end_seconds: 60
concurrency:
  pools:
    granularity: op
    default_limit: 1
  runs:
    max_concurrent_runs: 4
"""


def prepare_home(settings: Settings) -> Path:
    """Make DAGSTER_HOME below CRM_HOME and point this process and its children to it."""
    home = settings.dagster_path
    home.mkdir(parents=True, exist_ok=True)
    config = home / "dagster.yaml"
    if not config.exists():
        config.write_text(_CONFIG, encoding="utf-8")
    os.environ["DAGSTER_HOME"] = str(home)
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
    return home


def open_instance(settings: Settings) -> dg.DagsterInstance:
    """The instance that `crm run`, Dagster's UI and its daemon share; here with an event log that stays open."""
    home = prepare_home(settings)
    written = yaml.safe_load((home / "dagster.yaml").read_text(encoding="utf-8")) or {}
    has_own_storage = not _STORAGES.isdisjoint(written)
    kept = {} if has_own_storage else {"event_log_storage": _kept_event_log(home)}
    return dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(home), overrides=kept))


def _kept_event_log(home: Path) -> dict[str, Any]:
    """The configuration of our event log at the place of Dagster's."""
    folder = str(home / "history" / "runs")
    return {"module": "orchestration.event_log", "class": "KeptEventLog", "config": {"base_dir": folder}}


def close_dead_runs(instance: dg.DagsterInstance) -> list[str]:
    """Mark runs of processes that no longer live as failed and free the pools they held; their ids.

    A run that Dagster resumed has its parent's tags, that of the process included, but a process of its own.
    """
    dead = []
    for run in instance.get_runs(dg.RunsFilter(statuses=_UNFINISHED)):
        process = run.tags.get(PROCESS_TAG)
        if process is not None and run.parent_run_id is None and not _is_alive(process):
            instance.report_run_failed(run, "The process of this run was killed. Run the same command again")
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
            dead.append(run.run_id)
    return dead


def this_process() -> str:
    """The identity of this process: its number and when it started, so that a reused number is told apart."""
    return _identity(os.getpid())


def _is_alive(process: str) -> bool:
    return _identity(int(process.split("-")[0])) == process


def _identity(pid: int) -> str:
    try:
        started = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[19]
    except OSError:
        return f"{pid}-gone"
    return f"{pid}-{started}"
