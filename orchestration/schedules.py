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
    settings: Settings, nightly: "UnresolvedAssetJobDefinition", months: dg.PartitionsDefinition
) -> Sequence[dg.ScheduleDefinition]:
    """The nightly schedule, for the month of the day before: the newest that a night's data can be of."""

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

    return [nightly_schedule]
