"""Train the month's churn model, keep it in MLflow, and refer to the version."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING

from assets.models.reference import model_facts, reference_row, run_tags
from assets.resources.tracking import ModelRecord
from assets.work import Built, Work
from ml.churn.config import ChurnConfig
from ml.churn.features import FEATURES
from ml.errors import NotEnoughDataError

if TYPE_CHECKING:
    import pandas as pd
    from mlflow.models.model import ModelInfo

    from ml.churn.model import ChurnModel
    from ml.churn.training import ChurnTraining

MODEL_FILE = "model.json"
QUERIES = {
    "panel": f"""
        SELECT cutoff_date, customer_unique_id, {", ".join(FEATURES)}, is_churned FROM features.churn_training
        WHERE snapshot_month = $snapshot_month
        ORDER BY cutoff_date, customer_unique_id
    """
}


def build(work: Work) -> Built:
    """Train on past cutoffs; a month with too few returning customers gets a row that says so and no model."""
    from ml.churn.training import train

    panel = work.query(QUERIES["panel"])
    panel["cutoff_date"] = panel["cutoff_date"].dt.date
    validation = (work.parameters["as_of"] - timedelta(days=work.parameters["horizon_days"])).date()
    try:
        training = train(panel, validation, churn_config(work))
    except NotEnoughDataError as error:
        rows = work.replace(reference_row(work, None, error.reason, more=_rule(None)))
        return Built(rows, facts=model_facts(None, error.reason, ()))
    record = _record(work, training, panel)
    model = work.tracking.record(record)
    rows = work.replace(reference_row(work, model, training.reason, training.metrics, _rule(training.model)))
    facts = model_facts(model, training.reason, training.metrics)
    return Built(rows, facts, record.figures, {"mlflow_run": model.url} if model.url else {})


def churn_config(work: Work) -> ChurnConfig:
    """The settings of the churn model."""
    names = ("horizon_days", "min_returns", "green_lift", "red_lift", "seed", "threads")
    return ChurnConfig(**{name: work.parameters[name] for name in names})


def _rule(model: ChurnModel | None) -> dict[str, float | None]:
    names = ("base_return_rate", "green_lift", "red_lift")
    return {name: getattr(model.rule, name) if model else None for name in names}


def _record(work: Work, training: ChurnTraining, panel: pd.DataFrame) -> ModelRecord:
    from ml.churn.figures import gain_figure, reliability_figure

    model = training.model
    identity = f"{model.digest()} {work.run.fingerprint} {work.parameters['as_of']}"
    settings = {name: value for name, value in asdict(churn_config(work)).items() if name != "threads"}
    return ModelRecord(
        name=work.contract.name,
        month=work.month,
        digest=hashlib.sha256(identity.encode()).hexdigest(),
        log_model=lambda: _log_model(model, panel),
        parameters={
            **settings,
            "tree_count": model.tree_count,
            "base_return_rate": model.rule.base_return_rate,
        },
        metrics=training.metrics,
        tags={**run_tags(work), "reason": training.reason},
        figures={"reliability": reliability_figure(training), "gain": gain_figure(training)},
        texts={MODEL_FILE: model.to_json(), "importance.csv": training.importance.to_csv(index=False)},
    )


def _log_model(model: ChurnModel, panel: pd.DataFrame) -> ModelInfo:
    import mlflow.catboost
    from mlflow.models import infer_signature

    from ml.churn.features import feature_frame

    example = feature_frame(panel.tail(3), "panel")
    text = example.astype(dict.fromkeys(example.select_dtypes("category").columns, str))
    return mlflow.catboost.log_model(
        model.classifier,
        name="model",
        signature=infer_signature(text, model.classifier.predict_proba(example)),
        input_example=text,
        pip_requirements=["catboost"],
    )
