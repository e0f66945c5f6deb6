"""Pictures of a lifetime-value model: holdout calibration, and expectation by frequency and recency.

Stays out: writing files; the caller stores the figures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ml.clv.model import CltvModel
from ml.plots import BASELINE_COLOR, MODEL_COLOR, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ml.clv.training import CltvTraining

_GROUPS = 4


def calibration_figure(training: CltvTraining) -> Figure:
    """Draw expected beside actual holdout purchases per customer, by frequency before it (0, 1, 2, 3+).

    The scale is logarithmic, as groups differ by orders of magnitude. Raises ValueError without a holdout.
    """
    if training.holdout.empty:
        raise ValueError("there is no holdout to draw")
    groups, expected, actual = holdout_by_frequency(training)
    figure, axes = new_figure(
        f"Purchases in the {training.model.horizon_days} days after calibration",
        "repeat purchases before",
        "purchases per customer",
    )
    axes.plot(groups, actual, "o", color=BASELINE_COLOR, label="actual")
    axes.plot(groups, expected, "x", color=MODEL_COLOR, label="expected")
    axes.set_yscale("log")
    axes.set_xticks(groups, [f"{g}+" if g == _GROUPS - 1 else str(g) for g in groups])
    axes.legend(fontsize=8)
    return figure


def holdout_by_frequency(training: CltvTraining) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return groups of frequency (the last one open), and their expected and actual mean purchases."""
    frame = training.holdout
    group = np.minimum(frame["frequency"].to_numpy(), _GROUPS - 1).astype(np.int64)
    customers = frame["customers"].to_numpy()
    size = np.bincount(group, customers, _GROUPS)
    present = np.flatnonzero(size)
    means = [
        np.bincount(group, customers * frame[column].to_numpy(), _GROUPS)[present] / size[present]
        for column in ("expected_purchases", "holdout_purchases")
    ]
    return present, means[0], means[1]


def frequency_recency_figure(model: CltvModel, age_days: int, max_frequency: int = 6) -> Figure:
    """Draw the purchases expected within the horizon at `age_days`, by frequency (from 1) and recency."""
    matrix, recency = frequency_recency_matrix(model, age_days, max_frequency)
    figure, axes = new_figure(
        f"Expected purchases within {model.horizon_days} days, age {age_days} days",
        "repeat purchases",
        "age at last purchase, days",
    )
    extent = (0.5, max_frequency + 0.5, recency[0], recency[-1])
    image = axes.imshow(matrix, origin="lower", aspect="auto", extent=extent, cmap="viridis")
    figure.colorbar(image, ax=axes)
    return figure


def frequency_recency_matrix(
    model: CltvModel, age_days: int, max_frequency: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return expected purchases, shape (recencies, max_frequency), frequencies from 1 on, and recencies."""
    recency = np.linspace(1.0, age_days, 50)
    frequency = np.arange(1.0, max_frequency + 1)
    age = np.full((1, 1), float(age_days))
    matrix = model.purchases.expected_purchases(
        frequency[np.newaxis, :], recency[:, np.newaxis], age, model.horizon_days
    )
    return matrix, recency
