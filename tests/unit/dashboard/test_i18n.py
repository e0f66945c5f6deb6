"""Which language a request speaks, and that the switch cannot lead away from the site."""

from __future__ import annotations

import pytest
from starlette.datastructures import Headers

from dashboard.formatting import count, money, money_compact, month
from dashboard.i18n import PSEUDO, chosen_language, gettext, ngettext, speaking


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "en"),
        ({"accept-language": "ko-KR,ko;q=0.9,en;q=0.8"}, "ko"),
        ({"accept-language": "de-DE,de;q=0.9"}, "en"),
        ({"accept-language": "en;q=0.5, pt-BR"}, "pt"),
        ({"accept-language": "ko;q=0, pt;q=0.1"}, "pt"),
        ({"accept-language": ";;q=x,,*"}, "en"),
        ({"accept-language": "ko", "cookie": "language=pt"}, "pt"),
        ({"accept-language": "ko", "cookie": "language=xx"}, "ko"),
    ],
)
def test_the_cookie_decides_then_the_browser_then_english(headers: dict[str, str], code: str) -> None:
    assert chosen_language(Headers(headers)) == code


def test_a_language_writes_numbers_months_and_money_its_way() -> None:
    with speaking("pt"):
        assert count(96096) == "96.096"
        assert money(1234.5) == "R$\u00a01.234,50"
        assert month("2018-08") == "agosto de 2018"
    with speaking("ko"):
        assert month("2018-08") == "2018년 8월"
        assert money_compact(60_149) == "R$\u00a06.01만"
    assert count(96096) == "96,096"


def test_marked_texts_show_what_went_through_a_catalogue() -> None:
    with speaking(PSEUDO):
        assert gettext("%(count)s customers", count="7") == "⟦7 customers⟧"
        assert ngettext("%(n)s customer", "%(n)s customers", 1) == "⟦1 customer⟧"


def test_values_are_filled_in_whatever_they_hold() -> None:
    assert gettext("Search for %(text)s", text="100 % <b>") == "Search for 100 % <b>"
    assert gettext("100 %") == "100 %"


@pytest.mark.parametrize(
    ("back", "to"),
    [
        ("/customers?risk_band=red", "/customers?risk_band=red"),
        ("https://example.org", "/"),
        ("//example.org", "/"),
        ("/\\example.org", "/"),
        ("/a\\b", "/"),
        ("/a\r\nSet-Cookie: x=y", "/"),
        ("", "/"),
    ],
)
def test_the_switch_returns_to_a_page_of_this_site_only(client, back: str, to: str) -> None:
    answer = client.get("/language/ko", params={"back": back}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, to)
    assert "language=ko" in answer.headers["set-cookie"]
    assert "HttpOnly" in answer.headers["set-cookie"]


def test_there_is_no_switch_to_a_language_that_there_is_none_of(client) -> None:
    answer = client.get("/language/xx", follow_redirects=False)
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers


def test_answers_say_their_language_and_what_it_depends_on(client, publish, rows) -> None:
    publish(rows)
    answer = client.get("/", headers={"accept-language": "ko"})
    assert answer.headers["content-language"] == "ko"
    assert {"Cookie", "Accept-Language"} <= {name.strip() for name in answer.headers["vary"].split(",")}
    assert '<html lang="ko">' in answer.text
