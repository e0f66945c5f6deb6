"""Where does the customer base stand, and what changed since the month before?

Stays out: reading the months (`dashboard.queries.months`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dashboard.queries.months import Month
from dashboard.queries.rows import ratio


@dataclass(frozen=True)
class Figure:
    """A number now and a month ago; `change` is the difference, `change_share` that over `before`."""

    value: float | None
    before: float | None
    change: float | None
    change_share: float | None


@dataclass(frozen=True)
class Headline:
    """The figures of a month. `compared_with` is None when there is no month before it.

    An active customer's last purchase lies within the last horizon; `active_share` is their part of all customers.
    """

    snapshot_month: str
    compared_with: str | None
    customers: Figure
    new_customers: Figure
    active_customers: Figure
    active_share: Figure
    expected_revenue_brl: Figure
    purchases: Figure
    revenue_brl: Figure
    repurchase_rate: Figure
    customers_at_risk: Figure
    value_at_risk_brl: Figure
    expected_revenue_at_risk_brl: Figure


FIGURES: dict[str, Callable[[Month], float | None]] = {
    "customers": lambda month: month.customers,
    "new_customers": lambda month: month.new_customers,
    "active_customers": lambda month: month.active_customers,
    "active_share": lambda month: ratio(month.active_customers, month.customers),
    "expected_revenue_brl": lambda month: month.cltv_total,
    "purchases": lambda month: month.purchases,
    "revenue_brl": lambda month: month.revenue_brl,
    "repurchase_rate": lambda month: month.repurchase_rate,
    "customers_at_risk": lambda month: month.risk.red,
    "value_at_risk_brl": lambda month: month.risk.red_value_brl,
    "expected_revenue_at_risk_brl": lambda month: month.risk.red_cltv_total,
}


def figure(value: float | None, before: float | None) -> Figure:
    """Compare two numbers; no change where one is missing, no share where `before` is zero."""
    if value is None or before is None:
        return Figure(value, before, None, None)
    change = value - before
    return Figure(value, before, change, change / before if before else None)


def headline(months: tuple[Month, ...], snapshot_month: str) -> Headline:
    """The figures of `snapshot_month` beside those of the month before it in `months`.

    Raises:
        ValueError: when `months` does not hold `snapshot_month`.
    """
    earlier = [month for month in months if month.snapshot_month < snapshot_month]
    now = next((month for month in months if month.snapshot_month == snapshot_month), None)
    if now is None:
        raise ValueError(f"cltv_trend has no row for {snapshot_month}, the month the manifest names")
    before = max(earlier, key=lambda month: month.snapshot_month, default=None)
    figures = {name: figure(read(now), read(before) if before else None) for name, read in FIGURES.items()}
    return Headline(snapshot_month, before.snapshot_month if before else None, **figures)
