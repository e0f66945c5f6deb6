"""The customers' list in a browser: filters by click, Back, chips, the copied link, a narrow screen.

Stays out: filters, sorts and pages one by one (`tests/unit/dashboard`).
"""

from __future__ import annotations

import csv
import io
import re
import shutil
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import duckdb
import pytest
from playwright.sync_api import Page, expect


def _counted(facts: duckdb.DuckDBPyConnection, where: str = "true") -> int:
    (number,) = facts.execute(f"SELECT count(*) FROM customers WHERE {where}").fetchone() or (0,)
    return int(number)


def _shown(page: Page) -> int:
    """All customers of the list, as the totals say; 0 where nobody fits."""
    total = page.locator("[data-total=customers]")
    return int(re.sub(r"\D", "", total.inner_text())) if total.count() else 0


def _listed(page: Page) -> list[str]:
    rows = page.locator("[data-customer]")
    return rows.evaluate_all("rows => rows.map(row => row.dataset.customer)")


def _filters(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def _tick(page: Page, menu: str, choice: str) -> None:
    page.locator("#list-form summary").filter(has_text=menu).click()
    with page.expect_response(re.compile(r"/customers\?")):
        page.locator("#list-form label.filter-choice").filter(has_text=choice).click()
    page.keyboard.press("Escape")
    expect(page.locator("#list-results")).to_have_attribute("aria-busy", "false")


def test_the_list_has_every_customer_once_with_the_codes_of_their_segments(
    facts: duckdb.DuckDBPyConnection,
) -> None:
    ids = facts.execute("SELECT customer_unique_id FROM customers ORDER BY position").fetchall()
    assert ids == facts.execute("SELECT customer_unique_id FROM customers ORDER BY 1").fetchall()
    positions = facts.execute("SELECT position FROM customer_list ORDER BY 1").fetchall()
    assert [position for (position,) in positions] == list(range(1, len(ids) + 1))
    for name in ("value_tier", "age_band", "risk_band", "rfm_segment", "action", "state"):
        pairs = facts.execute(
            f"SELECT DISTINCT {name}, {name}_code FROM customers JOIN customer_list USING (position)"
        ).fetchall()
        coded = facts.execute(
            f"SELECT segment, code FROM segment_codes WHERE dimension = '{name}'"
        ).fetchall()
        assert {pair for pair in pairs if pair != (None, None)} == set(coded)


def test_ranks_are_the_places_in_the_rising_order_of_the_figures(facts: duckdb.DuckDBPyConnection) -> None:
    for name in ("cltv", "churn_probability", "value_brl", "last_purchase_date", "order_count"):
        ranked = facts.execute(
            f"SELECT {name}_rank FROM customer_list JOIN customers USING (position)"
            f" WHERE customers.{name} IS NOT NULL ORDER BY customers.{name}, customer_unique_id"
        ).fetchall()
        assert [rank for (rank,) in ranked] == list(range(1, len(ranked) + 1))
        assert ranked
        others = f"SELECT count({name}_rank) FROM customer_list"
        assert facts.execute(others).fetchone() == (len(ranked),)


def test_a_filter_applies_by_a_click_and_back_takes_it_off(
    page: Page, address: str, facts: duckdb.DuckDBPyConnection, complaints: list[str]
) -> None:
    everybody, red = _counted(facts), _counted(facts, "risk_band = 'red'")
    red_high = _counted(facts, "risk_band = 'red' AND value_tier = 'High Value'")
    page.goto(f"{address}/customers")
    page.evaluate("window.sameDocument = true")
    assert _shown(page) == everybody
    _tick(page, "Churn risk", "Red: at risk")
    expect(page.locator("#list-sentence")).to_contain_text("at risk")
    assert (_shown(page), _filters(page)) == (red, {"risk_band": ["red"]})
    _tick(page, "Value tier", "High Value")
    expect(page.locator("#list-sentence")).to_contain_text("are High Value")
    assert (_shown(page), set(_filters(page))) == (red_high, {"risk_band", "value_tier"})
    page.go_back()
    expect(page.locator("#list-form input[value='High Value']")).not_to_be_checked()
    expect(page.locator("#list-form input[value=red]")).to_be_checked()
    assert _shown(page) == red
    page.go_back()
    expect(page.locator("#list-sentence")).to_contain_text("Showing all")
    assert (_shown(page), _filters(page)) == (everybody, {})
    page.go_forward()
    expect(page.locator("#list-sentence")).to_contain_text("at risk")
    assert page.evaluate("window.sameDocument")
    assert complaints == []


def test_a_chip_takes_its_filter_away_and_clear_all_the_others(
    page: Page, address: str, facts: duckdb.DuckDBPyConnection, complaints: list[str]
) -> None:
    page.goto(f"{address}/customers?risk_band=red&state=SP&cltv_min=1")
    page.get_by_role("link", name="Remove the filter State: SP").click()
    expect(page.locator(".filter-chip")).to_have_count(2)
    expect(page.locator("#list-form input[name=state][value=SP]")).not_to_be_checked()
    assert _filters(page) == {"risk_band": ["red"], "cltv_min": ["1.0"]}
    assert _shown(page) == _counted(facts, "risk_band = 'red' AND cltv >= 1")
    page.get_by_role("link", name="Clear all").click()
    expect(page.locator(".filter-chip")).to_have_count(0)
    expect(page.locator("#list-form input[name=cltv_min]")).to_have_value("")
    assert (_shown(page), _filters(page)) == (_counted(facts), {})
    assert complaints == []


def test_searching_and_typing_a_range_wait_for_no_button(
    page: Page, address: str, facts: duckdb.DuckDBPyConnection
) -> None:
    (one,) = facts.execute("SELECT customer_unique_id FROM customers ORDER BY cltv LIMIT 1").fetchone() or (
        "",
    )
    page.goto(f"{address}/customers")
    page.get_by_label("Customer id begins with").press_sequentially(one[:6])
    expect(page.locator("#list-sentence")).to_contain_text(one[:6])
    assert _shown(page) == _counted(facts, f"customer_unique_id[1:6] = '{one[:6]}'")
    assert one in _listed(page)
    expect(page.get_by_label("Customer id begins with")).to_be_focused()


def test_what_cannot_be_read_is_said_where_the_list_would_be(page: Page, address: str) -> None:
    page.goto(f"{address}/customers?cltv_max=4")
    page.locator("#list-form summary").filter(has_text="CLTV").click()
    page.locator("input[name=cltv_min]").fill("5")
    expect(page.get_by_role("alert")).to_contain_text("beyond the end of its range")
    page.locator("input[name=cltv_min]").fill("3")
    expect(page.locator("#list-sentence")).to_contain_text("R$ 3.00 to R$ 4.00")


def test_sorting_and_paging_need_no_reload(
    page: Page, address: str, facts: duckdb.DuckDBPyConnection, complaints: list[str]
) -> None:
    page.goto(f"{address}/customers")
    page.evaluate("window.sameDocument = true")
    page.get_by_role("columnheader", name="Last purchase").get_by_role("link").click()
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("Last purchase")
    page.locator("#sort-by").focus()
    page.locator("#sort-by").select_option("last_purchase_date")
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Last purchase")
    expect(page.locator("#sort-by")).to_be_focused()
    order = "ORDER BY last_purchase_date NULLS LAST, customer_unique_id"
    expected = [
        one
        for (one,) in facts.execute(f"SELECT customer_unique_id FROM customers {order} LIMIT 100").fetchall()
    ]
    assert _listed(page) == expected[:50]
    page.get_by_role("link", name="Next").click()
    expect(page.locator("#range")).to_contain_text("51 to 100")
    assert _listed(page) == expected[50:]
    page.get_by_role("link", name="Previous").click()
    expect(page.locator("#range")).to_contain_text("1 to 50")
    assert _listed(page) == expected[:50]
    assert page.evaluate("window.sameDocument")
    assert complaints == []


def test_the_link_to_the_segment_is_copied(page: Page, address: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{address}/customers?risk_band=red")
    page.get_by_role("link", name="Next").click()
    expect(page.locator("#range")).to_contain_text("51 to 100")
    page.get_by_role("button", name="Copy link to this segment").click()
    expect(page.get_by_role("button", name="Link copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"{address}/customers?risk_band=red"


def test_where_nothing_can_be_copied_the_link_is_selected(page: Page, address: str) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.goto(f"{address}/customers?risk_band=red")
    page.get_by_role("button", name="Copy link to this segment").click()
    field = page.get_by_label("Address of this segment")
    expect(field).to_have_value(f"{address}/customers?risk_band=red")
    selected = field.evaluate("field => field.value.slice(field.selectionStart, field.selectionEnd)")
    assert selected == f"{address}/customers?risk_band=red"


def test_the_export_holds_the_customers_of_the_list(
    page: Page, address: str, facts: duckdb.DuckDBPyConnection
) -> None:
    page.goto(f"{address}/customers?value_tier=High+Value&risk_band=green")
    with page.expect_download() as started:
        page.get_by_role("link", name="Export as CSV").click()
    text = Path(started.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    order = "ORDER BY cltv DESC NULLS LAST, customer_unique_id"
    where = "value_tier = 'High Value' AND risk_band = 'green'"
    expected = facts.execute(f"SELECT customer_unique_id FROM customers WHERE {where} {order}").fetchall()
    assert [row["customer_unique_id"] for row in rows] == [one for (one,) in expected]
    assert len(rows) == _shown(page)


@pytest.mark.parametrize("width", [390, 768, 1024, 1440])
def test_the_page_fits_its_screen_with_a_menu_open(
    page: Page, address: str, width: int, complaints: list[str]
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{address}/customers?risk_band=red&risk_band=yellow&state=SP&cltv_min=1")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for menu in ("Value tier", "State", "Last purchase"):
        page.locator("#list-form summary").filter(has_text=menu).click()
        box = page.locator("#list-form details[open] .filter-sheet").bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.keyboard.press("Escape")
    assert complaints == []


def test_on_a_narrow_screen_each_customer_is_a_card_with_every_figure(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{address}/customers")
    card = page.locator("[data-customer]").first
    box = card.bounding_box()
    assert box
    assert box["width"] <= 390
    for cell in card.locator("td").all():
        inner = cell.bounding_box()
        assert inner
        assert inner["x"] + inner["width"] <= 390
        assert cell.get_attribute("data-label")


def test_without_scripts_the_form_has_a_button(
    browser, address: str, facts: duckdb.DuckDBPyConnection
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/customers")
    page.locator("#list-form summary").filter(has_text="Churn risk").click()
    page.get_by_label("Red: at risk").check()
    page.get_by_role("button", name="Apply").click()
    assert _shown(page) == _counted(facts, "risk_band = 'red'")
    context.close()


def test_a_filter_on_an_outdated_list_shows_the_new_snapshot_as_a_whole(
    page: Page, published: Path, tmp_path: Path, serve, publish_again
) -> None:
    changed = shutil.copytree(published, tmp_path / "home" / "published")
    with serve(changed) as address:
        page.goto(f"{address}/customers")
        after = publish_again(changed)
        page.locator("#list-form summary").filter(has_text="Churn risk").click()
        page.locator("#list-form label.filter-choice").filter(has_text="Red: at risk").click()
        expect(page.locator("footer")).to_contain_text(after)
        assert _filters(page) == {"risk_band": ["red"]}
