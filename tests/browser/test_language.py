"""The language of the pages: chosen in the header and kept, else the browser's, and numbers written its way."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect


@pytest.mark.parametrize(
    ("code", "name", "word"), [("ko", "한국어", "고객"), ("pt", "Português", "Clientes")]
)
def test_the_switch_in_the_header_changes_the_language_and_is_kept(
    page: Page, address: str, code: str, name: str, word: str
) -> None:
    page.goto(f"{address}/customers?risk_band=red")
    page.locator("header details.menu summary").click()
    page.get_by_role("link", name=name).click()
    expect(page.locator("html")).to_have_attribute("lang", code)
    assert page.url == f"{address}/customers?risk_band=red"
    expect(page.locator("nav").first).to_contain_text(word)
    page.goto(address)
    expect(page.locator("html")).to_have_attribute("lang", code)


@pytest.mark.parametrize(("wanted", "code"), [("ko-KR", "ko"), ("pt-BR", "pt"), ("de-DE", "en")])
def test_without_a_choice_the_browsers_language_is_spoken(
    browser: Browser, address: str, wanted: str, code: str
) -> None:
    context = browser.new_context(locale=wanted)
    page = context.new_page()
    page.goto(address)
    expect(page.locator("html")).to_have_attribute("lang", code)
    context.close()


def test_numbers_are_written_as_the_language_does(browser: Browser, address: str) -> None:
    shown = {}
    for code in ("en", "pt"):
        context = browser.new_context(locale=code)
        page = context.new_page()
        page.goto(address)
        shown[code] = page.locator("[data-card=customers] [data-value]").inner_text()
        context.close()
    assert shown["en"].replace(",", ".") == shown["pt"]
    assert "," in shown["en"]
