"""What a churn model is made of: its class, its parameters and its feature groups, as one value.

Stays out: fitting; each class does that in `classes`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from ml.churn.config import ChurnConfig
from ml.churn.features import GROUPS, features_of

RECENCY = "recency alone"
PURCHASE = "purchase model"
LOGISTIC = "logistic regression"
HISTOGRAM = "histogram gradient boosting"
CATBOOST = "catboost"
MODEL_CLASSES = (RECENCY, PURCHASE, LOGISTIC, HISTOGRAM, CATBOOST)
_OWN_FEATURES = {RECENCY: ("recency_days",), PURCHASE: ("recency_days", "age_days", "purchase_days")}

Parameter = float | int | bool | str


@dataclass(frozen=True)
class ChurnRecipe:
    """How to make a churn model.

    Attributes:
        model_class: One of `MODEL_CLASSES`, which are in order of simplicity.
        parameters: The parameters of the class; each class names those it needs.
        feature_groups: Names of the groups in `features.GROUPS` that the model may use.
    """

    model_class: str
    parameters: Mapping[str, Parameter] = field(hash=False)
    feature_groups: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.model_class not in MODEL_CLASSES:
            raise ValueError(
                f"unknown model class {self.model_class!r}; known are {', '.join(MODEL_CLASSES)}"
            )
        if not self.feature_groups:
            raise ValueError(f"{self.model_class}: a recipe needs at least one feature group")
        features_of(self.feature_groups)

    @property
    def features(self) -> tuple[str, ...]:
        """The features that the model is given; the two simplest classes use some of their groups only."""
        return _OWN_FEATURES.get(self.model_class) or features_of(self.feature_groups)

    @property
    def has_fixed_features(self) -> bool:
        """Whether the class decides its features itself."""
        return self.model_class in _OWN_FEATURES

    def to_json(self) -> str:
        """Return the recipe as JSON with sorted keys."""
        return json.dumps(asdict(self), sort_keys=True, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> ChurnRecipe:
        """Return the recipe that `to_json` wrote."""
        content = json.loads(text)
        return cls(content["model_class"], content["parameters"], tuple(content["feature_groups"]))


def recency_recipe() -> ChurnRecipe:
    """Return the recipe of the naive baseline."""
    return ChurnRecipe(RECENCY, {}, ("recency",))


def purchase_recipe() -> ChurnRecipe:
    """Return the recipe of the purchase model's own probability."""
    return ChurnRecipe(PURCHASE, {}, ("recency", "history"))


def default_recipe(model_class: str, config: ChurnConfig) -> ChurnRecipe:
    """Return the recipe of a class before any search, with all feature groups where it can use them.

    The parameters are cautious: returns are few and their signal is weak.
    """
    growth = {"iterations": config.iterations, "early_stopping_rounds": config.early_stopping_rounds}
    parameters: dict[str, dict[str, Parameter]] = {
        LOGISTIC: {"C": 0.01, "is_log": True, "min_category_rows": 200},
        HISTOGRAM: {
            **growth,
            "learning_rate": 0.05,
            "max_leaf_nodes": 8,
            "min_samples_leaf": 200,
            "l2_regularization": 10.0,
            "min_category_rows": 200,
        },
        CATBOOST: {
            **growth,
            "learning_rate": 0.06,
            "depth": 4,
            "l2_leaf_reg": 3.0,
            "one_hot_max_size": 32,
            "max_ctr_complexity": 1,
        },
    }
    if model_class in _OWN_FEATURES:
        return recency_recipe() if model_class == RECENCY else purchase_recipe()
    return ChurnRecipe(model_class, parameters[model_class], tuple(GROUPS))
