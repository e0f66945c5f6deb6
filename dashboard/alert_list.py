"""The alerts with their marks: which are shown, how many there are of each kind, how many are unseen.

Stays out: the words (`dashboard.alert_words`), the page and the API that show them.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from dashboard.alert_marks import AlertMarks, Mark
from dashboard.queries.alerts import Alert, Worth, alert_keys, all_alerts
from dashboard.store import Snapshot

MAX_LIMIT = 200
Status = Literal["", "unseen", "seen"]


@dataclass(frozen=True)
class AlertFilter:
    """Alerts of any of these kinds and any of these severities; empty is all. `status` '' is seen and unseen."""

    kinds: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    status: Status = ""

    def holds(self, item: MarkedAlert) -> bool:
        """Whether it lets an alert through."""
        is_kind = not self.kinds or item.alert.kind in self.kinds
        is_severity = not self.severities or item.alert.severity in self.severities
        return is_kind and is_severity and self.status in ("", "unseen" if item.is_unseen else "seen")


@dataclass(frozen=True)
class MarkedAlert:
    """An alert, what its customer is worth, and when and by whom it was seen."""

    name: str
    alert: Alert
    worth: Worth | None
    seen_at: datetime | None
    seen_by: str | None

    @property
    def is_unseen(self) -> bool:
        """Whether nobody has marked it as seen."""
        return self.seen_at is None


@dataclass(frozen=True)
class AlertCounts:
    """How many alerts each choice of a filter would show, the other filters staying as they are."""

    kinds: dict[str, int]
    severities: dict[str, int]
    status: dict[str, int]


@dataclass(frozen=True)
class AlertList:
    """A part of the alerts. `total` is of the filter, `unseen` of the snapshot; `after` leads to the next part."""

    snapshot_id: str
    total: int
    unseen: int
    counts: AlertCounts
    alerts: tuple[MarkedAlert, ...]
    after: str | None


def alert_list(
    snapshot: Snapshot, marks: AlertMarks, chosen: AlertFilter, limit: int, after: str | None = None
) -> AlertList:
    """At most `limit` alerts that the filter lets through, from the one behind the alert named `after` on.

    An `after` that the snapshot does not have begins anew: it is of a snapshot that has been replaced.
    """
    everything = marked_alerts(snapshot, marks)
    start = next((i + 1 for i, item in enumerate(everything) if item.name == after), 0)
    shown = [item for item in everything[start:] if chosen.holds(item)]
    return AlertList(
        snapshot_id=snapshot.manifest.snapshot_id,
        total=sum(map(chosen.holds, everything)),
        unseen=sum(item.is_unseen for item in everything),
        counts=_counts(everything, chosen),
        alerts=tuple(shown[:limit]),
        after=shown[limit - 1].name if len(shown) > limit else None,
    )


def marked_alerts(snapshot: Snapshot, marks: AlertMarks) -> tuple[MarkedAlert, ...]:
    """Every alert of a snapshot with its mark, in the order of `all_alerts`."""
    found = snapshot.keep("alerts", lambda: _asked(snapshot))
    seen = marks.seen([alert.key for alert, _ in found])
    return tuple(_marked(alert, worth, seen.get(alert.key)) for alert, worth in found)


def _asked(snapshot: Snapshot) -> tuple[tuple[Alert, Worth | None], ...]:
    with snapshot.engine.connect() as connection:
        return all_alerts(connection)


def _marked(alert: Alert, worth: Worth | None, mark: Mark | None) -> MarkedAlert:
    if mark is None:
        return MarkedAlert(alert.name, alert, worth, None, None)
    return MarkedAlert(alert.name, alert, worth, mark.seen_at, mark.seen_by)


class UnseenCount:
    """How many alerts are unseen, for the head of every page: the alerts' keys are read once per snapshot."""

    def __init__(self, marks: AlertMarks) -> None:
        self._marks = marks
        self._lock = threading.Lock()
        self._of: str | None = None
        self._keys: frozenset[tuple[str, str]] = frozenset()

    def of(self, snapshot: Snapshot) -> int:
        """The number of unseen alerts of a snapshot."""
        with self._lock:
            if self._of != snapshot.manifest.snapshot_id:
                with snapshot.engine.connect() as connection:
                    self._keys = alert_keys(connection)
                self._of = snapshot.manifest.snapshot_id
            keys = self._keys
        return len(keys) - len(self._marks.seen(keys))


def _counts(everything: Iterable[MarkedAlert], chosen: AlertFilter) -> AlertCounts:
    everything = tuple(everything)

    def of(narrowed: AlertFilter) -> list[MarkedAlert]:
        return [item for item in everything if narrowed.holds(item)]

    unseen = [item.is_unseen for item in of(replace(chosen, status=""))]
    return AlertCounts(
        kinds=dict(Counter(item.alert.kind for item in of(replace(chosen, kinds=())))),
        severities=dict(Counter(item.alert.severity for item in of(replace(chosen, severities=())))),
        status={"unseen": sum(unseen), "seen": len(unseen) - sum(unseen)},
    )
