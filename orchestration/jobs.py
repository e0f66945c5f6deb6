"""The jobs: the newest month each night, and the months of the past.

Stays out: when they run (`orchestration.schedules`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg

if TYPE_CHECKING:
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

NIGHTLY, HISTORY = "nightly", "history"


def build_jobs(months: dg.PartitionsDefinition) -> list[UnresolvedAssetJobDefinition]:
    """Jobs over all assets and checks, from the raw tables to the published snapshot."""
    everything = dg.AssetSelection.all()
    return [
        dg.define_asset_job(
            NIGHTLY,
            selection=everything,
            partitions_def=months,
            description="Read the source, make one month, publish. Nightly for the newest month; any month by hand.",
        ),
        dg.define_asset_job(
            HISTORY,
            selection=everything,
            partitions_def=months,
            description="Read the source, make a range of months in one run, publish the newest with its history.",
        ),
    ]
