"""Recipes: JSON there and back, what is refused, and features that follow from groups."""

from __future__ import annotations

import pytest

from ml.churn.config import ChurnConfig
from ml.churn.features import FEATURES, GROUPS
from ml.churn.recipe import CATBOOST, LOGISTIC, MODEL_CLASSES, PURCHASE, RECENCY, ChurnRecipe, default_recipe


@pytest.mark.parametrize("name", MODEL_CLASSES)
def test_the_default_of_every_class_survives_json(name: str, config: ChurnConfig) -> None:
    recipe = default_recipe(name, config)
    again = ChurnRecipe.from_json(recipe.to_json())
    assert again == recipe
    assert hash(again) == hash(recipe)
    assert again.to_json() == recipe.to_json()


def test_default_recipes_use_all_features_where_the_class_can(config: ChurnConfig) -> None:
    features = {name: default_recipe(name, config).features for name in MODEL_CLASSES}
    assert features[LOGISTIC] == features[CATBOOST] == FEATURES
    assert features[RECENCY] == ("recency_days",)
    assert features[PURCHASE] == ("recency_days", "age_days", "purchase_days")


def test_features_follow_the_groups_in_their_own_order() -> None:
    recipe = ChurnRecipe(LOGISTIC, {}, ("review", "recency"))
    assert recipe.features == (*GROUPS["recency"], *GROUPS["review"])


def test_recipes_differ_by_one_parameter_or_group() -> None:
    one = ChurnRecipe(LOGISTIC, {"C": 1.0}, ("recency",))
    assert one != ChurnRecipe(LOGISTIC, {"C": 2.0}, ("recency",))
    assert one != ChurnRecipe(LOGISTIC, {"C": 1.0}, ("recency", "review"))


@pytest.mark.parametrize(
    ("name", "groups", "message"),
    [
        ("oracle", ("recency",), "unknown model class 'oracle'"),
        (LOGISTIC, (), "at least one feature group"),
        (LOGISTIC, ("weather",), r"unknown feature group\(s\) weather"),
    ],
)
def test_a_recipe_that_makes_no_sense_is_refused(name: str, groups: tuple[str, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ChurnRecipe(name, {}, groups)
