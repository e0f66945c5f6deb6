"""The nightly schedule asks for the newest month; the months follow the settings."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from orchestration.build import build_definitions
from orchestration.partitions import snapshot_months

SAO_PAULO = ZoneInfo("America/Sao_Paulo")


def asked(definitions: dg.Definitions, at: datetime) -> list[str | None]:
    schedule = definitions.resolve_schedule_def("nightly")
    repository = definitions.get_repository_def()
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_schedule_context(
            instance=instance, scheduled_execution_time=at, repository_def=repository
        )
        data = schedule.evaluate_tick(context)
    return [request.partition_key for request in data.run_requests or []]


def test_it_runs_at_two_in_sao_paulo(definitions) -> None:
    schedule = definitions.resolve_schedule_def("nightly")

    assert schedule.cron_schedule == "0 2 * * *"
    assert schedule.execution_timezone == "America/Sao_Paulo"
    assert schedule.job_name == "nightly"


def test_hour_and_zone_are_settings(settings) -> None:
    built = build_definitions(settings(schedule="30 4 * * 1", timezone="Europe/Lisbon"), column_lineage=False)
    schedule = built.resolve_schedule_def("nightly")

    assert (schedule.cron_schedule, schedule.execution_timezone) == ("30 4 * * 1", "Europe/Lisbon")


def test_it_asks_for_the_last_month_of_a_closed_history(definitions) -> None:
    assert asked(definitions, datetime(2026, 3, 1, 2, tzinfo=SAO_PAULO)) == ["2018-08"]


@pytest.mark.parametrize(
    ("at", "month"),
    [
        (datetime(2026, 3, 2, 2, tzinfo=SAO_PAULO), "2026-03"),
        (datetime(2026, 3, 31, 2, tzinfo=SAO_PAULO), "2026-03"),
        (datetime(2026, 12, 31, 2, tzinfo=SAO_PAULO), "2026-12"),
        (datetime(2026, 3, 1, 2, tzinfo=SAO_PAULO), "2026-02"),
        (datetime(2026, 1, 1, 2, tzinfo=SAO_PAULO), "2025-12"),
    ],
)
def test_it_asks_for_the_month_of_the_day_before_of_a_live_feed(at, month, settings) -> None:
    live = build_definitions(settings(history_end=""), column_lineage=False)

    assert asked(live, at) == [month]


def test_it_skips_before_a_live_history_begins(settings) -> None:
    future = build_definitions(settings(history_start="2030-01", history_end=""), column_lineage=False)

    assert asked(future, datetime(2026, 3, 1, 2, tzinfo=SAO_PAULO)) == []


def test_months_reach_from_start_to_end_of_the_history(settings) -> None:
    months = snapshot_months(settings(history_start="2017-11", history_end="2018-02"))

    assert months.get_partition_keys() == ["2017-11", "2017-12", "2018-01", "2018-02"]
