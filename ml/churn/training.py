"""Training of the churn model: fit candidates, judge them on a later cutoff, choose, refit on all rows to serve.

Stays out: the rules of the split (`panel`), of one candidate (`candidates`) and of the choice (`choice`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pandas as pd

from ml.churn.calibration import NO_CALIBRATION
from ml.churn.candidates import Fitted, candidate_recipes, churn_model, fit_candidate
from ml.churn.choice import Candidate, baseline_of, candidates, choose
from ml.churn.classes import fit_predictor
from ml.churn.config import ChurnConfig
from ml.churn.importance import feature_importance
from ml.churn.model import ChurnModel
from ml.churn.panel import PanelSplit, split_panel
from ml.churn.purchase_models import PurchaseModels
from ml.churn.recipe import CATBOOST, PURCHASE, RECENCY, ChurnRecipe, recency_recipe
from ml.metrics import ModelMetric
from ml.statements import Statement


@dataclass(frozen=True, eq=False)
class ChurnTraining:
    """What training found.

    Attributes:
        model: The model to score with, refitted on training and validation cutoffs together.
        judged: Its twin, fitted on the training cutoffs alone; the figures are this one's.
        candidates: All that was tried.
        metrics: Figures of `judged` on the validation cutoff, beside recency alone.
        statements: What is served and why, what was fitted on what and how it was judged.
        reason: The same in words.
        validation: One row per customer of the validation cutoff: customer_unique_id, is_returned,
            return_probability (of `judged`), baseline_return_probability (of recency alone), and P(return) of
            every candidate in a column of its label.
        importance: One row per feature of `model`, largest first: feature, importance_pct (sums to 100).
    """

    model: ChurnModel
    judged: ChurnModel
    candidates: tuple[Candidate, ...]
    metrics: tuple[ModelMetric, ...]
    statements: tuple[Statement, ...]
    reason: str
    validation: pd.DataFrame
    importance: pd.DataFrame


def train(
    panel: pd.DataFrame,
    validation_cutoff: dt.date,
    config: ChurnConfig,
    purchase_models: PurchaseModels | None = None,
    recipes: Sequence[ChurnRecipe] = (),
) -> ChurnTraining:
    """Train the churn model.

    Candidates are fitted on the training cutoffs, whose label periods end by the validation cutoff, and judged
    at the validation cutoff. The simplest that no more complex one beats beyond noise is fitted once more, on
    all rows, to serve. Classes are not re-weighted, which would bend the probabilities.

    Args:
        panel: One row per cutoff_date and customer_unique_id: the features, and is_churned (bool: no purchase
            in [cutoff, cutoff + horizon)).
        validation_cutoff: The cutoff to judge on.
        config: Settings.
        purchase_models: The purchase models of the lifetime value; without them theirs is no candidate.
        recipes: Candidates beside the default ones.

    Raises:
        InvalidInputError: The panel breaks a rule, such as a training label that reaches past the cutoff.
        NotEnoughDataError: Too few customers return in training or in validation.
    """
    split = split_panel(panel, validation_cutoff, config)
    tried = candidate_recipes(config, purchase_models, recipes)
    fitted = _fit_all(tried, split, validation_cutoff, config, purchase_models)
    chosen, reasons = choose(fitted)
    return _result(fitted, chosen, reasons, split, config, purchase_models)


def train_recipe(
    panel: pd.DataFrame,
    validation_cutoff: dt.date,
    config: ChurnConfig,
    recipe: ChurnRecipe,
    purchase_models: PurchaseModels | None = None,
) -> ChurnTraining:
    """Train one recipe, without a choice; recency alone is fitted beside it as the baseline.

    Arguments and errors are those of `train`.
    """
    split = split_panel(panel, validation_cutoff, config)
    tried = {RECENCY: recency_recipe(), recipe.model_class: recipe}
    fitted = _fit_all(tried, split, validation_cutoff, config, purchase_models)
    reasons = {
        RECENCY: (Statement("fitted_as_baseline", "fitted as the baseline"),),
        recipe.model_class: (Statement("asked_for", "asked for, not chosen among others"),),
    }
    return _result(fitted, fitted[-1], reasons, split, config, purchase_models)


def _fit_all(
    tried: Mapping[str, ChurnRecipe],
    split: PanelSplit,
    validation_cutoff: dt.date,
    config: ChurnConfig,
    purchase_models: PurchaseModels | None,
) -> list[Fitted]:
    """Fit the candidates in their order; CatBoost, which needs no lock of Python's, grows while others are fitted."""

    def fit(label: str) -> Fitted:
        return fit_candidate(label, tried[label], split, validation_cutoff, config, purchase_model)

    purchase_model = purchase_models.judged if purchase_models else None
    with ThreadPoolExecutor(1) as beside:
        growing = {
            label: beside.submit(fit, label)
            for label, recipe in tried.items()
            if recipe.model_class == CATBOOST
        }
        fitted = {label: fit(label) for label in tried if label not in growing}
        return [fitted[label] if label in fitted else growing[label].result() for label in tried]


