"""The language of the pages: chosen in the header and kept, else the browser's, and numbers written its way."""

from __future__ import annotations

import re

import duckdb
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


READ = """() => {
    const texts = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        if (!walker.currentNode.parentElement.closest('script, style, template, [translate=no]'))
            texts.push(walker.currentNode.textContent.trim());
    }
    return texts;
}"""
# Words of English sentences that Portuguese does not have; in Korean any run of Latin words would be one.
ENGLISH = {
    "pt": re.compile(r"\b(?:the|than|with|which|were|who|of|and|is|are|not|days|found|purchases?)\b"),
    "ko": re.compile(r"(?:\b[A-Za-z]{2,} ){3}[A-Za-z]{2,}"),
}


@pytest.mark.parametrize("code", sorted(ENGLISH))
def test_no_sentence_of_the_pipeline_stays_english(
    browser: Browser, address: str, facts: duckdb.DuckDBPyConnection, code: str
) -> None:
    customers = facts.execute(
        "SELECT min(customer_unique_id) FROM customers GROUP BY action_reason_code ORDER BY 1"
    ).fetchall()
    paths = ["/models", "/alerts", "/customers", "/", *(f"/customers/{one}" for (one,) in customers)]
    context = browser.new_context(locale=code)
    page = context.new_page()
    english = {}
    for path in paths:
        page.goto(address + path)
        english[path] = [text for text in page.evaluate(READ) if ENGLISH[code].search(text)]
    context.close()
    assert {path: texts for path, texts in english.items() if texts} == {}
