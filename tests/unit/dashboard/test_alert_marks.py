"""The marks of seen alerts, in a database of the dashboard's own."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest

from dashboard.alert_marks import AlertMarks, Mark

NOON = datetime(2018, 9, 1, 12, tzinfo=UTC)
JUMP, WARNING = ("jump risk_band red", "2018-07-a"), ("check raw.orders x", "off by 3")


@pytest.fixture
def marks(tmp_path):
    marks = AlertMarks(tmp_path / "home" / "dashboard.db")
    yield marks
    marks.close()


def test_the_file_is_made_by_the_first_mark_and_not_by_reading(marks, tmp_path) -> None:
    path = tmp_path / "home" / "dashboard.db"
    assert marks.seen([JUMP]) == {}
    marks.unmark([JUMP])
    assert not path.exists()
    marks.mark([JUMP], None, NOON)
    assert path.exists()
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_mark_says_when_and_by_whom(marks) -> None:
    marks.mark([JUMP], "ana", NOON.astimezone(timezone(timedelta(hours=-3))))
    marks.mark([WARNING], None, NOON)
    assert marks.seen([JUMP, WARNING]) == {JUMP: Mark(NOON, "ana"), WARNING: Mark(NOON, None)}


def test_the_first_mark_stays(marks) -> None:
    marks.mark([JUMP, JUMP], "ana", NOON)
    marks.mark([JUMP], "bob", NOON + timedelta(hours=1))
    assert marks.seen([JUMP])[JUMP] == Mark(NOON, "ana")


def test_the_same_matter_against_something_else_is_unseen(marks) -> None:
    marks.mark([JUMP], None, NOON)
    assert marks.seen([(JUMP[0], "2018-08-b"), ("jump risk_band green", JUMP[1])]) == {}


def test_a_mark_can_be_taken_back(marks) -> None:
    marks.mark([JUMP, WARNING], None, NOON)
    marks.unmark([JUMP])
    assert set(marks.seen([JUMP, WARNING])) == {WARNING}
    marks.unmark([])
    assert set(marks.seen([WARNING])) == {WARNING}


def test_more_alerts_than_a_query_takes_at_once_are_all_found(marks) -> None:
    keys = [(f"alert {i}", f"found {i}") for i in range(1200)]
    marks.mark(keys, None, NOON)
    assert set(marks.seen(keys)) == set(keys)


def test_texts_are_kept_as_they_are(marks) -> None:
    odd = ("'; DROP TABLE seen_alerts; --", "café “x” \n é")
    marks.mark([odd], "o'neill", NOON)
    assert marks.seen([odd]) == {odd: Mark(NOON, "o'neill")}


def test_marks_outlive_the_process_and_are_shared_by_two(marks, tmp_path) -> None:
    marks.mark([JUMP], None, NOON)
    other = AlertMarks(tmp_path / "home" / "dashboard.db")
    assert set(other.seen([JUMP])) == {JUMP}
    other.mark([WARNING], None, NOON)
    assert set(marks.seen([JUMP, WARNING])) == {JUMP, WARNING}
    other.close()


def test_several_may_write_at_once(tmp_path) -> None:
    path = tmp_path / "dashboard.db"
    several = [AlertMarks(path) for _ in range(4)]

    def write(i: int) -> None:
        for n in range(25):
            several[i].mark([(f"{i} {n}", "x")], None, NOON)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert len(several[0].seen([(f"{i} {n}", "x") for i in range(4) for n in range(25)])) == 100
    for marks in several:
        marks.close()
