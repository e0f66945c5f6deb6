"""A judged twin has the figures at its own cutoff that its training reported, and none without enough returns."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest

from ml.churn.champion import judge
from ml.churn.config import ChurnConfig
from ml.churn.training import ChurnTraining


@pytest.fixture
def same_config() -> ChurnConfig:
    """The settings of the session's `training`."""
    return ChurnConfig(iterations=80, bootstrap_replicates=60)


def test_the_figures_at_the_same_cutoff_are_those_of_the_training(
    training: ChurnTraining, panel: pd.DataFrame, validation_cutoff: dt.date, same_config: ChurnConfig
) -> None:
    assert judge(training.judged, panel, validation_cutoff, same_config) == training.metrics


def test_too_few_returns_give_no_figures(
    training: ChurnTraining, panel: pd.DataFrame, validation_cutoff: dt.date, same_config: ChurnConfig
) -> None:
    strict = replace(same_config, min_returns=100_000)
    assert judge(training.judged, panel, validation_cutoff, strict) == ()
