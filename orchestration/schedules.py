"""When the nightly job runs.

Stays out: what it does (`orchestration.jobs`).
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import dagster as dg

from orchestration.settings import Settings

if TYPE_CHECKING:
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition


def build_schedules(
    settings: Settings,
    nightly: "UnresolvedAssetJobDefinition",
    months: dg.PartitionsDefinition,
    tune: dg.JobDefinition,
) -> Sequence[dg.ScheduleDefinition]:
    """When the newest month is made (that of the day before: the newest that a night can be of), and the search."""

    @dg.schedule(
        job=nightly,
        name="nightly",
        cron_schedule=settings.schedule,
        execution_timezone=settings.timezone,
        description="Makes and publishes the newest month every night.",
    )
    def nightly_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        yesterday = context.scheduled_execution_time - timedelta(days=1)
        with dg.partition_loading_context(effective_dt=yesterday):
            newest = months.get_last_partition_key()
        if newest is None:
            return dg.SkipReason("the history has not begun yet")
        return dg.RunRequest(run_key=None, partition_key=newest)

    weekly_search = dg.ScheduleDefinition(
        name="weekly_search",
        job=tune,
        cron_schedule=settings.tune_schedule,
        execution_timezone=settings.timezone,
        description="Searches for a better churn model every week.",
    )
    return [nightly_schedule, weekly_search]
