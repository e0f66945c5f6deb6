"""Why an action is recommended to a customer, in the language of the request.

Stays out: which action is recommended (the SQL of `scores.customer_segments`, whose English sentences are read here).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from dashboard.formatting import count
from dashboard.i18n import gettext, ngettext


def action_reason(stored: str) -> str:
    """Why an action is recommended, from the English sentence in the snapshot; that sentence where it is not known."""
    for pattern, say in _ACTION_REASONS:
        found = pattern.fullmatch(stored)
        if found:
            return say(*(int(part) for part in found.groups()))
    return stored


def _stars(stars: int) -> str:
    return gettext("The last review gave %(stars)s of 5 stars.", stars=count(stars))


def _late(days: int) -> str:
    return ngettext(
        "The last delivery came %(days)s day late.",
        "The last delivery came %(days)s days late.",
        days,
        days=count(days),
    )


def _likely() -> str:
    return gettext("High value and more likely than most to buy again.")


def _silent_and_valuable(days: int) -> str:
    return ngettext(
        "High value, and no purchase for %(days)s day.",
        "High value, and no purchase for %(days)s days.",
        days,
        days=count(days),
    )


def _silent(days: int) -> str:
    return ngettext("No purchase for %(days)s day.", "No purchase for %(days)s days.", days, days=count(days))


def _fresh(days: int) -> str:
    if days == 0:
        return gettext("Bought on the last day of the data; the next purchase is likeliest now.")
    return ngettext(
        "Bought %(days)s day ago; the next purchase is likeliest now.",
        "Bought %(days)s days ago; the next purchase is likeliest now.",
        days,
        days=count(days),
    )


def _modest(days: int) -> str:
    return ngettext(
        "No purchase for %(days)s day and modest value; keep in touch at low cost.",
        "No purchase for %(days)s days and modest value; keep in touch at low cost.",
        days,
        days=count(days),
    )


_ACTION_REASONS: tuple[tuple[re.Pattern[str], Callable[..., str]], ...] = (
    (re.compile(r"The last review gave (\d) of 5 stars\."), _stars),
    (re.compile(r"The last delivery came (\d+) days late\."), _late),
    (re.compile(r"High value and more likely than most to buy again\."), _likely),
    (re.compile(r"High value, and no purchase for (\d+) days\."), _silent_and_valuable),
    (re.compile(r"No purchase for (\d+) days\."), _silent),
    (re.compile(r"Bought (\d+) days ago; the next purchase is likeliest now\."), _fresh),
    (
        re.compile(r"No purchase for (\d+) days and modest value; keep in touch at low cost\."),
        _modest,
    ),
)
