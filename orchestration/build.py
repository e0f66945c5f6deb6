"""Build the Dagster definitions; tests and the command line build the same with one part swapped.

Stays out: loading by Dagster's tools (`orchestration.definitions`).
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import dagster as dg

from assets.factory import build_assets
from assets.parameters import Parameters
from assets.resources.source_settings import SourceSettings
from assets.resources.tracking import Tracking
from assets.resources.warehouse import Warehouse
from orchestration.checks import build_checks
from orchestration.jobs import build_jobs
from orchestration.partitions import snapshot_months
from orchestration.schedules import build_schedules
from orchestration.settings import Settings, code_version, load_settings


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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)
        assets = build_assets(months, column_lineage=column_lineage)
    return dg.Definitions(
        assets=assets,
        asset_checks=build_checks(),
        jobs=jobs,
        schedules=build_schedules(settings, jobs[0], months),
        resources={**build_resources(settings), **(resources or {})},
        executor=dg.in_process_executor,
    )


def build_resources(settings: Settings) -> dict[str, Any]:
    """The resources, configured from the settings."""
    return {
        "warehouse": Warehouse(path=str(settings.warehouse_path), memory_limit=settings.memory_limit),
        "tracking": Tracking(
            database=str(settings.mlflow_path),
            artifacts=str(settings.artifacts_path),
            ui_url=settings.mlflow_url,
        ),
        "source": SourceSettings(**source_settings(settings)),
        "parameters": Parameters(
            **{name: getattr(settings, name) for name in Parameters.model_fields if hasattr(settings, name)},
            published=str(settings.published_path),
            code_version=code_version(),
        ),
    }


def source_settings(settings: Settings) -> dict[str, Any]:
    """The configuration of the source; a run of its own keeps it, so that resuming it reads the same source."""
    return {
        "origin": settings.source,
        "workspace": str(settings.workspace_path),
        "max_reject_share": settings.max_reject_share,
        "demographics": settings.demographics,
    }
