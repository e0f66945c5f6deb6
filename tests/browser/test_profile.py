"""The profile in a browser: its numbers against independent SQL, and how it behaves.

Stays out: markup and queries piece by piece (`tests/unit/dashboard/pages/test_profile.py`).
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Page, expect

from dashboard import snapshot

MARKUP = "<img src=x onerror=alert(1)>"


def _shown(page: Page, figure: str) -> float:
    text = page.locator(f"[data-figure={figure}]").first.inner_text()
    return float(re.sub(r"[^\d.]", "", text))


def test_the_numbers_are_those_of_the_snapshot(
    page: Page, address: str, facts: duckdb.DuckDBPyConnection, regular: str, complaints: list[str]
) -> None:
    page.goto(f"{address}/customers/{regular}")
    cltv, churn, spent = facts.execute(
        "SELECT customers.cltv, churn_probability, (SELECT sum(value_brl) FROM purchases AS p"
        " WHERE p.customer_unique_id = customers.customer_unique_id)"
        " FROM customers WHERE customer_unique_id = $1",
        [regular],
    ).fetchone() or (None, None, None)
    assert _shown(page, "cltv") == pytest.approx(cltv, abs=0.006)
    assert _shown(page, "churn_probability") == pytest.approx(100 * churn, abs=0.06)
    values = page.locator("#purchase-table [data-column=value]").all_inner_texts()
    assert sum(float(re.sub(r"[^\d.]", "", text)) for text in values) == pytest.approx(float(spent))
    assert page.locator("[data-point=purchase]").count() == len(values)
    months = facts.execute(
        "SELECT snapshot_month, risk_band FROM customer_history WHERE customer_unique_id = $1 ORDER BY 1",
        [regular],
    ).fetchall()
    cells = page.locator("[data-band]").evaluate_all(
        "all => all.map(one => [one.dataset.month, one.dataset.band])"
    )
    shown = [(month, band.removeprefix("risk-").replace("none", "unknown")) for month, band in cells if band]
    assert shown == months
    assert complaints == []


@pytest.mark.parametrize("table", ["customers", "customer_history", "purchases"])
def test_a_customer_is_found_by_an_index(facts: duckdb.DuckDBPyConnection, regular: str, table: str) -> None:
    plan = facts.execute(f"EXPLAIN ANALYZE SELECT * FROM {table} WHERE customer_unique_id = $1", [regular])
    assert "Index Scan" in plan.fetchall()[0][1]


@pytest.mark.parametrize("width", [390, 768, 1024, 1440, 1920])
def test_the_page_fits_its_screen(page: Page, address: str, regular: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{address}/customers/{regular}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_newest_months_are_the_first_in_view_on_a_narrow_screen(
    page: Page, address: str, regular: str
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{address}/customers/{regular}")
    page.locator("#history").scroll_into_view_if_needed()
    expect(page.locator("[data-band]").last).to_be_in_viewport(ratio=0.9)


def test_the_details_can_be_reached_from_the_keyboard(page: Page, address: str, regular: str) -> None:
    page.goto(f"{address}/customers/{regular}")
    summary = page.locator("details.more summary")
    for _ in range(60):
        page.keyboard.press("Tab")
        if summary.evaluate("one => one === document.activeElement"):
            break
    expect(summary).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#history-table")).to_be_visible()


def test_the_way_back_keeps_its_filters_through_a_switch_of_the_language(page: Page, address: str) -> None:
    filtered = f"{address}/customers?risk_band=red&sort=-value_brl"
    page.goto(filtered)
    page.locator("#customer-table tbody a").first.click()
    page.locator("header details.menu summary").click()
    page.get_by_role("link", name="Português").click()
    expect(page.locator("html")).to_have_attribute("lang", "pt")
    page.get_by_role("link", name="Voltar").click()
    expect(page).to_have_url(filtered)


def test_the_id_is_copied(page: Page, address: str, regular: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{address}/customers/{regular}")
    page.get_by_role("button", name="Copy the id").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == regular


def test_the_dark_theme_darkens_the_drawing_too(page: Page, address: str, regular: str) -> None:
    page.goto(f"{address}/customers/{regular}")
    colours = "() => ['.grid-line', '.axis'].map(name => getComputedStyle(document.querySelector(name)))"
    read = f"({colours})().map(style => style.stroke + style.fill)"
    light = page.evaluate(read)
    page.locator("[data-theme-toggle]").click()
    assert all(before != after for before, after in zip(light, page.evaluate(read), strict=True))


def test_the_profile_of_most_customers_prints_on_one_page(
    page: Page, address: str, facts: duckdb.DuckDBPyConnection
) -> None:
    row = facts.execute("SELECT customer_unique_id FROM customers WHERE order_count = 2 LIMIT 1").fetchone()
    assert row
    page.goto(f"{address}/customers/{row[0]}")
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


def test_a_customer_that_is_not_there_is_told_kindly(page: Page, address: str) -> None:
    response = page.goto(f"{address}/customers/nobody")
    assert response
    assert response.status == 404
    expect(page.get_by_role("heading", name="No such customer")).to_be_visible()


def test_markup_in_city_category_and_comment_is_text(
    page: Page, published: Path, tmp_path: Path, serve, regular: str, complaints: list[str], newest
) -> None:
    changed = shutil.copytree(published, tmp_path / "published")
    items = json.dumps([{"category": MARKUP, "price_brl": 1.0, "freight_brl": 1.0}])
    with duckdb.connect(str(newest(changed) / snapshot.DATABASE)) as connection:
        connection.execute("UPDATE customers SET city = $1", [MARKUP])
        connection.execute("UPDATE purchases SET items = $1, review_comment = $2", [items, MARKUP])
    with serve(changed) as address:
        page.goto(f"{address}/customers/{regular}")
        expect(page.locator("#place")).to_contain_text(MARKUP, ignore_case=True)
        expect(page.locator("#purchase-table [data-column=items]").first).to_have_text(MARKUP)
        expect(page.locator("#purchase-table q").first).to_have_text(MARKUP)
        assert page.locator("main img").count() == 0
    assert complaints == []
