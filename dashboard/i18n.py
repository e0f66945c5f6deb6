"""The language of this request: which one, its catalogue, and its way of writing numbers and dates.

Stays out: the translations (`dashboard/locales/<language>.po`) and the formats (`dashboard.formatting`).

A text is written once, in English, and is its own key: `gettext("Customers")` in Python, `_("Customers")` in templates;
`N_` only marks one that is translated later. Values are named: `gettext("%(count)s customers", count=...)`.
"""

from __future__ import annotations

import gettext as catalogues
import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel import Locale, negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOCALES = Path(__file__).parent / "locales"
COOKIE = "language"
DEFAULT = "en"
PSEUDO = "x-marked"


@dataclass(frozen=True)
class Language:
    """A language of the pages: its code in HTML, its own name, and the locale of its numbers and dates."""

    code: str
    name: str
    locale: Locale


# Day before month and a full stop in English numbers: the English of a Brazilian shop's dates.
LANGUAGES = {
    "en": Language("en", "English", Locale("en", "GB")),
    "ko": Language("ko", "한국어", Locale("ko", "KR")),
    "pt": Language("pt", "Português", Locale("pt", "BR")),
}
_language: ContextVar[str] = ContextVar("language", default=DEFAULT)


def N_(message: str) -> str:  # noqa: N802 - the name that gettext tools look for
    """Mark a text for the catalogues; it is translated where it is shown."""
    return message


def language() -> Language:
    """The language of this request."""
    return LANGUAGES.get(_language.get(), LANGUAGES[DEFAULT])


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Use a language for the length of a block; `PSEUDO` wraps every translated text in ⟦ and ⟧."""
    token = _language.set(code)
    try:
        yield
    finally:
        _language.reset(token)


def gettext(message: str, **values: object) -> str:
    """The text in the language of this request, with its values filled in."""
    return _filled(_catalogue(_language.get()).gettext(message), values)


def ngettext(singular: str, plural: str, n: int, **values: object) -> str:
    """The text that fits the number n, which fills `%(n)s` unless it is given as text."""
    text = _catalogue(_language.get()).ngettext(singular, plural, n)
    return _filled(text, {"n": n, **values})


def catalogue_texts(message: str) -> str:
    """The text as `gettext` gives it; Jinja fills in the values itself."""
    return _catalogue(_language.get()).gettext(message)


def catalogue_plurals(singular: str, plural: str, n: int) -> str:
    """The text as `ngettext` gives it; Jinja fills in the values itself."""
    return _catalogue(_language.get()).ngettext(singular, plural, n)


def _filled(text: str, values: dict[str, object]) -> str:
    return text % values if values else text


class _Marked(catalogues.NullTranslations):
    """Wraps texts, so that a test can find what has not been through a catalogue."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return f"⟦{singular if n == 1 else plural}⟧"


@cache
def _catalogue(code: str) -> catalogues.NullTranslations:
    if code == PSEUDO:
        return _Marked()
    path = LOCALES / f"{code}.po"
    if code == DEFAULT or not path.exists():
        return catalogues.NullTranslations()
    compiled = io.BytesIO()
    with path.open(encoding="utf-8") as stream:
        write_mo(compiled, read_po(stream, locale=code))
    compiled.seek(0)
    return catalogues.GNUTranslations(compiled)


def chosen_language(headers: Headers) -> str:
    """The language of the cookie, else the first that the browser accepts and we have, else English."""
    asked = cookie_parser(headers.get("cookie", "")).get(COOKIE)
    if asked in LANGUAGES:
        return asked
    found = negotiate_locale(_accepted(headers.get("accept-language", "")), list(LANGUAGES), sep="-")
    return found or DEFAULT


def _accepted(header: str) -> list[str]:
    """The languages of an Accept-Language header, the most wanted first (RFC 9110, section 12.5.4)."""
    weighed: list[tuple[float, int, str]] = []
    for part in header.split(","):
        name, _, weight = part.strip().partition(";q=")
        try:
            weighed.append((-float(weight or 1), len(weighed), name.strip()))
        except ValueError:
            continue
    return [name for weight, _, name in sorted(weighed) if name and weight < 0]


class LanguageOfRequest:
    """ASGI middleware: sets the language of the request, and tells caches that answers differ by it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on in its language."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        code = chosen_language(Headers(scope=scope))

        async def send_with_language(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Language"] = code
                headers.add_vary_header("Cookie, Accept-Language")
            await send(message)

        with speaking(code):
            await self._app(scope, receive, send_with_language)
