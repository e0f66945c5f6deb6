"""The ceiling of churn in a simulated shop: how well the served model ranks, beside how well anybody could.

Stays out: what the ceilings are computed from (`churn_truth`).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from assets.models.churn_model import churn_config, read_panel
from assets.models.reference import JUDGED
from ml.churn.evaluation import Replicated
from ml.churn.model import ChurnModel
from ml.churn.panel import split_panel
from ml.churn.recipe import RECENCY
from ml.metrics import percentile_interval
from tests.benchmarks.report.churn import Month
from tests.benchmarks.report.churn_truth import hidden, records
from tests.benchmarks.report.homes import Home
from tests.benchmarks.report.markdown import table, with_interval

_FIGURES = {"roc_auc": ".3f", "lift_at_10pct": ".2f", "log_loss": ".4f"}
_TEXT = """\
How well returns within {horizon} days after {cutoff} can be ranked at all. *Own rate and state* is P(return) from what
the simulator knows and nobody can see: each customer's own purchase rate, and whether they are still a customer at the
cutoff. It is the ceiling for a model that could look into customers. *Records* is P(return) from the population's true
parameters and all purchases before the cutoff with how they went (late or not, bad review or not), by Bayes' rule. No
model of these records can do better but by luck.
"""


def ceiling_section(home: Home, months: list[Month]) -> Iterable[str]:
    """ROC-AUC of the served model and of recency alone beside both ceilings, at the newest month's cutoff."""
    last = months[-1]
    training, config = (
        last.trained_again,
        churn_config(home.work("models.churn_model", last.row["snapshot_month"])),
    )
    validation, cutoff = training.validation, training.judged.validation_cutoff
    customers = validation["customer_unique_id"]
    scores = {
        RECENCY: validation["baseline_return_probability"].to_numpy(),
        f"served: {last.row['choice']}, version {last.row['model_version']}": _served(home, last),
        "records": records(home, customers, cutoff, config.horizon_days),
        "own rate and state": hidden(home, customers, cutoff, config.horizon_days),
    }
    found = {
        name: Replicated.of(validation["is_returned"].to_numpy(), score, config)
        for name, score in scores.items()
    }
    yield "### The ceiling of churn"
    yield _TEXT.format(horizon=config.horizon_days, cutoff=cutoff)
    rows = [
        [name, *(with_interval(*one.interval(figure), form) for figure, form in _FIGURES.items())]
        for name, one in found.items()
    ]
    yield table(("P(return) from", "ROC-AUC", "lift at 10 %", "log loss"), rows)
    yield _way(found)


def _way(found: dict[str, Replicated]) -> str:
    """How much of what the records tell beyond chance the served model finds, with a paired interval."""
    served = next(one for name, one in found.items() if name.startswith("served"))
    ceiling = found["records"]
    share = (served.points["roc_auc"] - 0.5) / (ceiling.points["roc_auc"] - 0.5)
    replicates = (served.replicates["roc_auc"] - 0.5) / (ceiling.replicates["roc_auc"] - 0.5)
    told = with_interval(share, *percentile_interval(replicates), ".0%")
    return f"Of the ROC-AUC above one half that the records hold, the served model finds {told}."


def _served(home: Home, month: Month) -> np.ndarray:
    """P(return) of the served version's judged twin for the customers of the month's validation cutoff."""
    work = home.work("models.churn_model", month.row["snapshot_month"])
    cutoff = month.trained_again.judged.validation_cutoff
    files = home.tracking.load_files(month.row["model_name"], month.row["model_version"], JUDGED)
    model = ChurnModel.from_files(files)
    rows = split_panel(read_panel(work), cutoff, churn_config(work)).validation
    return model.return_probability(rows[list(model.features)])
