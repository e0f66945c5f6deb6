"""Figures: they show what they say, without pyplot's global state."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from ml.clv.config import ClvConfig
from ml.clv.figures import (
    calibration_figure,
    frequency_recency_figure,
    frequency_recency_matrix,
    holdout_by_frequency,
)
from ml.clv.model import CltvModel
from ml.clv.training import CltvTraining, train


@pytest.fixture(scope="module")
def training(shop: dict[str, pd.DataFrame]) -> CltvTraining:
    return train(**shop, config=ClvConfig(penalizers=(0.0,)))


def test_groups_hold_all_purchases_of_the_holdout(
    training: CltvTraining, shop: dict[str, pd.DataFrame]
) -> None:
    groups, _, actual = holdout_by_frequency(training)
    calibration = shop["calibration"]
    sizes = calibration.groupby(np.minimum(calibration["frequency"], 3))["customers"].sum()
    total = (calibration["holdout_purchases"] * calibration["customers"]).sum()
    assert list(groups) == list(sizes.index)
    assert actual @ sizes.to_numpy() == pytest.approx(total)


def test_the_calibration_figure_is_a_small_png_with_both_series(training: CltvTraining) -> None:
    figure = calibration_figure(training)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    assert buffer.getvalue().startswith(b"\x89PNG")
    assert tuple(figure.bbox.size) == (480, 320)
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["actual", "expected"]


def test_a_calibration_figure_without_a_holdout_is_refused(
    training: CltvTraining, shop: dict[str, pd.DataFrame]
) -> None:
    without = train(shop["calibration"].iloc[:0], shop["full"], shop["spend"], ClvConfig(penalizers=(0.0,)))
    with pytest.raises(ValueError, match="no holdout"):
        calibration_figure(without)


def test_later_purchases_promise_more(model: CltvModel) -> None:
    matrix, recency = frequency_recency_matrix(model, age_days=300, max_frequency=5)
    assert matrix.shape == (len(recency), 5)
    assert (np.diff(matrix, axis=0) > 0).all()


def test_the_matrix_figure_names_its_horizon(model: CltvModel) -> None:
    figure = frequency_recency_figure(model, age_days=300)
    assert "180 days" in figure.axes[0].get_title()
