"""The gate: a better model is seen, an equal one is not better, and one that has seen the answers is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd
import pytest

from ml.churn.config import ChurnConfig
from ml.churn.evaluation import Replicated, comparison
from ml.churn.gate import compare
from ml.churn.model import ChurnModel
from ml.churn.recipe import CATBOOST, RECENCY
from ml.churn.training import ChurnTraining
from ml.errors import InvalidInputError


def test_a_better_challenger_is_seen_and_a_worse_one_too(
    panel: pd.DataFrame,
    validation_cutoff: dt.date,
    config: ChurnConfig,
    trainings: Mapping[str, ChurnTraining],
) -> None:
    good, bad = trainings[CATBOOST].judged, trainings[RECENCY].judged
    found = compare(good, bad, panel, validation_cutoff, config)
    assert [one.metric for one in found] == ["roc_auc", "log_loss"]
    assert all(one.is_better for one in found)
    assert not any(one.is_no_worse for one in compare(bad, good, panel, validation_cutoff, config))


def test_the_gate_tells_the_same_figures_as_the_training(
    panel: pd.DataFrame,
    validation_cutoff: dt.date,
    config: ChurnConfig,
    trainings: Mapping[str, ChurnTraining],
) -> None:
    training = trainings[CATBOOST]
    challenger, champion = (
        ChurnModel.from_files(one.judged.to_files()) for one in (training, trainings[RECENCY])
    )
    found = compare(challenger, champion, panel, validation_cutoff, config)
    validation = training.validation
    is_returned = validation["is_returned"].to_numpy()
    new, old = (
        Replicated.of(is_returned, validation[name].to_numpy(), config) for name in (CATBOOST, RECENCY)
    )
    assert found == (comparison("roc_auc", new, old), comparison("log_loss", new, old))


def test_a_model_against_itself_is_neither_better_nor_worse(
    panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig, training: ChurnTraining
) -> None:
    for one in compare(training.judged, training.judged, panel, validation_cutoff, config):
        assert (one.difference, one.low, one.high) == (0.0, 0.0, 0.0)
        assert one.is_no_worse
        assert not one.is_better


def test_a_model_that_has_seen_the_answers_is_refused(
    panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig, training: ChurnTraining
) -> None:
    with pytest.raises(InvalidInputError, match=r"champion: it has learned from labels of .* judged twin"):
        compare(training.judged, training.model, panel, validation_cutoff, config)
    with pytest.raises(InvalidInputError, match="challenger: it has learned"):
        compare(training.model, training.judged, panel, validation_cutoff, config)


def test_a_model_of_another_horizon_is_refused(
    panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig, training: ChurnTraining
) -> None:
    shorter = replace(training.judged, horizon_days=90)
    with pytest.raises(InvalidInputError, match="challenger: its horizon is 90 days, not 180"):
        compare(shorter, training.judged, panel, validation_cutoff, config)
