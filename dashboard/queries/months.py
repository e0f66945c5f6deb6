"""How did the customer base stand in each month of the history?

Stays out: the segments of a single month (`dashboard.queries.segments`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from dashboard.queries.rows import real
from dashboard.tables import cltv_trend, segment_summary
from dashboard.terms import GREEN, RED, UNKNOWN_RISK, YELLOW

_BANDS = (RED, YELLOW, GREEN, UNKNOWN_RISK)


@dataclass(frozen=True)
class Risk:
    """Customers per risk band; what the red ones spent so far and are expected to spend (reais).

    Every figure but `unknown` is None for a month in which nobody was scored.
    """

    red: int | None
    yellow: int | None
    green: int | None
    unknown: int
    red_value_brl: float | None
    red_cltv_total: float | None


@dataclass(frozen=True)
class Month:
    """A month's base: people, what they bought in it, what they were expected to spend after it (reais).

    `cltv_low` and `cltv_high` are the 80 % predictive interval of what all customers will spend. Active are those whose
    last purchase lies within the last horizon.
    """

    snapshot_month: str
    as_of_date: date
    customers: int
    new_customers: int
    purchases: int
    revenue_brl: float
    cltv_total: float | None
    cltv_low: float | None
    cltv_high: float | None
    cltv_mean: float | None
    cltv_high_value: float | None
    cltv_low_value: float | None
    repurchase_rate: float | None
    active_customers: int | None
    risk: Risk


def months_of_history(connection: sa.Connection) -> tuple[Month, ...]:
    """The months of the snapshot, oldest first."""
    total = segment_summary.alias("total")
    joined = cltv_trend.outerjoin(
        total, (total.c.snapshot_month == cltv_trend.c.snapshot_month) & (total.c.dimension == "total")
    )
    query = (
        sa.select(cltv_trend, total.c.repurchase_rate, total.c.active_customers)
        .select_from(joined)
        .order_by(cltv_trend.c.snapshot_month)
    )
    risks = _risks(connection)
    return tuple(_month(row, risks) for row in connection.execute(query).mappings())


def _month(row: sa.RowMapping, risks: dict[str, Risk]) -> Month:
    return Month(
        snapshot_month=row["snapshot_month"],
        as_of_date=row["as_of_date"],
        customers=row["customers"],
        new_customers=row["new_customers"],
        purchases=row["purchases"],
        revenue_brl=float(row["revenue_brl"]),
        cltv_total=real(row["cltv_total"]),
        cltv_low=real(row["cltv_low"]),
        cltv_high=real(row["cltv_high"]),
        cltv_mean=real(row["cltv_mean"]),
        cltv_high_value=real(row["cltv_high_value"]),
        cltv_low_value=real(row["cltv_low_value"]),
        repurchase_rate=real(row["repurchase_rate"]),
        active_customers=row["active_customers"],
        risk=risks.get(row["snapshot_month"], risk({})),
    )


def _risks(connection: sa.Connection) -> dict[str, Risk]:
    query = sa.select(segment_summary).where(segment_summary.c.dimension == "risk_band")
    months: dict[str, dict[str, sa.RowMapping]] = {}
    for row in connection.execute(query).mappings():
        months.setdefault(row["snapshot_month"], {})[row["segment"]] = row
    return {month: risk(bands) for month, bands in months.items()}


def risk(bands: dict[str, sa.RowMapping]) -> Risk:
    """The risk of a month from its rows by band; a band without a row holds nobody.

    Raises:
        ValueError: for a band that is none of red, yellow, green and unknown.
    """
    strange = sorted(set(bands) - set(_BANDS))
    if strange:
        raise ValueError(f"segment_summary names the risk bands {strange}, known are {list(_BANDS)}")
    counts = {band: bands[band]["customers"] if band in bands else 0 for band in _BANDS}
    if not any(counts[band] for band in (RED, YELLOW, GREEN)):
        return Risk(None, None, None, counts[UNKNOWN_RISK], None, None)
    red = bands.get(RED)
    worth = (real(red["value_brl"]), real(red["cltv_total"])) if red else (0.0, 0.0)
    return Risk(counts[RED], counts[YELLOW], counts[GREEN], counts[UNKNOWN_RISK], *worth)
