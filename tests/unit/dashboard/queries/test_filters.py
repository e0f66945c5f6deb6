"""Reading filters from an address, and what they demand."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from dashboard.links import DIMENSIONS, FILTERS
from dashboard.queries.filters import Problem, Selection, read_selection
from dashboard.queries.segment_codes import Option, Options
from dashboard.tables import customer_list

SEGMENTS: Options = dict.fromkeys(DIMENSIONS, (Option("a", 2, 1), Option("b", 3, 2), Option("c")))


def _read(*pairs: tuple[str, str]) -> tuple[Selection, tuple[Problem, ...]]:
    return read_selection(pairs, SEGMENTS)


def test_filters_are_read_in_their_own_order_and_come_back_as_parameters() -> None:
    selection, problems = _read(
        ("last_to", "2018-03-01"),
        ("cltv_min", " 1.50 "),
        ("q", "ab_%"),
        ("state", "c"),
        ("state", "a"),
        ("state", "c"),
    )
    assert problems == ()
    assert [name for name, _ in selection.conditions] == [name for name in FILTERS if selection.values(name)]
    assert selection.texts() == {
        "state": ["a", "c"],
        "q": ["ab_%"],
        "cltv_min": ["1.5"],
        "last_to": ["2018-03-01"],
    }
    assert _read(*((name, text) for name, texts in selection.texts().items() for text in texts)) == (
        selection,
        (),
    )


def test_an_empty_text_is_an_unused_filter() -> None:
    assert _read(*((name, " ") for name in FILTERS)) == (Selection(), ())


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("nothing", "x", "unknown_parameter"),
        ("state", "d", "unknown_segment"),
        ("state", "A", "unknown_segment"),
        ("cltv_min", "abc", "not_a_number"),
        ("cltv_min", "nan", "not_a_number"),
        ("cltv_max", "inf", "not_a_number"),
        ("cltv_max", "1e999", "not_a_number"),
        ("cltv_max", "1_000", "not_a_number"),
        ("cltv_max", "1,5", "not_a_number"),
        ("cltv_max", "١٢", "not_a_number"),
        ("last_from", "2018-02-30", "not_a_day"),
        ("last_from", "20180301", "not_a_day"),
        ("last_to", "01/03/2018", "not_a_day"),
        ("q", "ab", "too_short"),
        ("q", "a" * 65, "not_an_id"),
        ("q", "abc\0d", "not_an_id"),
    ],
)
def test_what_cannot_be_read_is_a_problem_that_names_it(name: str, text: str, kind: str) -> None:
    selection, (problem,) = _read((name, text))
    assert (problem.kind, problem.name) == (kind, name)
    assert selection == Selection()


def test_a_second_value_of_a_single_filter_is_not_left_unsaid() -> None:
    assert _read(("q", "abc"), ("q", "abd")) == (Selection(), (Problem("repeated", "q", "abd"),))


@pytest.mark.parametrize(
    ("low", "high", "problems"),
    [
        (("cltv_min", "2"), ("cltv_max", "1"), 1),
        (("cltv_min", "2"), ("cltv_max", "2"), 0),
        (("last_from", "2018-03-02"), ("last_to", "2018-03-01"), 1),
        (("last_from", "2018-03-01"), ("last_to", "2018-03-01"), 0),
    ],
)
def test_a_range_must_not_end_before_it_begins(low, high, problems) -> None:
    _, found = _read(low, high)
    assert [(one.kind, one.name) for one in found] == [("out_of_order", low[0])] * problems


def test_taking_one_value_away_leaves_the_others() -> None:
    selection, _ = _read(("state", "a"), ("state", "b"), ("cltv_min", "1"))
    fewer = selection.without("state", "a")
    assert fewer.texts() == {"state": ["b"], "cltv_min": ["1.0"]}
    assert fewer.without("state", "b").without("cltv_min", 1.0) == Selection()


def test_values_are_bound_and_never_part_of_the_statement() -> None:
    evil = "'; DROP TABLE customers; --"
    known: Options = {"state": (Option(evil, 2, 7),)}
    selection, _ = read_selection(
        [("q", evil), ("state", evil), ("last_from", "2018-01-01"), ("cltv_max", "1")], known
    )
    statement = (
        sa.select(customer_list.c.position).where(*selection.clauses(known, lambda prefix: (3, 9))).compile()
    )
    assert "DROP" not in str(statement)
    assert {3, 9, date(2018, 1, 1), 1.0, 7} == {
        one
        for value in statement.params.values()
        for one in (value if isinstance(value, list | tuple) else [value])
    }


def test_segments_are_found_by_their_codes_and_one_that_nobody_is_in_by_none() -> None:
    selection, _ = _read(("state", "b"), ("state", "c"))
    statement = (
        sa.select(customer_list.c.position)
        .where(*selection.clauses(SEGMENTS, lambda prefix: (3, 9)))
        .compile()
    )
    assert ">> customer_list.state_code) & " in str(statement)
    assert list(statement.params.values()) == [0b101, 1, 1], "bits 2 and 0 of the mask, and that one is set"
