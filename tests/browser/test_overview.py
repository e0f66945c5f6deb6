"""The overview in a browser: its numbers against independent SQL, and how it behaves.

Stays out: markup and queries piece by piece (`tests/unit/dashboard`).
"""

from __future__ import annotations

import json
import re
import shutil
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard import snapshot

DONUTS = ("value_tier", "age_band", "risk_band", "rfm_segment")
DRAWN = "() => [...document.querySelectorAll('[data-chart]')].every(chart => chart.dataset.drawn)"
SLICE_MIDDLE = """selector => {
    const path = document.querySelector(selector);
    const box = path.closest("svg").getBoundingClientRect();
    const [start, angle] = ["data:startAngle", "data:angle"].map(name => Number(path.getAttribute(name)));
    const turn = (start + angle / 2 - 90) * Math.PI / 180;
    const radius = 0.4 * box.width;
    return [
        box.x + box.width / 2 + radius * Math.cos(turn),
        box.y + box.height / 2 + radius * Math.sin(turn),
    ];
}"""
MARKUP = "<img src=x onerror=alert(1)>"


def _open(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_function(DRAWN)


def _manifest(folder: Path) -> dict[str, Any]:
    return json.loads((folder / snapshot.MANIFEST).read_text(encoding="utf-8"))


def _counted(facts: duckdb.DuckDBPyConnection, column: str) -> dict[str, int]:
    """Customers per segment, counted from the customers themselves and not from the prepared summary."""
    return dict(facts.execute(f"SELECT {column}, count(*) FROM customers GROUP BY 1").fetchall())


def _number(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def _legend(page: Page, dimension: str) -> dict[str, int]:
    rows = page.locator(f"#legend-{dimension} tbody tr")
    return {
        row.get_attribute("data-segment") or "": _number(row.locator("td").first.inner_text())
        for row in rows.all()
    }


def _centre(page: Page, dimension: str) -> int:
    return _number(page.locator(f"[data-donut={dimension}] .apexcharts-datalabel-value").text_content() or "")


def _point_at_slice(page: Page, dimension: str, slice_number: int) -> None:
    """Move the mouse onto the middle of a slice of a donut."""
    ring = page.locator(f"[data-donut={dimension}] [data-chart]")
    ring.scroll_into_view_if_needed()
    x, y = page.evaluate(SLICE_MIDDLE, f"[data-donut={dimension}] .apexcharts-donut-slice-{slice_number}")
    page.mouse.move(x, y)


@pytest.fixture
def changed(published: Path, tmp_path: Path) -> Path:
    """A copy of the published folder, to change."""
    return shutil.copytree(published, tmp_path / "published")


def test_the_page_draws_every_chart_without_a_complaint(
    page: Page, address: str, complaints: list[str]
) -> None:
    _open(page, address)
    assert page.locator("[data-chart] svg.apexcharts-svg").count() == len(DONUTS) + 3
    page.locator("[data-theme-toggle]").click()
    _point_at_slice(page, "value_tier", 0)
    page.locator("[data-chart=chart-cltv]").hover()
    assert complaints == []


@pytest.mark.parametrize("dimension", DONUTS)
def test_a_legend_counts_what_the_customers_table_holds(
    page: Page, address: str, facts: duckdb.DuckDBPyConnection, dimension: str
) -> None:
    _open(page, address)
    legend = {segment: count for segment, count in _legend(page, dimension).items() if count}
    assert legend == _counted(facts, dimension)


def test_the_donuts_agree_on_the_total(page: Page, address: str, facts: duckdb.DuckDBPyConnection) -> None:
    _open(page, address)
    customers = _counted(facts, "'all'")["all"]
    assert {_centre(page, dimension) for dimension in DONUTS} == {customers}
    assert {_number(page.locator(f"#legend-{name} [data-total]").inner_text()) for name in DONUTS} == {
        customers
    }
    assert _number(page.locator("[data-card=customers] [data-value]").inner_text()) == customers


def test_the_cards_show_what_the_customers_add_up_to(
    page: Page, address: str, facts: duckdb.DuckDBPyConnection, published: Path, newest
) -> None:
    row = facts.execute(
        "SELECT sum(cltv), count(*) FILTER (risk_band = 'red'), sum(value_brl) FILTER (risk_band = 'red')"
        " FROM customers"
    ).fetchone()
    assert row
    _open(page, address)

    def shown(card: str) -> float:
        text = page.locator(f"[data-card={card}] [data-value]").get_attribute("data-value") or ""
        return float(re.sub(r"[^\d.]", "", text))

    active = facts.execute(
        "SELECT count(*) FILTER (recency_days < ?) / count(*) FROM customers",
        [_manifest(newest(published))["horizon_days"]],
    ).fetchone()
    assert active
    assert shown("active_share") == pytest.approx(100 * active[0], abs=0.06)
    assert shown("expected_revenue_brl") == pytest.approx(row[0], abs=0.006)
    assert shown("customers_at_risk") == row[1]
    assert shown("value_at_risk_brl") == pytest.approx(float(row[2]), abs=0.006)


def test_pointing_at_a_slice_shows_its_count_and_share(
    page: Page, address: str, facts: duckdb.DuckDBPyConnection
) -> None:
    _open(page, address)
    segment, count = next(iter(_legend(page, "value_tier").items()))
    _point_at_slice(page, "value_tier", 0)
    tip = page.locator("[data-donut=value_tier] .apexcharts-tooltip")
    expect(tip).to_contain_text(segment)
    expect(tip).to_contain_text(f"{count:,}")
    share = 100 * count / sum(_counted(facts, "value_tier").values())
    expect(tip).to_contain_text(f"{share:.1f}%")
    assert _centre(page, "value_tier") == count
    expect(page.locator("[data-donut=value_tier] .apexcharts-datalabel-label")).to_have_text(segment)


def test_a_click_on_a_slice_or_its_legend_leads_to_its_customers(page: Page, address: str) -> None:
    _open(page, address)
    link = page.locator("#legend-risk_band tbody tr").first.get_by_role("link")
    expect(link).to_have_attribute("href", "/customers?risk_band=red")
    _point_at_slice(page, "risk_band", 0)
    page.mouse.down()
    page.mouse.up()
    page.wait_for_url("**/customers?risk_band=red")
    _open(page, address)
    link = page.locator("#legend-age_band tbody tr").last.get_by_role("link")
    target = link.get_attribute("href")
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{target}")


def test_the_first_tap_on_a_slice_shows_it_and_the_second_one_follows(
    browser: Browser, address: str, facts: duckdb.DuckDBPyConnection
) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, reduced_motion="reduce"
    )
    page = context.new_page()
    _open(page, address)
    selector = "[data-donut=value_tier] .apexcharts-donut-slice-1"
    page.locator("[data-donut=value_tier] [data-chart]").scroll_into_view_if_needed()
    x, y = page.evaluate(SLICE_MIDDLE, selector)
    page.touchscreen.tap(x, y)
    expect(page.locator("[data-donut=value_tier] .apexcharts-tooltip")).to_contain_text("Low Value")
    assert _centre(page, "value_tier") == _counted(facts, "value_tier")["Low Value"]
    assert page.url.rstrip("/") == address
    page.touchscreen.tap(x, y)
    page.wait_for_url("**/customers?value_tier=Low+Value")
    context.close()


def test_the_segment_table_shows_rates_counted_from_the_customers(
    page: Page, address: str, facts: duckdb.DuckDBPyConnection
) -> None:
    _open(page, address)
    for dimension in ("value_tier", "age_band", "rfm_segment"):
        found = facts.execute(
            f"SELECT {dimension}, count(*), 100 * avg((frequency > 0)::INT), 100 * avg(churn_sensitivity_30d)"
            " FROM customers GROUP BY 1"
        ).fetchall()
        for segment, customers, repurchase, sensitivity in found:
            row = page.locator(f'#segment-table tr[data-dimension={dimension}][data-segment="{segment}"]')
            assert _number(row.locator("[data-column=customers]").inner_text()) == customers
            rate = row.locator("[data-column=repurchase_rate]").inner_text()
            assert float(rate.rstrip("%")) == pytest.approx(repurchase, abs=0.006)
            points = row.locator("[data-column=churn_sensitivity_30d]").inner_text()
            assert float(re.sub(r"[^\d.-]", "", points.replace("−", "-"))) == pytest.approx(
                sensitivity, abs=0.006
            )


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1440])
def test_the_labels_of_the_months_do_not_touch(page: Page, address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    _open(page, address)
    for name in ("cltv", "cltv-mean", "risk"):
        boxes = page.locator(f"[data-chart=chart-{name}] .apexcharts-xaxis-label").evaluate_all(
            "all => all.filter(text => text.textContent.trim()).map(text => text.getBoundingClientRect())"
            ".map(box => [box.left, box.right])"
        )
        assert boxes
        assert all(one[1] + 4 <= other[0] for one, other in pairwise(sorted(boxes)))
        assert max(right for _, right in boxes) <= width


def test_every_chart_takes_the_colours_of_the_theme(page: Page, address: str) -> None:
    _open(page, address)
    colours = (
        "() => [...document.querySelectorAll('[data-chart] :is(.apexcharts-pie-area, .apexcharts-bar-area)')]"
        ".map(path => path.getAttribute('fill'))"
    )
    light = page.evaluate(colours)
    page.get_by_role("button", name="Dark theme").click()
    page.wait_for_function(DRAWN)
    dark = page.evaluate(colours)
    assert len(dark) == len(light)
    assert all(one != other for one, other in zip(light, dark, strict=True))


def test_it_prints_on_two_sheets_in_light_colours_without_navigation(page: Page, address: str) -> None:
    page.emulate_media(color_scheme="dark")
    _open(page, address)
    sheets = re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(prefer_css_page_size=True))
    assert 1 <= len(sheets) <= 2
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(20, 24, 43)"
    assert page.locator("header nav").is_hidden()
    slice_fill = page.locator("[data-donut=value_tier] .apexcharts-donut-slice-0").get_attribute("fill")
    assert slice_fill == "rgba(63,81,216,1)"


