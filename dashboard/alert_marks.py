"""Which alerts have been seen: a small database of the dashboard's own, since a snapshot is never changed.

Stays out: the alerts themselves (`dashboard.queries.alerts`).

The marks are shared: what one has seen is done for all. A mark holds for an alert and what it was compared with, so the
same matter against another snapshot, or a warning that found something else, is unseen again.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

AlertKey = tuple[str, str]

_metadata = sa.MetaData()
_seen = sa.Table(
    "seen_alerts",
    _metadata,
    sa.Column(
        "against", sa.String, primary_key=True, comment="the snapshot compared with, else what was found"
    ),
    sa.Column("alert_id", sa.String, primary_key=True),
    sa.Column("seen_at", sa.DateTime, nullable=False, comment="UTC"),
    sa.Column("seen_by", sa.String, nullable=True, comment="the user, where one had signed in"),
    sqlite_with_rowid=False,
)
_AT_ONCE = 500


@dataclass(frozen=True)
class Mark:
    """When an alert was marked as seen, and by whom if somebody had signed in."""

    seen_at: datetime
    seen_by: str | None


class AlertMarks:
    """The marks in the SQLite file at `path`, which the first mark creates."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._engine: sa.Engine | None = None

    def seen(self, keys: Collection[AlertKey]) -> dict[AlertKey, Mark]:
        """The marks among these alerts."""
        if self._engine is None and not self._path.exists():
            return {}
        wanted = set(keys)
        found = {}
        with self._opened().connect() as connection:
            for part in _parts(sorted({against for against, _ in _turned(wanted)})):
                for row in connection.execute(sa.select(_seen).where(_seen.c.against.in_(part))):
                    if (row.alert_id, row.against) in wanted:
                        moment = row.seen_at.replace(tzinfo=UTC)
                        found[row.alert_id, row.against] = Mark(moment, row.seen_by)
        return found

    def mark(self, keys: Collection[AlertKey], user: str | None, moment: datetime) -> None:
        """Mark alerts as seen; one that is already keeps its first mark."""
        at = moment.astimezone(UTC).replace(tzinfo=None)
        rows = [
            {"alert_id": alert_id, "against": against, "seen_at": at, "seen_by": user}
            for alert_id, against in sorted(set(keys))
        ]
        if rows:
            with self._opened().begin() as connection:
                connection.execute(insert(_seen).on_conflict_do_nothing(), rows)

    def unmark(self, keys: Collection[AlertKey]) -> None:
        """Mark alerts as unseen again."""
        if not keys or (self._engine is None and not self._path.exists()):
            return
        is_it = (_seen.c.against == sa.bindparam("of")) & (_seen.c.alert_id == sa.bindparam("named"))
        rows = [{"named": alert_id, "of": against} for alert_id, against in sorted(set(keys))]
        with self._opened().begin() as connection:
            connection.execute(sa.delete(_seen).where(is_it), rows)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._engine is not None:
                self._engine.dispose()
            self._engine = None

    def _opened(self) -> sa.Engine:
        with self._lock:
            if self._engine is None:
                self._engine = _open(self._path)
            return self._engine


def _open(path: Path) -> sa.Engine:
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)), connect_args={"timeout": 5.0})

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        # Readers go on while another process writes; a mark lost in a power cut is no harm.
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")

    with engine.begin() as connection:
        connection.execute(sa.schema.CreateTable(_seen, if_not_exists=True))
    return engine


def _turned(keys: Iterable[AlertKey]) -> Iterable[tuple[str, str]]:
    return ((against, alert_id) for alert_id, against in keys)


def _parts(names: list[str]) -> Iterable[list[str]]:
    return (names[start : start + _AT_ONCE] for start in range(0, len(names), _AT_ONCE))
