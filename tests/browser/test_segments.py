"""The segments in a browser: every number against independent SQL, and how the page answers.

Stays out: markup and queries piece by piece (`tests/unit/dashboard`).
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import duckdb
import pytest
from playwright.sync_api import Browser, Page, expect

PAIRS = (("rfm_segment", "risk_band"), ("value_tier", "age_band"), ("age_band", "rfm_segment"))
MOVEMENTS = ("value_tier", "risk_band", "rfm_segment")


def _number(text: str) -> int:
    return int(re.sub(r"\D", "", text) or 0)


def _cells(page: Page) -> dict[tuple[str, str], tuple[int, str]]:
    """The count and the link of every cell by row and column; '' is the edge."""
    found = page.evaluate(
        """() => [...document.querySelectorAll("#heat tr[data-row]")].flatMap(row =>
            [...row.querySelectorAll("td")].map(cell => [
                row.dataset.row, cell.dataset.column, cell.querySelector(".heat-link span").textContent,
                cell.querySelector("a")?.getAttribute("href") ?? ""]))"""
    )
    return {(row, column): (_number(text), link) for row, column, text, link in found}


def _listed(facts: duckdb.DuckDBPyConnection, link: str) -> int:
    """How many customers the filters of a link hold for."""
    filters = parse_qs(urlsplit(link).query)
    where = " AND ".join(f"list_contains(?, {name})" for name in filters) or "TRUE"
    (counted,) = facts.execute(
        f"SELECT count(*) FROM customers WHERE {where}", list(filters.values())
    ).fetchone() or (0,)
    return counted


@pytest.mark.parametrize(("rows", "columns"), PAIRS)
def test_every_cell_counts_the_customers_that_its_link_lists(
    page: Page, address: str, facts: duckdb.DuckDBPyConnection, rows: str, columns: str
) -> None:
    page.goto(f"{address}/segments?rows={rows}&columns={columns}")
    cells = _cells(page)
    counted = {
        (row, column): number
        for row, column, number in facts.execute(
            f"SELECT {rows}, {columns}, count(*) FROM customers GROUP BY CUBE ({rows}, {columns})"
        ).fetchall()
    }
    shown = {(row or None, column or None): number for (row, column), (number, _) in cells.items() if number}
    assert shown == counted
    assert all(_listed(facts, link) == number for number, link in cells.values() if link)


def test_filters_narrow_the_table_to_their_customers(
    page: Page, address: str, facts: duckdb.DuckDBPyConnection
) -> None:
    (segment,) = facts.execute("SELECT mode(risk_band) FROM customers").fetchone() or ("",)
    page.goto(f"{address}/segments?rows=value_tier&columns=age_band&risk_band={segment}")
    cells = _cells(page)
    (counted,) = facts.execute(
        "SELECT count(*) FROM customers WHERE risk_band = ?", [segment]
    ).fetchone() or (0,)
    assert cells["", ""][0] == counted
    assert all(_listed(facts, link) == number for number, link in cells.values() if link)
    assert sum(number for (row, column), (number, _) in cells.items() if row and column) == counted


def test_rates_are_those_of_the_customers(page: Page, address: str, facts: duckdb.DuckDBPyConnection) -> None:
    page.goto(f"{address}/segments?rows=value_tier&columns=rfm_segment&measure=repurchase_rate")
    shown = page.locator("#heat tfoot td").last.locator("span").first.inner_text()
    (rate,) = facts.execute("SELECT avg((frequency > 0)::INTEGER) FROM customers").fetchone() or (0,)
    assert shown == f"{100 * rate:.2f}%"


def test_the_table_follows_the_form_without_a_new_page(
    page: Page, address: str, complaints: list[str]
) -> None:
    page.goto(f"{address}/segments")
    page.evaluate("window.kept = true")
    expect(page.get_by_role("button", name="Show", exact=True)).to_be_hidden()
    page.get_by_label("Figure").select_option("cltv_mean")
    expect(page.locator("#heat[data-measure=cltv_mean]")).to_be_visible()
    page.get_by_label("Rows").select_option("age_band")
    expect(page.locator("#filter-rfm_segment")).to_be_visible()
    page.locator("#summary-value_tier").click()
    page.get_by_role("checkbox", name="High Value").check()
    expect(page.locator("#summary-value_tier")).to_contain_text("High Value")
    expect(page.get_by_role("checkbox", name="High Value")).to_be_checked()
    assert "measure=cltv_mean" in page.url
    assert "value_tier=High+Value" in page.url
    page.keyboard.press("Escape")
    expect(page.locator("#filter-value_tier")).not_to_have_attribute("open", "")
    assert page.evaluate("window.kept")
    assert complaints == []


def test_a_choice_on_an_outdated_page_shows_the_new_snapshot_as_a_whole(
    page: Page, published: Path, tmp_path: Path, serve, publish_again
) -> None:
    changed = shutil.copytree(published, tmp_path / "home" / "published")
    with serve(changed) as address:
        page.goto(f"{address}/segments")
        after = publish_again(changed)
        page.get_by_label("Figure").select_option("cltv_mean")
        expect(page.locator("footer")).to_contain_text(after)
        expect(page.locator("#heat[data-measure=cltv_mean]")).to_be_visible()


def test_the_language_is_switched_on_the_page_as_it_stands(page: Page, address: str) -> None:
    page.goto(f"{address}/segments")
    page.get_by_label("Figure").select_option("cltv_mean")
    expect(page.locator("#heat[data-measure=cltv_mean]")).to_be_visible()
    link = page.locator('a[href^="/language/pt"]').get_attribute("href") or ""
    assert "cltv_mean" in link


def test_the_form_works_without_scripts(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/segments")
    page.locator("#choose-measure").select_option("active_share")
    page.locator("button[data-without-script]").click()
    expect(page.locator("#heat[data-measure=active_share]")).to_be_visible()
    context.close()


@pytest.mark.parametrize("dimension", MOVEMENTS)
def test_movement_is_that_of_the_customers_own_history(
    page: Page, address: str, facts: duckdb.DuckDBPyConnection, dimension: str
) -> None:
    page.goto(f"{address}/segments")
    shown = page.evaluate(
        """dimension => [...document.querySelectorAll(`[data-movement=${dimension}] tr[data-from]`)].flatMap(row =>
            [...row.querySelectorAll("td[data-to]")].map(cell =>
                [row.dataset.from, cell.dataset.to, cell.textContent]))""",
        dimension,
    )
    moves = {(before, now): _number(text) for before, now, text in shown if _number(text)}
    rows = facts.execute(
        f"""WITH months AS (SELECT DISTINCT snapshot_month FROM customer_history ORDER BY 1 DESC LIMIT 2)
        SELECT coalesce(earlier.{dimension}, 'new'), latest.{dimension}, count(*)
        FROM (FROM customer_history WHERE snapshot_month = (SELECT max(snapshot_month) FROM months)) AS latest
        LEFT JOIN (FROM customer_history WHERE snapshot_month = (SELECT min(snapshot_month) FROM months)) AS earlier
            USING (customer_unique_id)
        GROUP BY ALL"""
    ).fetchall()
    assert moves == {(before, now): number for before, now, number in rows}


def test_the_segments_side_by_side_count_their_customers(
    page: Page, address: str, facts: duckdb.DuckDBPyConnection
) -> None:
    page.goto(f"{address}/segments")
    links = page.locator("#side-table [data-figure=customers] a")
    assert links.count() > 10
    for link in links.all():
        assert _listed(facts, link.get_attribute("href") or "") == _number(link.inner_text())


@pytest.mark.parametrize("width", [390, 768, 1024, 1440])
def test_the_page_fits_its_screen(page: Page, address: str, complaints: list[str], width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    for query in (
        "",
        "?rows=rfm_segment&columns=age_band&measure=cltv_total&risk_band=red&value_tier=Low+Value",
    ):
        page.goto(f"{address}/segments{query}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert complaints == []


def test_text_on_the_darkest_shade_can_be_read_in_both_themes(page: Page, address: str) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{address}/segments?measure=cltv_mean")
        contrast = page.evaluate(
            """() => {
                const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
                const light = colour => {
                    canvas.fillStyle = colour;
                    canvas.fillRect(0, 0, 1, 1);
                    const parts = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map(part => {
                        const one = part / 255;
                        return one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4;
                    });
                    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
                };
                const cell = document.querySelector('#heat td[data-heat="5"]');
                const texts = [...cell.querySelectorAll("span")].map(text => light(getComputedStyle(text).color));
                const ground = light(getComputedStyle(cell).backgroundColor);
                return Math.min(...texts.map(text =>
                    (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05)));
            }"""
        )
        assert contrast >= 4.5
