"""The segments of a snapshot in one answer: what the page shows and what `/api/v1/segments` returns.

Stays out: wording and drawing (`dashboard.pages.segments`).
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.queries.cube import (
    DIMENSIONS,
    CrossTable,
    Cube,
    Filters,
    cross_table,
    read_cube,
    segments_of_cube,
)
from dashboard.queries.movement import Movement, movements
from dashboard.queries.segments import Segment, segments_of_month
from dashboard.queries.summary import About, about
from dashboard.store import Snapshot


@dataclass(frozen=True)
class Cuts:
    """The newest month's customers cut by segments, and how they moved since the month `compared_with`.

    `segments` are of all customers, by dimension; the cross table is of those that its filters let through.
    """

    about: About
    cross: CrossTable
    segments: dict[str, tuple[Segment, ...]]
    compared_with: str | None
    movements: tuple[Movement, ...]


def cuts(snapshot: Snapshot, row_dimension: str, column_dimension: str, filters: Filters) -> Cuts:
    """Ask a snapshot for its segments. Reads the prepared cuts alone, once, never the customer table."""
    manifest = snapshot.manifest
    segments, moved = snapshot.keep("segments and movements", lambda: _segments_and_movements(snapshot))
    return Cuts(
        about=about(manifest),
        cross=cross_table(_cube(snapshot), row_dimension, column_dimension, filters),
        segments={name: segments.get(name, ()) for name in DIMENSIONS},
        compared_with=month_before(manifest.months, manifest.snapshot_month) if moved else None,
        movements=moved,
    )


def month_before(months: list[str], snapshot_month: str) -> str | None:
    """The newest of `months` before a month."""
    return max((month for month in months if month < snapshot_month), default=None)


def known_segments(snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    """The segments that customers of the newest month are in, by dimension."""
    return snapshot.keep("known segments", lambda: segments_of_cube(_cube(snapshot)))


def _segments_and_movements(
    snapshot: Snapshot,
) -> tuple[dict[str, tuple[Segment, ...]], tuple[Movement, ...]]:
    with snapshot.engine.connect() as connection:
        return segments_of_month(connection, snapshot.manifest.snapshot_month), movements(connection)


def _cube(snapshot: Snapshot) -> Cube:
    def ask() -> Cube:
        with snapshot.engine.connect() as connection:
            return read_cube(connection)

    return snapshot.keep("cube", ask)
