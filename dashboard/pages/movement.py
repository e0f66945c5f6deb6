"""The movement between segments as tables from → to, with its balance and a sentence.

Stays out: the counts (`dashboard.queries.movement`).
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.formatting import count, month, signed_share
from dashboard.i18n import gettext
from dashboard.queries.headline import figure
from dashboard.queries.movement import NEW, Balance, Movement
from dashboard.terms import Term, dimension_label, term


@dataclass(frozen=True)
class MoveCell:
    """How many made a move, in which direction; `direction` is '' where nobody did."""

    text: str
    direction: str


@dataclass(frozen=True)
class MoveRow:
    """Where customers of one segment of the month before are now; `is_new` for those who were in none."""

    segment: str
    term: Term
    is_new: bool
    cells: tuple[MoveCell, ...]
    total: str


@dataclass(frozen=True)
class BalanceCell:
    """A segment now, and its change since the month before: in customers and as a share."""

    segment: str
    term: Term
    now: str
    change: str
    change_share: str
    direction: str


@dataclass(frozen=True)
class MovementTable:
    """The movement in one dimension."""

    dimension: str
    title: str
    sentence: str
    note: str
    rows: tuple[MoveRow, ...]
    balances: tuple[BalanceCell, ...]
    total: BalanceCell


def movement_table(movement: Movement, compared_with: str) -> MovementTable:
    """The table of a dimension since the month `compared_with`."""
    return MovementTable(
        dimension=movement.dimension,
        title=dimension_label(movement.dimension),
        sentence=_sentence(movement, compared_with),
        note=_note(movement),
        rows=_rows(movement),
        balances=tuple(_balance(movement.dimension, one) for one in movement.balances),
        total=_total(movement),
    )


def signed_count(value: float | None) -> str:
    """A difference of counts with its sign: +12."""
    return ("+" if value is not None and round(value) > 0 else "") + count(value)


def change_direction(value: float) -> str:
    """Up, down or flat."""
    return "up" if value > 0 else "down" if value < 0 else "flat"


def _sentence(movement: Movement, compared_with: str) -> str:
    return gettext(
        "Of the customers known in %(month)s, %(improved)s moved to a better segment and %(declined)s to a worse "
        "one; %(stayed)s stayed. New since then: %(new)s.",
        month=month(compared_with),
        improved=count(movement.improved),
        declined=count(movement.declined),
        stayed=count(movement.stayed),
        new=count(movement.new),
    )


def _note(movement: Movement) -> str:
    if not movement.unranked:
        return ""
    return gettext(
        "Moves to or from a segment that is neither better nor worse: %(count)s.",
        count=count(movement.unranked),
    )


def _rows(movement: Movement) -> tuple[MoveRow, ...]:
    names = [one.segment for one in movement.balances]
    moves = {(move.segment_before, move.segment): move for move in movement.moves}
    origins: list[str | None] = [one.segment for one in movement.balances if one.before]
    rows = []
    for origin in [*origins, *([None] if movement.new else [])]:
        found = [moves.get((origin, name)) for name in names]
        cells = tuple(
            MoveCell(count(one.customers), one.direction) if one else MoveCell("–", "") for one in found
        )
        words = term(movement.dimension, origin) if origin else Term(gettext("New customers"), "none", "+")
        total = sum(one.customers for one in found if one)
        rows.append(MoveRow(origin or NEW, words, origin is None, cells, count(total)))
    return tuple(rows)


def _balance(dimension: str, balance: Balance) -> BalanceCell:
    change = figure(balance.now, balance.before)
    return BalanceCell(
        segment=balance.segment,
        term=term(dimension, balance.segment),
        now=count(balance.now),
        change=signed_count(balance.change),
        change_share="" if change.change_share is None else signed_share(change.change_share),
        direction=change_direction(balance.change),
    )


def _total(movement: Movement) -> BalanceCell:
    before = sum(one.before for one in movement.balances)
    now = sum(one.now for one in movement.balances)
    whole = Balance(gettext("Total"), before, movement.new, now, now - before)
    return _balance(movement.dimension, whole)
