"""Feature values in words that a marketer reads: "no purchase for 240 days", "gave 2 of 5 stars".

Stays out: which features are worth telling (`reasons`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from ml.churn.features import CATEGORICAL

_MISSING = {
    "review_score": "no review",
    "delivery_days": "not delivered yet",
    "delivery_delay_days": "not delivered yet",
    "distance_km": "distance to the seller unknown",
}
_PAYMENTS = {
    "boleto": "paid by boleto",
    "credit_card": "paid by credit card",
    "debit_card": "paid by debit card",
    "voucher": "paid by voucher",
}
_NO_VALUE = "none"
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def words_of(name: str, values: pd.Series) -> np.ndarray:
    """Return what each value of a feature says about the customer, shape (n,) of text.

    Args:
        name: The feature.
        values: Its values as of `feature_frame`; missing ones as NaN where they may be missing.
    """
    return _by_distinct_value(values, _MISSING.get(name, ""), _WORDS[name])


def text_of(name: str, values: pd.Series) -> np.ndarray:
    """Return each value as text, shape (n,): whole numbers without a point, others with up to two decimals."""
    if name in CATEGORICAL:
        return values.astype(object).to_numpy()
    return _by_distinct_value(values, _NO_VALUE, _number)


def _by_distinct_value(values: pd.Series, missing: str, say: Callable[..., str]) -> np.ndarray:
    """Return `say` of each value, called once per distinct value, and `missing` where there is none."""
    codes, distinct = pd.factorize(values.to_numpy() if values.dtype != "category" else values)
    said = np.array([*(say(value) for value in distinct), missing], dtype=object)
    return said[codes]


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _counted(value: float, noun: str) -> str:
    """Return a number with its noun, in the singular for exactly 1: "1 day", "1.5 items"."""
    number = _number(value)
    return f"{number} {noun}" if number == "1" else f"{number} {noun}s"


def _brl(value: float) -> str:
    return f"{value:,.2f} BRL"


def _delay(days: float) -> str:
    if days == 0:
        return "delivered on the promised day"
    return f"delivered {_counted(abs(days), 'day')} {'late' if days > 0 else 'early'}"


def _delivery(days: float) -> str:
    return f"delivered within {_counted(days, 'day')}" if days > 0 else "delivered on the day of purchase"


def _recency(days: float) -> str:
    return f"no purchase for {_counted(days, 'day')}" if days > 0 else "bought on the last day"


def _age(days: float) -> str:
    return f"first bought {_counted(days, 'day')} ago" if days > 0 else "first bought on the last day"


def _installments(count: float) -> str:
    if count == 0:
        return "no payment recorded"
    return "paid in one instalment" if count == 1 else f"paid in {_number(count)} instalments"


def _payment(kind: str) -> str:
    return _PAYMENTS.get(kind, "means of payment unknown")


def _category(name: str) -> str:
    return "category unknown" if name == "unknown" else f"bought {name.replace('_', ' ')}"


def _state(name: str) -> str:
    return "state unknown" if name == "unknown" else f"lives in {name}"


def _distance(km: float) -> str:
    return f"lives {round(km):,} km from the seller" if round(km) > 0 else "lives near the seller"


_WORDS: dict[str, Callable[..., str]] = {
    "recency_days": _recency,
    "age_days": _age,
    "order_count": lambda count: f"{_counted(count, 'order')} so far",
    "purchase_days": lambda count: f"bought on {_counted(count, 'day')}",
    "value_brl": lambda value: f"spent {_brl(value)} in all",
    "mean_purchase_value_brl": lambda value: f"spends {_brl(value)} per order",
    "items_per_order": lambda count: f"{_counted(count, 'item')} per order",
    "first_basket_items": lambda count: f"{_counted(count, 'item')} in the first order",
    "first_basket_value_brl": lambda value: f"first order of {_brl(value)}",
    "payment_type": _payment,
    "installments": _installments,
    "freight_share": lambda share: f"freight is {100 * share:.0f} % of what was paid",
    "delivery_days": _delivery,
    "delivery_delay_days": _delay,
    "review_score": lambda stars: f"gave {_number(stars)} of 5 stars",
    "category": _category,
    "state": _state,
    "distance_km": _distance,
    "last_purchase_month": lambda month: f"bought in {_MONTHS[int(month) - 1]}",
    "last_purchase_weekday": lambda day: f"bought on a {_WEEKDAYS[int(day) - 1]}",
}
