"""Score every customer of the month with the month's lifetime-value model."""

from __future__ import annotations

import pandas as pd

from assets.models.cltv_model import MODEL_FILE
from assets.models.reference import month_model
from assets.work import Built, Work
from ml.clv.model import CltvModel

_SCORES = (
    "p_alive",
    "expected_purchases_30d",
    "expected_purchases_90d",
    "expected_purchases_180d",
    "expected_purchases_365d",
    "expected_spend",
    "cltv",
)
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
    model = month_model(work, "models.cltv_model")
    if model is None:
        return Built(work.replace(keys.assign(model_version=None, **dict.fromkeys(_SCORES))))
    from ml.clv.scoring import score

    version = model["model_version"]
    fitted = CltvModel.from_json(work.tracking.load_text(model["model_name"], version, MODEL_FILE))
    scores = score(fitted, customers)
    rows = work.replace(pd.concat([keys.assign(model_version=version), scores[list(_SCORES)]], axis=1))
    return Built(rows, facts={"cltv_total": float(scores["cltv"].sum()), "model_version": version})
