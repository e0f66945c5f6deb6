"""Recency alone: the fit of its one variable, and contributions that say how far it is from usual."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from ml.churn.classes.recency import RecencyPredictor, fit, from_files
from ml.churn.config import ChurnConfig
from ml.churn.logits import label_of, log_odds
from ml.churn.recipe import RECENCY, recency_recipe
from ml.churn.training import ChurnTraining


def test_the_mean_prediction_is_the_base_rate_of_all_rows(panel: pd.DataFrame, config: ChurnConfig) -> None:
    one, two = panel.iloc[:6000], panel.iloc[6000:]
    predictor = fit(one, recency_recipe(), config, two)
    assert predictor.predict(panel).mean() == pytest.approx(label_of(panel).mean())
    assert predictor == fit(panel, recency_recipe(), config, None)


def test_a_contribution_is_zero_at_the_usual_recency_and_grows_with_silence() -> None:
    predictor = RecencyPredictor(intercept=-3.0, slope=-0.5, centre=float(np.log1p(99.0)))
    rows = pd.DataFrame({"recency_days": [9.0, 99.0, 999.0]})
    np.testing.assert_allclose(predictor.contributions(rows)[:, 0], 0.5 * np.log([0.1, 1, 10]), atol=1e-12)
    assert predictor.base == pytest.approx(-log_odds(predictor.predict(rows)[1:2])[0])


def test_its_file_is_read_back_exactly(trainings: Mapping[str, ChurnTraining]) -> None:
    predictor = trainings[RECENCY].model.predictor
    assert from_files(predictor.to_files()) == predictor
