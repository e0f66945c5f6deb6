"""A purchase is an order that counts; its value is price and freight of its items, whatever was paid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

Put = Callable[[str, list[dict[str, Any]]], None]
Build = Callable[..., list[dict[str, Any]]]
NOON = dt.datetime(2017, 5, 1, 12)


@pytest.fixture
def shop(put: Put) -> None:
    put("raw.customers", [_buyer("c1", "ana"), _buyer("c2", "bia")])
    put("raw.products", [{"product_id": "p1", "product_category_name": "moveis"}, {"product_id": "p2"}])
    put("raw.category_translation", [])


def _buyer(customer_id: str, person: str) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        "customer_unique_id": person,
        "customer_zip_code_prefix": "01310",
        "customer_city": "sao paulo",
        "customer_state": "SP",
    }


def order(order_id: str, status: str = "delivered", **more: Any) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "customer_id": "c1",
        "order_status": status,
        "order_purchase_timestamp": NOON,
        "order_estimated_delivery_date": NOON + dt.timedelta(days=10),
        **more,
    }


def item(
    order_id: str, number: int = 1, price: str = "10.00", freight: str = "2.50", product: str = "p1"
) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "order_item_id": number,
        "product_id": product,
        "price": Decimal(price),
        "freight_value": Decimal(freight),
    }


def payment(order_id: str, number: int, kind: str, value: str, installments: int = 1) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "payment_sequential": number,
        "payment_type": kind,
        "payment_installments": installments,
        "payment_value": Decimal(value),
    }


@pytest.mark.usefixtures("shop")
def test_an_order_becomes_a_purchase_with_every_column(put: Put, build: Build) -> None:
    delivered = NOON + dt.timedelta(days=4)
    put("raw.orders", [order("o1", order_delivered_customer_date=delivered)])
    put("raw.order_items", [item("o1", 1, "10.00", "2.50"), item("o1", 2, "0.01", "0.02", "p2")])
    put(
        "raw.order_payments",
        [payment("o1", 1, "credit_card", "12.00", 3), payment("o1", 2, "voucher", "0.53", 1)],
    )
    put(
        "raw.category_translation",
        [{"product_category_name": "moveis", "product_category_name_english": "furniture"}],
    )
    assert build("staging.purchases") == [
        {
            "order_id": "o1",
            "customer_unique_id": "ana",
            "order_status": "delivered",
            "purchased_at": NOON,
            "value_brl": Decimal("12.53"),
            "price_brl": Decimal("10.01"),
            "freight_brl": Decimal("2.52"),
            "payment_brl": Decimal("12.53"),
            "item_count": 2,
            "category": "furniture",
            "payment_type": "credit_card",
            "installments": 3,
            "delivered_at": delivered,
            "estimated_delivery_date": dt.date(2017, 5, 11),
            "city": "sao paulo",
            "state": "SP",
            "zip_prefix": "01310",
        }
    ]


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("status", "counts"),
    [
        ("delivered", True),
        ("shipped", True),
        ("invoiced", True),
        ("processing", True),
        ("created", True),
        ("approved", True),
        ("canceled", False),
        ("unavailable", False),
    ],
)
def test_an_order_counts_unless_canceled_or_unavailable(
    put: Put, build: Build, status: str, counts: bool
) -> None:
    put("raw.orders", [order("o1", status)])
    put("raw.order_items", [item("o1")])
    assert len(build("staging.purchases")) == int(counts)


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(("price", "freight", "counts"), [("0.00", "0.00", False), ("0.00", "0.01", True)])
def test_an_order_needs_a_value_above_zero(
    put: Put, build: Build, price: str, freight: str, counts: bool
) -> None:
    put("raw.orders", [order("o1")])
    put("raw.order_items", [item("o1", 1, price, freight)])
    assert len(build("staging.purchases")) == int(counts)


@pytest.mark.usefixtures("shop")
def test_orders_without_items_or_buyer_and_items_without_order_are_no_purchases(
    put: Put, build: Build
) -> None:
    put("raw.orders", [order("no items"), order("no buyer", customer_id="nobody"), order("o1")])
    put("raw.order_items", [item("no buyer"), item("no order"), item("o1")])
    assert [row["order_id"] for row in build("staging.purchases")] == ["o1"]


@pytest.mark.usefixtures("shop")
def test_payments_change_no_value_and_multiply_no_item(put: Put, build: Build) -> None:
    put("raw.orders", [order("o1"), order("o2")])
    put("raw.order_items", [item("o1", 1), item("o1", 2), item("o2", 1)])
    vouchers = [payment("o1", number, "voucher", "5.00") for number in (1, 2, 3)]
    put("raw.order_payments", [*vouchers, payment("o1", 4, "not_defined", "0.00", 0)])
    first, second = build("staging.purchases")
    assert (first["value_brl"], first["payment_brl"], first["item_count"]) == (
        Decimal("25.00"),
        Decimal("15.00"),
        2,
    )
    assert (second["payment_brl"], second["payment_type"], second["installments"]) == (None, None, None)


@pytest.mark.usefixtures("shop")
def test_the_category_is_the_dearest_items_and_stays_portuguese_without_translation(
    put: Put, build: Build
) -> None:
    put("raw.products", [{"product_id": "p3", "product_category_name": "brinquedos"}])
    put("raw.orders", [order("o1"), order("o2"), order("o3")])
    put(
        "raw.order_items",
        [
            item("o1", 1, "5.00", product="p1"),
            item("o1", 2, "6.00", product="p3"),
            item("o2", 2, "5.00", product="p3"),
            item("o2", 1, "5.00", product="p1"),
            item("o3", 1, "5.00", product="unknown"),
        ],
    )
    found = {row["order_id"]: row["category"] for row in build("staging.purchases")}
    assert found == {"o1": "brinquedos", "o2": "moveis", "o3": None}
