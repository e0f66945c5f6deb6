"""What earlier scores and forecasts foretold against what happened, and how far the population has moved.

Stays out: figures of models before they served (`value`, `churn`).
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from assets.marts.segment_forecast import DIMENSIONS, TOTAL
from assets.parameters import Parameters
from tests.benchmarks.report.homes import Home
from tests.benchmarks.report.markdown import NONE, table, with_interval

SHIFT = 0.25
_AMOUNTS = ("scored month", "purchases foretold", "seen", "error", "spend foretold", "seen", "error")
_RETURNS = (
    "scored month",
    "version",
    "return rate foretold",
    "seen",
    "error",
    "ROC-AUC",
    "calibration error",
)
_SPEND_SEEN = f"""
    WITH
    months AS (
        SELECT snapshot_month, as_of_date FROM models.cltv_model
        WHERE as_of_date + $days::INTEGER <= (SELECT max(as_of_date) FROM models.cltv_model)
    ),
    spent AS (
        SELECT
            months.snapshot_month,
            bought.customer_unique_id,
            sum(bought.value_brl / (1 + $rate) ** ((bought.purchased_at::DATE - months.as_of_date) / 365)) AS seen
        FROM months
        JOIN staging.purchases AS bought
            ON bought.purchased_at >= months.as_of_date
            AND bought.purchased_at < months.as_of_date + $days::INTEGER
        GROUP BY ALL
    ),
    members AS (
        SELECT
            snapshot_month, customer_unique_id, value_tier, age_band, rfm_segment, risk_band, action, 'All' AS {TOTAL}
        FROM scores.customer_segments
        JOIN scores.customer_churn USING (snapshot_month, customer_unique_id)
        WHERE snapshot_month IN (SELECT snapshot_month FROM months)
    ),
    named AS (UNPIVOT members ON {", ".join((*DIMENSIONS, TOTAL))} INTO NAME dimension VALUE segment),
    counted AS (
        SELECT snapshot_month, dimension, segment, count(*) AS customers, coalesce(sum(seen), 0) AS seen
        FROM named
        LEFT JOIN spent USING (snapshot_month, customer_unique_id)
        GROUP BY ALL
    )
    SELECT *, max(customers) OVER (PARTITION BY snapshot_month) AS everybody
    FROM marts.segment_forecast
    JOIN counted USING (snapshot_month, dimension, segment)
    ORDER BY ALL
"""


def past_section(home: Home) -> list[str]:
    """Totals and returns foretold against seen."""
    past = home.query("FROM marts.past_predictions ORDER BY scored_month, model, metric")
    months = sorted(past["scored_month"].unique())
    found = {(row["scored_month"], row["metric"]): row for row in past.to_dict("records")}
    errors = ("purchases_error", "value_error")
    amounts = [
        [month, *(cell for name in errors for cell in _amount(found.get((month, name)), ",.0f"))]
        for month in months
        if any((month, name) in found for name in errors)
    ]
    returns = [_returns(month, found) for month in months if (month, "return_rate_error") in found]
    return [table(_AMOUNTS, amounts), table(_RETURNS, returns)]


def _amount(row: dict[str, Any] | None, form: str) -> list[str]:
    if row is None:
        return [NONE] * 3
    error = with_interval(row["value"], row["low"], row["high"], "+.1%")
    return [f"{row['predicted']:{form}}", f"{row['seen']:{form}}", error]


def _returns(month: str, found: dict[tuple[str, str], dict[str, Any]]) -> list[str]:
    rate, auc, off = (
        found[month, name] for name in ("return_rate_error", "roc_auc", "expected_calibration_error")
    )
    return [
        month,
        rate["model_version"],
        *_amount(rate, ".2%"),
        with_interval(auc["value"], auc["low"], auc["high"]),
        with_interval(off["value"], off["low"], off["high"], ".4f"),
    ]


def drift_section(home: Home) -> list[str]:
    """How often features and scores have moved, and the newest month's largest."""
    drift = home.query("FROM marts.population_drift ORDER BY snapshot_month, psi DESC")
    if drift.empty:
        return ["No month has a churn model whose population could be compared."]
    is_score = drift["feature"] == "churn_probability"
    months = drift["snapshot_month"].nunique()
    farther = drift["psi"] > drift["validated_psi"].clip(lower=SHIFT)
    moved, scores = drift[~is_score & farther], int(farther[is_score].sum())
    last = drift[drift["snapshot_month"] == drift["snapshot_month"].max()].head(4)
    largest = ", ".join(f"{row['feature']} {row['psi']:.2f}" for row in last.to_dict("records"))
    names = ", ".join(f"{name} in {count}" for name, count in moved["feature"].value_counts().items())
    return [
        f"Population stability index above {SHIFT:g} and above that at which the version was validated, in {months} "
        f"months with a churn model: the score in {scores}; features: {names or 'none'}. Largest in "
        f"{last['snapshot_month'].iloc[0]}: {largest}."
    ]


def forecast_section(home: Home) -> list[str]:
    """How many segments' spend came to lie in the 80 % interval of its forecast."""
    rows = _forecasts(home)
    if rows.empty:
        return ["No forecast's horizon has passed."]
    cells = [_forecast(month, part) for month, part in rows.groupby("snapshot_month")]
    head = ("month", "shop's spend, 80 % interval", "seen", "segments", "spend in the interval")
    inside, size = segments_held(home)
    return [
        table(head, cells),
        f"In sum {inside} of {size} segments, {inside / size:.0%}, where 80 % are meant. Segments cut the same "
        "customers in several ways and months overlap, so these are far from as many independent trials.",
    ]


def segments_held(home: Home) -> tuple[int, int]:
    """How many segments' spend lay in the interval, and how many there are."""
    rows = _forecasts(home)
    return int(rows["is_held"].sum()), len(rows)


def _forecasts(home: Home) -> pd.DataFrame:
    """Forecasts whose horizon has passed, with what was spent; a segment of everybody counts as the total alone."""
    parameters = Parameters()
    rows = home.query(_SPEND_SEEN, days=parameters.cltv_horizon_days, rate=parameters.annual_discount_rate)
    rows = rows[(rows["dimension"] == TOTAL) | (rows["customers"] < rows["everybody"])]
    return rows.assign(is_held=rows["seen"].between(rows["cltv_low"], rows["cltv_high"]))


def _forecast(month: object, part: pd.DataFrame) -> list[str]:
    (total,) = part[part["dimension"] == TOTAL].to_dict("records")
    held = part["is_held"]
    return [
        str(month),
        f"{total['cltv_total']:,.0f} ({total['cltv_low']:,.0f} to {total['cltv_high']:,.0f})",
        f"{total['seen']:,.0f}",
        str(len(part)),
        f"{int(held.sum())} ({held.mean():.0%})",
    ]
