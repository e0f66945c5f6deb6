"""Movement between segments, counted by hand."""

from __future__ import annotations

import pytest

from dashboard.queries.movement import Balance, Movement, direction, movements


def _move(dimension: str, before: str | None, segment: str, customers: int) -> dict[str, object]:
    return {
        "dimension": dimension,
        "segment_before": before,
        "segment": segment,
        "customers": customers,
        "cltv_total": 1.0,
    }


ROWS = [
    _move("rfm_segment", "New", "Promising", 5),
    _move("rfm_segment", None, "New", 6),
    _move("risk_band", "red", "red", 10),
    _move("risk_band", "red", "green", 2),
    _move("risk_band", "green", "red", 3),
    _move("risk_band", "unknown", "yellow", 4),
    _move("risk_band", None, "green", 7),
]


def _found(asking, rows) -> dict[str, Movement]:
    with asking(rows | {"segment_movement": ROWS}) as connection:
        return {one.dimension: one for one in movements(connection)}


def test_moves_are_summed_by_direction(asking, rows) -> None:
    risk = _found(asking, rows)["risk_band"]
    assert (risk.new, risk.stayed, risk.improved, risk.declined, risk.unranked) == (7, 10, 2, 3, 4)
    assert sum(move.customers for move in risk.moves) == 26


def test_balances_come_best_first_and_add_up(asking, rows) -> None:
    risk = _found(asking, rows)["risk_band"]
    assert risk.balances == (
        Balance("green", before=3, new=7, now=9, change=6),
        Balance("yellow", before=0, new=0, now=4, change=4),
        Balance("red", before=12, new=0, now=13, change=1),
        Balance("unknown", before=4, new=0, now=0, change=-4),
    )
    assert sum(one.change for one in risk.balances) == risk.new


def test_moves_come_in_order_and_new_customers_last(asking, rows) -> None:
    risk = _found(asking, rows)["risk_band"]
    assert [(move.segment_before, move.segment) for move in risk.moves] == [
        ("green", "red"),
        ("red", "green"),
        ("red", "red"),
        ("unknown", "yellow"),
        (None, "green"),
    ]


def test_dimensions_come_in_their_own_order(asking, rows) -> None:
    assert list(_found(asking, rows)) == ["risk_band", "rfm_segment"]


def test_without_a_month_before_there_is_no_movement(asking, rows) -> None:
    with asking(rows) as connection:
        assert movements(connection) == ()


@pytest.mark.parametrize(
    ("dimension", "before", "segment", "expected"),
    [
        ("value_tier", "Low Value", "High Value", "improved"),
        ("value_tier", "High Value", "Low Value", "declined"),
        ("value_tier", "Unknown", "High Value", "unranked"),
        ("risk_band", "yellow", "green", "improved"),
        ("rfm_segment", "New", "Promising", "declined"),
        ("rfm_segment", "Lost", "Loyal", "improved"),
        ("rfm_segment", "Loyal", "At risk", "declined"),
        ("rfm_segment", "Lost", "Lost", "stayed"),
        ("rfm_segment", None, "New", "new"),
        ("something_new", "a", "b", "unranked"),
    ],
)
def test_a_move_is_better_or_worse_or_neither(dimension, before, segment, expected) -> None:
    assert direction(dimension, before, segment) == expected
