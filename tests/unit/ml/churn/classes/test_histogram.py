"""Histogram boosting: as many trees as were best, codes that hold for unseen values, and a file without surprises."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ml.churn.classes.histogram import Coding, HistogramPredictor, fit, from_files
from ml.churn.config import ChurnConfig
from ml.churn.panel import PanelSplit, split_panel
from ml.churn.recipe import HISTOGRAM, default_recipe
from ml.churn.training import ChurnTraining


@pytest.fixture
def split(panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig) -> PanelSplit:
    return split_panel(panel, validation_cutoff, config)


def test_trees_after_the_best_score_are_dropped(split: PanelSplit, config: ChurnConfig) -> None:
    recipe = default_recipe(HISTOGRAM, config)
    noise = np.random.default_rng(5).random(len(split.growing)) < 0.7
    stopped = fit(split.growing.assign(is_churned=noise), recipe, config, split.stopping)
    scores = stopped.classifier.validation_score_
    kept = int(stopped.settled["iterations"])
    assert kept == max(int(np.argmax(scores)), 1)
    assert kept < len(scores) - 1
    again = replace(recipe, parameters={**recipe.parameters, "iterations": kept})
    same = fit(split.growing.assign(is_churned=noise), again, config, None)
    features = split.validation[list(stopped.features)]
    np.testing.assert_allclose(stopped.predict(features), same.predict(features))


def test_codes_hold_for_rare_and_unseen_categories_and_for_what_nobody_has() -> None:
    seen = pd.DataFrame(
        {
            "state": pd.Categorical(["SP"] * 3 + ["RJ"] * 3 + ["AC"]),
            "distance_km": np.full(7, np.nan),
            "review_score": [1.0, np.nan, 3.0, 4.0, 5.0, 5.0, 5.0],
        }
    )
    coding = Coding.learn(seen, min_category_rows=2)
    later = pd.DataFrame(
        {
            "state": pd.Categorical(["SP", "RJ", "AC", "XX"]),
            "distance_km": [10.0, np.nan, 1.0, 2.0],
            "review_score": [np.nan, 1.0, 2.0, 3.0],
        }
    )
    np.testing.assert_array_equal(coding.matrix(later), [[1, 0, np.nan], [0, 0, 1], [2, 0, 2], [2, 0, 3]])


def test_a_file_with_another_type_is_refused(trainings: Mapping[str, ChurnTraining]) -> None:
    import skops.io
    from skops.io.exceptions import UntrustedTypesFoundException

    predictor = trainings[HISTOGRAM].model.predictor
    assert isinstance(predictor, HistogramPredictor)
    files = {**predictor.to_files(), "histogram.skops": skops.io.dumps(dt.date(2018, 1, 1))}
    with pytest.raises(UntrustedTypesFoundException):
        from_files(files)


def test_the_identity_is_that_of_the_content_and_not_of_the_file(
    trainings: Mapping[str, ChurnTraining],
) -> None:
    predictor = trainings[HISTOGRAM].model.predictor
    again = from_files(predictor.to_files())
    assert again.identity() == predictor.identity()
    again.classifier._predictors[0][0].nodes["value"][1] += 1e-9
    assert again.identity() != predictor.identity()
