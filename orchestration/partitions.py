"""The snapshot months as Dagster partitions.

Stays out: what a month's as-of date is (`assets.months`).
"""

from __future__ import annotations

from datetime import date, timedelta

import dagster as dg

from orchestration.settings import Settings

MONTH_FORMAT = "%Y-%m"


def snapshot_months(settings: Settings) -> dg.MonthlyPartitionsDefinition:
    """One partition per month of the history; without an end the current month is the newest."""
    if not settings.history_end:
        return dg.MonthlyPartitionsDefinition(settings.history_start, fmt=MONTH_FORMAT, end_offset=1)
    last = date.fromisoformat(f"{settings.history_end}-01")
    after = (last + timedelta(days=31)).strftime(MONTH_FORMAT)
    return dg.MonthlyPartitionsDefinition(settings.history_start, end_date=after, fmt=MONTH_FORMAT)
