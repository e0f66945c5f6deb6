"""Takes pictures of the dashboard: `python -m tests.browser.screenshots PUBLISHED_DIR OUT_DIR`.

Stays out: judging them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb
from playwright.sync_api import Browser, sync_playwright

from dashboard.passwords import Cost, hash_password
from dashboard.snapshot import DATABASE
from tests.browser.conftest import launch, most_regular, newest_folder, serving

WIDTHS = (1440, 390)
THEMES = ("light", "dark")
PAGES = {
    "overview": "/",
    "customers": "/customers",
    "at-risk": "/customers?risk_band=red&state=SP&last_from=2018-01-01&sort=-value_brl",
    "nobody-fits": "/customers?q=zzz&risk_band=red",
    "unreadable": "/customers?risk_band=purple&cltv_min=much",
    "segments": "/segments",
    "shares": "/segments?rows=age_band&columns=rfm_segment&measure=repurchase_rate",
    "actions": "/actions",
    "plan": "/actions?contact_cost_brl=0.25&response_percent=10&margin_percent=40",
    "alerts": "/alerts",
    "models": "/models",
    "no-such-customer": "/customers/nobody",
    "nowhere": "/nowhere",
}
LOGIN = "/login"
USERS = {
    "dashboard_users": f"ana:{hash_password('only to be looked at', Cost(4, 8, 1))}",
    "dashboard_secret": "a secret that is long enough for a cookie",
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


def take_all(browser: Browser, address: str, pages: dict[str, str], target: Path) -> None:
    """Take pages in both widths and themes."""
    for name, path in pages.items():
        for width in WIDTHS:
            for theme in THEMES:
                take(browser, address + path, target / f"{name}-{width}-{theme}.png", width, theme)


def _profile(published: Path) -> str:
    """The address of the customer with the most purchases."""
    with duckdb.connect(str(newest_folder(published) / DATABASE), read_only=True) as connection:
        return f"/customers/{most_regular(connection)}"


def main() -> None:
    """Take every page, and the login of a dashboard that has users."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("published", type=Path, help="a folder of published snapshots")
    parser.add_argument("target", type=Path, help="the folder the pictures go to")
    arguments = parser.parse_args()
    arguments.target.mkdir(parents=True, exist_ok=True)
    pages = {**PAGES, "profile": _profile(arguments.published)}
    with sync_playwright() as playwright:
        browser = launch(playwright)
        with serving(arguments.published) as address:
            take_all(browser, address, pages, arguments.target)
        with serving(arguments.published, **USERS) as address:
            take_all(browser, address, {"login": LOGIN}, arguments.target)
        browser.close()


if __name__ == "__main__":
    main()
