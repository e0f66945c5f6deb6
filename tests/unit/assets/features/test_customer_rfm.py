"""Frequency, recency, T and monetary value are those of lifetimes, for every customer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from lifetimes.utils import summary_data_from_transaction_data

Put = Callable[[str, list[dict[str, Any]]], None]
Build = Callable[..., list[dict[str, Any]]]
Make = Callable[[duckdb.DuckDBPyConnection, str, dict[str, Any]], None]
Month = Callable[..., dict[str, Any]]


def purchase(person: str, at: str, value: str) -> dict[str, Any]:
    return {
        "order_id": f"{person} {at}",
        "customer_unique_id": person,
        "purchased_at": dt.datetime.fromisoformat(at),
        "value_brl": Decimal(value),
    }


def of_lifetimes(connection: duckdb.DuckDBPyConnection, end: dt.date) -> pd.DataFrame:
    """What lifetimes makes of the purchases."""
    purchases = connection.execute(
        "SELECT customer_unique_id, purchased_at::DATE::TIMESTAMP AS day, value_brl::DOUBLE AS value_brl "
        "FROM staging.purchases ORDER BY order_id"
    ).df()
    return summary_data_from_transaction_data(
        purchases,
        "customer_unique_id",
        "day",
        "value_brl",
        observation_period_end=pd.Timestamp(end),
        freq="D",
    )


def assert_equal_to_lifetimes(connection: duckdb.DuckDBPyConnection, parameters: dict[str, Any]) -> int:
    """Compare every customer and column; return the number of customers."""
    ours = connection.execute(
        "SELECT customer_unique_id, frequency, recency, T, monetary_value FROM features.customer_rfm "
        "WHERE snapshot_month = ?",
        [parameters["snapshot_month"]],
    ).df()
    theirs = of_lifetimes(connection, parameters["observation_end"]).reset_index()
    ours = ours.sort_values("customer_unique_id", ignore_index=True)
    theirs = theirs.sort_values("customer_unique_id", ignore_index=True)
    assert list(ours["customer_unique_id"]) == list(theirs["customer_unique_id"])
    for name in ("frequency", "recency", "T"):
        np.testing.assert_array_equal(ours[name], theirs[name], err_msg=name)
    np.testing.assert_allclose(ours["monetary_value"], theirs["monetary_value"], rtol=1e-12)
    return len(ours)


def test_one_row_per_customer_with_a_purchase_before_the_as_of_date(
    put: Put, build: Build, month: Month
) -> None:
    put(
        "staging.purchases",
        [
            purchase("ana", "2018-01-01 23:59:59", "100.00"),
            purchase("bia", "2018-01-01 08:00:00", "10.00"),
            purchase("bia", "2018-01-01 20:00:00", "5.00"),
            purchase("bia", "2018-01-11 08:00:00", "30.00"),
            purchase("bia", "2018-01-11 09:00:00", "10.01"),
            purchase("bia", "2018-01-31 23:59:59", "20.00"),
            purchase("bia", "2018-02-01 00:00:00", "99.00"),
            purchase("caio", "2018-02-01 00:00:00", "99.00"),
        ],
    )
    rows = sorted(build("features.customer_rfm", month("2018-01")), key=lambda row: row["customer_unique_id"])
    assert [tuple(row.values()) for row in rows] == [
        ("2018-01", "ana", 0, 0, 30, 0.0),
        ("2018-01", "bia", 2, 30, 30, pytest.approx(60.01 / 2, rel=1e-15)),
    ]


def test_another_month_leaves_the_first_and_a_rerun_replaces_its_own(
    put: Put, build: Build, month: Month
) -> None:
    put("staging.purchases", [purchase("ana", "2018-01-05", "100.00")])
    build("features.customer_rfm", month("2018-01"))
    build("features.customer_rfm", month("2018-02"))
    rows = build("features.customer_rfm", month("2018-02"))
    assert [(row["snapshot_month"], row["T"]) for row in rows] == [("2018-01", 26), ("2018-02", 54)]


@pytest.mark.parametrize("seed", range(5))
def test_random_purchases_give_the_summary_of_lifetimes(
    connection: duckdb.DuckDBPyConnection, put: Put, make: Make, month: Month, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    put("staging.purchases", [])
    frame = pd.DataFrame(
        {
            "order_id": [f"o{number}" for number in range(3000)],
            "customer_unique_id": [f"u{number}" for number in rng.integers(0, 600, 3000)],
            "purchased_at": pd.Timestamp("2017-01-01")
            + pd.to_timedelta(np.floor(rng.uniform(0, 500 if seed else 40, 3000) * 86_400), unit="s"),
            "value_brl": np.round(rng.gamma(1.5, 80, 3000) + 0.01, 2),
        }
    )
    connection.register("drawn", frame)
    connection.execute("INSERT INTO staging.purchases BY NAME FROM drawn")
    repeated = frame.assign(day=frame["purchased_at"].dt.date).duplicated(["customer_unique_id", "day"])
    assert repeated.any()
    parameters = month("2018-03")
    make(connection, "features.customer_rfm", parameters)
    assert_equal_to_lifetimes(connection, parameters)


def test_real_purchases_give_the_summary_of_lifetimes(
    connection: duckdb.DuckDBPyConnection,
    load_shop: Callable[..., None],
    make: Make,
    month: Month,
    olist: Path,
) -> None:
    load_shop(connection, olist)
    for table in ("staging.places", "staging.purchases"):
        make(connection, table, {})
    parameters = month("2018-08")
    make(connection, "features.customer_rfm", parameters)
    assert assert_equal_to_lifetimes(connection, parameters) > 90_000
