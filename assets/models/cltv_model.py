"""Fit the month's lifetime-value model, keep it in MLflow, and refer to the version."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import TYPE_CHECKING

from assets.models.reference import model_facts, reference_row, run_tags
from assets.resources.tracking import ModelRecord
from assets.work import Built, Work
from ml.clv.config import ClvConfig
from ml.errors import NotEnoughDataError

if TYPE_CHECKING:
    from mlflow.models.model import ModelInfo

    from ml.clv.training import CltvTraining

MODEL_FILE = "model.json"
INPUTS = ("frequency", "recency", "T", "monetary_value")
QUERIES = {
    "statistics": """
        SELECT split, frequency, recency, T, holdout_purchases, customers FROM features.clv_training
        WHERE snapshot_month = $snapshot_month
        ORDER BY ALL
    """,
    "spend": """
        SELECT frequency, monetary_value FROM features.customer_rfm
        WHERE snapshot_month = $snapshot_month AND frequency > 0
        ORDER BY customer_unique_id
    """,
}


def build(work: Work) -> Built:
    """Fit BG/NBD and Gamma-Gamma; a month with too little data gets a row that says so and no model."""
    from ml.clv.training import train

    statistics = work.query(QUERIES["statistics"])
    calibration = statistics[statistics["split"] == "calibration"]
    full = statistics[statistics["split"] == "full"]
    try:
        training = train(calibration, full, work.query(QUERIES["spend"]), clv_config(work))
    except NotEnoughDataError as error:
        rows = work.replace(reference_row(work, None, error.reason))
        return Built(rows, facts=model_facts(None, error.reason, ()))
    record = _record(work, training, int(full["T"].max()))
    model = work.tracking.record(record)
    rows = work.replace(reference_row(work, model, training.reason, training.metrics))
    facts = model_facts(model, training.reason, training.metrics) | asdict(training.model.bgnbd)
    return Built(rows, facts, record.figures, {"mlflow_run": model.url} if model.url else {})


def clv_config(work: Work) -> ClvConfig:
    """The settings of the lifetime-value model."""
    names = ("horizon_days", "cltv_horizon_days", "annual_discount_rate", "min_repeat_customers", "seed")
    return ClvConfig(**{name: work.parameters[name] for name in names})


def _record(work: Work, training: CltvTraining, age_days: int) -> ModelRecord:
    from ml.clv.figures import calibration_figure, frequency_recency_figure

    model = training.model
    figures = {"frequency_recency": frequency_recency_figure(model, age_days)}
    if training.metrics:
        figures = {"calibration": calibration_figure(training), **figures}
    identity = f"{model.digest()} {work.run.fingerprint} {work.parameters['as_of']}"
    return ModelRecord(
        name=work.contract.name,
        month=work.month,
        digest=hashlib.sha256(identity.encode()).hexdigest(),
        log_model=lambda: _log_model(model.to_json()),
        parameters={
            **{f"bgnbd_{name}": value for name, value in asdict(model.bgnbd).items()},
            **{f"gamma_gamma_{name}": value for name, value in asdict(model.gamma_gamma).items()},
            "horizon_days": model.horizon_days,
            "cltv_horizon_days": model.cltv_horizon_days,
            "annual_discount_rate": model.annual_discount_rate,
        },
        metrics=training.metrics,
        tags={**run_tags(work), "reason": training.reason},
        figures=figures,
        texts={MODEL_FILE: model.to_json(), "candidates.csv": training.candidates.to_csv(index=False)},
    )


def _log_model(text: str) -> ModelInfo:
    import mlflow.pyfunc
    import pandas as pd
    from mlflow.models import ModelSignature, infer_signature
    from mlflow.types import ColSpec, Schema

    from assets.models.cltv_pyfunc import CltvPyfunc
    from ml.clv.model import CltvModel
    from ml.clv.scoring import score

    example = pd.DataFrame([[0, 0, 200, 0.0], [2, 90, 200, 150.0]], columns=list(INPUTS))
    outputs = infer_signature(model_output=score(CltvModel.from_json(text), example)).outputs
    types = ("long", "long", "long", "double")
    inputs = Schema([ColSpec(type_, name) for name, type_ in zip(INPUTS, types, strict=True)])
    return mlflow.pyfunc.log_model(
        name="model",
        python_model=CltvPyfunc(text),
        signature=ModelSignature(inputs, outputs),
        input_example=example,
        pip_requirements=["lifetimes==0.11.3"],
    )
