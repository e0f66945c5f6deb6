"""Score every customer of the month with the month's churn model."""

from __future__ import annotations

import pandas as pd

from assets.models.churn_model import MODEL_FILE
from assets.models.reference import month_model
from assets.work import Built, Work
from ml.churn.features import FEATURES

UNKNOWN = "unknown"
QUERIES = {
    "customers": f"""
        SELECT snapshot_month, customer_unique_id, {", ".join(FEATURES)} FROM features.customer_behaviour
        WHERE snapshot_month = $snapshot_month
        ORDER BY customer_unique_id
    """,
    "model": "FROM models.churn_model",
}


def build(work: Work) -> Built:
    """Load the version that the month refers to and score with it; without one the risk is unknown."""
    customers = work.query(QUERIES["customers"])
    keys = customers[["snapshot_month", "customer_unique_id"]]
    model = month_model(work, "models.churn_model")
    if model is None:
        empty = keys.assign(
            model_version=None, churn_probability=None, churn_sensitivity_30d=None, risk_band=UNKNOWN
        )
        return Built(work.replace(empty))
    from ml.churn.model import ChurnModel, risk_band
    from ml.churn.scoring import score

    name, version = model["model_name"], model["model_version"]
    text = work.tracking.load_text(name, version, MODEL_FILE)
    fitted = ChurnModel.from_json(text, work.tracking.load_catboost(name, version))
    scores = score(fitted, customers)
    bands = risk_band(scores["churn_probability"].to_numpy(), fitted.rule)
    frame = pd.concat([keys.assign(model_version=version, risk_band=bands), scores], axis=1)
    shares = {f"{band}_share": float((bands == band).mean()) for band in ("green", "yellow", "red")}
    return Built(work.replace(frame), facts={"model_version": version, **shares})
