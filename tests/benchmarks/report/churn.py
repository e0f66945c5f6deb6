"""The churn model over all months: every candidate's ROC-AUC, the served class, the gate's decisions.

Stays out: what came true afterwards (`watching`) and the ceiling that a simulation knows (`churn_truth`).

MLflow keeps intervals of the chosen candidate and of recency alone. Those of the others are computed anew, by the same
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
from tests.benchmarks.report.markdown import NONE, number, table
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
    """A month with a churn model: its row, the run of its version, and its training done again."""

    row: dict[str, Any]
    run: ModelRun
    training: ChurnTraining

    @property
    def candidates(self) -> dict[str, Candidate]:
        """What was tried, by label."""
        return {one.label: one for one in self.training.candidates}


def churn_months(home: Home) -> list[Month]:
    """The months that have a version of their own."""
    months = []
    for row in home.references(MODEL):
        if row["trained_version"] is not None:
            run = home.model_run(MODEL, row["trained_version"])
            months.append(Month(row, run, _again(home, row["snapshot_month"], run)))
    return months


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
    cells = []
    for name in CLASSES:
        one = month.candidates.get(name)
        told = NONE if one is None else number(_roc_auc(one))
        cells.append(f"**{told}**" if name == month.run.version.choice else told)
    return [month.row["snapshot_month"], str(month.training.judged.validation_cutoff), *cells]


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
    """In how many months each class beats recency alone beyond noise, and is worse beyond noise."""
    told = []
    for name in CLASSES[1:]:
        gains = [month.candidates[name].gain for month in months if name in month.candidates]
        known = [gain for gain in gains if gain is not None]
        better, worse = sum(gain.low > 0 for gain in known), sum(gain.high < 0 for gain in known)
        told.append(f"{name} in {better} of {len(known)} (worse in {worse})")
    held = [month.run.version for month in months if month.run.version.decision == "held"]
    because = "".join(f" Version {one.number} was held: {one.reason}" for one in held)
    return f"Better than recency alone beyond noise: {', '.join(told)}.{because}"