def test_the_banner_says_that_data_is_simulated(page: Page, address: str, published: Path, newest) -> None:
    manifest = _manifest(newest(published))
    _open(page, address)
    is_needed = manifest["is_simulated"] or manifest["demographics"] == "simulated"
    assert page.locator("#simulated").is_visible() == is_needed
    assert page.get_by_text("Simulated data.").is_visible() == manifest["is_simulated"]


@pytest.mark.parametrize("width", [390, 768, 1024, 1440, 1920])
def test_the_page_fits_its_screen(page: Page, address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    _open(page, address)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_theme_follows_the_toggle_and_is_kept(page: Page, address: str) -> None:
    _open(page, address)
    background = "getComputedStyle(document.documentElement).backgroundColor"
    toggle = page.get_by_role("button", name="Dark theme")
    light = page.evaluate(background)
    expect(toggle).to_have_attribute("aria-pressed", "false")
    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "true")
    dark = page.evaluate(background)
    assert dark != light
    _open(page, address)
    assert page.evaluate(background) == dark
    expect(toggle).to_have_attribute("aria-pressed", "true")


def test_the_theme_of_the_system_is_the_first_one_shown(page: Page, address: str) -> None:
    background = "getComputedStyle(document.documentElement).backgroundColor"
    _open(page, address)
    light = page.evaluate(background)
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(background) != light
    expect(page.get_by_role("button", name="Dark theme")).to_have_attribute("aria-pressed", "true")


