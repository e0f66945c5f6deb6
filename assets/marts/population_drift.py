"""How far the month's customers have moved from those the served churn model learned from."""

from __future__ import annotations

from assets.models.reference import SERVED, month_model
from assets.work import Built, Work
from ml.churn.features import FEATURES

QUERIES = {
    "customers": f"""
        SELECT {", ".join(f"behaviour.{name}" for name in FEATURES)}, churn.churn_probability
        FROM features.customer_behaviour AS behaviour
        JOIN scores.customer_churn AS churn
            ON behaviour.snapshot_month = churn.snapshot_month
            AND behaviour.customer_unique_id = churn.customer_unique_id
        WHERE behaviour.snapshot_month = $snapshot_month
        ORDER BY behaviour.customer_unique_id
    """,
    "model": "FROM models.churn_model",
}


def build(work: Work) -> Built:
    """Population stability index of every feature in use and of the score; without a model there are no rows."""
    from ml.churn.model import ChurnModel
    from ml.drift import population_stability

    reference = month_model(work, "models.churn_model")
    customers = work.query(QUERIES["customers"])
    if reference is None:
        empty = customers.head(0).assign(
            snapshot_month=None, model_version=None, feature=None, psi=0.0, validated_psi=0.0
        )
        return Built(work.replace(empty[list(work.contract.columns)]))
    files = work.tracking.load_files(reference["model_name"], reference["model_version"], SERVED)
    model = ChurnModel.from_files(files)
    scores = customers["churn_probability"].to_numpy(dtype=float)
    rows = population_stability(model.reference, customers, scores)
    rows = rows.assign(
        snapshot_month=work.month,
        model_version=reference["model_version"],
        validated_psi=rows["feature"].map(model.validated_drift),
    )
    worst = rows.loc[rows["psi"].idxmax()]
    return Built(
        work.replace(rows), facts={"largest_psi": float(worst["psi"]), "drifted_most": worst["feature"]}
    )