def _result(
    fitted: Sequence[Fitted],
    chosen: Fitted,
    reasons: Mapping[str, tuple[Statement, ...]],
    split: PanelSplit,
    config: ChurnConfig,
    purchase_models: PurchaseModels | None,
) -> ChurnTraining:
    model = _served(chosen, split, config, purchase_models)
    how = _how(split, model)
    all_tried = candidates(fitted, chosen, reasons)
    return ChurnTraining(
        model=model,
        judged=chosen.judged,
        candidates=all_tried,
        metrics=next(one.metrics for one in all_tried if one.is_chosen),
        statements=(*reasons[chosen.label], *how),
        reason=_in_words(reasons[chosen.label], how),
        validation=_validation(fitted, chosen, split),
        importance=feature_importance(model, split.validation),
    )


def _served(
    chosen: Fitted, split: PanelSplit, config: ChurnConfig, purchase_models: PurchaseModels | None
) -> ChurnModel:
    purchase_model = purchase_models.served if purchase_models else None
    predictor = fit_predictor(split.everything, chosen.recipe, config, purchase_model=purchase_model)
    judged = chosen.judged
    return churn_model(
        predictor,
        chosen.recipe,
        split.everything,
        split,
        judged.validation_cutoff,
        config,
        judged.calibration,
        judged.validated_drift,
    )


def _validation(fitted: Sequence[Fitted], chosen: Fitted, split: PanelSplit) -> pd.DataFrame:
    rows = split.validation
    columns = {
        "customer_unique_id": rows["customer_unique_id"].to_numpy(),
        "is_returned": ~rows["is_churned"].to_numpy(),
        "return_probability": chosen.probability,
        "baseline_return_probability": baseline_of(fitted).probability,
        **{one.label: one.probability for one in fitted},
    }
    return pd.DataFrame(columns)


def _in_words(choice: Sequence[Statement], how: Sequence[Statement]) -> str:
    sentences = ("; ".join(one.words for one in part) for part in (choice, how))
    return " ".join(f"{words[0].upper()}{words[1:]}." for words in sentences)


def _how(split: PanelSplit, model: ChurnModel) -> tuple[Statement, ...]:
    """Return what the twin was fitted on, what it was judged on, and what the model that serves was fitted on."""
    validation = split.validation
    returned = model.rule.base_return_rate
    judged = Statement(
        "judged_on",
        f"judged on {len(validation)} customers at {model.validation_cutoff}, of whom "
        f"{returned:.2%} returned within {model.horizon_days} days",
        {
            "customers": len(validation),
            "cutoff": str(model.validation_cutoff),
            "returned": returned,
            "days": model.horizon_days,
        },
    )
    if model.recipe.model_class == PURCHASE:
        refitted = Statement("refitted", "then fitted on all purchases", {"rows": None})
        return (_fitted_on_purchases(model), judged, refitted)
    rows = len(split.everything)
    refitted = Statement("refitted", f"then fitted on all {rows} rows", {"rows": rows})
    return (_fitted_on_rows(split, model), judged, refitted)


def _fitted_on_purchases(model: ChurnModel) -> Statement:
    return Statement(
        "fitted_on_purchases",
        f"fitted on purchases before {model.validation_cutoff}{_calibrated(model)}",
        {"before": str(model.validation_cutoff), "calibration": _line(model)},
    )


def _fitted_on_rows(split: PanelSplit, model: ChurnModel) -> Statement:
    rows = len(split.training)
    cutoffs = [str(cutoff) for cutoff in sorted(split.training["cutoff_date"].unique())]
    return Statement(
        "fitted_on_rows",
        f"fitted on {rows} rows of the cutoffs {', '.join(cutoffs)}{_trees(model)}{_calibrated(model)}",
        {
            "rows": rows,
            "cutoffs": cutoffs,
            "trees": model.recipe.parameters.get("iterations"),
            "calibration": _line(model),
        },
    )


def _trees(model: ChurnModel) -> str:
    trees = model.recipe.parameters.get("iterations")
    return f" ({trees} trees, as many as customers kept apart had use for)" if trees else ""


def _calibrated(model: ChurnModel) -> str:
    line = _line(model)
    if line is None:
        return ""
    intercept, slope = line
    return f", calibrated on training cutoffs (log-odds {intercept:+.2f} {slope:+.2f} times its own)"


def _line(model: ChurnModel) -> list[float] | None:
    line = model.calibration
    return None if line == NO_CALIBRATION else [float(line.intercept), float(line.slope)]
