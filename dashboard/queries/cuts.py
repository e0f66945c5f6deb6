"""The segments of a snapshot in one answer: what the page shows and what `/api/v1/segments` returns.

Stays out: wording and drawing (`dashboard.pages.segments`).
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.queries.cube import DIMENSIONS, CrossTable, Filters, cross_table, segments_of_cube
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
    """Ask a snapshot for its segments. Reads the prepared cuts alone, never the customer table."""
    manifest = snapshot.manifest
    with snapshot.engine.connect() as connection:
        segments = segments_of_month(connection, manifest.snapshot_month)
        moved = movements(connection)
        return Cuts(
            about=about(manifest),
            cross=cross_table(connection, row_dimension, column_dimension, filters),
            segments={name: segments.get(name, ()) for name in DIMENSIONS},
            compared_with=month_before(manifest.months, manifest.snapshot_month) if moved else None,
            movements=moved,
        )


def month_before(months: list[str], snapshot_month: str) -> str | None:
    """The newest of `months` before a month."""
    return max((month for month in months if month < snapshot_month), default=None)


def known_segments(snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    """The segments that customers of the newest month are in, by dimension."""
    with snapshot.engine.connect() as connection:
        return segments_of_cube(connection)
