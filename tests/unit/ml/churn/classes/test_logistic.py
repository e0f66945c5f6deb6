"""The logistic regression against scikit-learn on the same columns, and its taste for signal."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ml.churn.classes.columns import learn_columns
from ml.churn.classes.logistic import LogisticPredictor, fit
from ml.churn.config import ChurnConfig
from ml.churn.logits import label_of
from ml.churn.panel import PanelSplit, split_panel
from ml.churn.recipe import LOGISTIC, default_recipe


@pytest.fixture
def split(panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig) -> PanelSplit:
    return split_panel(panel, validation_cutoff, config)


def test_predictions_equal_those_of_scikit_learn_on_the_same_columns(
    split: PanelSplit, config: ChurnConfig
) -> None:
    from sklearn.linear_model import LogisticRegression

    recipe = default_recipe(LOGISTIC, config)
    rows = split.training
    features = rows[list(recipe.features)]
    columns = learn_columns(features, is_log=True, min_category_rows=200)
    matrix = np.hstack([one.matrix(features[one.name]) for one in columns])
    theirs = LogisticRegression(C=0.01, tol=1e-10, max_iter=5000).fit(matrix, label_of(rows))
    ours = fit(split.growing, recipe, config, split.stopping).predict(features)
    np.testing.assert_allclose(ours, theirs.predict_proba(matrix)[:, 1], rtol=1e-3)


def test_the_mean_prediction_is_the_base_rate_of_the_rows(split: PanelSplit, config: ChurnConfig) -> None:
    rows = split.training
    recipe = default_recipe(LOGISTIC, config)
    predicted = fit(rows, recipe, config, None).predict(rows[list(recipe.features)])
    assert predicted.mean() == pytest.approx(label_of(rows).mean(), rel=1e-5)


def test_a_stronger_penalty_gives_smaller_coefficients(split: PanelSplit, config: ChurnConfig) -> None:
    def size(C: float) -> float:
        recipe = default_recipe(LOGISTIC, config)
        recipe = replace(recipe, parameters={**recipe.parameters, "C": C})
        return float(np.abs(fit(split.training, recipe, config, None).coefficients).sum())

    assert size(1e-4) < size(1e-2) < size(1.0)


def test_rows_held_out_for_stopping_are_learned_from_too(split: PanelSplit, config: ChurnConfig) -> None:
    recipe = default_recipe(LOGISTIC, config)
    one = fit(split.growing, recipe, config, split.stopping)
    two = fit(split.training, recipe, config, None)
    assert isinstance(one, LogisticPredictor)
    np.testing.assert_allclose(one.coefficients, two.coefficients)
