"""The store that follows the pointer."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from dashboard import snapshot
from dashboard.snapshot import SnapshotError
from dashboard.store import NoSnapshotError, Snapshot, SnapshotStore


def _customers(connection: sa.Connection) -> int:
    query = "SELECT customers FROM segment_summary WHERE dimension = 'total' AND snapshot_month = '2018-08'"
    return connection.execute(sa.text(query)).scalar_one()


def test_before_the_first_publication_there_is_no_snapshot(published) -> None:
    with pytest.raises(NoSnapshotError, match="nothing has been published"):
        SnapshotStore(published).current()


def test_the_first_publication_is_seen_without_a_restart(published, publish, rows) -> None:
    store = SnapshotStore(published)
    with pytest.raises(NoSnapshotError):
        store.current()
    publish(rows)
    assert store.current().manifest.snapshot_id == "2018-08-aaaaaaaaaaaa"


def test_a_resting_pointer_keeps_the_same_snapshot(published, publish, rows) -> None:
    publish(rows)
    store = SnapshotStore(published)
    assert store.current() is store.current()


def test_only_a_resting_pointer_is_answered_at_once(published, publish, rows) -> None:
    store = SnapshotStore(published)
    with pytest.raises(NoSnapshotError):
        store.resting()
    publish(rows)
    assert store.resting() is None
    first = store.current()
    assert store.resting() is first
    publish(rows, "2018-08-bbbbbbbbbbbb")
    assert store.resting() is None
    assert store.current() is store.resting() is not first


def test_nobody_waits_while_another_snapshot_is_opened(published, publish, rows) -> None:
    publish(rows)
    store = SnapshotStore(published)
    store.current()
    with store._lock:
        assert store.resting() is None


def test_a_moved_pointer_switches_while_a_request_keeps_the_snapshot_it_began_with(
    published, publish, rows
) -> None:
    publish(rows)
    store = SnapshotStore(published)
    before = store.current()
    with before.engine.connect() as connection:
        assert _customers(connection) == 4
        rows["segment_summary"][2]["customers"] = 5
        publish(rows, "2018-08-bbbbbbbbbbbb")
        after = store.current()
        assert _customers(connection) == 4
    assert after.manifest.snapshot_id == "2018-08-bbbbbbbbbbbb"
    with after.engine.connect() as connection:
        assert _customers(connection) == 5


def test_each_snapshot_is_prepared_once_and_before_anybody_sees_it(published, publish, rows) -> None:
    ready: list[str] = []

    def prepare(opened: Snapshot) -> None:
        assert store._snapshot is not opened
        ready.append(opened.manifest.snapshot_id)

    store = SnapshotStore(published)
    store.prepare_with(prepare)
    publish(rows)
    store.current()
    store.current()
    publish(rows, "2018-08-bbbbbbbbbbbb")
    store.current()
    assert ready == ["2018-08-aaaaaaaaaaaa", "2018-08-bbbbbbbbbbbb"]


def test_the_database_cannot_be_written(published, publish, rows) -> None:
    publish(rows)
    with (
        SnapshotStore(published).current().engine.connect() as connection,
        pytest.raises(sa.exc.ProgrammingError, match="read-only"),
    ):
        connection.execute(sa.text("DELETE FROM alerts"))


@pytest.mark.parametrize("text", ["", "[]", "{}", "null"])
def test_a_pointer_that_does_not_read_is_an_error_that_names_it(published, text: str) -> None:
    (published / snapshot.POINTER).write_text(text, encoding="utf-8")
    with pytest.raises(SnapshotError, match=r"current\.json"):
        SnapshotStore(published).current()


@pytest.mark.parametrize("name", [snapshot.MANIFEST, snapshot.DATABASE])
def test_an_incomplete_snapshot_is_an_error_that_names_the_file(published, publish, rows, name: str) -> None:
    (publish(rows) / name).unlink()
    with pytest.raises(SnapshotError, match=name):
        SnapshotStore(published).current()
