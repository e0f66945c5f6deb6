"""One candidate: fitted on the training cutoffs, calibrated on customers kept apart, judged on the validation cutoff.

Stays out: choosing among candidates (`choice`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from ml.churn.calibration import NO_CALIBRATION, Calibration
from ml.churn.classes import fit_predictor
from ml.churn.config import ChurnConfig
from ml.churn.evaluation import Replicated
from ml.churn.features import CATEGORICAL
from ml.churn.logits import label_of
from ml.churn.model import ChurnModel
from ml.churn.panel import PanelSplit
from ml.churn.predictor import Predictor
from ml.churn.purchase_models import PurchaseModel, PurchaseModels
from ml.churn.recipe import CATBOOST, HISTOGRAM, LOGISTIC, PURCHASE, RECENCY, ChurnRecipe, default_recipe
from ml.churn.risk import RiskRule
from ml.drift import Reference, population_stability

_DEFAULTS = (RECENCY, PURCHASE, LOGISTIC, CATBOOST)
_BOOSTERS = (HISTOGRAM, CATBOOST)


@dataclass(frozen=True, eq=False)
class Fitted:
    """A recipe with its judged model.

    Attributes:
        label: What it is called beside the others.
        asked: The recipe as it was asked for.
        recipe: What it is made of, with what early stopping decided.
        judged: The model, fitted on the training cutoffs alone.
        probability: Its P(return) for the customers of the validation cutoff, shape (n,).
        figures: Its figures on them.
    """

    label: str
    asked: ChurnRecipe
    recipe: ChurnRecipe
    judged: ChurnModel
    probability: np.ndarray
    figures: Replicated


def candidate_recipes(
    config: ChurnConfig, purchase_models: PurchaseModels | None, recipes: Sequence[ChurnRecipe]
) -> dict[str, ChurnRecipe]:
    """Return the recipes to try by their label: the defaults that apply, then others that differ from them."""
    defaults = [default_recipe(name, config) for name in _DEFAULTS]
    tried: dict[str, ChurnRecipe] = {}
    for recipe in (*defaults, *recipes):
        if recipe in tried.values() or (recipe.model_class == PURCHASE and purchase_models is None):
            continue
        count = sum(other.model_class == recipe.model_class for other in tried.values())
        tried[recipe.model_class if not count else f"{recipe.model_class} {count + 1}"] = recipe
    return tried


def fit_candidate(
    label: str,
    recipe: ChurnRecipe,
    split: PanelSplit,
    validation_cutoff: dt.date,
    config: ChurnConfig,
    purchase_model: PurchaseModel | None,
) -> Fitted:
    """Fit a recipe on the training cutoffs and judge it.

    A booster is grown twice: until customers kept apart see no more progress, then with as many trees on all
    training rows, as the model that will serve is grown on all rows.
    """
    settled, calibration = settle(recipe, split, config, purchase_model)
    predictor = fit_predictor(split.training, settled, config, purchase_model=purchase_model)
    judged = churn_model(predictor, settled, split.training, split, validation_cutoff, config, calibration)
    customers = split.validation[list(judged.features)]
    probability = judged.return_probability(customers)
    moved = population_stability(judged.reference, customers, 1 - probability).set_index("feature")["psi"]
    judged = replace(judged, validated_drift=moved.to_dict())
    figures = Replicated.of(~split.validation["is_churned"].to_numpy(), probability, config)
    return Fitted(label, recipe, settled, judged, probability, figures)


def settle(
    recipe: ChurnRecipe, split: PanelSplit, config: ChurnConfig, purchase_model: PurchaseModel | None
) -> tuple[ChurnRecipe, Calibration]:
    """Return the recipe with what early stopping decides, and the calibration, both from customers kept apart.

    The regressions are calibrated by their likelihood on the rows they are fitted on. The purchase model has
    not seen the labels, so all training rows can tell whether it is calibrated.
    """
    if recipe.model_class not in (*_BOOSTERS, PURCHASE):
        return recipe, NO_CALIBRATION
    first = fit_predictor(split.growing, recipe, config, split.stopping, purchase_model)
    apart = split.training if recipe.model_class == PURCHASE else split.stopping
    probability = first.predict(apart[list(first.features)])
    calibration = Calibration.learn_if_needed(probability, label_of(apart))
    return replace(recipe, parameters={**recipe.parameters, **first.settled}), calibration


def churn_model(
    predictor: Predictor,
    recipe: ChurnRecipe,
    rows: pd.DataFrame,
    split: PanelSplit,
    validation_cutoff: dt.date,
    config: ChurnConfig,
    calibration: Calibration,
    validated_drift: Mapping[str, float] = MappingProxyType({}),
) -> ChurnModel:
    """Return the model of a predictor that was fitted on rows, with the risk rule and the drift reference."""
    latest = rows.loc[rows["cutoff_date"] == rows["cutoff_date"].max(), list(predictor.features)]
    probability = calibration.apply(predictor.predict(latest))
    base_rate = 1 - float(split.validation["is_churned"].mean())
    return ChurnModel(
        predictor=predictor,
        recipe=recipe,
        rule=RiskRule(base_rate, config.green_lift, config.red_lift),
        features=predictor.features,
        validation_cutoff=validation_cutoff,
        learned_cutoffs=tuple(pd.Timestamp(day).date() for day in sorted(rows["cutoff_date"].unique())),
        horizon_days=config.horizon_days,
        calibration=calibration,
        reference=_reference(latest, 1 - probability),
        validated_drift=validated_drift,
    )


def _reference(features: pd.DataFrame, churn_probability: np.ndarray) -> Reference:
    categorical = [name for name in features.columns if name in CATEGORICAL]
    numeric = [name for name in features.columns if name not in CATEGORICAL]
    return Reference.of(features, numeric, categorical, churn_probability)
