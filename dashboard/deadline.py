"""The time limit of a query: one that takes longer is interrupted, and the request answered with an explanation.

Stays out: what is asked (`dashboard.queries`) and how the explanation looks (`dashboard.errors`).
"""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import duckdb
import sqlalchemy as sa

QUERY_SECONDS = 5.0
_KEY = "deadline"


class TooSlowError(RuntimeError):
    """A query reached its time limit."""


class _Deadline:
    """Interrupts a connection once, unless ended before; never after it was ended."""

    def __init__(self, interrupt: Callable[[], None]) -> None:
        self._interrupt: Callable[[], None] | None = interrupt
        self._lock = threading.Lock()
        self.has_passed = False

    def reach(self) -> None:
        with self._lock, suppress(duckdb.ConnectionException):  # a closed connection has nothing to interrupt
            if self._interrupt is not None:
                self.has_passed = True
                self._interrupt()

    def end(self) -> None:
        """From now on it holds on to no connection."""
        with self._lock:
            self._interrupt = None


class _Clock:
    """Reaches deadlines in one thread for all, which lives while there are any: to start one for each query is slow."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._due: list[tuple[float, int, _Deadline]] = []
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None

    def add(self, deadline: _Deadline, seconds: float) -> None:
        with self._changed:
            entry = (time.monotonic() + seconds, next(self._numbers), deadline)
            heapq.heappush(self._due, entry)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()
            elif self._due[0] is entry:
                self._changed.notify()

    def _run(self) -> None:
        while (deadline := self._next()) is not None:
            deadline.reach()

    def _next(self) -> _Deadline | None:
        """The next deadline when its time has come; None when there is none left, with which the thread ends."""
        with self._changed:
            while self._due:
                seconds = self._due[0][0] - time.monotonic()
                if seconds <= 0:
                    return heapq.heappop(self._due)[2]
                self._changed.wait(seconds)
            self._thread = None
            return None


_clock = _Clock()


def limit_queries(engine: sa.Engine, seconds: float) -> None:
    """Give every query of a DuckDB engine a time limit.

    It runs from the start of a query to the next one on its connection, or until the connection is given back: DuckDB
    works while rows are read, too.

    Raises:
        TooSlowError: from then on, by whatever executes a query or reads its rows beyond the limit.
    """

    def start(connection: sa.Connection, *_: Any) -> None:
        _end(connection.info)
        deadline = _Deadline(connection.connection.dbapi_connection.interrupt)  # type: ignore[union-attr]
        connection.info[_KEY] = deadline
        _clock.add(deadline, seconds)

    def give_back(_: Any, record: sa.pool.ConnectionPoolEntry) -> None:
        _end(record.info)

    def explain(context: sa.engine.ExceptionContext) -> None:
        if (
            not isinstance(context.original_exception, duckdb.InterruptException)
            or context.connection is None
        ):
            return
        deadline = context.connection.info.get(_KEY)
        if deadline is not None and deadline.has_passed:
            raise TooSlowError(f"a query took more than {seconds:g} s") from context.original_exception

    sa.event.listen(engine, "before_cursor_execute", start)
    sa.event.listen(engine, "checkin", give_back)
    sa.event.listen(engine, "handle_error", explain)


def _end(info: dict[Any, Any]) -> None:
    deadline: _Deadline | None = info.pop(_KEY, None)
    if deadline is not None:
        deadline.end()
