"""Pictures of a churn model on the validation cutoff: reliability, and the gain of contacting the best first.

Stays out: writing files; the caller stores the figures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ml.churn.evaluation import equal_bins
from ml.churn.recipe import RECENCY as NAME
from ml.plots import BASELINE_COLOR, MODEL_COLOR, REFERENCE_COLOR, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ml.churn.training import ChurnTraining

_SERIES = (
    ("return_probability", "model", MODEL_COLOR, "o-"),
    ("baseline_return_probability", NAME, BASELINE_COLOR, "x--"),
)
_POINTS = 101


def reliability_figure(training: ChurnTraining) -> Figure:
    """Draw the observed return rate over the predicted one in bins of equal size, model and baseline."""
    figure, axes = new_figure(
        f"Return within {training.model.horizon_days} days, by predicted probability",
        "predicted",
        "observed",
    )
    is_returned = training.validation["is_returned"].to_numpy()
    largest = 0.0
    for column, label, color, style in _SERIES:
        predicted, observed, _ = reliability(is_returned, training.validation[column].to_numpy())
        axes.plot(predicted, observed, style, color=color, label=label, markersize=4, linewidth=1)
        largest = max(largest, predicted.max(), observed.max())
    axes.plot([0, largest], [0, largest], ":", color=REFERENCE_COLOR, label="perfect", linewidth=1)
    axes.legend(fontsize=8)
    return figure


def reliability(
    is_returned: np.ndarray, probability: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return mean predicted and observed return rate of each bin, by rising probability, and its customers."""
    bins = equal_bins(probability)
    size = np.bincount(bins)
    present = size > 0
    predicted, observed = (
        np.bincount(bins, values)[present] / size[present] for values in (probability, is_returned)
    )
    return predicted, observed, size[present]


def gain_figure(training: ChurnTraining) -> Figure:
    """Draw the share of all returns found over the share of customers contacted, best first."""
    figure, axes = new_figure("Returns found when contacting the best first", "customers", "returns found")
    is_returned = training.validation["is_returned"].to_numpy()
    share = np.linspace(0, 1, _POINTS)
    for column, label, color, style in _SERIES:
        found = gain(is_returned, training.validation[column].to_numpy(), share)
        axes.plot(share, found, style[1:], color=color, label=label, linewidth=1)
    axes.plot([0, 1], [0, 1], ":", color=REFERENCE_COLOR, label="at random", linewidth=1)
    axes.legend(fontsize=8)
    return figure


def gain(is_returned: np.ndarray, probability: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Return the share of all returns among the best `share` of customers; equal scores count in part."""
    _, inverse = np.unique(-probability, return_inverse=True)
    chosen = np.concatenate(([0], np.cumsum(np.bincount(inverse))))
    found = np.concatenate(([0.0], np.cumsum(np.bincount(inverse, is_returned))))
    return np.interp(share * chosen[-1], chosen, found) / found[-1]
