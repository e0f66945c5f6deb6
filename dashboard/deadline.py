"""The time limit of a query: one that takes longer is interrupted, and the request answered with an explanation.

Stays out: what is asked (`dashboard.queries`) and how the explanation looks (`dashboard.errors`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import duckdb
import sqlalchemy as sa

QUERY_SECONDS = 5.0
_KEY = "deadline"


class TooSlowError(RuntimeError):
    """A query reached its time limit."""


class _Deadline:
    """Interrupts a connection once, unless ended before; never after it was ended."""

    def __init__(self, interrupt: Callable[[], None], seconds: float) -> None:
        self._interrupt = interrupt
        self._lock = threading.Lock()
        self._is_ended = False
        self.has_passed = False
        self._timer = threading.Timer(seconds, self._pass)
        self._timer.daemon = True
        self._timer.start()

    def _pass(self) -> None:
        with self._lock:
            if not self._is_ended:
                self.has_passed = True
                self._interrupt()

    def end(self) -> None:
        with self._lock:
            self._is_ended = True
        self._timer.cancel()


def limit_queries(engine: sa.Engine, seconds: float) -> None:
    """Give every query of a DuckDB engine a time limit.

    It runs from the start of a query to the next one on its connection, or until the connection is given back: DuckDB
    works while rows are read, too.

    Raises:
        TooSlowError: from then on, by whatever executes a query or reads its rows beyond the limit.
    """

    def start(connection: sa.Connection, *_: Any) -> None:
        _end(connection.info)
        connection.info[_KEY] = _Deadline(connection.connection.dbapi_connection.interrupt, seconds)  # type: ignore[union-attr]

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
