"""Customers to list: ties, missing values, ids with the signs of LIKE.

Stays out: the other tables (`tests/unit/dashboard/conftest.py`).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from dashboard.store import Snapshot, open_snapshot

SEGMENTS: dict[str, list[str | None]] = {
    "value_tier": ["High Value", "Low Value"],
    "age_band": ["Adult 20–64", "Unknown"],
    "risk_band": ["red", "yellow", "green", "unknown"],
    "rfm_segment": ["Lost", "New"],
    "action": ["Win-back", "Nurture"],
    "state": ["SP", "RJ", None],
}


def many_customers(number: int) -> list[dict[str, Any]]:
    """Customers with few distinct figures, one in five of them missing, stored in the order of their ids."""
    draw = random.Random(7)

    def some(values: list[Any]) -> Any:
        return None if draw.random() < 0.2 else draw.choice(values)

    ids = sorted(f"{draw.choice(['ab%', 'ab_', 'abc', 'Ab%'])}{i:04d}" for i in range(number))
    return [
        {
            "customer_unique_id": one,
            "city": "sao paulo",
            **{name: draw.choice(values) for name, values in SEGMENTS.items()},
            "cltv": some([0.1, 0.2, 1 / 3, 7.5]),
            "churn_probability": some([0.1 + 0.2, 0.98]),
            "value_brl": some(["0.00", "12.30", "999999.99"]),
            "last_purchase_date": some([date(2018, 1, 1) + timedelta(days=day) for day in range(4)]),
            "order_count": some([1, 1, 1, 2]),
        }
        for one in ids
    ]


@pytest.fixture
def shop(publish, rows) -> Callable[..., Snapshot]:
    """Publishes that many customers and opens the snapshot."""

    def make(number: int, **changes: Any) -> Snapshot:
        rows["customers"] = many_customers(number)
        return open_snapshot(publish(rows, **changes))

    return make
