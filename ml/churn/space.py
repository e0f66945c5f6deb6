"""The space of recipes that a search goes through, and the way between a recipe and a trial's parameters.

Stays out: how a recipe is judged (`search`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ml.churn.config import ChurnConfig
from ml.churn.features import GROUPS
from ml.churn.recipe import CATBOOST, HISTOGRAM, LOGISTIC, ChurnRecipe, Parameter, default_recipe

if TYPE_CHECKING:
    from optuna.trial import BaseTrial

CLASSES = (LOGISTIC, HISTOGRAM, CATBOOST)
_ALWAYS = "recency"
_OPTIONAL = tuple(group for group in GROUPS if group != _ALWAYS)
_ROWS = (20, 50, 100, 200, 500, 1000)
_FLOATS: dict[str, dict[str, tuple[float, float]]] = {
    LOGISTIC: {"C": (1e-4, 1.0)},
    HISTOGRAM: {"learning_rate": (0.03, 0.2), "l2_regularization": (0.1, 100.0)},
    CATBOOST: {"learning_rate": (0.03, 0.2), "l2_leaf_reg": (1.0, 100.0)},
}
_CHOICES: dict[str, dict[str, tuple[Parameter, ...]]] = {
    LOGISTIC: {"is_log": (True, False), "min_category_rows": _ROWS},
    HISTOGRAM: {
        "max_leaf_nodes": (4, 8, 16, 31),
        "min_samples_leaf": (50, 100, 200, 500),
        "min_category_rows": _ROWS,
    },
    CATBOOST: {
        "depth": (2, 3, 4, 5),
        "one_hot_max_size": (2, 8, 32, 128),
    },
}


def suggest(trial: BaseTrial, config: ChurnConfig) -> ChurnRecipe:
    """Return the recipe of a trial: a class, its parameters, and the groups it may use beside recency.

    The number of trees is no parameter of the search; early stopping decides it below the settings' most.
    """
    model_class = trial.suggest_categorical("model_class", CLASSES)
    parameters = dict(default_recipe(model_class, config).parameters)
    for name, (low, high) in _FLOATS[model_class].items():
        parameters[name] = trial.suggest_float(_key(model_class, name), low, high, log=True)
    for name, choices in _CHOICES[model_class].items():
        parameters[name] = cast(Parameter, trial.suggest_categorical(_key(model_class, name), choices))
    used = [group for group in _OPTIONAL if trial.suggest_categorical(_key("group", group), (True, False))]
    return ChurnRecipe(model_class, parameters, (_ALWAYS, *used))


def trial_parameters(recipe: ChurnRecipe) -> dict[str, Parameter]:
    """Return the parameters with which `suggest` gives the recipe."""
    names = (*_FLOATS[recipe.model_class], *_CHOICES[recipe.model_class])
    own = {_key(recipe.model_class, name): recipe.parameters[name] for name in names}
    groups = {_key("group", group): group in recipe.feature_groups for group in _OPTIONAL}
    return {"model_class": recipe.model_class, **own, **groups}


def _key(prefix: str, name: str) -> str:
    return f"{prefix}: {name}"
