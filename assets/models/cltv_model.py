"""Fit the month's lifetime-value model, keep it in MLflow, let the gate decide, and say which version serves."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from assets.models.card import CARD_FILE, Card, write_card
from assets.models.reference import (
    CURVES,
    CURVES_FILE,
    JUDGED,
    SERVED,
    Reference,
    refer,
    refer_without,
    reference_facts,
    reference_row,
    run_link,
    run_tags,
)
from assets.resources.records import Child, ModelRecord
from assets.work import Built, Work
from ml.clv.config import ClvConfig
from ml.errors import FitFailedError, NotEnoughDataError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure
    from mlflow.models.model import ModelInfo

    from ml.clv.model import CltvModel
    from ml.clv.training import CltvTraining, FamilyFit
    from ml.metrics import Comparison, ModelMetric

MODEL_FILE = "model.json"
INPUTS = ("frequency", "recency", "T", "monetary_value")
QUERIES = {
    "statistics": """
        SELECT split, frequency, recency, T, monetary_value, holdout_purchases, holdout_value_brl, customers
        FROM features.clv_training
        WHERE snapshot_month = $snapshot_month
        ORDER BY ALL
    """,
    "spend": """
        SELECT frequency, monetary_value FROM features.customer_rfm
        WHERE snapshot_month = $snapshot_month AND frequency > 0
        ORDER BY customer_unique_id
    """,
    "daily": """
        SELECT purchase_date AS day, new_customers AS first_purchases, repeat_purchases FROM features.purchase_counts
        WHERE snapshot_month = $snapshot_month
        ORDER BY purchase_date
    """,
}
_LIMITS = (
    "It knows purchases alone: no prices, campaigns or seasons. What changes them, it does not foresee.",
    "Most customers have bought once. For them it tells the mean of their cohort, not their own taste.",
    "In BG/NBD a one-time buyer counts as alive for ever. p_alive is no churn score.",
    "The value is revenue, not margin, and ends with the horizon.",
)


@dataclass(frozen=True)
class CltvContest:
    """Judges versions on the month's calibration frame; `of_month` are figures of the month, whatever serves."""

    calibration: pd.DataFrame
    config: ClvConfig
    challenger: CltvModel | None = None
    of_month: tuple[ModelMetric, ...] = ()

    def compare(self, champion: dict[str, bytes]) -> Sequence[Comparison]:
        """The log-likelihood that both twins give to the holdout's purchase counts."""
        from ml.clv.training import compare

        if self.challenger is None:
            raise ValueError("there is no judged twin to compare")
        return (compare(self.challenger, read_cltv_model(champion), self.calibration, self.config),)

    def must_beat(self, champion: str) -> bool:
        """No: the families have as many parameters as each other."""
        return False

    def judge(self, champion: dict[str, bytes]) -> Sequence[ModelMetric]:
        """The champion's figures on the month's holdout."""
        from ml.clv.champion import judge

        return (*judge(read_cltv_model(champion), self.calibration, self.config), *self.of_month)


def build(work: Work) -> Built:
    """Fit every family, choose, record, decide; where nothing can be fitted the champion stays or the row says why."""
    from ml.clv.training import train

    statistics = work.query(QUERIES["statistics"])
    calibration = statistics[statistics["split"] == "calibration"]
    full = statistics[statistics["split"] == "full"]
    config = clv_config(work)
    try:
        training = train(calibration, full, work.query(QUERIES["spend"]), config)
    except (NotEnoughDataError, FitFailedError) as error:
        reference = refer_without(work, error.statement, _lineage(work), CltvContest(calibration, config))
        return _built(work, reference)
    record = _record(work, training, full)
    contest = CltvContest(calibration, config, training.judged, _spend_metric(training))
    return _built(work, refer(work, record, training, contest), record)


def clv_config(work: Work) -> ClvConfig:
    """The settings of the lifetime-value model."""
    names = ("horizon_days", "cltv_horizon_days", "annual_discount_rate", "min_repeat_customers", "seed")
    return ClvConfig(**{name: work.parameters[name] for name in names})


def read_cltv_model(files: dict[str, bytes]) -> CltvModel:
    """The model of a version's files."""
    from ml.clv.model import CltvModel

    return CltvModel.from_json(files[MODEL_FILE].decode())


def _built(work: Work, reference: Reference, record: ModelRecord | None = None) -> Built:
    rows = work.replace(reference_row(work, reference))
    figures = record.figures if record else {}
    return Built(rows, reference_facts(reference), figures, run_link(work, reference))


