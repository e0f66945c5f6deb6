"""A customer's purchases as rows of a table.

Stays out: the purchases themselves (`dashboard.queries.purchases`) and their picture (`profile_timeline`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from dashboard.data_words import category_words, payment_words
from dashboard.formatting import count, day_short, money
from dashboard.i18n import gettext
from dashboard.pages.profile_facts import stars
from dashboard.queries.purchases import Item, Purchase
from dashboard.reasons import delay_words

_FULL, _EMPTY, _MOST = "★", "☆", 5


@dataclass(frozen=True)
class PurchaseRow:
    """An order as shown. `tone` of the delivery is late, early or neutral; `stars` is '' without a review."""

    order_id: str
    date: str
    items: tuple[str, ...]
    price: str
    freight: str
    value: str
    payment: str
    delivery: str
    delivery_note: str
    tone: str
    stars: str
    stars_words: str
    comment: str


def purchase_rows(purchases: tuple[Purchase, ...]) -> tuple[PurchaseRow, ...]:
    """The rows, in the order given."""
    return tuple(_row(purchase) for purchase in purchases)


def _row(purchase: Purchase) -> PurchaseRow:
    delivery, note, tone = _delivery(purchase)
    return PurchaseRow(
        order_id=purchase.order_id,
        date=day_short(purchase.purchased_at.date()),
        items=item_words(purchase.items),
        price=money(purchase.price_brl),
        freight=money(purchase.freight_brl),
        value=money(purchase.value_brl),
        payment=payment_words(purchase.payment_type),
        delivery=delivery,
        delivery_note=note,
        tone=tone,
        stars=_stars(purchase.review_score),
        stars_words=stars(purchase.review_score),
        comment=purchase.review_comment or "",
    )


def item_words(items: tuple[Item, ...]) -> tuple[str, ...]:
    """The categories of a basket, each once with how many items of it."""
    counted = Counter(category_words(item.category) for item in items)
    return tuple(name if n == 1 else f"{name} ×{count(n)}" for name, n in counted.items())


def _delivery(purchase: Purchase) -> tuple[str, str, str]:
    """How the delivery went, the day behind it, and the tone."""
    promised = purchase.estimated_delivery_date
    if purchase.delivered_at is None:
        note = gettext("Promised for %(day)s", day=day_short(promised)) if promised else ""
        return gettext("Not delivered yet"), note, "neutral"
    day = day_short(purchase.delivered_at.date())
    delay = purchase.delivery_delay_days
    if delay is None:
        return gettext("Delivered"), day, "neutral"
    return delay_words(delay), day, "late" if delay > 0 else "early" if delay < 0 else "neutral"


def _stars(score: int | None) -> str:
    return "" if score is None else _FULL * score + _EMPTY * (_MOST - score)
