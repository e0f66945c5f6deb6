"""Figures: they show what they say."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.figure import Figure

from ml.churn.evaluation import Judged, figures
from ml.churn.figures import gain, gain_figure, reliability, reliability_figure
from ml.churn.training import ChurnTraining


@pytest.mark.parametrize("draw", [reliability_figure, gain_figure])
def test_a_figure_is_a_small_png_with_model_baseline_and_reference(
    draw: Callable[[ChurnTraining], Figure], training: ChurnTraining
) -> None:
    figure = draw(training)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    assert buffer.getvalue().startswith(b"\x89PNG")
    assert tuple(figure.bbox.size) == (480, 320)
    legend = figure.axes[0].get_legend()
    assert legend is not None
    labels = [text.get_text() for text in legend.get_texts()]
    assert labels[:2] == ["model", "recency alone"]
    assert len(labels) == 3


def test_gain_starts_at_nothing_ends_at_all_and_agrees_with_the_lift(training: ChurnTraining) -> None:
    is_returned = training.validation["is_returned"].to_numpy()
    probability = training.validation["return_probability"].to_numpy()
    found = gain(is_returned, probability, np.array([0.0, 0.1, 1.0]))
    lift = figures(Judged.of(is_returned, probability), np.ones(len(is_returned)))["lift_at_10pct"]
    np.testing.assert_allclose(found, [0.0, 0.1 * lift, 1.0])


def test_reliability_gives_the_rates_of_bins_of_equal_size() -> None:
    probability = np.linspace(0.01, 0.2, 1000)
    is_returned = np.arange(1000) % 10 == 0
    predicted, observed, size = reliability(is_returned, probability)
    assert len(predicted) == 10
    assert size.tolist() == [100] * 10
    np.testing.assert_allclose(observed, 0.1)
    np.testing.assert_allclose(predicted.mean(), probability.mean())
