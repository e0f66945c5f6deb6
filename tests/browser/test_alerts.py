"""Alerts, the notice of a new snapshot and the login in a browser, served as in earnest.

Stays out: words, queries and refusals piece by piece (`tests/unit/dashboard`).
"""

from __future__ import annotations

import re
import shutil
import time
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Locator, Page, expect

from dashboard import snapshot
from dashboard.passwords import Cost, hash_password

CUSTOMERS = 3
LOGIN = {
    "dashboard_users": f"ana:{hash_password('correct horse battery', Cost(4, 8, 1))}",
    "dashboard_secret": "0123456789abcdef0123456789abcdef",
}
NOTICE = "A new snapshot was published"


@pytest.fixture
def alerted(published: Path, tmp_path: Path, newest) -> Path:
    """A copy of the published folder whose snapshot has alerts of every kind."""
    copy = shutil.copytree(published, tmp_path / "home" / "published")
    with duckdb.connect(str(newest(copy) / snapshot.DATABASE)) as connection:
        connection.execute("DELETE FROM alerts")
        connection.execute(
            "INSERT INTO alerts SELECT 'turned_red ' || customer_unique_id, 'customer_turned_red', 'critical', NULL,"
            " customer_unique_id, NULL, NULL, NULL, 'm', 0.98, 0.9, 'before' FROM customers ORDER BY cltv DESC LIMIT ?",
            [CUSTOMERS],
        )
        connection.execute(
            "INSERT INTO alerts VALUES"
            f" ('turned_red', 'customers_turned_red', 'critical', NULL, 'x', NULL, NULL, NULL, 'm', {CUSTOMERS}, NULL,"
            " 'before'),"
            " ('jump', 'segment_jumped', 'warning', 'risk_band', 'green', NULL, NULL, NULL, 'm', 0.1, 0.2, 'before'),"
            " ('check raw.orders x', 'data_warning', 'warning', NULL, 'raw.orders', 'x', 'off by 3', '[]', 'm', NULL,"
            " NULL, NULL),"
            " ('model', 'model_warning', 'warning', NULL, 'churn_model', NULL, 'too weak', '[]', 'm', NULL, NULL, NULL)"
        )
    return copy


def _bell(page: Page, unseen: int) -> Locator:
    return page.get_by_role("link", name=f"Alerts: {unseen} unseen", exact=True)


def _alerts(page: Page) -> Locator:
    return page.locator("[data-alert]")


ALL = CUSTOMERS + 4


def test_alerts_are_marked_without_leaving_the_page(
    page: Page, alerted: Path, serve, complaints: list[str]
) -> None:
    with serve(alerted) as address:
        page.goto(address)
        _bell(page, ALL).click()
        expect(_alerts(page)).to_have_count(ALL)
        page.evaluate("() => { window.stayed = true; }")
        jump = page.locator("[data-group=segment_jumped] [data-alert]")
        jump.get_by_role("button", name="Mark as seen").click()
        expect(_bell(page, ALL - 1)).to_be_visible()
        expect(page.get_by_role("status").first).to_have_text("1 alert marked as seen")
        expect(jump.get_by_role("button", name="Mark as unseen")).to_be_focused()
        page.keyboard.press("Enter")
        expect(_bell(page, ALL)).to_be_visible()
        page.get_by_role("button", name=f"Mark all {ALL} unseen ones shown as seen").click()
        expect(_bell(page, 0)).to_be_visible()
        assert page.evaluate("() => window.stayed") is True
        page.get_by_role("link", name=re.compile("^Unseen")).click()
        expect(page.get_by_text("No alert fits these filters.")).to_be_visible()
    assert complaints == []


def test_in_the_list_of_the_unseen_the_next_one_takes_the_place(page: Page, alerted: Path, serve) -> None:
    with serve(alerted) as address:
        page.goto(f"{address}/alerts?status=unseen")
        second = _alerts(page).nth(1).get_attribute("data-alert")
        _alerts(page).first.get_by_role("button", name="Mark as seen").click()
        expect(_alerts(page)).to_have_count(ALL - 1)
        expect(page.locator(f"[data-alert='{second}']").get_by_role("button")).to_be_focused()


def test_alerts_are_marked_without_scripts(browser, alerted: Path, serve) -> None:
    with serve(alerted) as address, browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{address}/alerts?severity=warning")
        page.get_by_role("button", name="Mark all 3 unseen ones shown as seen").click()
        assert page.url == f"{address}/alerts?severity=warning"
        expect(page.get_by_role("button", name="Mark as unseen")).to_have_count(3)
        expect(_bell(page, ALL - 3)).to_be_visible()


def test_the_most_valuable_customers_come_first_and_lead_to_their_profiles(
    page: Page, alerted: Path, serve, newest
) -> None:
    with duckdb.connect(str(newest(alerted) / snapshot.DATABASE)) as connection:
        rows = connection.execute(
            "SELECT customer_unique_id, cltv FROM customers ORDER BY cltv DESC, customer_unique_id LIMIT ?",
            [CUSTOMERS],
        ).fetchall()
    with serve(alerted) as address:
        page.goto(f"{address}/alerts")
        table = page.get_by_role("table", name="High-value customers that turned red").locator("tbody tr")
        shown = [
            ((row.get_by_role("link").get_attribute("href") or ""), row.locator("td").nth(2).inner_text())
            for row in table.all()
        ]
    assert [link for link, _ in shown] == [f"/customers/{customer}" for customer, _ in rows]
    assert [re.sub(r"[^\d.]", "", text) for _, text in shown] == [f"{cltv:.2f}" for _, cltv in rows]


