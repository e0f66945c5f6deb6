"""The points of a lifetime-value model's curves against its holdout, counted again."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from ml.clv.config import ClvConfig
from ml.clv.curves import curves
from ml.clv.results import CltvTraining
from ml.clv.training import train

QUICK = ClvConfig(penalizers=(0.0,), families=("BG/NBD",), bootstrap_replicates=20, interval_draws=20)


@pytest.fixture(scope="module")
def training(shop: dict[str, pd.DataFrame]) -> CltvTraining:
    return train(**shop, config=QUICK)


def test_calibration_holds_every_purchase_of_the_holdout(training: CltvTraining) -> None:
    points = curves(training).query("curve == 'calibration'")
    holdout = training.holdout
    assert points["customers"].sum() == holdout["customers"].sum()
    for name, column in (("x", "expected_purchases"), ("y", "holdout_purchases")):
        assert points["customers"] @ points[name] == pytest.approx(holdout["customers"] @ holdout[column])


def test_calibration_groups_customers_by_purchase_days_and_leaves_out_groups_without_customers(
    training: CltvTraining,
) -> None:
    some = training.holdout[training.holdout["frequency"].isin([0, 2, 3, 5])]
    points = curves(replace(training, holdout=some)).query("curve == 'calibration'")
    assert points["group_from"].tolist() == [1, 3, 4]
    assert points["group_to"].tolist()[:2] == [1, 3]
    assert pd.isna(points["group_to"].iloc[2])


def test_gain_at_a_tenth_is_the_figure_of_the_model(training: CltvTraining) -> None:
    points = curves(training).query("curve == 'gain'").set_index("x")
    share = {metric.metric: metric.value for metric in training.metrics}["holdout_top_decile_share"]
    assert points.loc[0.1, "y"] == pytest.approx(share)
    assert points["y"].iloc[0] == 0
    assert points["y"].iloc[-1] == pytest.approx(1)


def test_without_a_holdout_there_are_no_points_and_without_its_value_no_gain(training: CltvTraining) -> None:
    assert curves(replace(training, holdout=training.holdout.head(0))).empty
    unvalued = replace(training, holdout=training.holdout.assign(expected_value_brl=float("nan")))
    assert set(curves(unvalued)["curve"]) == {"calibration"}
