"""Build the Dagster definitions; tests and the command line build the same with one part swapped.

Stays out: loading by Dagster's tools (`orchestration.definitions`).
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import dagster as dg

from assets.factory import build_assets
from orchestration.checks import build_checks
from orchestration.jobs import build_jobs
from orchestration.partitions import snapshot_months
from orchestration.resources import build_resources
from orchestration.schedules import build_schedules
from orchestration.settings import Settings, load_settings
from orchestration.tune import build_tune_job


def build_definitions(
    settings: Settings | None = None,
    *,
    resources: Mapping[str, Any] | None = None,
    column_lineage: bool = True,
) -> dg.Definitions:
    """Everything Dagster knows of: assets, checks, jobs, the schedule, resources, the executor.

    Args:
        settings: those of this process unless given.
        resources: resources to swap, by name.
        column_lineage: whether to trace columns through the SQL; a run does not need it.
    """
    settings = settings or load_settings()
    months = snapshot_months(settings)
    jobs = build_jobs(months)
    tune_job = build_tune_job(settings)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)
        assets = build_assets(months, column_lineage=column_lineage)
    return dg.Definitions(
        assets=assets,
        asset_checks=build_checks(),
        jobs=[*jobs, tune_job],
        schedules=build_schedules(settings, jobs[0], months, tune_job),
        resources={**build_resources(settings), **(resources or {})},
        executor=dg.in_process_executor,
    )
