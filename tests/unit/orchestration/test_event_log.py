"""The kept event log is Dagster's own, only with connections that stay open."""

from __future__ import annotations

import threading

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage

from orchestration.event_log import KeptEventLog
from orchestration.instance import open_instance, prepare_home


@dg.asset
def made() -> int:
    """An asset."""
    return 1


@pytest.fixture
def instance(settings):
    with open_instance(settings()) as opened:
        yield opened


def events_in(storage: SqliteEventLogStorage, run_id: str) -> list[str]:
    return [
        entry.dagster_event_type.value for entry in storage.get_logs_for_run(run_id) if entry.dagster_event
    ]


def test_dagsters_own_storage_reads_what_it_wrote_while_it_is_open(instance, settings) -> None:
    result = dg.materialize([made], instance=instance)
    own = SqliteEventLogStorage(str(settings().dagster_path / "history" / "runs"))

    events = events_in(own, result.run_id)
    assert events.count("ASSET_MATERIALIZATION") == 1
    assert events[-1] == "PIPELINE_SUCCESS"
    assert own.get_asset_records([dg.AssetKey("made")])[0].asset_entry.last_run_id == result.run_id


def test_a_connection_stays_open_until_the_instance_ends(settings) -> None:
    with open_instance(settings()) as instance:
        storage = instance.event_log_storage
        with storage.index_connection() as first:
            opened = first.connection.dbapi_connection
        with storage.index_connection() as second:
            assert second.connection.dbapi_connection is opened
    with pytest.raises(Exception, match="closed database"):
        opened.execute("SELECT 1")


def test_threads_take_turns(instance) -> None:
    storage, found = instance.event_log_storage, []
    threads = [
        threading.Thread(target=lambda: found.append(storage.get_concurrency_keys())) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [set()] * 8


def test_a_statement_that_fails_leaves_nothing_behind(instance) -> None:
    storage = instance.event_log_storage
    with storage.index_connection() as connection:
        connection.exec_driver_sql("CREATE TABLE half (value INTEGER)")

    def half_way() -> None:
        with storage.index_connection() as connection:
            connection.exec_driver_sql("INSERT INTO half VALUES (1)")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_way()
    with storage.index_connection() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM half").scalar() == 0


def test_a_wiped_log_begins_anew(instance) -> None:
    first = dg.materialize([made], instance=instance).run_id
    instance.event_log_storage.wipe()

    second = dg.materialize([made], instance=instance).run_id

    assert events_in(instance.event_log_storage, first) == []
    assert events_in(instance.event_log_storage, second)[-1] == "PIPELINE_SUCCESS"


def test_a_storage_that_the_user_configured_is_theirs(settings, tmp_path) -> None:
    with open_instance(settings()) as instance:
        assert isinstance(instance.event_log_storage, KeptEventLog)
    path = prepare_home(settings()) / "dagster.yaml"
    path.write_text(f"storage:\n  sqlite:\n    base_dir: {tmp_path / 'elsewhere'}\n", encoding="utf-8")

    with open_instance(settings()) as instance:
        assert type(instance.event_log_storage) is SqliteEventLogStorage
