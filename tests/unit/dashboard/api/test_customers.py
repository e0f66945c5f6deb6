"""The API of the customers' list: the same answers as the page, and what is wrong told by parameter."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from dashboard.links import FILTERS


@pytest.fixture
def shop(publish, rows) -> None:
    """Five customers, of whom two are red."""
    bands = ["red", "red", "yellow", "green", "unknown"]
    rows["customers"] = [
        {"customer_unique_id": f"c{i}", "risk_band": band, "cltv": i / 2, "value_brl": "10.50", "state": "SP"}
        for i, band in enumerate(bands)
    ]
    publish(rows)


def _ids(answer: dict[str, Any]) -> list[str]:
    return [row["customer_unique_id"] for row in answer["customers"]]


@pytest.mark.usefixtures("shop")
def test_page_and_api_show_the_same_customers_and_totals(client: TestClient) -> None:
    for query in ("", "?risk_band=red", "?risk_band=red&risk_band=green&sort=cltv", "?cltv_min=1&sort=id"):
        answer = client.get(f"/api/v1/customers{query}").json()
        text = client.get(f"/customers{query}").text
        assert re.findall(r'data-customer="([^"]*)"', text) == _ids(answer)
        total = html.unescape(re.search(r'data-total="customers">([^<]*)<', text)[1])
        assert int(total) == answer["totals"]["customers"] == len(_ids(answer))
        assert answer["totals"]["value_brl"] == 10.5 * len(_ids(answer))


@pytest.mark.usefixtures("shop")
def test_pages_go_on_where_the_last_one_ended(client: TestClient) -> None:
    first = client.get("/api/v1/customers", params={"limit": 2}).json()
    second = client.get("/api/v1/customers", params={"limit": 2, "after": first["after"]}).json()
    third = client.get("/api/v1/customers", params={"limit": 2, "after": second["after"]}).json()
    assert [_ids(one) for one in (first, second, third)] == [["c4", "c3"], ["c2", "c1"], ["c0"]]
    assert (first["before"], third["after"], third["rows_before"]) == (None, None, 4)
    back = client.get("/api/v1/customers", params={"limit": 2, "after": third["before"]}).json()
    assert back == second


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("query", "name", "kind"),
    [
        ("cltv_min=abc", "cltv_min", "not_a_number"),
        ("cltv_min=2&cltv_max=1", "cltv_min", "out_of_order"),
        ("last_to=yesterday", "last_to", "not_a_day"),
        ("risk_band=purple", "risk_band", "unknown_segment"),
        ("riskband=red", "riskband", "unknown_parameter"),
        ("q=a", "q", "too_short"),
        ("sort=city", "sort", "unknown_sort"),
        ("after=AAAA", "after", "unknown_place"),
        ("limit=0", "limit", "greater_than_equal"),
        ("limit=201", "limit", "less_than_equal"),
        ("limit=x", "limit", "int_parsing"),
    ],
)
def test_what_cannot_be_read_is_told_by_parameter(
    client: TestClient, query: str, name: str, kind: str
) -> None:
    answer = client.get(f"/api/v1/customers?{query}")
    (problem,) = answer.json()["detail"]
    assert (answer.status_code, problem["loc"], problem["type"]) == (422, ["query", name], kind)
    assert problem["msg"]


def test_without_a_snapshot_the_answer_says_so(client: TestClient) -> None:
    answer = client.get("/api/v1/customers")
    assert (answer.status_code, "nothing has been published" in answer.json()["detail"]) == (503, True)


def test_every_filter_is_documented_with_an_example(client: TestClient) -> None:
    operation = client.get("/api/v1/openapi.json").json()["paths"]["/api/v1/customers"]["get"]
    parameters = {one["name"]: one for one in operation["parameters"]}
    assert set(parameters) == {*FILTERS, "sort", "after", "limit"}
    assert all(parameters[name]["schema"]["examples"] for name in FILTERS)
    assert set(operation["responses"]) == {"200", "422", "503"}
