"""The page of the actions and its plan in words."""

from __future__ import annotations

import html
import json
import re
from dataclasses import fields
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from jinja2 import meta

from dashboard.pages.actions import ActionsContext
from dashboard.pages.plan import export_link, plan_view
from dashboard.planner import Assumptions, plan
from dashboard.ranking import Step
from dashboard.templating import TEMPLATES

MARKUP = "<img src=x onerror=alert(1)>"
STEPS = {
    "Nurture": [Step(1, 40.0, 40.0), Step(1, 30.0, 30.0), Step(1, 20.0, 20.0)],
    "VIP promotion": [Step(1, 90.0, 90.0)],
}


@pytest.fixture
def stepped(rows):
    """The tiny snapshot with steps for its two actions, and the mix of one."""
    rows["action_steps"] = [
        {
            "action": action,
            "step": i + 1,
            "customers": 1,
            "cltv_min": step.cltv_min,
            "cltv_total": step.cltv_total,
        }
        for action, steps in STEPS.items()
        for i, step in enumerate(steps)
    ]
    cell = {"action": "Nurture", "value_tier": "Low Value"}
    rows["segment_cube"] = [
        cell | {"risk_band": "yellow", "customers": 1},
        cell | {"risk_band": "red", "customers": 2},
    ]
    return rows


def _plain(text: str) -> str:
    """With ordinary spaces, to compare by eye."""
    return text.replace("\u00a0", " ")


def _view(cost: float, budget: float | None = None, response: float = 0.1):
    found = plan(STEPS, Assumptions(cost, response, 0.5, budget))
    assert found
    return plan_view(found)


def test_a_plan_says_whom_to_contact_and_down_to_where() -> None:
    view = _view(1.25)
    assert _plain(view.headline) == "Contact 3 customers for an expected net return of R$ 4.25"
    assert _plain(view.explanation).startswith("A contact pays from an expected spend of R$ 25.00 on.")
    link = parse_qs(urlsplit(view.rows[0].link).query)
    assert link == {"action": ["Nurture"], "cltv_min": ["25.00"]}
    assert parse_qs(urlsplit(view.total.link).query)["action"] == ["Nurture", "VIP promotion"]
    assert view.total.export.startswith("/customers.csv?")


def test_a_plan_of_everybody_says_so() -> None:
    assert "everybody here is expected to spend that" in _view(0.5).explanation


def test_a_budget_is_named_with_what_it_leaves_undone() -> None:
    view = _view(1.25, budget=2.6)
    assert _plain(view.headline) == "Contact 2 customers for an expected net return of R$ 4.00"
    assert _plain(view.explanation) == (
        "The budget ends at an expected spend of R$ 40.00. Without a limit, contacting would pay down to R$ 25.00: "
        "3 contacts for a net return of R$ 4.25."
    )
    assert [(mark.x, mark.token) for mark in view.curve.marks] == [(3, "good"), (2, "warn")]


@pytest.mark.parametrize(
    ("cost", "budget", "response", "words"),
    [
        (5.0, None, 0.1, "A contact would pay from an expected spend of R$ 100.00 on; the most that anybody"),
        (1.0, None, 0.0, "Without a response or a margin, a contact brings nothing."),
        (1.0, 0.5, 0.1, "The budget does not pay for a single contact."),
    ],
)
def test_a_plan_without_contacts_says_why(cost, budget, response, words) -> None:
    view = _view(cost, budget, response)
    assert _plain(view.headline) == "No contact pays under these assumptions" or budget is not None
    assert _plain(view.explanation).startswith(words)
    assert not any((row.link or row.export) for row in (*view.rows, view.total))


def test_assumptions_are_written_with_the_decimals_they_need() -> None:
    view = plan_view(plan(STEPS, Assumptions(0.1, 0.125, 1.0, 20.0)))
    assert [_plain(one.text) for one in view.assumed] == ["R$ 0.10", "12.5%", "100%", "R$ 20.00"]
    assert _view(1.0).assumed[3].text == "no limit"


