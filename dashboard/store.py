"""The published snapshot that requests are answered from.

Stays out: what is asked of a snapshot (`dashboard.queries`) and how one is made (`assets.publish`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from dashboard import deadline
from dashboard.dialect import DRIVER
from dashboard.snapshot import DATABASE, POINTER, Manifest, SnapshotError, current_snapshot_id, read_manifest

ANSWERS_KEPT = 1000
_Stamp = tuple[int, int, int]
_Answer = TypeVar("_Answer")


class NoSnapshotError(RuntimeError):
    """Nothing has been published yet."""


@dataclass(frozen=True)
class Snapshot:
    """One published snapshot: what it is made of, and a read-only engine over its database."""

    manifest: Manifest
    engine: sa.Engine
    _kept: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, compare=False, repr=False)

    def keep(self, question: Hashable, ask: Callable[[], _Answer]) -> _Answer:
        """The answer to a question, asked once while it is among the latest: a snapshot never changes."""
        with self._lock:
            if question in self._kept:
                return self._kept[question]
        answer = ask()
        with self._lock:
            self._kept[question] = answer
            if len(self._kept) > ANSWERS_KEPT:
                del self._kept[next(iter(self._kept))]
        return answer


class SnapshotStore:
    """Follows the pointer: costs one `stat` while it rests, opens the new snapshot when it has moved.

    Whoever asks once per request sees one snapshot throughout: connections in use outlive the switch.
    """

    def __init__(self, published: Path) -> None:
        self._published = published
        self._prepare: Callable[[Snapshot], None] | None = None
        self._lock = threading.Lock()
        self._stamp: _Stamp | None = None
        self._snapshot: Snapshot | None = None

    def prepare_with(self, prepare: Callable[[Snapshot], None]) -> None:
        """From now on call `prepare` with each snapshot that is opened, before anybody sees it."""
        self._prepare = prepare

    def current(self) -> Snapshot:
        """The snapshot the pointer names.

        Raises:
            NoSnapshotError: before the first publication.
            SnapshotError: when the pointer or the snapshot it names cannot be read.
        """
        stamp = self._pointer_stamp()
        with self._lock:
            if self._snapshot is None or stamp != self._stamp:
                self._switch()
                self._stamp = stamp
            assert self._snapshot is not None
            return self._snapshot

    def resting(self) -> Snapshot | None:
        """The snapshot if the pointer has not moved; None where one has to be opened, which takes a while.

        Raises:
            NoSnapshotError: before the first publication.
        """
        stamp = self._pointer_stamp()
        if not self._lock.acquire(blocking=False):
            return None
        try:
            return self._snapshot if stamp == self._stamp else None
        finally:
            self._lock.release()

    def close(self) -> None:
        """Let go of the database files."""
        with self._lock:
            if self._snapshot is not None:
                self._snapshot.engine.dispose()
            self._snapshot = self._stamp = None

    def _pointer_stamp(self) -> _Stamp:
        pointer = self._published / POINTER
        try:
            status = pointer.stat()
        except FileNotFoundError as error:
            raise NoSnapshotError(f"{pointer} does not exist: nothing has been published yet") from error
        return status.st_mtime_ns, status.st_size, status.st_ino

    def _switch(self) -> None:
        folder = self._published / self._pointed_id()
        before = self._snapshot
        if before is not None and before.manifest.snapshot_id == folder.name:
            return
        opened = open_snapshot(folder)
        if self._prepare is not None:
            self._prepare(opened)
        self._snapshot = opened
        if before is not None:
            before.engine.dispose()

    def _pointed_id(self) -> str:
        pointer = self._published / POINTER
        try:
            snapshot_id = current_snapshot_id(self._published)
        except (ValueError, KeyError, TypeError) as error:
            raise SnapshotError(f'{pointer} does not read as {{"snapshot_id": ...}}: {error!r}') from error
        if snapshot_id is None:
            raise NoSnapshotError(f"{pointer} does not exist: nothing has been published yet")
        return snapshot_id


def open_snapshot(folder: Path) -> Snapshot:
    """Open the snapshot in `folder` read-only, each query with a time limit; SnapshotError if it cannot be read."""
    manifest = read_manifest(folder)
    path = folder / DATABASE
    if not path.exists():
        raise SnapshotError(f"{path} is missing: the snapshot is incomplete")
    url = sa.URL.create(DRIVER, database=str(path))
    engine = sa.create_engine(url, connect_args={"read_only": True})
    deadline.limit_queries(engine, deadline.QUERY_SECONDS)
    return Snapshot(manifest, engine)
