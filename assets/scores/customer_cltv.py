"""Score every customer of the month with the lifetime-value model that serves it."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from assets.models.reference import SERVED, month_model
from assets.work import Built, Work

_SCORES = (
    "p_alive",
    "p_purchase",
    "expected_purchases_30d",
    "expected_purchases_90d",
    "expected_purchases_180d",
    "expected_purchases_365d",
    "expected_spend",
    "cltv",
    "cltv_low",
    "cltv_high",
)
_NEXT = "expected_next_purchase_date"
QUERIES = {
    "customers": """
        SELECT snapshot_month, customer_unique_id, frequency, recency, T, monetary_value FROM features.customer_rfm
        WHERE snapshot_month = $snapshot_month
        ORDER BY customer_unique_id
    """,
    "model": "FROM models.cltv_model",
}


def build(work: Work) -> Built:
    """Load the version that the month refers to and score with it; without one every score is empty."""
    customers = work.query(QUERIES["customers"])
    keys = customers[["snapshot_month", "customer_unique_id"]]
    reference = month_model(work, "models.cltv_model")
    if reference is None:
        return Built(work.replace(keys.assign(model_version=None, **dict.fromkeys((*_SCORES, _NEXT)))))
    from assets.models.cltv_model import read_cltv_model
    from ml.clv.scoring import score

    version = reference["model_version"]
    files = work.tracking.load_files(reference["model_name"], version, SERVED)
    scores = score(read_cltv_model(files), customers)
    dates = next_purchase_dates(work, scores["days_to_next_purchase"])
    frame = pd.concat(
        [keys.assign(model_version=version), scores[list(_SCORES)], dates.rename(_NEXT)], axis=1
    )
    facts = {
        "cltv_total": float(scores["cltv"].sum()),
        "model_version": version,
        "with_a_next_purchase_date": int(dates.notna().sum()),
    }
    return Built(work.replace(frame), facts=facts)


def next_purchase_dates(work: Work, days: pd.Series) -> pd.Series:
    """Days ahead as dates on or after the as-of date; missing days stay missing."""
    last_observed = pd.Timestamp(work.parameters["as_of"]) - timedelta(days=1)
    return (last_observed + pd.to_timedelta(days.clip(lower=1).round(), unit="D")).astype("datetime64[s]")