def test_the_page_can_be_used_from_the_keyboard(page: Page, address: str) -> None:
    _open(page, address)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    table = page.get_by_role("article").filter(has=page.get_by_role("heading", name="Churn risk")).last
    table.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(table.get_by_role("table")).to_be_visible()


def test_markup_stored_as_a_segment_is_text_in_page_and_tooltip(
    page: Page, changed: Path, serve, complaints: list[str], newest
) -> None:
    with duckdb.connect(str(newest(changed) / snapshot.DATABASE)) as connection:
        connection.execute(
            "UPDATE segment_summary SET segment = ? WHERE segment = 'High Value'", [f"High {MARKUP}"]
        )
    with serve(changed) as address:
        _open(page, address)
        names = list(_legend(page, "value_tier"))
        _point_at_slice(page, "value_tier", names.index(f"High {MARKUP}"))
        expect(page.locator("[data-donut=value_tier] .apexcharts-tooltip")).to_contain_text(MARKUP)
        assert page.locator("main img").count() == 0
    assert complaints == []


def test_a_snapshot_published_meanwhile_is_shown_on_the_next_load(
    page: Page, changed: Path, serve, newest, publish_again
) -> None:
    before = newest(changed).name
    with serve(changed) as address:
        _open(page, address)
        expect(page.locator("footer")).to_contain_text(before)
        after = publish_again(changed)
        _open(page, address)
        expect(page.locator("footer")).to_contain_text(after)
