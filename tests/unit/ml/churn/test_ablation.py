"""Ablation: the group that carries the signal is missed, another is not."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest

from ml.churn.ablation import COLUMNS, ablation
from ml.churn.config import ChurnConfig
from ml.churn.recipe import CATBOOST, LOGISTIC, PURCHASE, RECENCY, ChurnRecipe, default_recipe


@pytest.mark.parametrize("name", [LOGISTIC, CATBOOST])
def test_the_group_that_carries_the_signal_is_missed(
    panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig, name: str
) -> None:
    recipe = replace(default_recipe(name, config), feature_groups=("recency", "review", "season"))
    found = ablation(panel, validation_cutoff, config, recipe)
    assert tuple(found.columns) == COLUMNS
    assert sorted(found["feature_group"]) == ["recency", "review", "season"]
    rows = found.set_index("feature_group")
    for group in ("recency", "review"):
        assert rows.loc[group, "high"] < 0
        assert rows.loc[group, "log_loss_low"] > 0
    assert rows.loc["season", "low"] <= 0.01
    assert abs(rows.loc["season", "roc_auc_change"]) < 0.02
    whole = found["roc_auc"] - found["roc_auc_change"]
    assert whole.max() == pytest.approx(whole.min())


@pytest.mark.parametrize(
    "recipe",
    [
        ChurnRecipe(RECENCY, {}, ("recency",)),
        ChurnRecipe(PURCHASE, {}, ("recency", "history")),
        ChurnRecipe(LOGISTIC, {"C": 1.0, "is_log": True, "min_category_rows": 20}, ("review",)),
    ],
)
def test_where_nothing_can_be_dropped_there_is_no_row(
    panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig, recipe: ChurnRecipe
) -> None:
    found = ablation(panel, validation_cutoff, config, recipe)
    assert found.empty
    assert tuple(found.columns) == COLUMNS
