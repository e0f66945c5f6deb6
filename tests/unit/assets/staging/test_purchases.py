"""A purchase is an order that counts; its value is price and freight of its items, whatever was paid."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import duckdb
import pytest

Put = Callable[[str, list[dict[str, Any]]], None]
Build = Callable[..., list[dict[str, Any]]]
NOON = dt.datetime(2017, 5, 1, 12)


@pytest.fixture
def shop(put: Put) -> None:
    put("raw.customers", [_buyer("c1", "ana"), _buyer("c2", "bia")])
    put("raw.products", [{"product_id": "p1", "product_category_name": "moveis"}, {"product_id": "p2"}])
    put("raw.category_translation", [])
    put("raw.sellers", [_seller("s1", "50010"), _seller("s2", "80010"), _seller("s3", "99999")])
    put(
        "staging.places",
        [_place("01310", -23.5, -46.5), _place("50010", -8, -35), _place("80010", -25.5, -49.5)],
    )


def _seller(seller_id: str, prefix: str) -> dict[str, Any]:
    return {"seller_id": seller_id, "seller_zip_code_prefix": prefix}


def _place(prefix: str, latitude: float, longitude: float) -> dict[str, Any]:
    return {"zip_prefix": prefix, "latitude": latitude, "longitude": longitude, "point_count": 1}


def great_circle_km(first: tuple[float, float], second: tuple[float, float]) -> float:
    """The distance by the spherical law of cosines, of latitudes and longitudes in degrees."""
    (a, b), (c, d) = (tuple(map(math.radians, place)) for place in (first, second))
    return 6371.0088 * math.acos(math.sin(a) * math.sin(c) + math.cos(a) * math.cos(c) * math.cos(b - d))


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
    order_id: str,
    number: int = 1,
    price: str = "10.00",
    freight: str = "2.50",
    product: str = "p1",
    seller: str = "s1",
) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "order_item_id": number,
        "product_id": product,
        "seller_id": seller,
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
            "items": '[{"category":"furniture","price_brl":10.0,"freight_brl":2.5},'
            '{"category":null,"price_brl":0.01,"freight_brl":0.02}]',
            "category": "furniture",
            "payment_type": "credit_card",
            "installments": 3,
            "delivered_at": delivered,
            "estimated_delivery_date": dt.date(2017, 5, 11),
            "city": "sao paulo",
            "state": "SP",
            "zip_prefix": "01310",
            "seller_zip_prefix": "50010",
            "distance_km": pytest.approx(great_circle_km((-23.5, -46.5), (-8, -35))),
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


@pytest.mark.usefixtures("shop")
def test_the_seller_is_the_dearest_items_and_of_equal_prices_the_first_by_id(put: Put, build: Build) -> None:
    put("raw.orders", [order("o1"), order("o2"), order("o3")])
    put(
        "raw.order_items",
        [
            item("o1", 1, "5.00", freight="9.00", seller="s1"),
            item("o1", 2, "6.00", freight="0.00", seller="s2"),
            item("o2", 1, "5.00", seller="s2"),
            item("o2", 2, "5.00", seller="s1"),
            item("o3", 1, "5.00", seller="unknown"),
        ],
    )
    found = {row["order_id"]: row["seller_zip_prefix"] for row in build("staging.purchases")}
    assert found == {"o1": "80010", "o2": "50010", "o3": None}


@pytest.mark.parametrize(
    ("seller", "buyer", "distance"),
    [
        ((0, -50), (1, -50), 2 * math.pi * 6371.0088 / 360),
        ((0, -50), (0, -49), 2 * math.pi * 6371.0088 / 360),
        (
            (-23.5505, -46.6333),
            (-22.9068, -43.1729),
            great_circle_km((-23.5505, -46.6333), (-22.9068, -43.1729)),
        ),
        ((-34, -74.1), (6, -28), great_circle_km((-34, -74.1), (6, -28))),
        ((-20, -50), (-20, -50), 0),
    ],
)
def test_the_distance_is_that_of_a_great_circle(
    put: Put, build: Build, seller: tuple[float, float], buyer: tuple[float, float], distance: float
) -> None:
    put("raw.customers", [_buyer("c1", "ana")])
    put("raw.sellers", [_seller("s1", "50010")])
    put("staging.places", [_place("50010", *seller), _place("01310", *buyer)])
    put("raw.orders", [order("o1")])
    put("raw.order_items", [item("o1")])
    (row,) = build("staging.purchases")
    assert row["distance_km"] == pytest.approx(distance, rel=1e-9, abs=1e-9)


@pytest.mark.usefixtures("shop")
def test_the_distance_is_empty_where_a_place_is_unknown(
    connection: duckdb.DuckDBPyConnection, put: Put, build: Build
) -> None:
    put("raw.orders", [order("known"), order("seller's place unknown"), order("no such seller")])
    put(
        "raw.order_items",
        [
            item("known"),
            item("seller's place unknown", seller="s3"),
            item("no such seller", seller="unknown"),
        ],
    )
    found = {row["order_id"]: row["distance_km"] is not None for row in build("staging.purchases")}
    assert found == {"known": True, "seller's place unknown": False, "no such seller": False}
    connection.execute("DELETE FROM staging.places WHERE zip_prefix = '01310'")
    assert [row["distance_km"] for row in build("staging.purchases")] == [None, None, None]
