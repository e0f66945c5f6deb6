"""Numbers, money and dates as text, in English with Brazilian reais.

Stays out: what the numbers are (`dashboard.queries`) and the words around them (`dashboard.terms`).
"""

from __future__ import annotations

from datetime import UTC, date, datetime

NOT_ENOUGH_DATA = "not enough data"
NO_BREAK = "\u00a0"
MINUS = "\u2212"
_SCALES = ((1e9, "B"), (1e6, "M"), (1e3, "K"))


def count(value: float | None) -> str:
    """A whole number with separators: 96,096."""
    return NOT_ENOUGH_DATA if value is None else _signed(value, f"{abs(round(value)):,}")


def number(value: float | None, decimals: int = 3) -> str:
    """A figure without unit: 0.599."""
    if value is None:
        return NOT_ENOUGH_DATA
    return _signed(round(value, decimals), f"{abs(value):,.{decimals}f}")


def money(value: float | None) -> str:
    """Reais and centavos: R$ 1,234.56."""
    if value is None:
        return NOT_ENOUGH_DATA
    return _signed(round(value, 2), f"R${NO_BREAK}{abs(value):,.2f}")


def money_compact(value: float | None) -> str:
    """Reais to three digits, for headings: R$ 1.23M."""
    if value is None:
        return NOT_ENOUGH_DATA
    for size, suffix in _SCALES:
        if abs(value) >= size * 0.9995:
            return _signed(value, f"R${NO_BREAK}{_three_digits(abs(value) / size)}{suffix}")
    return money(value)


def share(value: float | None, decimals: int = 1) -> str:
    """A fraction as a percentage: 0.123 is 12.3%."""
    if value is None:
        return NOT_ENOUGH_DATA
    return _signed(round(value * 100, decimals), f"{abs(value) * 100:.{decimals}f}%")


def signed_share(value: float | None) -> str:
    """A relative change with its sign: +2.3%."""
    if value is None:
        return NOT_ENOUGH_DATA
    return ("+" if round(value * 100, 1) > 0 else "") + share(value)


def signed_points(value: float | None) -> str:
    """A difference of two fractions in percentage points: +0.12 points."""
    if value is None:
        return NOT_ENOUGH_DATA
    points = round(value * 100, 2)
    return ("+" if points > 0 else "") + _signed(points, f"{abs(points):.2f}") + f"{NO_BREAK}points"


def month(value: str) -> str:
    """A snapshot month in words: 2018-08 is August 2018."""
    return f"{_first_day(value):%B %Y}"


def month_short(value: str) -> str:
    """A snapshot month for an axis: 2018-08 is Aug 2018."""
    return f"{_first_day(value):%b %Y}"


def day(value: date) -> str:
    """A day in words: 31 August 2018."""
    return f"{value.day} {value:%B %Y}"


def instant(value: datetime) -> str:
    """An instant to the minute: 1 September 2018, 03:12 UTC; naive ones are taken as UTC."""
    moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return f"{day(moment.date())}, {moment:%H:%M} UTC"


def short_digest(value: str) -> str:
    """The first twelve characters of a digest: enough to tell two apart by eye."""
    return value[:12]


def _signed(value: float, text: str) -> str:
    return MINUS + text if value < 0 else text


def _three_digits(value: float) -> str:
    decimals = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{value:.{decimals}f}"


def _first_day(snapshot_month: str) -> date:
    return date.fromisoformat(f"{snapshot_month}-01")
