"""Takes pictures of the dashboard: `python -m tests.browser.screenshots PUBLISHED_DIR OUT_DIR`.

Stays out: judging them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb
from playwright.sync_api import Browser, sync_playwright

from dashboard.snapshot import DATABASE
from tests.browser.conftest import launch, most_regular, newest_folder, serving

WIDTHS = (1440, 390)
THEMES = ("light", "dark")
PAGES = {
    "overview": "/",
    "customers": "/customers",
    "at-risk": "/customers?value_tier=High+Value&risk_band=red",
    "segments": "/segments",
    "actions": "/actions",
    "alerts": "/alerts",
    "models": "/models",
    "nowhere": "/nowhere",
}


def take(browser: Browser, url: str, target: Path, width: int, theme: str) -> None:
    """Save the whole page at `url` as a picture, once its charts are drawn."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(url, wait_until="networkidle")
    page.wait_for_function(
        "() => [...document.querySelectorAll('[data-chart]')].every(chart => chart.dataset.drawn)"
    )
    page.screenshot(path=target, full_page=True)
    context.close()


def _profile(published: Path) -> str:
    """The address of the customer with the most purchases."""
    with duckdb.connect(str(newest_folder(published) / DATABASE), read_only=True) as connection:
        return f"/customers/{most_regular(connection)}"


def main() -> None:
    """Take every page in both widths and themes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("published", type=Path, help="a folder of published snapshots")
    parser.add_argument("target", type=Path, help="the folder the pictures go to")
    arguments = parser.parse_args()
    arguments.target.mkdir(parents=True, exist_ok=True)
    with serving(arguments.published) as address, sync_playwright() as playwright:
        browser = launch(playwright)
        for name, path in {**PAGES, "profile": _profile(arguments.published)}.items():
            for width in WIDTHS:
                for theme in THEMES:
                    take(
                        browser,
                        address + path,
                        arguments.target / f"{name}-{width}-{theme}.png",
                        width,
                        theme,
                    )
        browser.close()


if __name__ == "__main__":
    main()
