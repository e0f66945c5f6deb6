"""Which customers moved between segments since the month before?

Stays out: differences between published snapshots (`dashboard.queries.alerts`).
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from dashboard.tables import segment_movement
from dashboard.terms import GREEN, HIGH_VALUE, LOW_VALUE, RED, YELLOW, rank

# The better segment first. Among RFM segments a customer moves up by buying and down by staying silent.
BEST_FIRST = {
    "value_tier": (HIGH_VALUE, LOW_VALUE),
    "risk_band": (GREEN, YELLOW, RED),
    "rfm_segment": (
        "Champions",
        "Loyal",
        "New",
        "Promising",
        "Needs attention",
        "At risk",
        "Hibernating",
        "Lost",
    ),
}
NEW, STAYED, IMPROVED, DECLINED, UNRANKED = "new", "stayed", "improved", "declined", "unranked"


@dataclass(frozen=True)
class Move:
    """Customers who were in one segment in the month before and are in this one now; None before: they are new.

    `direction` is new, stayed, improved, declined, or unranked where one of the two is neither better nor worse.
    """

    segment_before: str | None
    segment: str
    direction: str
    customers: int


@dataclass(frozen=True)
class Balance:
    """A segment's size now and in the month before, and how many of its customers are new."""

    segment: str
    before: int
    new: int
    now: int
    change: int


@dataclass(frozen=True)
class Movement:
    """The movement in one dimension: every move that somebody made, a balance per segment, and sums by direction.

    Segments come from the best to the worst.
    """

    dimension: str
    moves: tuple[Move, ...]
    balances: tuple[Balance, ...]
    new: int
    stayed: int
    improved: int
    declined: int
    unranked: int


def movements(connection: sa.Connection) -> tuple[Movement, ...]:
    """The movement by dimension; empty where there is no month before."""
    query = sa.select(segment_movement)
    rows: dict[str, list[Move]] = {}
    for row in connection.execute(query).mappings():
        dimension, before, segment = row["dimension"], row["segment_before"], row["segment"]
        move = Move(before, segment, direction(dimension, before, segment), row["customers"])
        rows.setdefault(dimension, []).append(move)
    known = list(BEST_FIRST)
    order = sorted(rows, key=lambda name: (known.index(name) if name in known else len(known), name))
    return tuple(_movement(name, rows[name]) for name in order)


def direction(dimension: str, before: str | None, segment: str) -> str:
    """Whether a customer who moved is better off for the shop, or worse."""
    if before is None:
        return NEW
    if before == segment:
        return STAYED
    order = BEST_FIRST.get(dimension, ())
    if before not in order or segment not in order:
        return UNRANKED
    return IMPROVED if order.index(segment) < order.index(before) else DECLINED


def _movement(dimension: str, moves: list[Move]) -> Movement:
    ordered = sorted(
        moves, key=lambda move: (_rank(dimension, move.segment_before), _rank(dimension, move.segment))
    )
    segments = {move.segment for move in moves} | {move.segment_before for move in moves} - {None}
    names = sorted((name for name in segments if name is not None), key=lambda name: _rank(dimension, name))
    sums = {
        way: sum(move.customers for move in moves if move.direction == way)
        for way in (NEW, STAYED, IMPROVED, DECLINED, UNRANKED)
    }
    return Movement(dimension, tuple(ordered), tuple(_balance(name, moves) for name in names), **sums)


def _rank(dimension: str, segment: str | None) -> tuple[int, tuple[int, str]]:
    """A sort key: the better segments first, then those that cannot be compared, at last new customers' none."""
    order = BEST_FIRST.get(dimension, ())
    if segment is None:
        return (len(order) + 1, (0, ""))
    return (order.index(segment) if segment in order else len(order), rank(dimension, segment))


def _balance(segment: str, moves: list[Move]) -> Balance:
    before = sum(move.customers for move in moves if move.segment_before == segment)
    now = sum(move.customers for move in moves if move.segment == segment)
    new = sum(move.customers for move in moves if move.segment == segment and move.direction == NEW)
    return Balance(segment, before, new, now, now - before)