def test_the_curve_holds_numbers_to_draw_and_texts_to_read() -> None:
    curve = _view(1.25).curve
    assert [(point.x, point.y) for point in curve.points] == [
        (0, 0.0),
        (1, 3.25),
        (2, 4.0),
        (3, 4.25),
        (4, 4.0),
    ]
    assert _plain(curve.points[2].net) == "R$ 4.00"
    assert curve.marks[0].label == "Best cut-off: 3"


def test_the_export_is_the_list_as_a_file() -> None:
    assert export_link(action="Win-back", cltv_min=3) == "/customers.csv?action=Win-back&cltv_min=3"


def _plan_rows(text: str) -> dict[str, list[str]]:
    found = re.findall(r'<tr data-plan="([^"]*)">(.*?)</tr>', text, re.DOTALL)
    return {name: [cell.strip() for cell in re.findall(r"<td[^>]*>([^<]*)<", cells)] for name, cells in found}


def test_page_and_api_make_the_same_plan(client: TestClient, publish, stepped) -> None:
    publish(stepped)
    query = "contact_cost_brl=1.25&response_percent=10&margin_percent=50"
    rows = _plan_rows(client.get(f"/actions?{query}").text.replace("\u00a0", " "))
    answer = client.get(f"/api/v1/actions?{query}").json()["plan"]
    assert rows["total"][:4] == ["3", "R$ 3.75", "R$ 16.00", "R$ 4.25"]
    assert (answer["outcome"]["contacted"], answer["outcome"]["net_return_brl"]) == (3, pytest.approx(4.25))
    assert {part["name"]: str(part["outcome"]["contacted"]) for part in answer["shares"]} == {
        name: cells[0] for name, cells in rows.items() if name != "total"
    }


def test_the_address_holds_the_whole_plan(client: TestClient, publish, stepped) -> None:
    publish(stepped)
    text = client.get("/actions?action=Nurture&contact_cost_brl=0,50&budget_brl=1").text
    assert 'name="contact_cost_brl" id="field-contact_cost_brl" value="0,50"' in text
    assert re.search(r'value="Nurture"[^>]*checked', text)
    assert list(_plan_rows(text)) == ["Nurture"]


def test_wrong_entries_stand_beside_their_fields(client: TestClient, publish, stepped) -> None:
    publish(stepped)
    text = client.get("/actions?response_percent=120&margin_percent=half&action=Spam").text
    beside = re.search(r'data-error-of="field-response_percent"[^>]*>([^<]*)<', text)
    assert beside
    assert beside[1] == "This cannot be more than 100%."
    assert "“half” is not a number." in text
    assert "There is no action “Spam”." in text
    assert text.count('aria-invalid="true"') == 2
    assert 'id="plan-wrong"' in text
    assert 'id="plan-table"' not in text


def test_assumptions_and_their_limits_stand_beside_the_result(client: TestClient, publish, stepped) -> None:
    publish(stepped)
    text = client.get("/actions").text
    assert "Assumed, not predicted" in text
    assert "The model tells who buys by themselves, and not whom a campaign moves." in text
    assert "interpolated linearly inside a hundredth" in text


def test_without_a_model_there_is_no_plan_but_the_actions_are_there(
    client: TestClient, publish, rows
) -> None:
    for row in rows["segment_summary"]:
        row |= {"cltv_total": None}
    publish(rows)
    text = client.get("/actions").text
    assert 'id="plan-none"' in text
    assert text.count("data-action=") == 2
    assert "not enough data" in text


def test_an_empty_snapshot_still_makes_a_page(client: TestClient, publish) -> None:
    publish({})
    text = client.get("/actions").text
    assert "There is not enough data for recommendations." in text
    assert client.get("/segments").status_code == 200


def test_the_size_is_compared_with_the_month_before(client: TestClient, publish, stepped) -> None:
    july = next(row for row in stepped["segment_summary"] if row["segment"] == "Nurture")
    stepped["segment_summary"].append(july | {"snapshot_month": "2018-07", "customers": 2})
    publish(stepped)
    text = client.get("/actions").text
    assert "+1 (+50.0%)" in text
    assert "July 2018" in text


