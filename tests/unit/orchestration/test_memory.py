"""Garbage of a step is collected and its pages go back to the system."""

from __future__ import annotations

import ctypes
import gc
import weakref
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from types import SimpleNamespace

import pytest

from orchestration import memory
from orchestration.commands import _telling


class Cycle:
    """An object that only the collector can free."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def a_collector_that_waits():
    before = gc.get_threshold()
    memory.let_garbage_wait()
    yield
    gc.set_threshold(*before)
    memory._trim.cache_clear()


def resident_kib() -> int:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon:"))


def test_a_reference_cycle_of_a_step_is_freed() -> None:
    memory.give_back()
    left = weakref.ref(Cycle())
    assert left() is not None
    memory.give_back()
    assert left() is None


def test_what_was_there_before_is_not_looked_at_again() -> None:
    cycle = Cycle()
    left = weakref.ref(cycle)
    memory.give_back()
    del cycle
    memory.give_back()
    assert left() is not None
    gc.collect()
    assert left() is None


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="not the GNU C library")
def test_freed_pages_of_the_heap_go_back_to_the_system() -> None:
    blocks = [
        ctypes.create_string_buffer(4_000) for _ in range(20_000)
    ]  # 80 MB, too small each to be mapped alone
    last = ctypes.create_string_buffer(4_000)
    del blocks[:]
    kept = resident_kib()
    memory.give_back()
    assert resident_kib() < kept - 40_000
    assert len(last) == 4_000


@pytest.fixture
def asked_anew() -> Iterator[None]:
    """The C library is asked for anew in this test, and again after it."""
    memory._trim.cache_clear()
    yield
    memory._trim.cache_clear()


@pytest.mark.usefixtures("asked_anew")
def test_another_c_library_is_no_failure(monkeypatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    memory.give_back()


def test_a_run_gives_back_what_a_step_left_before_the_next_begins() -> None:
    memory.give_back()
    left = weakref.ref(Cycle())
    seen = []
    events = iter(SimpleNamespace(event_type_value=kind) for kind in ("STEP_OUTPUT", "STEP_SUCCESS"))
    for event in _telling(events, Event()):
        seen.append((event.event_type_value, left() is None))
    assert seen == [("STEP_OUTPUT", False), ("STEP_SUCCESS", True)]
