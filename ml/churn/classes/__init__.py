"""The classes of churn models, simplest first; each is a module with `fit` and `from_files`.

Stays out: choosing among them. Heavy packages are imported by the function that needs them.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ml.churn.classes import catboost, histogram, logistic, purchase, recency
from ml.churn.config import ChurnConfig
from ml.churn.predictor import Predictor
from ml.churn.purchase_models import PurchaseModel
from ml.churn.recipe import CATBOOST, HISTOGRAM, LOGISTIC, PURCHASE, RECENCY, ChurnRecipe

_FITTED = {RECENCY: recency, LOGISTIC: logistic, HISTOGRAM: histogram, CATBOOST: catboost}
_READ = {**_FITTED, PURCHASE: purchase}


def fit_predictor(
    rows: pd.DataFrame,
    recipe: ChurnRecipe,
    config: ChurnConfig,
    stopping: pd.DataFrame | None = None,
    purchase_model: PurchaseModel | None = None,
) -> Predictor:
    """Fit a predictor of the recipe's class.

    Args:
        rows: Features and is_churned of the rows to learn from.
        recipe: What to fit.
        config: Settings.
        stopping: Rows of other customers that say when a booster has enough trees; without them the
            recipe's number of trees is grown.
        purchase_model: Needed by the class "purchase model" alone.

    Raises:
        ValueError: The class needs a purchase model and there is none.
    """
    if recipe.model_class != PURCHASE:
        return _FITTED[recipe.model_class].fit(rows, recipe, config, stopping)
    if purchase_model is None:
        raise ValueError(f"{PURCHASE}: the recipe needs a fitted purchase model, and none was given")
    return purchase.fit(rows, config, purchase_model)


def read_predictor(model_class: str, files: Mapping[str, bytes]) -> Predictor:
    """Return the predictor whose `to_files` wrote the files."""
    return _READ[model_class].from_files(files)
