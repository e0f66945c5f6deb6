"""The segments that customers can be chosen by, each with its number in `customer_list`.

Stays out: what the filters demand (`dashboard.queries.filters`).
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from dashboard.links import DIMENSIONS
from dashboard.store import Snapshot
from dashboard.tables import segment_codes, segment_summary
from dashboard.terms import rank


@dataclass(frozen=True)
class Option:
    """A segment that can be chosen, its customers in the whole base, its number; 0, which no row has, without any."""

    segment: str
    customers: int = 0
    code: int = 0


Options = dict[str, tuple[Option, ...]]


def options(snapshot: Snapshot) -> Options:
    """The segments of each dimension, in their own order: those of the customers, and those of any month's summary."""
    return snapshot.keep("options", lambda: _options(snapshot))


def code(known: Options, dimension: str, segment: str) -> int:
    """The number of a segment; 0 where nobody is in it."""
    return next((one.code for one in known[dimension] if one.segment == segment), 0)


def _options(snapshot: Snapshot) -> Options:
    summarised = sa.select(segment_summary.c.dimension, segment_summary.c.segment).distinct()
    coded = sa.select(*(segment_codes.c[name] for name in ("dimension", "segment", "customers", "code")))
    found: dict[str, dict[str, Option]] = {name: {} for name in DIMENSIONS}
    with snapshot.engine.connect() as connection:
        for dimension, segment in connection.execute(
            summarised.where(segment_summary.c.dimension.in_(DIMENSIONS))
        ):
            found[dimension][segment] = Option(segment)
        for dimension, segment, customers, code in connection.execute(coded):
            found[dimension][segment] = Option(segment, customers, code)
    return {name: _in_order(name, segments) for name, segments in found.items()}


def _in_order(dimension: str, segments: dict[str, Option]) -> tuple[Option, ...]:
    return tuple(segments[segment] for segment in sorted(segments, key=lambda one: rank(dimension, one)))