@pytest.mark.parametrize("width", [390, 768, 1024, 1440])
def test_the_alerts_fit_their_screen(page: Page, alerted: Path, serve, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    with serve(alerted) as address:
        page.goto(f"{address}/alerts")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_an_open_page_is_told_of_a_new_snapshot_and_changes_when_its_reader_asks(
    page: Page, alerted: Path, serve, complaints: list[str], newest, publish_again
) -> None:
    before = newest(alerted).name
    with serve(alerted) as address:
        page.goto(f"{address}/alerts?severity=critical")
        expect(page.locator("[data-live]")).to_have_text("")
        page.wait_for_timeout(1500)
        expect(page.get_by_text(NOTICE)).to_have_count(0)
        after = publish_again(alerted)
        expect(page.get_by_role("status").filter(has_text=NOTICE)).to_be_visible(timeout=5000)
        expect(page.locator("footer")).to_contain_text(before)
        page.get_by_role("link", name="Refresh").click()
        expect(page.locator("footer")).to_contain_text(after)
        assert page.url == f"{address}/alerts?severity=critical"
        page.wait_for_timeout(1500)
        expect(page.get_by_text(NOTICE)).to_have_count(0)
    assert complaints == []


def test_whoever_says_later_is_not_asked_again(page: Page, alerted: Path, serve, publish_again) -> None:
    with serve(alerted) as address:
        page.goto(address)
        publish_again(alerted)
        page.get_by_role("button", name="Later").click(timeout=5000)
        expect(page.get_by_text(NOTICE)).to_have_count(0)
        page.wait_for_timeout(1500)
        expect(page.get_by_text(NOTICE)).to_have_count(0)


def test_a_mark_on_an_outdated_page_shows_the_new_snapshot_as_a_whole(
    page: Page, alerted: Path, serve, publish_again
) -> None:
    with serve(alerted) as address:
        page.goto(f"{address}/alerts")
        after = publish_again(alerted)
        _alerts(page).first.get_by_role("button", name="Mark as seen").click()
        expect(page.locator("footer")).to_contain_text(after)
        expect(_bell(page, ALL - 1)).to_be_visible()


def test_a_page_that_waits_for_the_first_snapshot_is_told_of_it(page: Page, alerted: Path, serve) -> None:
    pointer = alerted / snapshot.POINTER
    kept = pointer.rename(alerted / "kept")
    with serve(alerted) as address:
        page.goto(address)
        expect(page.get_by_text("No snapshot yet")).to_be_visible()
        kept.rename(pointer)
        expect(page.get_by_text(NOTICE)).to_be_visible(timeout=5000)
        page.get_by_role("link", name="Refresh").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("customers")


def test_a_server_with_open_pages_stops_within_moments(page: Page, alerted: Path, serve) -> None:
    with serve(alerted) as address:
        page.goto(address)
        page.wait_for_timeout(500)
        start = time.monotonic()
    assert time.monotonic() - start < 3


def _sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}/alerts")
    page.get_by_label("Name").fill("ana")
    page.get_by_label("Password").fill("correct horse battery")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Alerts")


def test_one_signs_in_marks_in_ones_name_and_signs_out(
    page: Page, alerted: Path, serve, complaints: list[str]
) -> None:
    with serve(alerted, **LOGIN) as address:
        _sign_in(page, address)
        jump = page.locator("[data-group=segment_jumped] [data-alert]")
        jump.get_by_role("button", name="Mark as seen").click()
        expect(jump).to_contain_text("Seen by ana")
        page.get_by_label("Signed in as ana").click()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
        page.go_back()
        page.reload()
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert complaints == []


def test_a_wrong_password_is_told_where_one_looks(page: Page, alerted: Path, serve) -> None:
    with serve(alerted, **LOGIN) as address:
        page.goto(f"{address}/alerts")
        page.get_by_label("Name").fill("ana")
        page.get_by_label("Password").fill("guess")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_contain_text("do not belong together")
        expect(page.get_by_label("Name")).to_have_value("ana")
        expect(page.get_by_label("Password")).to_be_focused()


def test_a_page_of_another_site_cannot_mark_alerts(page: Page, alerted: Path, serve) -> None:
    """A page on another port of localhost shares our cookies, and even a stolen token does not help it."""
    with serve(alerted) as address, serve(alerted) as other:
        page.goto(f"{address}/alerts")
        token = page.locator("input[name=csrf_token]").first.get_attribute("value")
        name = _alerts(page).first.get_attribute("data-alert")
        page.route(
            f"{other}/evil",
            lambda route: route.fulfill(
                content_type="text/html",
                body=f'<form method="post" action="{address}/alerts/seen">'
                f'<input name="csrf_token" value="{token}"><input name="alert" value="{name}">'
                "<button>x</button></form>",
            ),
        )
        page.goto(f"{other}/evil")
        page.get_by_role("button").click()
        expect(page.get_by_text("This change was not made")).to_be_visible()
        page.goto(address)
        expect(_bell(page, ALL)).to_be_visible()
