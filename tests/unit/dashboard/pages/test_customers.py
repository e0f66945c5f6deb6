"""The page of the customers: the words of its filters, its links, its export."""

from __future__ import annotations

import csv
import html
import io
import re
from dataclasses import fields
from datetime import date
from typing import Any

import pytest
from fastapi.testclient import TestClient
from jinja2 import meta

from dashboard.i18n import speaking
from dashboard.links import customers_link
from dashboard.pages.customers import CustomersContext
from dashboard.pages.customers_csv import csv_lines
from dashboard.pages.filter_words import chips, problem_text, sentence
from dashboard.queries.filters import Problem, Selection, read_selection
from dashboard.queries.segment_codes import Option
from dashboard.snapshot import TABLES
from dashboard.templating import TEMPLATES

MARKUP = "<img src=x onerror=alert(1)>"
COLUMNS = [name for name in TABLES["customers"] if name != "position"]
SEGMENTS = {
    "value_tier": ("High Value", "Low Value"),
    "risk_band": ("red", "yellow", "green", "unknown"),
    "age_band": ("Adult 20–64",),
    "rfm_segment": ("Lost",),
    "action": ("Win-back",),
    "state": ("RJ", "SP"),
}


def _selection(*pairs: tuple[str, str]) -> Selection:
    known = {name: tuple(Option(segment) for segment in segments) for name, segments in SEGMENTS.items()}
    return read_selection(pairs, known)[0]


def _customer(one: str, **more: Any) -> dict[str, Any]:
    blank = {
        "city": "sao paulo",
        "state": "SP",
        "age_band": "Unknown",
        "value_tier": "High Value",
        "risk_band": "red",
        "rfm_segment": "Lost",
        "action": "Win-back",
        "churn_probability": 0.9876,
        "cltv": 12.345,
        "cltv_low": 10.0,
        "cltv_high": 14.0,
        "value_brl": "1234.50",
        "last_purchase_date": date(2018, 3, 1),
        "order_count": 1,
    }
    return {"customer_unique_id": one, **blank, **more}


@pytest.fixture
def shop(publish, rows):
    """Publishes these customers."""

    def write(*customers: dict[str, Any], **changes: Any) -> None:
        rows["customers"] = sorted(customers, key=lambda row: row["customer_unique_id"])
        publish(rows, **changes)

    return write


def _plain(text: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text))).replace("\u00a0", " ")


def _listed(text: str) -> list[str]:
    return [html.unescape(one) for one in re.findall(r'data-customer="([^"]*)"', text)]


@pytest.mark.parametrize(
    ("pairs", "number", "expected"),
    [
        ((), 1234, "Showing all 1,234 customers"),
        (
            (("value_tier", "High Value"), ("risk_band", "red"), ("last_to", "2018-03-01")),
            1234,
            "Showing the 1,234 customers who are High Value, are at risk and last bought on 1 March 2018 or before",
        ),
        (
            (("state", "SP"), ("state", "RJ"), ("cltv_min", "3"), ("cltv_max", "4")),
            1,
            "Showing the only one of the customers who live in RJ or SP and are expected to spend R$ 3.00 to R$ 4.00 "
            "in 77 days",
        ),
        (
            (("risk_band", "red"), ("risk_band", "yellow"), ("q", "abc")),
            0,
            "Showing the 0 customers who are at risk or should be watched and have an id that begins with abc",
        ),
        (
            (("cltv_max", "4"),),
            2,
            "Showing the 2 customers who are expected to spend at most R$ 4.00 in 77 days",
        ),
        (
            (("last_from", "2018-03-01"),),
            2,
            "Showing the 2 customers who last bought on 1 March 2018 or later",
        ),
        (
            (("last_from", "2018-03-01"), ("last_to", "2018-03-02")),
            2,
            "Showing the 2 customers who last bought between 1 March 2018 and 2 March 2018",
        ),
    ],
)
def test_the_sentence_says_who_is_listed(pairs, number: int, expected: str) -> None:
    assert sentence(_selection(*pairs), number, 77).replace("\u00a0", " ") == expected


def test_every_filter_has_words_and_a_chip() -> None:
    pairs = [(name, values[0]) for name, values in SEGMENTS.items()]
    pairs += [("q", "abc"), ("cltv_min", "1"), ("cltv_max", "2")]
    pairs += [("last_from", "2018-01-01"), ("last_to", "2018-01-02")]
    selection = _selection(*pairs)
    found = chips(selection)
    assert len(found) == len(pairs)
    assert len({chip.label for chip in found}) == len(pairs)
    with speaking("x-marked"):
        text = sentence(selection, 5, 77)
        labels = [chip.label for chip in chips(selection)]
    assert all(label.startswith("⟦") for label in labels)
    assert text.count("⟦") == text.count("⟧") >= len(pairs) - 1


