"""A month looks from the midnight after its last observed day: the end of month, or of the data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import duckdb
import pytest

from assets.months import MonthError, data_end, snapshot_month

END = dt.date(2018, 8, 15)


@pytest.mark.parametrize(
    ("key", "observation_end", "as_of"),
    [
        ("2018-07", dt.date(2018, 7, 31), dt.datetime(2018, 8, 1)),
        ("2018-06", dt.date(2018, 6, 30), dt.datetime(2018, 7, 1)),
        ("2018-02", dt.date(2018, 2, 28), dt.datetime(2018, 3, 1)),
        ("2016-02", dt.date(2016, 2, 29), dt.datetime(2016, 3, 1)),
        ("2017-12", dt.date(2017, 12, 31), dt.datetime(2018, 1, 1)),
        ("2018-01", dt.date(2018, 1, 31), dt.datetime(2018, 2, 1)),
        ("2018-08", END, dt.datetime(2018, 8, 16)),
    ],
)
def test_a_month_ends_with_itself_or_with_the_data(
    key: str, observation_end: dt.date, as_of: dt.datetime
) -> None:
    month = snapshot_month(key, END)
    assert (month.key, month.observation_end, month.as_of) == (key, observation_end, as_of)


@pytest.mark.parametrize(
    ("end", "observation_end"),
    [
        (dt.date(2018, 8, 1), dt.date(2018, 8, 1)),
        (dt.date(2018, 8, 31), dt.date(2018, 8, 31)),
        (dt.date(2018, 9, 1), dt.date(2018, 8, 31)),
    ],
)
def test_the_last_days_of_data_and_month(end: dt.date, observation_end: dt.date) -> None:
    assert snapshot_month("2018-08", end).observation_end == observation_end


@pytest.mark.parametrize("key", ["2018-09", "2019-01"])
def test_a_month_after_the_data_is_refused(key: str) -> None:
    with pytest.raises(MonthError, match=f"month {key} holds no data: the data end on 2018-08-15"):
        snapshot_month(key, END)


@pytest.mark.parametrize("key", ["2018-13", "2018-8", "18-08", "2018", "2018-08-01", "", "august"])
def test_what_is_no_month_is_refused(key: str) -> None:
    with pytest.raises(MonthError, match="is not a month"):
        snapshot_month(key, END)


def test_the_data_end_on_the_day_of_the_newest_order(
    connection: duckdb.DuckDBPyConnection, put: Callable[[str, list[dict[str, Any]]], None]
) -> None:
    put("raw.orders", [])
    with pytest.raises(MonthError, match=r"raw\.orders is empty"):
        data_end(connection)
    for day in ("2018-08-15 23:59:59", "2018-08-03 10:00:00"):
        put("raw.orders", [{"order_id": day, "order_purchase_timestamp": dt.datetime.fromisoformat(day)}])
    assert data_end(connection) == END
