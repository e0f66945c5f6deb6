"""Dagster's event log with connections that stay open, for a process that writes thousands of events.

Stays out: what is logged, and the processes of Dagster's UI, which look into many logs for a moment each.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import StaticPool


class KeptEventLog(SqliteEventLogStorage):
    """The event log in SQLite, with one open connection to each database.

    Dagster connects anew for each statement, and SQLite empties its write-ahead log to the disk whenever the last
    connection is closed. That costs as much as all else that Dagster does. A commit here reaches the write-ahead log,
    which survives the end of the process, and the disk at the next checkpoint: after a power failure the log is sound
    but may lack its newest events, as it does in any case for a run that was killed.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._kept: dict[str, Engine] = {}
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> KeptEventLog:
        """The storage of a configuration."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        """A transaction on the open connection to a database, one at a time; the database is made on first use."""
        if shard not in self._initialized_dbs:
            self._close(shard)
            with super()._connect(shard):
                pass
        with self._db_lock:
            if shard not in self._kept:
                self._kept[shard] = _kept_engine(self.conn_string_for_shard(shard))
            with self._kept[shard].begin() as connection:
                yield connection

    def dispose(self) -> None:
        """Close all connections."""
        for shard in list(self._kept):
            self._close(shard)
        super().dispose()

    def _close(self, shard: str) -> None:
        kept = self._kept.pop(shard, None)
        if kept is not None:
            kept.dispose()


def _kept_engine(address: str) -> Engine:
    options = {"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False}
    engine = create_engine(address, poolclass=StaticPool, connect_args=options)
    event.listen(engine, "connect", _commit_to_the_write_ahead_log)
    return engine


def _commit_to_the_write_ahead_log(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous = NORMAL")
