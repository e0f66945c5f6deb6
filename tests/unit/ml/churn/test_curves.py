"""The points of a churn model's curves against its validation, counted again."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from ml.churn.curves import curves, wilson_interval
from ml.churn.training import ChurnTraining


def test_calibration_holds_every_customer_and_every_return(training: ChurnTraining) -> None:
    points = curves(training).query("curve == 'calibration'")
    validation = training.validation
    assert points["customers"].sum() == len(validation)
    assert points["customers"] @ points["y"] == pytest.approx(validation["is_returned"].sum())
    assert points["customers"] @ points["x"] == pytest.approx(validation["return_probability"].sum())
    assert (points["low"] <= points["y"]).all()
    assert (points["high"] >= points["y"]).all()


def test_gain_runs_from_nothing_to_all_and_beats_the_baseline_where_the_model_does(
    training: ChurnTraining,
) -> None:
    points = curves(training).query("curve == 'gain'")
    for name in ("x", "y", "baseline"):
        assert points[name].iloc[0] == 0
        assert points[name].iloc[-1] == pytest.approx(1)
        assert points[name].is_monotonic_increasing
    gain = {metric.metric: metric.value for metric in training.metrics}["roc_auc_gain"]
    assert gain > 0
    assert points["y"].mean() > points["baseline"].mean()


@pytest.mark.parametrize(("found", "size"), [(0, 50), (3, 40), (40, 40), (500, 2000)])
def test_the_interval_of_a_share_is_that_of_wilson(found: int, size: int) -> None:
    low, high = wilson_interval(np.array([found / size]), np.array([size]))
    wanted = binomtest(found, size).proportion_ci(method="wilson")
    assert [low[0], high[0]] == pytest.approx([wanted.low, wanted.high], abs=1e-6)
