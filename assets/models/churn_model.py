"""Train the month's churn models, keep the chosen one in MLflow, let the gate decide, and refer to what serves."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from assets.models.card import CARD_FILE, Card, write_card
from assets.models.cltv_model import read_cltv_model
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
from ml.churn.config import ChurnConfig
from ml.churn.features import FEATURES
from ml.errors import NotEnoughDataError
from ml.statements import Statement

if TYPE_CHECKING:
    import pandas as pd
    from mlflow.models.model import ModelInfo

    from ml.churn.choice import Candidate
    from ml.churn.model import ChurnModel
    from ml.churn.purchase_models import PurchaseModels
    from ml.churn.recipe import ChurnRecipe
    from ml.churn.training import ChurnTraining
    from ml.metrics import Comparison, ModelMetric

RECIPE, RECIPE_FILE = "recipe", "recipe.json"
QUERIES = {
    "panel": f"""
        SELECT cutoff_date, customer_unique_id, {", ".join(FEATURES)}, is_churned FROM features.churn_training
        WHERE snapshot_month = $snapshot_month
        ORDER BY cutoff_date, customer_unique_id
    """,
    "cltv_model": "SELECT model_name, trained_version FROM models.cltv_model WHERE snapshot_month = $snapshot_month",
}
_LIMITS = (
    "Returns are rare and their signal is weak: the order of customers is worth more than any single probability.",
    "It knows what the shop recorded up to the as-of date: no prices elsewhere, no visits, no campaigns.",
    "It tells who returns by themselves, not whom a campaign would bring back.",
    "Probabilities hold for the horizon they were learned with.",
)


@dataclass(frozen=True)
class ChurnContest:
    """Judges versions at the month's validation cutoff."""

    panel: pd.DataFrame
    cutoff: date
    config: ChurnConfig
    challenger: ChurnModel | None = None

    def compare(self, champion: dict[str, bytes]) -> Sequence[Comparison]:
        """ROC-AUC and log loss of both twins on the customers of the cutoff."""
        from ml.churn.gate import compare
        from ml.churn.model import ChurnModel

        if self.challenger is None:
            raise ValueError("there is no judged twin to compare")
        return compare(self.challenger, ChurnModel.from_files(champion), self.panel, self.cutoff, self.config)

    def must_beat(self, champion: str) -> bool:
        """Whether the month's class stands behind the champion's in the order of simplicity."""
        from ml.churn.recipe import MODEL_CLASSES

        if self.challenger is None:
            raise ValueError("there is no judged twin to compare")
        return MODEL_CLASSES.index(self.challenger.recipe.model_class) > MODEL_CLASSES.index(champion)

    def judge(self, champion: dict[str, bytes]) -> Sequence[ModelMetric]:
        """The champion's figures at the month's cutoff."""
        from ml.churn.champion import judge
        from ml.churn.model import ChurnModel

        return judge(ChurnModel.from_files(champion), self.panel, self.cutoff, self.config)


def build(work: Work) -> Built:
    """Train, choose, record, decide; with too few returning customers the champion stays or the row says why."""
    from ml.churn.training import train

    panel, cutoff, config = read_panel(work), validation_cutoff(work), churn_config(work)
    try:
        training = train(panel, cutoff, config, _purchase_models(work), _champions_recipe(work))
    except NotEnoughDataError as error:
        return _built(
            work, refer_without(work, error.statement, lineage(work), ChurnContest(panel, cutoff, config))
        )
    record = churn_record(work, training, panel)
    contest = ChurnContest(panel, cutoff, config, training.judged)
    reference = refer(work, record, training, contest, leak_alarm(work, training))
    return _built(work, reference, training, record)


def read_panel(work: Work) -> pd.DataFrame:
    """The month's panel, cutoffs as dates."""
    panel = work.query(QUERIES["panel"])
    panel["cutoff_date"] = panel["cutoff_date"].dt.date
    return panel


def validation_cutoff(work: Work) -> date:
    """The newest cutoff whose label period has passed."""
    cutoff: date = (work.parameters["as_of"] - timedelta(days=work.parameters["horizon_days"])).date()
    return cutoff


def churn_config(work: Work) -> ChurnConfig:
    """The settings of the churn model."""
    names = ("horizon_days", "min_returns", "green_lift", "red_lift", "seed", "threads")
    return ChurnConfig(**{name: work.parameters[name] for name in names})


def lineage(work: Work) -> str:
    """The source, and the setting that the meaning of a score depends on."""
    return f"{work.run.origin}, {work.parameters['horizon_days']} days"


def leak_alarm(work: Work, training: ChurnTraining) -> Statement | None:
    """Why a model must not serve because it is too good to be true; None where it is plausible."""
    auc, limit = _roc_auc(training), work.parameters["leak_auc"]
    if auc <= limit:
        return None
    words = f"Leak alarm: a ROC-AUC of {auc:.3f} is above {limit:g}; some feature knows the outcome."
    return Statement("leak_alarm", words, {"roc_auc": auc, "limit": limit})