def test_every_problem_has_words() -> None:
    named = re.search(r"`kind` is (.*?)\.", str(Problem.__doc__), re.DOTALL)[1]
    kinds = re.split(r",\s+|\s+or\s+", named)
    assert len(kinds) == 10
    for kind in kinds:
        text = problem_text(Problem(kind, "state", "XY"))
        assert "XY" in text or "State" in text or kind == "unknown_place"


def test_a_row_shows_the_figures_with_interval_and_horizon(client: TestClient, shop) -> None:
    shop(_customer("abcdef0123456789"), horizon_days=77, cltv_horizon_days=222)
    text = client.get("/customers").text
    row = re.search(r'<tr role="row" data-customer.*?</tr>', text, re.DOTALL)[0]
    plain = _plain(row)
    for words in (
        "abcdef01",
        "sao paulo",
        "SP",
        "High Value",
        "Lost",
        "98.8%",
        "Red: at risk",
        "▲",
        "R$ 12.3",
    ):
        assert words in plain
    assert "1 Mar 2018" in plain
    assert "80% interval R$ 10.00 to R$ 14.00" in row.replace("\u00a0", " ")
    assert 'href="/customers/abcdef0123456789"' in row
    assert "77 days" in text
    assert "222 days" in text


def test_missing_figures_say_so(client: TestClient, shop) -> None:
    names = [name for name in _customer("a") if name != "customer_unique_id"]
    shop(_customer("abc", **dict.fromkeys(names)))
    answer = client.get("/customers")
    assert answer.status_code == 200
    assert answer.text.count("not enough data") >= 9
    assert "None" not in _plain(answer.text)


def test_markup_in_the_data_stays_text(client: TestClient, shop) -> None:
    names = ("city", "state", "age_band", "value_tier", "risk_band", "rfm_segment", "action")
    shop(_customer(MARKUP, **dict.fromkeys(names, MARKUP)))
    address = customers_link(state=MARKUP, risk_band=MARKUP, action=MARKUP, q=MARKUP)
    for path in (address, f"/customers?cltv_min={MARKUP}&{MARKUP}=1&sort={MARKUP}&after={MARKUP}"):
        text = client.get(path).text
        assert "<img src=x" not in text
        assert "onerror" in text
    assert _listed(client.get(address).text) == [MARKUP]


def test_a_chip_leads_to_the_list_without_its_filter(client: TestClient, shop) -> None:
    shop(_customer("a1"), _customer("a2", state="RJ"), _customer("a3", risk_band="green"))
    text = client.get("/customers?risk_band=red&state=SP&sort=id").text
    assert _listed(text) == ["a1"]
    links = re.findall(r'class="filter-chip" data-list href="([^"]*)"', text)
    assert [_listed(client.get(html.unescape(link)).text) for link in links] == [["a1", "a3"], ["a1", "a2"]]
    assert all("sort=id" in link for link in links)


def test_the_form_shows_the_filters_in_use_and_those_of_no_use(client: TestClient, shop) -> None:
    shop(_customer("a1"))
    text = client.get("/customers?risk_band=red&cltv_min=3&last_to=2018-03-01&q=abc&sort=-id").text
    assert re.search(r'name="risk_band" value="red" checked', text)
    assert re.search(r'name="cltv_min" value="3\.0"', text)
    assert re.search(r'name="last_to" value="2018-03-01"', text)
    assert re.search(r'name="q" value="abc"', text)
    assert re.search(r'type="hidden" name="sort" form="list-form" value="-id"', text)
    assert "No customer fits all of these filters" in text


def test_what_cannot_be_read_is_told_and_never_ignored(client: TestClient, shop) -> None:
    shop(_customer("a1"))
    answer = client.get("/customers?risk_band=purple&state=SP&cltv_min=5&cltv_max=4&riskband=red")
    plain = _plain(answer.text)
    assert answer.status_code == 422
    for words in ("no filter “riskband”", "no “purple”", "“5.0” lies beyond the end"):
        assert words in plain
    assert _listed(answer.text) == []
    assert 'href="/customers?state=SP&amp;cltv_max=4.0"' in answer.text


def test_pages_lead_on_and_back(client: TestClient, shop) -> None:
    shop(*(_customer(f"c{i:03d}") for i in range(120)))
    address, seen = "/customers?sort=id", []
    while True:
        text = client.get(address).text
        seen += _listed(text)
        found = re.search(r'rel="next" href="([^"]*)"', text)
        if not found:
            break
        address = html.unescape(found[1])
    assert seen == [f"c{i:03d}" for i in range(120)]
    assert "101 to 120 of 120" in text
    previous = html.unescape(re.search(r'rel="prev" href="([^"]*)"', text)[1])
    assert _listed(client.get(previous).text) == seen[50:100]


