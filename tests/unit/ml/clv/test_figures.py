"""Figures: they show what they say, without pyplot's global state."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ml.clv.config import ClvConfig
from ml.clv.figures import (
    calibration_figure,
    cumulative_figure,
    frequency_recency_figure,
    frequency_recency_matrix,
    gains_figure,
    holdout_by_frequency,
    incremental_figure,
    p_alive_figure,
    p_alive_matrix,
)
from ml.clv.model import CltvModel
from ml.clv.results import CltvTraining
from ml.clv.training import train

QUICK = ClvConfig(penalizers=(0.0,), families=("BG/NBD",), bootstrap_replicates=20, interval_draws=20)


@pytest.fixture(scope="module")
def training(shop: dict[str, pd.DataFrame]) -> CltvTraining:
    return train(**shop, config=QUICK)


def test_groups_hold_all_purchases_of_the_holdout(
    training: CltvTraining, shop: dict[str, pd.DataFrame]
) -> None:
    groups, _, actual, counted = holdout_by_frequency(training)
    calibration = shop["calibration"]
    sizes = calibration.groupby(np.minimum(calibration["frequency"], 3))["customers"].sum()
    total = (calibration["holdout_purchases"] * calibration["customers"]).sum()
    assert list(groups) == list(sizes.index)
    assert list(counted) == sizes.tolist()
    assert actual @ sizes.to_numpy() == pytest.approx(total)


def test_the_calibration_figure_is_a_small_png_with_both_series(training: CltvTraining) -> None:
    figure = calibration_figure(training)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    assert buffer.getvalue().startswith(b"\x89PNG")
    assert tuple(figure.bbox.size) == (480, 320)
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["actual", "expected"]


def test_the_gains_figure_shows_the_gini_of_the_metrics_and_ends_in_the_corner(
    training: CltvTraining,
) -> None:
    axes = gains_figure(training).axes[0]
    gini = next(metric.value for metric in training.metrics if metric.metric == "holdout_gini")
    assert f"Gini {gini:.2f}" in axes.get_title()
    share, held = axes.get_lines()[0].get_data()
    assert (share[0], held[0], share[-1], held[-1]) == (0, 0, pytest.approx(1), pytest.approx(1))
    assert (np.diff(np.asarray(held)) >= 0).all()


def test_figures_of_the_holdout_are_refused_without_one(
    training: CltvTraining, shop: dict[str, pd.DataFrame]
) -> None:
    without = train(shop["calibration"].iloc[:0], shop["full"], shop["spend"], QUICK)
    for draw in (calibration_figure, gains_figure):
        with pytest.raises(ValueError, match="no holdout"):
            draw(without)
    valueless = replace(training, holdout=training.holdout.assign(expected_value_brl=np.nan))
    with pytest.raises(ValueError, match="no spend model"):
        gains_figure(valueless)


def test_tracking_figures_show_both_series_and_where_the_holdout_begins(model: CltvModel) -> None:
    daily = pd.DataFrame(
        {"day": pd.date_range("2018-01-01", periods=70), "first_purchases": 9, "repeat_purchases": 2}
    )
    for draw in (cumulative_figure, incremental_figure):
        axes = draw(model, daily, dt.date(2018, 2, 10)).axes[0]
        labels = [text.get_text() for text in axes.get_legend().get_texts()]
        assert labels == ["actual", "expected", "holdout begins"]
        assert len(axes.get_lines()[0].get_xdata()) == 10
        assert "BG/NBD" in axes.get_title()
    summed = np.asarray(
        cumulative_figure(model, daily, dt.date(2018, 2, 10)).axes[0].get_lines()[0].get_ydata()
    )
    assert summed[-1] == 140


def test_later_purchases_promise_more(model: CltvModel) -> None:
    for matrix, recency in (
        frequency_recency_matrix(model, age_days=300, max_frequency=5),
        p_alive_matrix(model, age_days=300, max_frequency=5),
    ):
        assert matrix.shape == (len(recency), 5)
        assert (np.diff(matrix, axis=0) > 0).all()


def test_the_matrix_figures_name_their_horizon_and_age(model: CltvModel) -> None:
    assert "180 days" in frequency_recency_figure(model, age_days=300).axes[0].get_title()
    assert "300 days" in p_alive_figure(model, age_days=300).axes[0].get_title()
