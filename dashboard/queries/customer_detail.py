"""Who is one customer, and what do the models and rules say of them?

Stays out: what they bought (`dashboard.queries.purchases`) and how they compare (`dashboard.queries.comparison`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from dashboard.queries.rows import real
from dashboard.tables import customers


@dataclass(frozen=True)
class Reason:
    """What moves a churn score: a feature, its value as text, its effect on the log-odds (positive raises the risk)."""

    feature: str
    value: str
    effect: float
    words: str


@dataclass(frozen=True)
class CustomerDetail:
    """A customer at the newest month; a None is a figure for which there was not enough data.

    Money is in reais, probabilities are fractions. `cltv`, `cltv_low` and `cltv_high` (an 80 % interval of the
    expectation) speak of the CLTV horizon, `p_purchase` and `churn_probability` of the horizon, both in `about`.
    """

    customer_unique_id: str
    city: str | None
    state: str | None
    zip_prefix: str | None
    age_band: str
    order_count: int
    value_brl: float
    first_purchase_date: date
    last_purchase_date: date
    recency_days: int
    frequency: int
    category: str | None
    payment_type: str | None
    review_score: float | None
    delivery_delay_days: int | None
    p_purchase: float | None
    expected_purchases_30d: float | None
    expected_purchases_90d: float | None
    expected_purchases_180d: float | None
    expected_purchases_365d: float | None
    expected_spend: float | None
    cltv: float | None
    cltv_low: float | None
    cltv_high: float | None
    expected_next_purchase_date: date | None
    churn_probability: float | None
    churn_sensitivity_30d: float | None
    risk_band: str
    reasons: tuple[Reason, ...]
    value_tier: str
    recency_score: int
    frequency_score: int
    monetary_score: int
    rfm_segment: str
    action: str
    action_reason_code: str
    action_reason_value: int | None


_COLUMNS = tuple(CustomerDetail.__dataclass_fields__)
# Put together once: that takes a quarter of the time of the answer.
_QUERY = sa.select(*(customers.c[name] for name in _COLUMNS)).where(
    customers.c.customer_unique_id == sa.bindparam("customer")
)


def customer_detail(connection: sa.Connection, customer_unique_id: str) -> CustomerDetail | None:
    """The customer of that id; None if the snapshot has none."""
    row = connection.execute(_QUERY, {"customer": customer_unique_id}).mappings().first()
    return None if row is None else _detail(dict(row))


def _detail(row: dict[str, Any]) -> CustomerDetail:
    plain = row | {"value_brl": real(row["value_brl"]), "reasons": reasons_of(row["reasons"])}
    return CustomerDetail(**plain)


def reasons_of(text: str | None) -> tuple[Reason, ...]:
    """The reasons in the JSON list of the column `reasons`, strongest first; none where there is no score."""
    return tuple(
        Reason(item["feature"], item["value"], float(item["effect"]), item["words"])
        for item in json.loads(text or "[]")
    )