def test_a_head_of_a_column_turns_its_order_round(client: TestClient, shop) -> None:
    shop(_customer("a1", order_count=1), _customer("a2", order_count=2))
    for address, order, state in (
        ("/customers?sort=-order_count", ["a2", "a1"], "descending"),
        ("/customers?sort=order_count", ["a1", "a2"], "ascending"),
    ):
        text = client.get(address).text
        assert (_listed(text), text.count(f'aria-sort="{state}"')) == (order, 1)
        other = "order_count" if state == "descending" else "-order_count"
        assert f'href="/customers?sort={other}"' in text


def _exported(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_the_export_is_the_list_with_every_column(client: TestClient, shop) -> None:
    shop(*(_customer(f"c{i:03d}", state="SP" if i % 2 else "RJ", cltv=i % 7) for i in range(90)))
    for query in ("?state=SP", "?state=SP&sort=cltv", "?sort=-id&q=c00"):
        answer = client.get(f"/customers.csv{query}")
        listed = []
        address = f"/customers{query}"
        while address:
            text = client.get(address).text
            listed += _listed(text)
            found = re.search(r'rel="next" href="([^"]*)"', text)
            address = html.unescape(found[1]) if found else ""
        exported = _exported(answer.text)
        assert [row["customer_unique_id"] for row in exported] == listed
        assert list(exported[0]) == [*COLUMNS, "action_reason"]
    assert exported[0]["value_brl"] == "1234.50"
    assert exported[0]["last_purchase_date"] == "2018-03-01"
    assert exported[0]["first_purchase_date"] == ""


def test_the_export_says_what_it_is_and_whether_it_is_simulated(client: TestClient, shop) -> None:
    shop(_customer("a1"), is_simulated=True)
    answer = client.get("/customers.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == (
        'attachment; filename="customers-2018-08-aaaaaaaaaaaa-data-to-2018-08-29-simulated.csv"'
    )
    assert answer.headers["x-data-simulated"] == "true"
    assert _exported(answer.text)[0]["is_simulated"] == "true"


def test_real_data_are_not_called_simulated(client: TestClient, shop) -> None:
    shop(_customer("a1"))
    answer = client.get("/customers.csv")
    assert "simulated" not in answer.text + answer.headers["content-disposition"]
    assert answer.headers["x-data-simulated"] == "false"


def test_an_export_that_cannot_be_read_is_told_and_one_of_nobody_has_its_head(
    client: TestClient, shop
) -> None:
    shop(_customer("a1"))
    assert client.get("/customers.csv?cltv_min=x").status_code == 422
    head = ",".join([*COLUMNS, "action_reason"])
    assert client.get("/customers.csv?q=zzz").text == f"\ufeff{head}\r\n"


def test_the_export_says_why_an_action_is_recommended_in_the_language_of_the_request(
    client: TestClient, shop
) -> None:
    shop(_customer("a1", action_reason_code="silent", action_reason_value=240))
    for language, words in (("en", "No purchase for 240 days."), ("pt", "Sem compras há 240 dias.")):
        answer = client.get("/customers.csv", headers={"accept-language": language})
        (row,) = _exported(answer.text)
        assert (row["action_reason_code"], row["action_reason"]) == ("silent", words)


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_formulas_become_text(client: TestClient, shop, first: str) -> None:
    formula = f'{first}HYPERLINK("http://evil.example")'
    shop(_customer("a1", city=formula, cltv=-1.5))
    (row,) = _exported(client.get("/customers.csv").text)
    assert row["city"] == f"'{formula}"
    assert float(row["cltv"]) == -1.5


def test_the_export_is_written_while_it_is_read() -> None:
    taken = []

    def parts():
        for number in range(3):
            taken.append(number)
            yield [(f"c{number}", *[None] * (len(COLUMNS) - 1))]

    lines = csv_lines(parts(), is_simulated=False)
    assert (next(lines)[0], taken) == ("\ufeff", [])
    assert (next(lines).split(",")[0], taken) == ("c0", [0])


def test_the_page_uses_what_its_context_declares(client: TestClient) -> None:
    environment = client.app.state.templates.environment
    folder = TEMPLATES / "partials/customers"
    names = ["customers.html", *(f"partials/customers/{path.name}" for path in folder.iterdir())]
    used: set[str] = set()
    for name in names:
        source = (TEMPLATES / name).read_text(encoding="utf-8")
        used |= meta.find_undeclared_variables(environment.parse(source))
    declared = {field.name for field in fields(CustomersContext)}
    assert used - {"icons", "values"} - set(environment.globals) == declared
