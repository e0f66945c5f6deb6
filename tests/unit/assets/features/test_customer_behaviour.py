"""What was known of a customer: each fact counts from the instant at which it became known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

Put = Callable[[str, list[dict[str, Any]]], None]
Build = Callable[..., list[dict[str, Any]]]
Month = Callable[..., dict[str, Any]]


def purchase(order_id: str, at: str, value: str = "100.00", **more: Any) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "customer_unique_id": "ana",
        "order_status": "delivered",
        "purchased_at": dt.datetime.fromisoformat(at),
        "value_brl": Decimal(value),
        "price_brl": Decimal(value) - 10,
        "freight_brl": Decimal("10.00"),
        "item_count": 1,
        "category": "toys",
        "payment_type": "boleto",
        "installments": 1,
        "estimated_delivery_date": dt.date(2018, 1, 20),
        "city": "recife",
        "state": "PE",
        "zip_prefix": "50010",
        "distance_km": 1800.0,
        **more,
    }


def review(order_id: str, score: int, at: str) -> dict[str, Any]:
    return {"order_id": order_id, "review_score": score, "answered_at": dt.datetime.fromisoformat(at)}


def test_purchases_add_up_and_the_last_one_describes_the_customer(
    put: Put, build: Build, month: Month
) -> None:
    last = {"item_count": 4, "category": None, "payment_type": None, "installments": None, "city": "natal"}
    moved = {"state": "RN", "zip_prefix": "59010", "distance_km": 2300.5}
    put(
        "staging.purchases",
        [
            purchase("o1", "2018-01-05 10:00:00", "100.00"),
            purchase("o2", "2018-01-31 23:59:59", "300.00", **last, **moved),
            purchase("o3", "2018-02-01 00:00:00", "999.00", city="belem"),
        ],
    )
    (row,) = build("features.customer_behaviour", month("2018-01"))
    assert row == {
        "snapshot_month": "2018-01",
        "customer_unique_id": "ana",
        "order_count": 2,
        "purchase_days": 2,
        "first_purchase_date": dt.date(2018, 1, 5),
        "last_purchase_date": dt.date(2018, 1, 31),
        "recency_days": 0,
        "age_days": 26,
        "value_brl": Decimal("400.00"),
        "mean_purchase_value_brl": 200.0,
        "freight_share": pytest.approx(20 / 400),
        "items_per_order": 2.5,
        "first_basket_items": 1,
        "first_basket_value_brl": Decimal("100.00"),
        "last_purchase_month": 1,
        "last_purchase_weekday": 3,
        "installments": 0,
        "review_score": None,
        "delivery_days": None,
        "delivery_delay_days": None,
        "category": "unknown",
        "payment_type": "unknown",
        "city": "natal",
        "state": "RN",
        "zip_prefix": "59010",
        "distance_km": 2300.5,
    }


def test_of_orders_at_the_same_instant_the_order_id_decides(put: Put, build: Build, month: Month) -> None:
    put("staging.purchases", [purchase("o2", "2018-01-05", city="b"), purchase("o1", "2018-01-05", city="a")])
    (row,) = build("features.customer_behaviour", month("2018-01"))
    assert row["city"] == "a"


def test_orders_of_one_day_are_one_purchase_day(put: Put, build: Build, month: Month) -> None:
    times = ("2018-01-05 00:00:00", "2018-01-05 23:59:59", "2018-01-06 00:00:00", "2018-02-01 00:00:00")
    put("staging.purchases", [purchase(f"o{number}", at) for number, at in enumerate(times)])
    (row,) = build("features.customer_behaviour", month("2018-01"))
    assert (row["order_count"], row["purchase_days"]) == (3, 2)


def test_the_first_order_is_the_first_basket_and_at_one_instant_the_order_id_decides(
    put: Put, build: Build, month: Month
) -> None:
    put(
        "staging.purchases",
        [
            purchase("o9", "2018-01-05 10:00:00", "70.00", item_count=3),
            purchase("o8", "2018-01-05 10:00:00", "40.00", item_count=2),
            purchase("o1", "2018-01-05 10:00:01", "90.00", item_count=5),
        ],
    )
    (row,) = build("features.customer_behaviour", month("2018-01"))
    assert (row["first_basket_items"], row["first_basket_value_brl"]) == (2, Decimal("40.00"))


@pytest.mark.parametrize(
    ("at", "season"),
    [
        ("2017-12-31 23:59:59", (12, 7)),
        ("2018-01-01 00:00:00", (1, 1)),
        ("2018-01-06 12:00:00", (1, 6)),
    ],
)
def test_the_season_is_month_and_weekday_from_monday_of_the_last_purchase(
    put: Put, build: Build, month: Month, at: str, season: tuple[int, int]
) -> None:
    put("staging.purchases", [purchase("o1", "2017-10-10"), purchase("o2", at), purchase("o3", "2018-02-02")])
    (row,) = build("features.customer_behaviour", month("2018-01"))
    assert (row["last_purchase_month"], row["last_purchase_weekday"]) == season


@pytest.mark.parametrize("distance", [None, 0.0, 512.25])
def test_the_distance_is_the_last_purchases_even_where_it_is_unknown(
    put: Put, build: Build, month: Month, distance: float | None
) -> None:
    put(
        "staging.purchases",
        [
            purchase("o1", "2018-01-05"),
            purchase("o2", "2018-01-06", distance_km=distance),
            purchase("o3", "2018-02-01"),
        ],
    )
    (row,) = build("features.customer_behaviour", month("2018-01"))
    assert row["distance_km"] == distance


@pytest.mark.parametrize(
    ("delivered", "days", "delay"),
    [
        ("2018-01-25 10:00:00", 20, 5),
        ("2018-01-15 10:00:00", 10, -5),
        ("2018-01-31 23:59:59", 26, 11),
        ("2018-02-01 00:00:00", None, None),
        (None, None, None),
    ],
)
def test_a_delivery_counts_once_it_was_made(
    put: Put, build: Build, month: Month, delivered: str | None, days: int | None, delay: int | None
) -> None:
    at = dt.datetime.fromisoformat(delivered) if delivered else None
    put("staging.purchases", [purchase("o1", "2018-01-05 10:00:00", delivered_at=at)])
    (row,) = build("features.customer_behaviour", month("2018-01"))
    assert (row["delivery_days"], row["delivery_delay_days"]) == (days, delay)


def test_the_last_delivery_made_counts_whatever_was_bought_later(
    put: Put, build: Build, month: Month
) -> None:
    put(
        "staging.purchases",
        [
            purchase("o1", "2018-01-01", delivered_at=dt.datetime(2018, 1, 30)),
            purchase("o2", "2018-01-10", delivered_at=dt.datetime(2018, 1, 12)),
            purchase("o3", "2018-01-20", delivered_at=dt.datetime(2018, 2, 2)),
        ],
    )
    (row,) = build("features.customer_behaviour", month("2018-01"))
    assert (row["delivery_days"], row["delivery_delay_days"]) == (29, 10)


@pytest.mark.parametrize(("answered", "score"), [("2018-01-31 23:59:59", 2), ("2018-02-01 00:00:00", 5)])
def test_the_last_review_answered_before_the_as_of_date_counts(
    put: Put, build: Build, month: Month, answered: str, score: int
) -> None:
    put("staging.purchases", [purchase("o1", "2018-01-05"), purchase("o2", "2018-01-06")])
    put("staging.reviews", [review("o1", 2, answered), review("o2", 5, "2018-01-20 10:00:00")])
    (row,) = build("features.customer_behaviour", month("2018-01"))
    assert row["review_score"] == score


def test_customers_are_kept_apart(put: Put, build: Build, month: Month) -> None:
    put(
        "staging.purchases",
        [purchase("o1", "2018-01-05"), purchase("o2", "2018-01-07", customer_unique_id="bia")],
    )
    put("staging.reviews", [review("o2", 1, "2018-01-20 10:00:00")])
    rows = build("features.customer_behaviour", month("2018-01"))
    found = {row["customer_unique_id"]: (row["review_score"], row["recency_days"]) for row in rows}
    assert found == {"ana": (None, 26), "bia": (1, 24)}
