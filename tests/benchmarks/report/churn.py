"""The churn model over all months: every candidate's ROC-AUC, the served class, the gate's decisions.

Stays out: what came true afterwards (`watching`) and the ceiling that a simulation knows (`churn_truth`).

MLflow keeps intervals of the fitted candidate and of recency alone. Those of the others are computed anew, by the same
training on the same panel; each figure has to agree with the one that MLflow keeps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from assets.models.churn_model import churn_config, read_panel, validation_cutoff
from assets.models.cltv_model import read_cltv_model
from assets.models.reference import JUDGED, SERVED
from assets.work import Work
from ml.churn.choice import Candidate
from ml.churn.purchase_models import PurchaseModels
from ml.churn.recipe import CATBOOST, LOGISTIC, PURCHASE, RECENCY
from ml.churn.training import ChurnTraining, train
from ml.metrics import ModelMetric
from tests.benchmarks.report.homes import Home, ModelRun
from tests.benchmarks.report.markdown import NONE, baseline, number, table
from tests.benchmarks.report.value import gate_of, without_model

MODEL = "churn_model"
CLASSES = (RECENCY, PURCHASE, LOGISTIC, CATBOOST)
_CANDIDATES = ("month", "judged from", *CLASSES)
_SERVED = (
    "month",
    "fitted",
    "gain over recency alone",
    "lift at 10 %",
    "calibration error",
    "base rate",
    "gate",
    "serves",
)


@dataclass(frozen=True)
class Month:
    """A month with a churn model: its row, the run of its version, and its training if it was done again."""

    row: dict[str, Any]
    run: ModelRun
    training: ChurnTraining | None

    @property
    def candidates(self) -> dict[str, Candidate]:
        """What was tried again, by label."""
        return {} if self.training is None else {one.label: one for one in self.training.candidates}

    @property
    def trained_again(self) -> ChurnTraining:
        """The training done again; raises ValueError where it was not."""
        if self.training is None:
            raise ValueError(f"{self.row['snapshot_month']} was not trained again")
        return self.training


def churn_months(home: Home, again: int | None = None) -> list[Month]:
    """The months that have a version of their own; the newest `again` of them, all if None, are trained again."""
    rows = [row for row in home.references(MODEL) if row["trained_version"] is not None]
    first = 0 if again is None else len(rows) - again
    return [_month(home, row, place >= first) for place, row in enumerate(rows)]


def _month(home: Home, row: dict[str, Any], is_again: bool) -> Month:
    run = home.model_run(MODEL, row["trained_version"])
    return Month(row, run, _again(home, row["snapshot_month"], run) if is_again else None)


def churn_section(home: Home, months: list[Month]) -> list[str]:
    """Both tables, what they say in sum, and the months without a model."""
    return [
        table(_CANDIDATES, [_candidates(month) for month in months]),
        table(_SERVED, [_served(month) for month in months]),
        *([_sentence(months)] if months else []),
        without_model(home.references(MODEL)),
    ]


def purchase_models(work: Work, home: Home) -> PurchaseModels | None:
    """The month's purchase model, judged and served; None where it was never judged."""
    (row,) = [row for row in home.references("cltv_model") if row["snapshot_month"] == work.month]
    name, number_ = row["model_name"], row["trained_version"]
    if number_ is None or not home.tracking.has_files(name, number_, JUDGED):
        return None
    return PurchaseModels(
        *(
            read_cltv_model(home.tracking.load_files(name, number_, part)).purchases
            for part in (JUDGED, SERVED)
        )
    )


def _again(home: Home, month: str, run: ModelRun) -> ChurnTraining:
    """Train a month's candidates once more and require the figures that were kept."""
    work = home.work("models.churn_model", month)
    training = train(
        read_panel(work), validation_cutoff(work), churn_config(work), purchase_models(work, home)
    )
    for one in training.candidates:
        kept, found = run.candidates[one.label]["roc_auc"], _roc_auc(one).value
        if not math.isclose(kept, found, abs_tol=1e-9):
            raise RuntimeError(f"{month}, {one.label}: training again gives {found}, MLflow keeps {kept}")
    return training


def _roc_auc(one: Candidate) -> ModelMetric:
    return next(metric for metric in one.metrics if metric.metric == "roc_auc")


def _candidates(month: Month) -> list[str]:
    """ROC-AUC of every class, the fitted one's in bold."""
    cutoff = month.run.evaluated_from
    return [month.row["snapshot_month"], cutoff, *(_cell(month, name) for name in CLASSES)]


def _cell(month: Month, name: str) -> str:
    own = month.run.figures["roc_auc"]
    if name == month.run.version.choice:
        return f"**{number(own)}**"
    if name == RECENCY:
        return baseline(own)
    if name in month.candidates:
        return number(_roc_auc(month.candidates[name]))
    return f"{month.run.candidates[name]['roc_auc']:.3f}" if name in month.run.candidates else NONE


def _served(month: Month) -> list[str]:
    found, row = month.run.figures.get, month.row
    return [
        row["snapshot_month"],
        month.run.version.choice,
        number(found("roc_auc_gain"), "+.3f"),
        number(found("lift_at_10pct"), ".2f"),
        number(found("expected_calibration_error"), ".4f"),
        number(found("base_rate"), ".2%"),
        gate_of(row, month.run),
        f"version {row['model_version']}" if row["model_version"] else "none",
    ]


def _sentence(months: list[Month]) -> str:
    """Which class was fitted how often, what was better or worse than recency alone beyond noise, what was held."""
    choices = [month.run.version.choice for month in months]
    fitted = ", ".join(f"{name} in {choices.count(name)}" for name in CLASSES if name in choices)
    told = []
    for name in CLASSES[1:]:
        gains = [month.candidates[name].gain for month in months if name in month.candidates]
        known = [gain for gain in gains if gain is not None]
        better, worse = sum(gain.low > 0 for gain in known), sum(gain.high < 0 for gain in known)
        told.append(f"{name} in {better} of {len(known)} (worse in {worse})")
    held = [month.run.version for month in months if month.run.version.decision == "held"]
    because = "".join(f" Version {one.number} was held: {one.reason}" for one in held)
    return (
        f"Fitted, by months: {fitted}. Better than recency alone beyond noise, of the months with intervals: "
        f"{', '.join(told)}.{because}"
    )
