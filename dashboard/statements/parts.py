"""Parts of statements: signed figures, days, enumerations, and the beginning of a sentence.

Stays out: figures without a sign (`dashboard.formatting`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from dashboard.formatting import day_short, number
from dashboard.i18n import gettext

Values = Mapping[str, Any]
Say = Callable[[Values], str]


def signed(value: float, decimals: int) -> str:
    """A difference with its sign: +0.018."""
    return ("+" if round(value, decimals) > 0 else "") + number(value, decimals)


def difference(values: Values, decimals: int) -> dict[str, str]:
    """The difference, low and high of a comparison as texts."""
    return {name: signed(values[name], decimals) for name in ("difference", "low", "high")}


def day_of(text: str) -> str:
    """A day given as an ISO date, for a sentence."""
    return day_short(date.fromisoformat(text))


def listed(texts: Iterable[str]) -> str:
    """An enumeration."""
    return ", ".join(texts)


def sentence(text: str) -> str:
    """A text that begins with a capital letter."""
    return text[:1].upper() + text[1:]


def plain(text: str) -> Say:
    """The words of a statement that has no values."""
    return lambda _: gettext(text)
