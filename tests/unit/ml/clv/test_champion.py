"""A judged model has the figures on its own holdout that its training reported, and none without a usable one."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from ml.clv.champion import judge
from ml.clv.config import ClvConfig
from ml.clv.training import train

Frames = dict[str, pd.DataFrame]
QUICK = ClvConfig(penalizers=(0.0, 1e-3), bootstrap_replicates=50, interval_draws=20)


def test_the_figures_on_the_same_holdout_are_those_of_the_training(shop: Frames) -> None:
    training = train(**shop, config=QUICK)
    assert training.judged is not None

    found = judge(training.judged, shop["calibration"], QUICK)

    assert [metric.metric for metric in found] == [metric.metric for metric in training.metrics]
    assert [metric.baseline for metric in found] == [metric.baseline for metric in training.metrics]
    for mine, reported in zip(found, training.metrics, strict=True):
        values = (mine.value, mine.low, mine.high)
        expected = (reported.value, reported.low, reported.high)
        assert values == pytest.approx(expected, rel=1e-9), mine.metric
        assert mine.baseline_value == reported.baseline_value, mine.metric


def test_a_holdout_with_too_few_purchases_gives_no_figures(shop: Frames) -> None:
    training = train(**shop, config=QUICK)
    assert training.judged is not None

    assert judge(training.judged, shop["calibration"], replace(QUICK, min_repeat_customers=10**9)) == ()
