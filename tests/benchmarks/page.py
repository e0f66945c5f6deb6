"""What a reader's first visit costs: bytes on the wire, and when and how steadily Chromium shows the page.

Stays out: the server's time by itself (`dashboard`).
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, sync_playwright

from dashboard.links import customers_link
from tests.benchmarks.million import write_snapshot
from tests.browser.conftest import launch, serving

CUSTOMERS = 100_000
WIDTHS = (1440, 390)
PAGES = {
    "overview": "/",
    "customers": customers_link(risk_band="red"),
    "segments": "/segments",
    "actions": "/actions",
    "models": "/models",
}
_WATCH = """
window.shifts = [];
new PerformanceObserver(list => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts.push(entry.value);
}).observe({type: "layout-shift", buffered: true});
"""
_PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
_SHIFT = "() => window.shifts.reduce((sum, value) => sum + value, 0)"


def run() -> list[tuple[str, str]]:
    """Each page in a browser that has nothing in store yet, from this machine, without a slow network in between."""
    with tempfile.TemporaryDirectory() as home:
        write_snapshot(Path(home) / "published", CUSTOMERS)
        with serving(Path(home) / "published") as address, sync_playwright() as playwright:
            browser = launch(playwright)
            rows = [
                (f"first visit, {name}, {width} px", _visited(browser, address + path, width))
                for name, path in PAGES.items()
                for width in WIDTHS
            ]
            browser.close()
    return rows


def _visited(browser: Browser, address: str, width: int) -> str:
    """One visit in words: first contentful paint, cumulative layout shift, kilobytes transferred."""
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.add_init_script(_WATCH)
    wire = context.new_cdp_session(page)
    received = _received(wire)
    page.goto(address, wait_until="load")
    page.wait_for_function(
        "() => [...document.querySelectorAll('[data-chart]')].every(chart => chart.dataset.drawn)"
    )
    page.wait_for_timeout(500)
    paint, shift = page.evaluate(_PAINT), page.evaluate(_SHIFT)
    context.close()
    return f"first paint {paint:.0f} ms, layout shift {shift:.3f}, {sum(received) / 1024:.0f} KB"


def _received(wire: CDPSession) -> list[float]:
    """A list that grows by the size, as transferred, of everything that arrives."""
    sizes: list[float] = []

    def count(event: dict[str, Any]) -> None:
        sizes.append(event["encodedDataLength"])

    wire.on("Network.loadingFinished", count)
    wire.send("Network.enable")
    return sizes
