"""A write is not broken off by Ctrl-C, and Ctrl-C is not forgotten."""

from __future__ import annotations

import signal
import threading

import pytest

from assets.resources.interruption import uninterrupted


@pytest.fixture(autouse=True)
def heeded():
    """Ctrl-C takes effect, as in a terminal; a shell that runs the tests in the background hands it down as ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_an_interrupt_takes_effect_at_the_end_of_the_block() -> None:
    written: list[str] = []
    handler = signal.getsignal(signal.SIGINT)

    def write() -> None:
        with uninterrupted():
            written.append("begun")
            signal.raise_signal(signal.SIGINT)
            written.append("done")

    with pytest.raises(KeyboardInterrupt):
        write()
    assert written == ["begun", "done"]
    assert signal.getsignal(signal.SIGINT) is handler


def test_without_an_interrupt_nothing_happens_and_an_error_passes() -> None:
    handler = signal.getsignal(signal.SIGINT)
    with uninterrupted():
        pass
    with pytest.raises(ValueError, match="of the block"), uninterrupted():
        raise ValueError("of the block")
    assert signal.getsignal(signal.SIGINT) is handler


def test_an_interrupt_that_is_ignored_stays_so() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with uninterrupted():
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_another_thread_may_use_it() -> None:
    done = []

    def work() -> None:
        with uninterrupted():
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [True]