def _bars(text: str) -> dict[str, list[tuple[str, ...]]]:
    """Segment, link, count and share of every part, by the dimension of its bar."""
    part = re.compile(
        r'data-part="([^"]*)">\s*<a[^>]*href="([^"]*)".*?"part">([^<]*)<.*?faint">([^<]*)<', re.DOTALL
    )
    bars = re.split(r'data-mix="(\w+)"', text)[1:]
    return {name: part.findall(html.unescape(bar)) for name, bar in zip(bars[::2], bars[1::2], strict=True)}


def test_a_card_shows_who_the_customers_are_with_links_to_them(client: TestClient, publish, stepped) -> None:
    publish(stepped)
    text = client.get("/actions").text
    assert _bars(text) == {
        "risk_band": [
            ("red", "/customers?risk_band=red&action=Nurture", "2", "66.7%"),
            ("yellow", "/customers?risk_band=yellow&action=Nurture", "1", "33.3%"),
        ],
        "value_tier": [
            ("Low Value", "/customers?value_tier=Low+Value&action=Nurture", "3", "100.0%"),
        ],
    }
    assert re.findall(r'data-token="risk-\w+" x="([^"]*)" width="([^"]*)"', text) == [
        ("0.000%", "66.667%"),
        ("66.667%", "33.333%"),
    ]
    assert "▲" in text
    assert "Red: at risk" in text


def test_the_api_gives_the_mix_that_the_page_shows(client: TestClient, publish, stepped) -> None:
    publish(stepped)
    shown = _bars(client.get("/actions").text)
    answer = client.get("/api/v1/actions").json()["actions"]
    mix = next(one["mix"] for one in answer if one["segment"]["segment"] == "Nurture")
    assert {
        name: [(part["segment"], str(part["customers"])) for part in parts] for name, parts in mix.items()
    } == {name: [(part[0], part[2]) for part in parts] for name, parts in shown.items()}


def test_numbers_carry_their_horizon(client: TestClient, publish, stepped) -> None:
    publish(stepped, horizon_days=77, cltv_horizon_days=222)
    text = client.get("/actions").text
    assert "Expected within 222 days" in text
    assert "Churn probability, 77 days" in text
    assert "Churn risk, 77 days" in text
    assert "180 days" not in text
    assert "365 days" not in text


def test_markup_in_the_data_and_the_address_stays_text(client: TestClient, publish, stepped) -> None:
    for row in (*stepped["action_steps"], *stepped["segment_summary"], *stepped["segment_cube"]):
        for name in ("action", "segment", "risk_band"):
            if name in row:
                row[name] += MARKUP
    publish(stepped)
    for query in ("", f"?action={MARKUP}&budget_brl={MARKUP}"):
        text = client.get(f"/actions{query}").text
        assert "<img src=x" not in text
        assert "onerror" in text
        for block in re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', text, re.DOTALL):
            assert "<" not in block


def test_the_chart_is_given_as_data(client: TestClient, publish, stepped) -> None:
    publish(stepped)
    block = re.search(r'id="plan-data">(.*?)</script>', client.get("/actions").text, re.DOTALL)
    assert block
    data = json.loads(html.unescape(block[1]))
    assert [point["x"] for point in data["points"]] == [0, 1, 2, 3, 4]
    assert len(data["names"]) == 4


def test_the_page_uses_what_its_context_declares(client: TestClient) -> None:
    environment = client.app.state.templates.environment
    folder = TEMPLATES / "partials/actions"
    used: set[str] = set()
    for path in (TEMPLATES / "actions.html", *folder.iterdir()):
        used |= meta.find_undeclared_variables(environment.parse(path.read_text(encoding="utf-8")))
    declared = {field.name for field in fields(ActionsContext)}
    assert used - {"icons", "values"} - set(environment.globals) == declared
