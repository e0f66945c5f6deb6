"""Snapshot months and the instant each looks from.

Stays out: which months exist (`orchestration.partitions`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import duckdb


class MonthError(ValueError):
    """A month for which no snapshot can be made; the message says why."""


@dataclass(frozen=True)
class SnapshotMonth:
    """A month and its as-of instant.

    Attributes:
        key: the month as `YYYY-MM`, the Dagster partition key.
        observation_end: the last day observed, min(end of month, end of data); T counts to it, as in lifetimes.
        as_of: the midnight after it; only facts dated before it may be used.
    """

    key: str
    observation_end: date
    as_of: datetime


def snapshot_month(key: str, data_end: date) -> SnapshotMonth:
    """The snapshot month `key` (YYYY-MM) of data whose last day is `data_end`.

    Raises:
        MonthError: the month begins after the data end.
    """
    try:
        first = date.fromisoformat(f"{key}-01")
    except ValueError as error:
        raise MonthError(f"{key!r} is not a month; write it as YYYY-MM") from error
    if first > data_end:
        raise MonthError(f"month {key} holds no data: the data end on {data_end}")
    next_month = (first + timedelta(days=31)).replace(day=1)
    observation_end = min(next_month - timedelta(days=1), data_end)
    return SnapshotMonth(key, observation_end, datetime.combine(observation_end + timedelta(days=1), time()))


def data_end(connection: duckdb.DuckDBPyConnection) -> date:
    """The day of the newest order in the warehouse."""
    (end,) = connection.execute("SELECT max(order_purchase_timestamp)::DATE FROM raw.orders").fetchone() or (
        None,
    )
    if end is None:
        raise MonthError("raw.orders is empty: no month can be made")
    return end
