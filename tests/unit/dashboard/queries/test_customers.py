"""Filters by sorts by pages: every customer once, in order, and totals that independent SQL confirms."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from dashboard.queries.customers import (
    Customer,
    CustomerList,
    batches,
    list_customers,
    read_request,
)
from dashboard.queries.segment_codes import options
from dashboard.queries.sorting import DEFAULT_SORT, SORTS, read_place, read_sort
from dashboard.store import Snapshot, open_snapshot
from tests.unit.dashboard.queries.conftest import many_customers

ALL_SORTS = [f"{sign}{name}" for name in SORTS for sign in ("", "-")]
FILTERS: dict[str, tuple[list[tuple[str, str]], str]] = {
    "none": ([], "true"),
    "several of a dimension": (
        [("risk_band", "red"), ("risk_band", "green")],
        "risk_band IN ('red', 'green')",
    ),
    "two dimensions": (
        [("state", "SP"), ("value_tier", "High Value")],
        "state = 'SP' AND value_tier = 'High Value'",
    ),
    "a range of cltv": ([("cltv_min", "0.2"), ("cltv_max", "0.4")], "cltv BETWEEN 0.2 AND 0.4"),
    "a span of days": (
        [("last_from", "2018-01-02"), ("last_to", "2018-01-03")],
        "last_purchase_date IN ('2018-01-02', '2018-01-03')",
    ),
    "signs of LIKE": ([("q", "ab%")], "customer_unique_id[1:3] = 'ab%'"),
    "an underscore": ([("q", "ab_")], "customer_unique_id[1:3] = 'ab_'"),
    "everything": (
        [("age_band", "Unknown"), ("rfm_segment", "New"), ("action", "Nurture"), ("cltv_max", "7.5")],
        "age_band = 'Unknown' AND rfm_segment = 'New' AND action = 'Nurture' AND cltv <= 7.5",
    ),
}


def _ask(snapshot: Snapshot, pairs: list[tuple[str, str]], limit: int = 7) -> CustomerList:
    request = read_request(snapshot, pairs)
    assert request.problems == ()
    return list_customers(snapshot, request, limit)


def _pages(snapshot: Snapshot, pairs: list[tuple[str, str]], limit: int = 7) -> Iterator[CustomerList]:
    page = _ask(snapshot, pairs, limit)
    yield page
    while page.after:
        page = _ask(snapshot, [*pairs, ("after", page.after)], limit)
        yield page


def _sql(snapshot: Snapshot, text: str) -> list[Any]:
    with snapshot.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(text))]


def _expected(snapshot: Snapshot, where: str, sort: str) -> list[str]:
    name = sort.removeprefix("-")
    column, way = "customer_unique_id" if name == "id" else name, "DESC" if sort.startswith("-") else "ASC"
    order = f"{column} {way} NULLS LAST, customer_unique_id {way}"
    if name != "id":  # those without the figure come by their id, whichever way it runs
        order = f"{column} {way} NULLS LAST, if({column} IS NULL, customer_unique_id, NULL), customer_unique_id {way}"
    return [
        one
        for (one,) in _sql(
            snapshot, f"SELECT customer_unique_id FROM customers WHERE {where} ORDER BY {order}"
        )
    ]


@pytest.mark.parametrize("sort", ALL_SORTS)
def test_the_pages_of_every_filter_hold_every_customer_once_and_in_order(shop, sort: str) -> None:
    snapshot = shop(60)
    for pairs, where in FILTERS.values():
        pages = list(_pages(snapshot, [*pairs, ("sort", sort)]))
        found = [row.customer_unique_id for page in pages for row in page.customers]
        assert found == _expected(snapshot, where, sort)
        assert [page.rows_before for page in pages] == list(range(0, max(len(found), 1), 7))
        assert {page.totals.customers for page in pages} == {len(found)}
        assert found, f"the filter {pairs} should have customers"


@pytest.mark.parametrize("chosen", [["T00", "T03"], ["T05", "T62"], ["T01", "T63"], ["T62", "T69"], ["T63"]])
def test_segments_are_told_apart_however_many_there_are(publish, rows, chosen: list[str]) -> None:
    """A whole number has 63 bits for their codes; of more segments some have no bit."""
    rows["customers"] = [
        customer | {"state": f"T{i % 70:02d}"} for i, customer in enumerate(many_customers(210))
    ]
    snapshot = open_snapshot(publish(rows))
    found = _ask(snapshot, [("state", state) for state in chosen], 50)
    assert [row.state for row in found.customers].count(chosen[0]) == 3
    assert sorted({row.state for row in found.customers}) == chosen
    assert found.totals.customers == len(found.customers) == 3 * len(chosen)


@pytest.mark.parametrize("sort", ALL_SORTS)
def test_a_link_leads_to_the_same_page_in_a_process_that_did_not_make_it(publish, rows, sort: str) -> None:
    rows["customers"] = many_customers(60)
    folder = publish(rows)
    ours = list(_pages(open_snapshot(folder), [("sort", sort)]))
    theirs = [
        _ask(open_snapshot(folder), [("sort", sort), ("after", page.after or "")]) for page in ours[:-1]
    ]
    assert [page.customers for page in theirs] == [page.customers for page in ours[1:]]


def test_who_goes_on_from_a_page_asks_for_the_customers_alone(shop) -> None:
    snapshot = shop(60)
    page = _ask(snapshot, [("after", str(_ask(snapshot, []).after))])
    asked: list[str] = []
    sa.event.listen(snapshot.engine, "before_cursor_execute", lambda *event: asked.append(event[2]))
    for after in (page.after, page.before):
        _ask(snapshot, [("after", str(after))])
    assert [text.split("FROM ")[1].split()[0] for text in asked] == ["customer_list", "customers"] * 2


@pytest.mark.parametrize("sort", ALL_SORTS)
def test_walking_back_shows_the_same_pages(shop, sort: str) -> None:
    snapshot = shop(60)
    forward = list(_pages(snapshot, [("sort", sort)]))
    page, back = forward[-1], [forward[-1]]
    while page.before:
        page = _ask(snapshot, [("sort", sort), ("after", page.before)])
        back.append(page)
    assert [one.customers for one in reversed(back)] == [one.customers for one in forward]
    assert [one.rows_before for one in reversed(back)] == [one.rows_before for one in forward]
    assert (back[-1].before, forward[0].before) == (None, None)
    assert all(one.after for one in back[1:])


@pytest.mark.parametrize("number", [7, 8, 14])
def test_a_last_page_that_is_just_full_leads_nowhere(shop, number: int) -> None:
    pages = list(_pages(shop(number), []))
    assert [len(page.customers) for page in pages] == {7: [7], 8: [7, 1], 14: [7, 7]}[number]
    assert pages[-1].after is None


@pytest.mark.parametrize("name", FILTERS)
def test_totals_are_what_independent_sql_counts(shop, name: str) -> None:
    pairs, where = FILTERS[name]
    snapshot = shop(200)
    totals = _ask(snapshot, pairs).totals
    ((number, red, cltv, mean, value),) = _sql(
        snapshot,
        "SELECT count(*), sum(CASE WHEN risk_band = 'red' THEN 1 ELSE 0 END), sum(cltv), sum(cltv) / count(cltv),"
        f" sum(value_brl) FROM customers WHERE {where}",
    )
    assert (totals.customers, totals.customers_at_risk) == (number, red)
    assert totals.customers_share == pytest.approx(number / 200)
    assert (totals.cltv_total, totals.cltv_mean) == (pytest.approx(cltv), pytest.approx(mean))
    assert totals.value_brl == pytest.approx(float(value))


def test_nobody_scored_means_not_enough_data_and_not_nobody_at_risk(shop) -> None:
    assert _ask(shop(60), [("risk_band", "unknown")]).totals.customers_at_risk is None


def test_a_filter_that_fits_nobody_has_no_pages_and_no_mean(shop) -> None:
    answer = _ask(shop(20), [("q", "zzz")])
    assert (answer.customers, answer.after, answer.before) == ((), None, None)
    assert (answer.totals.customers, answer.totals.cltv_mean, answer.totals.value_brl) == (0, None, 0.0)


def test_rows_hold_what_is_stored(shop) -> None:
    snapshot = shop(20)
    for row in _ask(snapshot, [], limit=20).customers:
        names = list(Customer.__dataclass_fields__)
        ((*stored,),) = _sql(
            snapshot,
            f"SELECT {', '.join(names)} FROM customers WHERE customer_unique_id = '{row.customer_unique_id}'",
        )
        assert [getattr(row, name) for name in names] == [
            float(value) if name == "value_brl" and value is not None else value
            for name, value in zip(names, stored, strict=True)
        ]


def test_options_are_the_segments_of_customers_and_summaries_with_their_customers(shop) -> None:
    snapshot = shop(60)
    found = options(snapshot)
    counted = dict(_sql(snapshot, "SELECT risk_band, count(*) FROM customers GROUP BY 1"))
    assert {one.segment: one.customers for one in found["risk_band"]} == counted
    assert [one.segment for one in found["risk_band"]] == ["red", "yellow", "green", "unknown"]
    assert {one.segment for one in found["state"]} == {"SP", "RJ"}
    assert ("VIP promotion", 0) in [(one.segment, one.customers) for one in found["action"]]


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "!!!",
        "=" * 8,
        "a" * 5000,
        base64.urlsafe_b64encode(b"[1, 2").decode(),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        base64.urlsafe_b64encode(b"[" * 300).decode(),
        *(
            base64.urlsafe_b64encode(json.dumps(values).encode()).decode()
            for values in (
                {},
                7,
                ["-cltv", "a", "after"],
                ["-cltv", "a", "after", 0, 0],
                ["cltv", "a", "after", 0],
                ["-cltv", 1.0, "a", "after", 0],
                ["-cltv", 7, "after", 0],
                ["-cltv", None, "after", 0],
                ["-cltv", "a", "beside", 0],
                ["-cltv", "a", ["after"], 0],
                ["-cltv", "a", "after", -1],
                ["-cltv", "a", "after", 2**40],
                ["-cltv", "a", "after", "0"],
                ["-cltv", "a", "after", True],
                ["-cltv", "a", "after", 0.0],
            )
        ),
    ],
)
def test_a_place_that_was_tampered_with_is_not_read(text: str) -> None:
    assert read_place(text, DEFAULT_SORT) is None


def test_a_place_of_another_order_or_of_none_is_a_problem(shop) -> None:
    snapshot = shop(20)
    place = _ask(snapshot, []).after
    assert place
    for pairs in ([("after", "x")], [("after", place), ("sort", "cltv")], [("after", place[:-3])]):
        assert [problem.kind for problem in read_request(snapshot, pairs).problems] == ["unknown_place"]


def test_a_place_of_a_customer_who_is_gone_shows_an_empty_page(shop) -> None:
    text = base64.urlsafe_b64encode(b'["-cltv", "gone", "after", 7]').decode()
    answer = _ask(shop(20), [("after", text)])
    assert (answer.customers, answer.totals.customers) == ((), 20)


def test_sorts_are_those_listed_and_no_others() -> None:
    assert all(read_sort(text) for text in ALL_SORTS)
    assert not any(read_sort(text) for text in ("", "-", "city", "--cltv", "cltv desc", "customer_unique_id"))


@pytest.mark.parametrize("name", ["sort", "after"])
def test_a_control_given_twice_is_a_problem(shop, name: str) -> None:
    snapshot = shop(20)
    text = _ask(snapshot, []).after if name == "after" else "-cltv"
    request = read_request(snapshot, [(name, text), (name, text)])
    assert [problem.kind for problem in request.problems] == ["repeated"]


@pytest.mark.parametrize("sort", ALL_SORTS)
def test_batches_are_the_list_without_its_pages(shop, sort: str) -> None:
    snapshot = shop(60)
    pairs = FILTERS["several of a dimension"][0]
    request = read_request(snapshot, [*pairs, ("sort", sort)])
    parts = list(batches(snapshot, request.selection, request.sort, size=11))
    assert max(len(part) for part in parts) == 11
    listed = [
        row.customer_unique_id
        for page in _pages(snapshot, [*pairs, ("sort", sort)])
        for row in page.customers
    ]
    assert [row[0] for row in itertools.chain(*parts)] == listed


def test_batches_keep_their_snapshot_while_the_store_moves_on(shop) -> None:
    snapshot = shop(60)
    request = read_request(snapshot, [])
    parts = batches(snapshot, request.selection, request.sort, size=11)
    read = len(next(parts))
    snapshot.engine.dispose()  # what the store does when the pointer moves
    assert read + sum(len(part) for part in parts) == 60
