"""A person is one row: the address of the last order, and the age on the last day of the data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

Put = Callable[[str, list[dict[str, Any]]], None]
Build = Callable[..., list[dict[str, Any]]]


def buyer(customer_id: str, person: str, city: str) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        "customer_unique_id": person,
        "customer_zip_code_prefix": "01310",
        "customer_city": city,
        "customer_state": "SP",
    }


def order(order_id: str, customer_id: str, day: str) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "customer_id": customer_id,
        "order_purchase_timestamp": dt.datetime.fromisoformat(day),
    }


def test_the_address_is_that_of_the_last_order(put: Put, build: Build) -> None:
    put(
        "raw.customers",
        [
            buyer("c1", "ana", "recife"),
            buyer("c2", "ana", "olinda"),
            buyer("c3", "ana", "natal"),
            buyer("c0", "bia", "manaus"),
            buyer("c9", "bia", "belem"),
        ],
    )
    put("raw.orders", [order("o1", "c1", "2017-01-01"), order("o2", "c2", "2018-01-01 00:00:01")])
    found = {row["customer_unique_id"]: row["city"] for row in build("staging.customers")}
    assert found == {"ana": "olinda", "bia": "manaus"}


@pytest.mark.parametrize(
    ("birth_date", "band"),
    [
        ("2005-08-31", "Teen 13–19"),
        ("2005-09-01", "Child 0–12"),
        ("1998-09-01", "Teen 13–19"),
        ("1998-08-31", "Adult 20–64"),
        ("1953-09-01", "Adult 20–64"),
        ("1953-08-31", "Elderly 65+"),
        ("2018-08-31", "Child 0–12"),
        ("2018-09-01", "Unknown"),
        (None, "Unknown"),
    ],
)
def test_the_age_band_counts_completed_years_on_the_last_day(
    put: Put, build: Build, birth_date: str | None, band: str
) -> None:
    put("raw.customers", [buyer("c1", "ana", "recife")])
    put("raw.orders", [order("o1", "c1", "2018-08-31 23:59:59")])
    born = dt.date.fromisoformat(birth_date) if birth_date else None
    put("raw.customer_demographics", [{"customer_unique_id": "ana", "birth_date": born}])
    (row,) = build("staging.customers")
    assert (row["birth_date"], row["age_band"]) == (born, band)


def test_demographics_of_strangers_add_nobody(put: Put, build: Build) -> None:
    put("raw.customers", [buyer("c1", "ana", "recife")])
    put("raw.orders", [order("o1", "c1", "2018-08-31")])
    put("raw.customer_demographics", [{"customer_unique_id": "x", "birth_date": dt.date(1980, 1, 1)}])
    assert [row["customer_unique_id"] for row in build("staging.customers")] == ["ana"]
