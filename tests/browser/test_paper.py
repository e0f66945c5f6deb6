"""What the pages of tables and charts look like on paper.

Stays out: the overview and the profile, whose own tests look at their sheets.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

PLAN = "/actions?contact_cost_brl=0.25&response_percent=10&margin_percent=40"
# The figures of an A4 sheet without its margins, at 96 dots per inch.
SHEET = {"width": 718, "height": 1047}
DRAWN = "() => [...document.querySelectorAll('[data-chart], #plan-chart')].every(one => one.dataset.drawn)"
LINES = """() => [...document.querySelectorAll('.apexcharts-line-series path, .apexcharts-area-series path')]
    .filter(path => path.getAttribute('fill') === 'none').map(path => path.getBBox().height)"""


def _open(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_function(DRAWN)


@pytest.mark.parametrize(("path", "sheets"), [("/segments", 2), (PLAN, 1), ("/models", 4)])
def test_a_page_prints_on_few_sheets(page: Page, address: str, path: str, sheets: int) -> None:
    _open(page, address + path)
    printed = page.pdf(prefer_css_page_size=True)
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) <= sheets


@pytest.mark.parametrize("path", ["/segments", PLAN, "/models"])
def test_nothing_is_cut_off_and_no_control_is_printed(page: Page, address: str, path: str) -> None:
    _open(page, address + path)
    page.emulate_media(media="print")
    page.set_viewport_size(SHEET)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    wide = page.evaluate(
        "() => [...document.querySelectorAll('main *')].filter(one => one.getBoundingClientRect().right > innerWidth)"
        ".map(one => one.outerHTML.slice(0, 80))"
    )
    assert wide == []
    for control in page.locator("main :is(select, button, input, summary)").all():
        expect(control).to_be_hidden()


@pytest.mark.parametrize("path", [PLAN, "/models", "/"])
def test_a_chart_stands_still_when_the_printer_looks(page: Page, address: str, path: str) -> None:
    page.emulate_media(reduced_motion="no-preference")
    _open(page, address + path)
    page.wait_for_timeout(500)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    heights = page.evaluate(LINES)
    assert heights
    assert max(heights) > 10


def test_filters_that_are_set_are_printed(page: Page, address: str) -> None:
    page.goto(f"{address}/segments?value_tier=High+Value")
    page.emulate_media(media="print")
    expect(page.locator("#summary-value_tier")).to_be_visible()
    expect(page.locator("#summary-age_band")).to_be_hidden()
    expect(page.locator("#choose-rows")).to_be_hidden()


def test_the_plan_keeps_its_colours_and_comes_back_to_the_screen(page: Page, address: str) -> None:
    page.emulate_media(color_scheme="dark")
    _open(page, address + PLAN)
    width = "() => document.querySelector('#plan-chart svg').viewBox.baseVal.width"
    before = page.evaluate(width)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    assert page.evaluate(width) == 660
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.documentElement.dataset.theme") is None
    assert page.evaluate(width) == before