def churn_record(
    work: Work, training: ChurnTraining, panel: pd.DataFrame, *, made_by: str = "", experiment: str = ""
) -> ModelRecord:
    """What is kept of a training."""
    from assets.resources.registry import BY_PIPELINE
    from ml.churn.curves import curves
    from ml.churn.figures import gain_figure, reliability_figure
    from ml.plots import to_png

    model = training.model
    chosen = next(candidate for candidate in training.candidates if candidate.is_chosen)
    identity = f"{model.digest()} {work.run.fingerprint} {work.parameters['as_of']}"
    parameters = _parameters(work, model)
    return ModelRecord(
        name="churn_model",
        month=work.month,
        as_of=work.parameters["as_of"].date(),
        lineage=lineage(work),
        choice=model.recipe.model_class,
        digest=hashlib.sha256(identity.encode()).hexdigest(),
        log_model=lambda: _log_model(model, panel),
        parameters=parameters,
        metrics=training.metrics,
        tags={**run_tags(work), "reason": training.reason},
        figures={"reliability": to_png(reliability_figure(training)), "gain": to_png(gain_figure(training))},
        texts={
            "importance.csv": training.importance.to_csv(index=False),
            CARD_FILE: write_card(work, _card(work, training, parameters)),
        },
        files={
            **{f"{SERVED}/{name}": content for name, content in model.to_files().items()},
            **{f"{JUDGED}/{name}": content for name, content in training.judged.to_files().items()},
            f"{RECIPE}/{RECIPE_FILE}": chosen.asked.to_json().encode(),
            f"{CURVES}/{CURVES_FILE}": curves(training).to_csv(index=False).encode(),
        },
        children=[_child(work, candidate) for candidate in training.candidates],
        made_by=made_by or BY_PIPELINE,
        experiment=experiment,
    )


def _built(
    work: Work,
    reference: Reference,
    training: ChurnTraining | None = None,
    record: ModelRecord | None = None,
) -> Built:
    more = {"trained_roc_auc": _roc_auc(training) if training else None, **_rule(work, reference)}
    rows = work.replace(reference_row(work, reference, more))
    figures = record.figures if record else {}
    return Built(rows, reference_facts(reference), figures, run_link(work, reference))


def _rule(work: Work, reference: Reference) -> dict[str, float | None]:
    """The risk rule stored with the version that serves."""
    from ml.churn.model import ChurnModel

    names = ("base_return_rate", "green_lift", "red_lift")
    if reference.served is None:
        return dict.fromkeys(names)
    files = work.tracking.load_files(reference.served.name, reference.served.number, SERVED)
    rule = ChurnModel.from_files(files).rule
    return {name: getattr(rule, name) for name in names}


def _purchase_models(work: Work) -> PurchaseModels | None:
    """The month's lifetime-value model, fitted up to the validation cutoff and up to the as-of date."""
    from ml.churn.purchase_models import PurchaseModels

    rows = work.query(QUERIES["cltv_model"])
    if rows.empty:
        raise LookupError(f"models.cltv_model has no row for {work.month}: materialise it first")
    name, number = rows.loc[0, "model_name"], rows.loc[0, "trained_version"]
    if number is None or not work.tracking.has_files(name, number, JUDGED):
        return None
    judged, served = (
        read_cltv_model(work.tracking.load_files(name, number, part)).purchases for part in (JUDGED, SERVED)
    )
    return PurchaseModels(judged, served)


def _champions_recipe(work: Work) -> list[ChurnRecipe]:
    """The recipe of what served before this as-of date: a search may have found it."""
    from ml.churn.recipe import ChurnRecipe

    before = work.parameters["as_of"].date() - timedelta(days=1)
    champion = work.tracking.registry().champion(work.contract.name, before, lineage(work))
    if champion is None:
        return []
    files = work.tracking.load_files(champion.name, champion.number, RECIPE)
    return [ChurnRecipe.from_json(files[RECIPE_FILE].decode())]


def _roc_auc(training: ChurnTraining) -> float:
    return next(metric.value for metric in training.metrics if metric.metric == "roc_auc")


def _parameters(work: Work, model: ChurnModel) -> dict[str, object]:
    settings = {name: value for name, value in asdict(churn_config(work)).items() if name != "threads"}
    return {
        "model_class": model.recipe.model_class,
        **model.recipe.parameters,
        "feature_groups": ", ".join(model.recipe.feature_groups),
        **{name: value for name, value in settings.items() if name not in model.recipe.parameters},
        "base_return_rate": model.rule.base_return_rate,
    }


def _child(work: Work, candidate: Candidate) -> Child:
    recipe = candidate.recipe
    parameters = {
        "model_class": recipe.model_class,
        **recipe.parameters,
        "feature_groups": ", ".join(recipe.feature_groups),
    }
    said = {"is_chosen": str(candidate.is_chosen).lower(), "reason": candidate.reason}
    return Child(f"{work.month} {candidate.label}", parameters, candidate.metrics, said)


def _card(work: Work, training: ChurnTraining, parameters: dict[str, object]) -> Card:
    days = work.parameters["horizon_days"]
    return Card(
        title=f"Churn, {work.month}",
        answers=f"Will a customer make no purchase within {days} days?",
        limits=_LIMITS,
        choice=training.reason,
        parameters=parameters,
        metrics=training.metrics,
        judged=f"A twin that learned from earlier cutoffs alone, judged on all customers at {validation_cutoff(work)}.",
    )


def _log_model(model: ChurnModel, panel: pd.DataFrame) -> ModelInfo:
    import mlflow.pyfunc
    from mlflow.models import infer_signature

    from assets.models.churn_pyfunc import ChurnPyfunc
    from ml.churn.scoring import score

    last = panel[list(FEATURES)].tail(3).reset_index(drop=True)
    example = last.astype(dict.fromkeys(last.select_dtypes("number").columns, "float64"))
    return mlflow.pyfunc.log_model(
        name="model",
        python_model=ChurnPyfunc(model.to_files()),
        signature=infer_signature(example, score(model, example)),
        input_example=example,
        pip_requirements=["catboost", "scikit-learn"],
    )
