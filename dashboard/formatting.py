"""Numbers, money and dates as text in the language of the request; money is always in Brazilian reais.

Stays out: what the numbers are (`dashboard.queries`) and the words around them (`dashboard.terms`).
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Literal

from babel.dates import format_date, format_skeleton
from babel.numbers import format_compact_decimal, get_decimal_symbol, get_group_symbol

from dashboard.i18n import LANGUAGES, gettext, language

NO_BREAK = "\u00a0"
MINUS = "\u2212"
_TEXTS_KEPT = 4096


def not_enough_data() -> str:
    """What stands in place of a figure that there was not enough data for."""
    return gettext("not enough data")


def count(value: float | None) -> str:
    """A whole number with separators: 96,096."""
    return not_enough_data() if value is None else _signed(value, _decimal(abs(round(value)), 0))


def number(value: float | None, decimals: int = 3) -> str:
    """A figure without unit: 0.599."""
    if value is None:
        return not_enough_data()
    return _signed(round(value, decimals), _decimal(abs(value), decimals))


def money(value: float | None) -> str:
    """Reais and centavos: R$ 1,234.56."""
    if value is None:
        return not_enough_data()
    return _signed(round(value, 2), f"R${NO_BREAK}{_decimal(abs(value), 2)}")


def money_compact(value: float | None) -> str:
    """Reais to three digits, for headings: R$ 1.23M."""
    if value is None:
        return not_enough_data()
    if abs(value) < 999.5:  # what rounds to less than a thousand
        return money(value)
    return _signed(value, f"R${NO_BREAK}{_three_digits(abs(value))}")


def share(value: float | None, decimals: int = 1) -> str:
    """A fraction as a percentage: 0.123 is 12.3%."""
    if value is None:
        return not_enough_data()
    return _signed(round(value * 100, decimals), f"{_decimal(abs(value) * 100, decimals)}%")


def rate(value: float | None) -> str:
    """A fraction that is small as a rule, as a percentage to the hundredth: 0.0213 is 2.13%."""
    return share(value, decimals=2)


def signed_share(value: float | None) -> str:
    """A relative change with its sign: +2.3%."""
    if value is None:
        return not_enough_data()
    return ("+" if round(value * 100, 1) > 0 else "") + share(value)


def signed_points(value: float | None) -> str:
    """A difference of two fractions in percentage points: +0.12 points."""
    if value is None:
        return not_enough_data()
    points = round(value * 100, 2)
    text = ("+" if points > 0 else "") + _signed(points, _decimal(abs(points), 2))
    return gettext("%(points)s\u00a0points", points=text)


def month(value: str) -> str:
    """A snapshot month in words: 2018-08 is August 2018."""
    return _date("yMMMM", _first_day(value), language().code)


def month_short(value: str) -> str:
    """A snapshot month for an axis: 2018-08 is Aug 2018."""
    return _date("yMMM", _first_day(value), language().code)


def day(value: date) -> str:
    """A day in words: 31 August 2018."""
    return _day("long", value, language().code)


def day_short(value: date | None) -> str:
    """A day for a table: 31 Aug 2018."""
    return not_enough_data() if value is None else _day("medium", value, language().code)


def instant(value: datetime) -> str:
    """An instant to the minute: 1 September 2018, 03:12 UTC; naive ones are taken as UTC."""
    moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return f"{day(moment.date())}, {moment:%H:%M} UTC"


def short_digest(value: str) -> str:
    """The first twelve characters of a digest: enough to tell two apart by eye."""
    return value[:12]


def _signed(value: float, text: str) -> str:
    return MINUS + text if value < 0 else text


def _decimal(value: float, decimals: int) -> str:
    """As `babel.numbers.format_decimal` has it for #,##0.00, which would parse the pattern at every call."""
    text = f"{Decimal(str(round(value, decimals))):,.{decimals}f}"
    separators = _separators(language().code)
    return text.translate(separators) if separators else text


@cache
def _separators(code: str) -> dict[int, str]:
    """How a language writes the comma and the full stop of an English number; empty where it writes them so too."""
    locale = LANGUAGES[code].locale
    found = {",": get_group_symbol(locale), ".": get_decimal_symbol(locale)}
    return {ord(sign): own for sign, own in found.items() if own != sign}


def _three_digits(value: float) -> str:
    """A large number to three digits with the language's word for its scale: 1.23M, 123만."""
    return _compact(float(f"{value:.3g}"), language().code)


@lru_cache(_TEXTS_KEPT)
def _compact(value: float, code: str) -> str:
    for decimals in (2, 1, 0):
        text = format_compact_decimal(value, locale=LANGUAGES[code].locale, fraction_digits=decimals)
        if sum(letter.isdigit() for letter in text) <= 3:
            break
    return text


@lru_cache(_TEXTS_KEPT)
def _day(style: Literal["long", "medium"], value: date, code: str) -> str:
    return format_date(value, style, locale=LANGUAGES[code].locale)


@lru_cache(_TEXTS_KEPT)
def _date(skeleton: str, value: date, code: str) -> str:
    return format_skeleton(skeleton, value, locale=LANGUAGES[code].locale)


def _first_day(snapshot_month: str) -> date:
    return date.fromisoformat(f"{snapshot_month}-01")