def _record(work: Work, training: CltvTraining, full: pd.DataFrame) -> ModelRecord:
    from ml.clv.curves import curves

    model = training.model
    identity = f"{model.digest()} {work.run.fingerprint} {work.parameters['as_of']}"
    parameters = _parameters(training)
    metrics = (*training.metrics, *_spend_metric(training))
    said = {"spend_check": training.spend_check.sentence, "lifetimes": _hear_lifetimes(training, full)}
    tags = {**run_tags(work), "reason": training.reason, **said}
    files = {
        f"{SERVED}/{MODEL_FILE}": model.to_json().encode(),
        f"{CURVES}/{CURVES_FILE}": curves(training).to_csv(index=False).encode(),
    }
    if training.judged is not None:
        files[f"{JUDGED}/{MODEL_FILE}"] = training.judged.to_json().encode()
    return ModelRecord(
        name=work.contract.name,
        month=work.month,
        as_of=work.parameters["as_of"].date(),
        lineage=_lineage(work),
        choice=model.purchases.name,
        digest=hashlib.sha256(identity.encode()).hexdigest(),
        log_model=lambda: _log_model(model.to_json()),
        parameters=parameters,
        metrics=metrics,
        tags=tags,
        figures=_figures(work, training, int(full["T"].max())),
        texts={
            "candidates.csv": training.candidates.to_csv(index=False),
            CARD_FILE: write_card(work, _card(work, training, parameters, said)),
        },
        files=files,
        children=[_child(work, fit) for fit in training.families],
    )


def _lineage(work: Work) -> str:
    """The source, and the settings that the meaning of a score depends on."""
    values = work.parameters
    return (
        f"{work.run.origin}, {values['horizon_days']} days, value of {values['cltv_horizon_days']} days "
        f"discounted at {values['annual_discount_rate']:g} a year"
    )


def _parameters(training: CltvTraining) -> dict[str, object]:
    model = training.model
    chosen = next(fit for fit in training.families if fit.is_chosen)
    errors = {f"se_{name}": value for name, value in chosen.standard_errors.items()}
    spend = {f"gamma_gamma_{name}": getattr(model.gamma_gamma, name) for name in ("p", "q", "v", "penalizer")}
    return {
        "family": model.purchases.name,
        "penalizer": chosen.penalizer or 0.0,
        **chosen.parameters,
        **errors,
        **spend,
        "horizon_days": model.horizon_days,
        "cltv_horizon_days": model.cltv_horizon_days,
        "annual_discount_rate": model.annual_discount_rate,
    }


def _hear_lifetimes(training: CltvTraining, full: pd.DataFrame) -> str:
    """What an independent fit of BG/NBD by lifetimes says of ours."""
    from ml.clv.bgnbd import BgNbd
    from ml.clv.history import History
    from ml.clv.witness import hear_lifetimes

    fit = next(fit for fit in training.families if fit.family == BgNbd.name)
    if fit.penalizer is None or not fit.parameters:
        return f"lifetimes was not asked: {fit.problem}."
    ours = BgNbd(**fit.parameters, penalizer=fit.penalizer)
    return hear_lifetimes(ours, History.from_frame(full, "full")).sentence


def _spend_metric(training: CltvTraining) -> tuple[ModelMetric, ...]:
    """The check of Gamma-Gamma's assumption as a figure; none where it is undefined."""
    from ml.metrics import ModelMetric

    check = training.spend_check
    if check.correlation is None or check.low is None or check.high is None:
        return ()
    return (ModelMetric("spend_frequency_correlation", check.correlation, check.low, check.high),)


def _child(work: Work, fit: FamilyFit) -> Child:
    errors = {f"se_{name}": value for name, value in fit.standard_errors.items()}
    said = {"is_chosen": str(fit.is_chosen).lower(), "reason": fit.reason or fit.problem}
    parameters = {"family": fit.family, "penalizer": fit.penalizer, **fit.parameters, **errors}
    return Child(f"{work.month} {fit.family}", parameters, fit.metrics, said)


def _card(work: Work, training: CltvTraining, parameters: dict[str, object], said: dict[str, str]) -> Card:
    return Card(
        title=f"Lifetime value, {work.month}",
        answers=f"What will a customer spend within {work.parameters['cltv_horizon_days']} days?",
        limits=_LIMITS,
        choice=" ".join([training.reason, *said.values()]),
        parameters=parameters,
        metrics=training.metrics,
        judged=f"Fitted without the last {work.parameters['horizon_days']} days and judged on the purchases in them.",
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
        pip_requirements=["numpy", "scipy", "pandas"],
    )


def _figures(work: Work, training: CltvTraining, age_days: int) -> dict[str, bytes]:
    from ml.clv import figures
    from ml.plots import to_png

    drawn = {
        "frequency_recency": figures.frequency_recency_figure(training.model, age_days),
        "p_alive": figures.p_alive_figure(training.model, age_days),
    }
    if training.judged is not None:
        drawn |= _figures_of_the_holdout(work, training)
    return {name: to_png(figure) for name, figure in drawn.items()}


def _figures_of_the_holdout(work: Work, training: CltvTraining) -> dict[str, Figure]:
    from ml.clv import figures

    if training.judged is None:
        raise ValueError("there is no holdout to draw")
    daily = work.query(QUERIES["daily"])
    cutoff = (work.parameters["as_of"] - timedelta(days=work.parameters["horizon_days"])).date()
    return {
        "calibration": figures.calibration_figure(training),
        "gains": figures.gains_figure(training),
        "cumulative": figures.cumulative_figure(training.judged, daily, cutoff),
        "incremental": figures.incremental_figure(training.judged, daily, cutoff),
    }
