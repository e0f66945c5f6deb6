"""What each segment will spend within the CLTV horizon, with a predictive interval, by simulation."""

from __future__ import annotations

from assets.models.reference import SERVED, month_model
from assets.work import Built, Work

DIMENSIONS = ("value_tier", "age_band", "rfm_segment", "risk_band", "action")
TOTAL, ALL = "total", "All"
QUERIES = {
    "customers": """
        SELECT
            rfm.frequency, rfm.recency, rfm.T, rfm.monetary_value,
            segments.value_tier, segments.age_band, segments.rfm_segment, churn.risk_band, segments.action
        FROM features.customer_rfm AS rfm
        JOIN scores.customer_segments AS segments
            ON rfm.snapshot_month = segments.snapshot_month
            AND rfm.customer_unique_id = segments.customer_unique_id
        JOIN scores.customer_churn AS churn
            ON rfm.snapshot_month = churn.snapshot_month AND rfm.customer_unique_id = churn.customer_unique_id
        WHERE rfm.snapshot_month = $snapshot_month
        ORDER BY rfm.customer_unique_id
    """,
    "model": "FROM models.cltv_model",
}


def build(work: Work) -> Built:
    """Simulate purchases and spend of every customer under the served model; without one there are no rows."""
    from assets.models.cltv_model import read_cltv_model
    from ml.clv.forecast import forecast

    customers = work.query(QUERIES["customers"])
    reference = month_model(work, "models.cltv_model")
    if reference is None:
        empty = customers.head(0).assign(
            snapshot_month=None, dimension=None, segment=None, cltv_total=0.0, cltv_low=0.0, cltv_high=0.0
        )
        return Built(work.replace(empty[list(work.contract.columns)]))
    files = work.tracking.load_files(reference["model_name"], reference["model_version"], SERVED)
    segments = customers[list(DIMENSIONS)].assign(**{TOTAL: ALL})
    rows = forecast(read_cltv_model(files), customers, segments).drop(columns="customers")
    (total,) = rows[rows["dimension"] == TOTAL].to_dict("records")
    facts = {name: float(total[name]) for name in ("cltv_total", "cltv_low", "cltv_high")}
    return Built(work.replace(rows.assign(snapshot_month=work.month)), facts=facts)
