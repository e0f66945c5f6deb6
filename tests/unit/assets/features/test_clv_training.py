"""Histories are counted, not listed: at the as-of date, and one horizon before it with what followed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

Put = Callable[[str, list[dict[str, Any]]], None]
Build = Callable[..., list[dict[str, Any]]]
Month = Callable[..., dict[str, Any]]


def purchase(person: str, at: str, value: str = "100.00") -> dict[str, Any]:
    return {
        "order_id": f"{person} {at}",
        "customer_unique_id": person,
        "purchased_at": dt.datetime.fromisoformat(at),
        "value_brl": Decimal(value),
    }


def test_equal_histories_are_counted_and_the_calibration_knows_what_followed(
    put: Put, build: Build, month: Month
) -> None:
    put(
        "staging.purchases",
        [
            purchase("ana", "2018-04-02 10:00:00"),
            purchase("bia", "2018-04-02 20:00:00"),
            purchase("caio", "2018-04-02"),
            purchase("caio", "2018-05-01 23:59:59"),
            purchase("caio", "2018-05-02 00:00:00"),
            purchase("caio", "2018-05-02 10:00:00"),
            purchase("caio", "2018-05-31 23:59:59"),
            purchase("caio", "2018-06-01 00:00:00"),
            purchase("davi", "2018-05-10"),
        ],
    )
    parameters = month("2018-05", horizon_days=30)
    build("features.customer_rfm", parameters)
    rows = build("features.clv_training", parameters)
    assert [tuple(row.values())[1:] for row in rows] == [
        ("calibration", 0, 0, 29, 0.0, 0, Decimal("0.00"), 2),
        ("calibration", 1, 29, 29, 100.0, 2, Decimal("300.00"), 1),
        ("full", 0, 0, 21, None, None, None, 1),
        ("full", 0, 0, 59, None, None, None, 2),
        ("full", 3, 59, 59, None, None, None, 1),
    ]


def test_the_calibration_tells_repeat_values_apart_and_adds_what_equal_histories_spent(
    put: Put, build: Build, month: Month
) -> None:
    put(
        "staging.purchases",
        [
            *(purchase(person, "2018-04-02", "500.00") for person in ("ana", "bia", "caio")),
            purchase("ana", "2018-04-20", "40.00"),
            purchase("bia", "2018-04-20 08:00:00", "30.00"),
            purchase("bia", "2018-04-20 09:00:00", "10.00"),
            purchase("caio", "2018-04-20", "40.01"),
            purchase("ana", "2018-05-02", "7.01"),
            purchase("bia", "2018-05-31 23:59:59", "1.02"),
            purchase("caio", "2018-05-10", "2.00"),
            purchase("caio", "2018-06-01", "99.00"),
            purchase("davi", "2018-05-03", "1000.00"),
        ],
    )
    parameters = month("2018-05", horizon_days=30)
    build("features.customer_rfm", parameters)
    rows = build("features.clv_training", parameters)
    assert [tuple(row.values())[2:] for row in rows if row["split"] == "calibration"] == [
        (1, 18, 29, 40.0, 1, Decimal("8.03"), 2),
        (1, 18, 29, 40.01, 1, Decimal("2.00"), 1),
    ]
