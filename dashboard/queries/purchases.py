"""What did one customer buy, how did it arrive, and how was it reviewed?

Stays out: sums over customers (`dashboard.queries.months`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from dashboard.queries.rows import real
from dashboard.tables import purchases

PURCHASE_LIMIT = 200


@dataclass(frozen=True)
class Item:
    """An item of an order; the category is None where the product has none."""

    category: str | None
    price_brl: float
    freight_brl: float


@dataclass(frozen=True)
class Purchase:
    """An order that counts, with what was known of it at the as-of date.

    `delivery_delay_days` is the day of delivery minus the promised day: negative where early, None before delivery.
    """

    order_id: str
    purchased_at: datetime
    value_brl: float
    price_brl: float
    freight_brl: float
    item_count: int
    items: tuple[Item, ...]
    payment_type: str | None
    delivered_at: datetime | None
    estimated_delivery_date: date | None
    delivery_delay_days: int | None
    review_score: int | None
    review_comment: str | None


# No LIMIT: with one beside the order, DuckDB looks through the whole table instead of using the index.
_QUERY = (
    sa.select(purchases)
    .where(purchases.c.customer_unique_id == sa.bindparam("customer"))
    .order_by(purchases.c.purchased_at.desc(), purchases.c.order_id)
)


def purchases_of(connection: sa.Connection, customer_unique_id: str) -> tuple[Purchase, ...]:
    """The purchases of a customer, newest first, at most `PURCHASE_LIMIT`."""
    rows = connection.execute(_QUERY, {"customer": customer_unique_id}).mappings()
    return tuple(_purchase(row) for row in rows.fetchmany(PURCHASE_LIMIT))


def _purchase(row: sa.RowMapping) -> Purchase:
    return Purchase(
        order_id=row["order_id"],
        purchased_at=row["purchased_at"],
        value_brl=float(row["value_brl"]),
        price_brl=float(row["price_brl"]),
        freight_brl=float(row["freight_brl"]),
        item_count=row["item_count"],
        items=items_of(row["items"]),
        payment_type=row["payment_type"],
        delivered_at=row["delivered_at"],
        estimated_delivery_date=row["estimated_delivery_date"],
        delivery_delay_days=_delay(row["delivered_at"], row["estimated_delivery_date"]),
        review_score=row["review_score"],
        review_comment=row["review_comment"],
    )


def items_of(text: str | None) -> tuple[Item, ...]:
    """The items in the JSON list of the column `items`, in the order of the basket."""
    return tuple(
        Item(item["category"], real(item["price_brl"]) or 0.0, real(item["freight_brl"]) or 0.0)
        for item in json.loads(text or "[]")
    )


def _delay(delivered_at: datetime | None, promised: date | None) -> int | None:
    return None if delivered_at is None or promised is None else (delivered_at.date() - promised).days
