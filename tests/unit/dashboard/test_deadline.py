"""The time limit of queries."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Iterator

import duckdb
import pytest
import sqlalchemy as sa

from dashboard import deadline
from dashboard.deadline import TooSlowError, limit_queries
from dashboard.dependencies import CurrentSnapshot

SLOW = "SELECT sum(hash(a.range, b.range)) FROM range(1000000) AS a, range(1000000) AS b"
ENDLESS_ROWS = "SELECT a.range FROM range(1000000) AS a, range(1000000) AS b"


@pytest.fixture
def engine() -> Iterator[sa.Engine]:
    engine = sa.create_engine("duckdb:///:memory:")
    limit_queries(engine, 0.3)
    yield engine
    engine.dispose()


def test_a_slow_query_is_interrupted(engine: sa.Engine) -> None:
    started = time.perf_counter()
    with engine.connect() as connection, pytest.raises(TooSlowError, match=r"more than 0\.3 s"):
        connection.execute(sa.text(SLOW))
    assert time.perf_counter() - started < 5


def test_reading_the_rows_counts_too(engine: sa.Engine) -> None:
    with engine.connect() as connection, pytest.raises(TooSlowError):
        for _ in connection.execute(sa.text(ENDLESS_ROWS)):
            pass


def test_every_query_has_its_own_time_and_a_pause_between_two_is_free(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        for _ in range(3):
            time.sleep(0.2)
            assert connection.execute(sa.text("SELECT 1")).scalar_one() == 1
        time.sleep(0.4)
        assert connection.execute(sa.text("SELECT 2")).scalar_one() == 2


def test_a_connection_works_again_after_an_interruption(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        with pytest.raises(TooSlowError):
            connection.execute(sa.text(SLOW))
        connection.rollback()
        assert connection.execute(sa.text("SELECT 3")).scalar_one() == 3


def test_other_errors_stay_what_they_are(engine: sa.Engine) -> None:
    with engine.connect() as connection, pytest.raises(sa.exc.ProgrammingError):
        connection.execute(sa.text("SELECT nothing"))


def test_an_interruption_by_somebody_else_is_not_called_slow(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        sa.event.listen(engine, "after_cursor_execute", _interrupt)
        with pytest.raises(sa.exc.DBAPIError):
            connection.execute(sa.text("SELECT 1"))


def test_one_thread_watches_over_all_queries(engine: sa.Engine) -> None:
    watching = set()
    with engine.connect() as connection:
        for _ in range(20):
            connection.execute(sa.text("SELECT 1"))
            watching |= {thread for thread in threading.enumerate() if thread.name == "deadlines"}
    assert len(watching) == 1


def test_the_thread_ends_with_the_last_deadline_and_another_begins() -> None:
    clock, reached = deadline._Clock(), threading.Event()
    for _ in range(2):
        reached.clear()
        clock.add(deadline._Deadline(reached.set), 0.05)
        thread = clock._thread
        assert thread is not None
        thread.join(timeout=5)
        assert (thread.is_alive(), reached.is_set()) == (False, True)


def test_an_ended_deadline_interrupts_nothing_and_keeps_no_connection() -> None:
    class Connection:
        def interrupt(self) -> None:
            raise AssertionError("it was ended")

    connection = Connection()
    ended, alive = deadline._Deadline(connection.interrupt), weakref.ref(connection)
    ended.end()
    del connection
    gc.collect()
    assert alive() is None
    ended.reach()
    assert not ended.has_passed


def test_a_shorter_limit_is_kept_beside_a_longer_one(engine: sa.Engine) -> None:
    patient = sa.create_engine("duckdb:///:memory:")
    limit_queries(patient, 60)
    with patient.connect() as waiting:
        waiting.execute(sa.text("SELECT 1"))
        with engine.connect() as connection, pytest.raises(TooSlowError):
            connection.execute(sa.text(SLOW))
    patient.dispose()


def _interrupt(*_: object) -> None:
    raise duckdb.InterruptException("by hand")


def test_a_slow_page_is_told_kindly_and_as_json_under_the_api(client, publish, rows, monkeypatch) -> None:
    publish(rows)
    monkeypatch.setattr(deadline, "QUERY_SECONDS", 0.2)

    def ask(snapshot: CurrentSnapshot) -> None:
        with snapshot.engine.connect() as connection:
            connection.execute(sa.text(SLOW))

    client.app.get("/slow")(ask)
    client.app.get("/api/v1/slow")(ask)
    answer = client.get("/slow")
    assert (answer.status_code, "This took too long" in answer.text) == (503, True)
    assert "Narrow the filter" in answer.text
    answer = client.get("/api/v1/slow")
    assert (answer.status_code, "Narrow the filter" in answer.json()["detail"]) == (503, True)
