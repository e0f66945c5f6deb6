"""The actions in a browser: their counts and the plan against independent SQL, and how the planner answers.

Stays out: the arithmetic against brute force (`tests/unit/dashboard/test_planner.py`).
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import duckdb
import pytest
from playwright.sync_api import Browser, Page, expect

DRAWN = "() => document.getElementById('plan-chart')?.dataset.drawn"
PLAN = "/actions?contact_cost_brl=0.25&response_percent=10&margin_percent=40"


def _open(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_function(DRAWN)


def _number(text: str) -> float:
    value = float(re.sub(r"[^\d.]", "", text))
    return -value if text.startswith("−") else value


def _figure(page: Page, row: str, figure: str) -> float:
    cell = page.locator(f'tr[data-plan="{row}"] [data-figure={figure}]')
    return _number(cell.evaluate("cell => cell.firstChild.textContent"))


def test_every_action_counts_the_customers_that_its_link_lists(
    page: Page, address: str, facts: duckdb.DuckDBPyConnection
) -> None:
    _open(page, f"{address}/actions")
    counted = dict(facts.execute("SELECT action, count(*) FROM customers GROUP BY 1").fetchall())
    cards = page.locator("[data-action]").all()
    shown = {
        card.get_attribute("data-action"): _number(card.locator("[data-figure=customers]").inner_text())
        for card in cards
    }
    assert shown == counted
    for card in cards:
        for link in card.get_by_role("link").all():
            query = parse_qs(urlsplit(link.get_attribute("href") or "").query)
            assert query == {"action": [card.get_attribute("data-action")]}


def test_every_part_of_an_action_counts_the_customers_that_its_link_lists(
    page: Page, address: str, facts: duckdb.DuckDBPyConnection
) -> None:
    _open(page, f"{address}/actions")
    for dimension in ("risk_band", "value_tier"):
        counted = facts.execute(
            f"SELECT action, {dimension}, count(*),"
            f" 100 * count(*) / sum(count(*)) OVER (PARTITION BY action) FROM customers GROUP BY 1, 2"
        ).fetchall()
        expected = {(action, segment): (number, share) for action, segment, number, share in counted}
        shown = {}
        for part in page.locator(f"[data-mix={dimension}] [data-part]").all():
            action = part.evaluate("part => part.closest('[data-action]').dataset.action")
            segment = part.get_attribute("data-part")
            texts = [_number(text) for text in part.locator(".num").all_text_contents()]
            assert texts == pytest.approx(expected[action, segment], abs=0.051)
            shown[action, segment] = part.get_by_role("link", include_hidden=True).get_attribute("href") or ""
        assert shown.keys() == expected.keys()
        for (action, segment), link in shown.items():
            assert parse_qs(urlsplit(link).query) == {"action": [action], dimension: [segment]}
    largest = max(shown, key=lambda one: expected[one][0])
    page.goto(address + shown[largest])
    expect(page.locator("[data-total=customers]")).to_have_text(f"{expected[largest][0]:,}")


def test_the_bar_of_a_mix_is_as_wide_as_its_shares(page: Page, address: str) -> None:
    _open(page, f"{address}/actions")
    for bar in page.locator("[data-mix]").all():
        widths = bar.locator("svg rect").evaluate_all(
            "all => all.map(one => parseFloat(one.getAttribute('width')))"
        )
        shares = [_number(text) for text in bar.locator(".num:last-child").all_text_contents()]
        assert sum(widths) == pytest.approx(100, abs=0.01)
        assert widths == pytest.approx(shares, abs=0.051)


def test_the_plan_is_right_to_within_a_hundredth_of_each_action(
    page: Page, address: str, facts: duckdb.DuckDBPyConnection
) -> None:
    _open(page, address + PLAN)
    rows = facts.execute(
        "SELECT action, count(*), count(*) FILTER (cltv >= 6.25),"
        " coalesce(sum(0.04 * cltv - 0.25) FILTER (cltv >= 6.25), 0), max(cltv) FROM customers GROUP BY 1"
    ).fetchall()
    for action, customers, wanted, net, most in rows:
        step = -(-customers // 100)
        assert abs(_figure(page, action, "contacted") - wanted) <= step
        assert _figure(page, action, "net") == pytest.approx(net, abs=0.04 * step * most + 0.01)
    assert _figure(page, "total", "contacted") == sum(_figure(page, row[0], "contacted") for row in rows)
    assert _figure(page, "total", "net") == pytest.approx(sum(row[3] for row in rows), rel=0.02)


def test_the_list_of_a_plan_holds_its_customers(
    page: Page, address: str, facts: duckdb.DuckDBPyConnection
) -> None:
    _open(page, address + PLAN)
    links = page.locator('tr[data-plan="total"]').get_by_role("link").all()
    paths = [urlsplit(link.get_attribute("href") or "") for link in links]
    assert [path.path for path in paths] == ["/customers", "/customers.csv"]
    assert paths[0].query == paths[1].query
    query = parse_qs(paths[0].query)
    (listed,) = facts.execute(
        "SELECT count(*) FROM customers WHERE list_contains(?, action) AND cltv >= ?",
        [query["action"], float(query["cltv_min"][0])],
    ).fetchone() or (0,)
    (everybody,) = facts.execute("SELECT count(*) FROM customers").fetchone() or (0,)
    assert listed == pytest.approx(_figure(page, "total", "contacted"), abs=0.01 * everybody + 6)


def test_a_budget_is_not_exceeded(page: Page, address: str) -> None:
    _open(page, f"{address}{PLAN}&budget_brl=25")
    assert _figure(page, "total", "contacted") == 100
    expect(page.locator("#plan-headline")).to_contain_text("Contact 100 customers")
    expect(page.locator("#plan-chart")).to_contain_text("Budget: 100")


def test_the_plan_follows_its_form_without_a_new_page(
    page: Page, address: str, complaints: list[str]
) -> None:
    _open(page, f"{address}/actions")
    page.evaluate("window.kept = true")
    before = page.locator("#plan-headline").inner_text()
    cost = page.get_by_label("Cost of a contact")
    cost.fill("0,90")
    expect(page.locator("#plan-headline")).not_to_have_text(before)
    expect(page.locator("#assumed")).to_contain_text("0.90")
    expect(cost).to_be_focused()
    page.wait_for_function(DRAWN)
    expect(page.locator("#plan-chart svg.apexcharts-svg")).to_have_count(1)
    page.get_by_role("checkbox", name="Win-back").check()
    expect(page.locator("#plan-table tbody tr")).to_have_count(1)
    assert "action=Win-back" in page.url
    shown = page.locator("#plan-headline").inner_text()
    page.reload()
    assert page.locator("#plan-headline").inner_text() == shown
    assert complaints == []


def test_a_wrong_entry_is_told_beside_its_field_and_can_be_mended(
    page: Page, address: str, complaints: list[str]
) -> None:
    _open(page, f"{address}/actions")
    response = page.get_by_label("Response")
    response.fill("120")
    expect(page.locator("#error-response_percent")).to_have_text("This cannot be more than 100%.")
    expect(response).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#plan-wrong")).to_be_visible()
    response.fill("12")
    expect(page.locator("#plan-table")).to_be_visible()
    expect(response).to_have_attribute("aria-invalid", "false")
    assert complaints == []


def test_the_planner_works_without_scripts(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/actions")
    page.get_by_label("Margin").fill("0")
    page.get_by_role("button", name="Plan", exact=True).click()
    expect(page.locator("#plan-headline")).to_have_text("No contact pays under these assumptions")
    context.close()


def test_the_chart_shows_the_best_cut_off_and_survives_a_change_of_theme(
    page: Page, address: str, complaints: list[str]
) -> None:
    _open(page, address + PLAN)
    expect(page.locator("#plan-chart")).to_contain_text("Best cut-off")
    page.locator("[data-theme-toggle]").click()
    page.wait_for_function(DRAWN)
    expect(page.locator("#plan-chart")).to_contain_text("Best cut-off")
    page.locator("#plan-chart").hover()
    expect(page.locator("#plan-chart .apexcharts-tooltip")).to_contain_text("Customers contacted")
    assert complaints == []


@pytest.mark.parametrize("width", [390, 768, 1024, 1440])
def test_the_page_fits_its_screen(page: Page, address: str, complaints: list[str], width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    _open(page, f"{address}/actions")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert complaints == []
