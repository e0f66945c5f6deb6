"""The page of the models in a browser: its numbers against independent SQL, and how it behaves.

Stays out: markup and queries piece by piece (`tests/unit/dashboard`).
"""

from __future__ import annotations

import re

import duckdb
import pytest
from playwright.sync_api import Page, expect

DRAWN = "() => [...document.querySelectorAll('[data-chart]')].every(chart => chart.dataset.drawn)"
MODELS = ("churn_model", "cltv_model")


def _open(page: Page, address: str, path: str = "/models") -> None:
    page.goto(address + path)
    page.wait_for_function(DRAWN)


def _number(text: str) -> float:
    return float(re.sub(r"[^\d.-]", "", text.replace("\u2212", "-")))


def test_the_page_draws_every_curve_without_a_complaint(
    page: Page, address: str, facts: duckdb.DuckDBPyConnection, complaints: list[str]
) -> None:
    curves = facts.execute("SELECT count(DISTINCT (model, curve)) FROM model_curves").fetchone()
    _open(page, address)
    assert curves
    assert page.locator("[data-curve] svg.apexcharts-svg").count() == curves[0]
    for chart in page.locator("[data-chart]").all():
        chart.hover()
    page.locator("[data-theme-toggle]").click()
    page.wait_for_function(DRAWN)
    assert complaints == []


@pytest.mark.parametrize("model", MODELS)
def test_the_serving_version_is_that_of_the_newest_month(
    page: Page, address: str, facts: duckdb.DuckDBPyConnection, model: str
) -> None:
    row = facts.execute(
        "SELECT model_version, strftime(strptime(min(snapshot_month), '%Y-%m'), '%B %Y') FROM model_history AS a"
        " WHERE model = $model AND model_version = (SELECT arg_max(model_version, snapshot_month)"
        " FROM model_history WHERE model = $model) AND NOT EXISTS (SELECT 1 FROM model_history AS b"
        " WHERE b.model = a.model AND b.snapshot_month > a.snapshot_month"
        " AND b.model_version IS DISTINCT FROM a.model_version) GROUP BY 1",
        {"model": model},
    ).fetchone()
    _open(page, address)
    card = page.locator(f"[data-serving={model}]")
    if row is None:
        expect(card).to_contain_text("No version serves yet")
    else:
        expect(card.locator("[data-version]")).to_have_text(row[0])
        expect(card.locator("[data-since]")).to_have_text(row[1])


@pytest.mark.parametrize("model", MODELS)
def test_figures_are_those_of_the_newest_month(
    page: Page, address: str, facts: duckdb.DuckDBPyConnection, model: str
) -> None:
    found = facts.execute(
        "SELECT metric, value FROM model_quality WHERE model = $model AND value IS NOT NULL AND snapshot_month ="
        " (SELECT max(snapshot_month) FROM model_quality WHERE model = $model)",
        {"model": model},
    ).fetchall()
    _open(page, address)
    rows = page.locator(f"[data-model={model}] [data-metric]")
    assert rows.count() >= len(found)
    for metric, value in found:
        text = page.locator(f"[data-model={model}] [data-metric={metric}] strong").first.text_content() or ""
        scale = 100 if text.endswith("%") else 1
        assert _number(text) == pytest.approx(scale * value, abs=0.006 if scale == 100 else 0.0051)


def test_checks_loads_and_drift_are_counted_right(
    page: Page, address: str, facts: duckdb.DuckDBPyConnection
) -> None:
    counts = facts.execute(
        "SELECT count(*) FILTER (is_passed), count(*) FILTER (is_passed IS NOT true) FROM data_checks"
    ).fetchone()
    files = facts.execute("SELECT count(*), sum(rows_read), sum(rows_rejected) FROM data_loads").fetchone()
    drift = facts.execute("SELECT feature, round(psi, 3) FROM population_drift").fetchall()
    _open(page, address)
    assert counts
    assert files
    shown = [_number(page.locator(f"[data-checks={name}]").inner_text()) for name in ("passed", "warned")]
    assert shown == list(counts)
    assert page.locator("[data-check]").count() == min(counts[1], 200)
    assert page.locator("#files tbody tr").count() == files[0]
    cells = [row.locator("td").all_inner_texts() for row in page.locator("#files tbody tr").all()]
    assert sum(_number(row[0]) for row in cells) == files[1]
    assert sum(_number(row[1]) for row in cells) == files[2]
    for feature, psi in drift:
        row = page.locator(f"#drift-table [data-feature={feature}] td").first
        assert _number(row.inner_text()) == pytest.approx(psi, abs=0.0011)


def test_the_glossary_narrows_while_one_types(page: Page, address: str) -> None:
    _open(page, address)
    entries = page.locator("#terms [data-entry]:visible")
    all_terms = entries.count()
    page.get_by_role("searchbox", name="Look up a term").fill("coin toss")
    expect(entries).to_have_count(1)
    expect(page.locator("#nothing-found")).to_be_hidden()
    page.get_by_role("searchbox", name="Look up a term").fill("no such thing")
    expect(page.locator("#nothing-found")).to_be_visible()
    page.get_by_role("searchbox", name="Look up a term").fill("")
    expect(entries).to_have_count(all_terms)


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1440, 1920])
def test_the_page_fits_its_screen(page: Page, address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    _open(page, address)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_current_item_of_the_navigation_is_in_view_on_a_narrow_screen(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    _open(page, address)
    expect(page.locator("nav [aria-current=page]")).to_be_in_viewport(ratio=1)
    assert page.evaluate("[window.scrollX, window.scrollY]") == [0, 0]
