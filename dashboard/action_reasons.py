"""Why an action is recommended to a customer, in the language of the request.

Stays out: which action is recommended and why (the SQL of `scores.customer_segments`, whose codes are said here).
"""

from __future__ import annotations

from collections.abc import Callable

from dashboard.formatting import count
from dashboard.i18n import gettext, ngettext


def action_reason(code: str, value: int | None) -> str:
    """Why an action is recommended: a code, and the figure behind it; the code itself where it is not known."""
    if code == "likely to return":
        return gettext("High value and more likely than most to buy again.")
    if code not in _FIGURES or value is None:
        return code
    return _FIGURES[code](value)


def _stars(stars: int) -> str:
    return gettext("The last review gave %(stars)s of 5 stars.", stars=count(stars))


def _late(days: int) -> str:
    return ngettext(
        "The last delivery came %(days)s day late.",
        "The last delivery came %(days)s days late.",
        days,
        days=count(days),
    )


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


_FIGURES: dict[str, Callable[[int], str]] = {
    "bad review": _stars,
    "late delivery": _late,
    "valuable and silent": _silent_and_valuable,
    "silent": _silent,
    "bought lately": _fresh,
    "modest and silent": _modest,
}
