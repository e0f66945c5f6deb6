"""Score every customer of the month with the churn model that serves it, and say why."""

from __future__ import annotations

import pandas as pd

from assets.models.reference import SERVED, month_model
from assets.work import Built, Work
from ml.churn.features import FEATURES

UNKNOWN = "unknown"
_TOP = 3
QUERIES = {
    "customers": f"""
        SELECT snapshot_month, customer_unique_id, {", ".join(FEATURES)} FROM features.customer_behaviour
        WHERE snapshot_month = $snapshot_month
        ORDER BY customer_unique_id
    """,
    "model": "FROM models.churn_model",
}
_REASON = "{{'feature': feature_{n}, 'value': value_{n}, 'effect': round(effect_{n}, 4), 'words': words_{n}}}"
_WITH_REASONS = f"""
    SELECT
        snapshot_month, customer_unique_id, model_version, churn_probability, churn_sensitivity_30d, risk_band,
        to_json(list_filter(
            [{", ".join(_REASON.format(n=n) for n in range(1, _TOP + 1))}],
            lambda reason: reason.feature IS NOT NULL
        ))::VARCHAR AS reasons
    FROM scored
"""


def build(work: Work) -> Built:
    """Load the version that the month refers to and score with it; without one the risk is unknown."""
    customers = work.query(QUERIES["customers"])
    keys = customers[["snapshot_month", "customer_unique_id"]]
    reference = month_model(work, "models.churn_model")
    if reference is None:
        nothing = dict.fromkeys(
            ("model_version", "churn_probability", "churn_sensitivity_30d", "reasons"), None
        )
        return Built(work.replace(keys.assign(**nothing, risk_band=UNKNOWN)))
    from ml.churn.model import ChurnModel, risk_band
    from ml.churn.reasons import reasons
    from ml.churn.scoring import score

    name, version = reference["model_name"], reference["model_version"]
    model = ChurnModel.from_files(work.tracking.load_files(name, version, SERVED))
    scores = score(model, customers)
    bands = risk_band(scores["churn_probability"].to_numpy(), model.rule)
    frame = pd.concat(
        [keys.assign(model_version=version, risk_band=bands), scores, reasons(model, customers, top=_TOP)],
        axis=1,
    )
    shares = {f"{band}_share": float((bands == band).mean()) for band in ("green", "yellow", "red")}
    return Built(_write(work, frame), facts={"model_version": version, **shares})


def _write(work: Work, frame: pd.DataFrame) -> int:
    work.connection.register("scored", frame)
    try:
        return work.replace(_WITH_REASONS)
    finally:
        work.connection.unregister("scored")
