"""Numbers, money and dates as text in the language of the request; money is always in Brazilian reais.

Stays out: what the numbers are (`dashboard.queries`) and the words around them (`dashboard.terms`).
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from babel.dates import format_date, format_skeleton
from babel.numbers import format_compact_decimal, format_decimal

from dashboard.i18n import gettext, language

NO_BREAK = "\u00a0"
MINUS = "\u2212"


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
    return _date("yMMMM", _first_day(value))


def month_short(value: str) -> str:
    """A snapshot month for an axis: 2018-08 is Aug 2018."""
    return _date("yMMM", _first_day(value))


def day(value: date) -> str:
    """A day in words: 31 August 2018."""
    return format_date(value, "long", locale=language().locale)


def day_short(value: date | None) -> str:
    """A day for a table: 31 Aug 2018."""
    return not_enough_data() if value is None else format_date(value, "medium", locale=language().locale)


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
    pattern = "#,##0." + "0" * decimals if decimals else "#,##0"
    return format_decimal(round(value, decimals), pattern, locale=language().locale)


def _three_digits(value: float) -> str:
    """A large number to three digits with the language's word for its scale: 1.23M, 123만."""
    value = float(f"{value:.3g}")
    for decimals in (2, 1, 0):
        text = format_compact_decimal(value, locale=language().locale, fraction_digits=decimals)
        if sum(letter.isdigit() for letter in text) <= 3:
            break
    return text


def _date(skeleton: str, value: date) -> str:
    return format_skeleton(skeleton, value, locale=language().locale)


def _first_day(snapshot_month: str) -> date:
    return date.fromisoformat(f"{snapshot_month}-01")
