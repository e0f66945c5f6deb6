"""Why a customer has their churn score, in the language of the request.

Stays out: which reasons a customer has (`ml.churn.reasons`) and why an action is advised (`dashboard.action_reasons`).

The snapshot holds a reason as a feature with its value and as an English text. The words are made from the first; the
second is shown for what is not known here.
"""

from __future__ import annotations

from collections.abc import Callable

from babel.dates import get_day_names, get_month_names

from dashboard.data_words import category_words
from dashboard.formatting import count, money, number, share
from dashboard.i18n import N_, gettext, language, ngettext

_NO_VALUE = "none"
_MISSING = {
    "review_score": N_("No review"),
    "delivery_days": N_("Not delivered yet"),
    "delivery_delay_days": N_("Not delivered yet"),
    "distance_km": N_("Distance to the seller unknown"),
}
_PAID_SOMEHOW = N_("Means of payment unknown")
_PAID_BY = {
    "boleto": N_("Paid by boleto"),
    "credit_card": N_("Paid by credit card"),
    "debit_card": N_("Paid by debit card"),
    "voucher": N_("Paid by voucher"),
}


def reason_words(feature: str, value: str, stored: str) -> str:
    """What a feature's value says about the customer; the stored English words for a feature or value not known."""
    if value == _NO_VALUE and feature in _MISSING:
        return gettext(_MISSING[feature])
    if feature in _TEXTS:
        return _TEXTS[feature](value)
    try:
        return _NUMBERS[feature](float(value))
    except (KeyError, ValueError):
        return stored[:1].upper() + stored[1:]


def _amount(value: float) -> str:
    """A count, or a mean of counts with up to two decimals."""
    if value == int(value):
        return count(value)
    return number(value, 1 if round(value, 1) == round(value, 2) else 2)


def _grammatical(value: float) -> int:
    """The number that the words agree with: any but a whole one takes the plural."""
    return int(value) if value == int(value) else 2


def _recency(days: float) -> str:
    if days == 0:
        return gettext("Bought on the last day of the data")
    n = _grammatical(days)
    return ngettext("No purchase for %(days)s day", "No purchase for %(days)s days", n, days=_amount(days))


def _age(days: float) -> str:
    if days == 0:
        return gettext("First bought on the last day of the data")
    n = _grammatical(days)
    return ngettext("First bought %(days)s day ago", "First bought %(days)s days ago", n, days=_amount(days))


def _orders(orders: float) -> str:
    n = _grammatical(orders)
    return ngettext("%(orders)s order so far", "%(orders)s orders so far", n, orders=_amount(orders))


def _purchase_days(days: float) -> str:
    n = _grammatical(days)
    return ngettext("Bought on %(days)s day", "Bought on %(days)s different days", n, days=_amount(days))


def _items_per_order(items: float) -> str:
    n = _grammatical(items)
    return ngettext("%(items)s item per order", "%(items)s items per order", n, items=_amount(items))


def _first_items(items: float) -> str:
    n = _grammatical(items)
    return ngettext(
        "%(items)s item in the first order", "%(items)s items in the first order", n, items=_amount(items)
    )


def _instalments(instalments: float) -> str:
    if instalments == 0:
        return gettext("No payment recorded")
    n = _grammatical(instalments)
    return ngettext(
        "Paid in %(parts)s instalment", "Paid in %(parts)s instalments", n, parts=_amount(instalments)
    )


def _delivery(days: float) -> str:
    if days <= 0:
        return gettext("Delivered on the day of purchase")
    n = _grammatical(days)
    return ngettext("Delivered within %(days)s day", "Delivered within %(days)s days", n, days=_amount(days))


def delay_words(days: float) -> str:
    """A delivery against its promise: late by so many days, early by as many (negative), or on the day."""
    if days == 0:
        return gettext("Delivered on the promised day")
    n, amount = _grammatical(abs(days)), _amount(abs(days))
    if days > 0:
        return ngettext("Delivered %(days)s day late", "Delivered %(days)s days late", n, days=amount)
    return ngettext("Delivered %(days)s day early", "Delivered %(days)s days early", n, days=amount)


def _distance(km: float) -> str:
    if round(km) == 0:
        return gettext("Lives near the seller")
    return gettext("Lives %(km)s km from the seller", km=count(km))


def _month(month: float) -> str:
    names = get_month_names("wide", context="stand-alone", locale=language().locale)
    return gettext("Last bought in %(month)s", month=_named(names, int(month)))


def _weekday(day: float) -> str:
    names = get_day_names("wide", context="stand-alone", locale=language().locale)
    return gettext("Last bought on a %(weekday)s", weekday=_named(names, int(day) - 1))


def _named(names: object, key: int) -> str:
    """The name of a month or weekday; ValueError for a number that has none."""
    named = dict(names)  # type: ignore[call-overload]
    if key not in named:
        raise ValueError(f"no month or weekday has the number {key}")
    return str(named[key])


def _paid_by(payment_type: str) -> str:
    return gettext(_PAID_BY.get(payment_type, _PAID_SOMEHOW))


def _category(name: str) -> str:
    if name == "unknown":
        return gettext("Category unknown")
    return gettext("Bought %(category)s", category=category_words(name))


def _state(name: str) -> str:
    return gettext("State unknown") if name == "unknown" else gettext("Lives in %(state)s", state=name)


_TEXTS: dict[str, Callable[[str], str]] = {
    "payment_type": _paid_by,
    "category": _category,
    "state": _state,
}
_NUMBERS: dict[str, Callable[[float], str]] = {
    "recency_days": _recency,
    "age_days": _age,
    "order_count": _orders,
    "purchase_days": _purchase_days,
    "value_brl": lambda value: gettext("Spent %(money)s in all", money=money(value)),
    "mean_purchase_value_brl": lambda value: gettext("Spends %(money)s per order", money=money(value)),
    "items_per_order": _items_per_order,
    "first_basket_items": _first_items,
    "first_basket_value_brl": lambda value: gettext("First order of %(money)s", money=money(value)),
    "installments": _instalments,
    "freight_share": lambda part: gettext("Freight is %(share)s of what was paid", share=share(part, 0)),
    "delivery_days": _delivery,
    "delivery_delay_days": delay_words,
    "review_score": lambda stars: gettext("Gave %(stars)s of 5 stars", stars=_amount(stars)),
    "distance_km": _distance,
    "last_purchase_month": _month,
    "last_purchase_weekday": _weekday,
}
