"""Pictures of a lifetime-value model: its holdout, its tracking over time, and what it says of each history.

Stays out: writing files; the caller stores the figures.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ml.clv.model import CltvModel
from ml.clv.ranking import Ranking
from ml.clv.tracking import track
from ml.plots import BASELINE_COLOR, MODEL_COLOR, REFERENCE_COLOR, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ml.clv.results import CltvTraining

OPEN_FREQUENCY = 3  # the last group has this frequency or a higher one
_GROUPS = OPEN_FREQUENCY + 1
_RECENCIES = 50


def calibration_figure(training: CltvTraining) -> Figure:
    """Draw expected beside actual holdout purchases per customer, by frequency before it (0, 1, 2, 3+).

    The scale is logarithmic, as groups differ by orders of magnitude. Raises ValueError without a holdout.
    """
    _require_holdout(training)
    groups, expected, actual, _ = holdout_by_frequency(training)
    figure, axes = new_figure(
        f"Purchases in the {training.model.horizon_days} days after calibration",
        "repeat purchases before",
        "purchases per customer",
    )
    axes.plot(groups, actual, "o", color=BASELINE_COLOR, label="actual")
    axes.plot(groups, expected, "x", color=MODEL_COLOR, label="expected")
    axes.set_yscale("log")
    axes.set_xticks(groups, [f"{g}+" if g == OPEN_FREQUENCY else str(g) for g in groups])
    axes.legend(fontsize=8)
    return figure


def holdout_by_frequency(
    training: CltvTraining,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return groups of frequency (the last one open), their expected and actual mean purchases, and their sizes."""
    frame = training.holdout
    group = np.minimum(frame["frequency"].to_numpy(), OPEN_FREQUENCY).astype(np.int64)
    customers = frame["customers"].to_numpy()
    size = np.bincount(group, customers, _GROUPS)
    present = np.flatnonzero(size)
    means = [
        np.bincount(group, customers * frame[column].to_numpy(), _GROUPS)[present] / size[present]
        for column in ("expected_purchases", "holdout_purchases")
    ]
    return present, means[0], means[1], size[present]


def gains_figure(training: CltvTraining) -> Figure:
    """Draw the share of holdout value held by the customers predicted to be worth most, by their share.

    The title names the normalised Gini. Raises ValueError where the holdout's value was not judged.
    """
    _require_holdout(training)
    frame = training.holdout
    predicted = frame["expected_value_brl"].to_numpy()
    if np.isnan(predicted).any():
        raise ValueError("there is no spend model of the holdout to draw")
    customers = frame["customers"].to_numpy()
    ranking = Ranking.of(predicted, frame["holdout_value_brl"].to_numpy())
    figure, axes = new_figure(
        f"Value found by contacting the best first (Gini {ranking.gini(customers):.2f})",
        "share of customers, best predicted first",
        "share of holdout value",
    )
    axes.plot(*ranking.gains(customers), color=MODEL_COLOR, label="model")
    axes.plot([0, 1], [0, 1], "--", color=REFERENCE_COLOR, label="random order")
    axes.legend(fontsize=8)
    return figure


def cumulative_figure(model: CltvModel, daily: pd.DataFrame, cutoff: date) -> Figure:
    """Draw expected and actual repeat purchases summed up week by week, before and after the cutoff.

    Args:
        model: The judged model, which knows the time before the cutoff alone.
        daily: Purchases of each day; see `tracking.track`.
        cutoff: First day of the holdout.
    """
    return _tracking_figure(model, daily, cutoff, "_total", "Repeat purchases, summed up")


def incremental_figure(model: CltvModel, daily: pd.DataFrame, cutoff: date) -> Figure:
    """Draw expected and actual repeat purchases of each week; arguments as `cumulative_figure`."""
    return _tracking_figure(model, daily, cutoff, "", "Repeat purchases of each week")


def _tracking_figure(model: CltvModel, daily: pd.DataFrame, cutoff: date, suffix: str, title: str) -> Figure:
    weeks = track(model.purchases, daily)
    figure, axes = new_figure(f"{title} ({model.purchases.name})", "week's last day", "repeat purchases")
    axes.plot(weeks["ends_on"], weeks[f"actual{suffix}"], color=BASELINE_COLOR, label="actual")
    axes.plot(weeks["ends_on"], weeks[f"expected{suffix}"], color=MODEL_COLOR, label="expected")
    axes.axvline(pd.Timestamp(cutoff), ls="--", color=REFERENCE_COLOR, label="holdout begins")
    axes.tick_params(axis="x", labelrotation=30)
    axes.legend(fontsize=8)
    figure.subplots_adjust(bottom=0.26)
    return figure


def frequency_recency_figure(model: CltvModel, age_days: int, max_frequency: int = 6) -> Figure:
    """Draw the purchases expected within the horizon at `age_days`, by frequency (from 1) and recency."""
    matrix, recency = frequency_recency_matrix(model, age_days, max_frequency)
    title = f"Expected purchases within {model.horizon_days} days, age {age_days} days"
    return _matrix_figure(title, matrix, recency)


def p_alive_figure(model: CltvModel, age_days: int, max_frequency: int = 6) -> Figure:
    """Draw P(still a customer) at `age_days`, by frequency (from 1) and recency."""
    matrix, recency = p_alive_matrix(model, age_days, max_frequency)
    return _matrix_figure(f"P(still a customer), age {age_days} days", matrix, recency)


def frequency_recency_matrix(
    model: CltvModel, age_days: int, max_frequency: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return expected purchases, shape (recencies, max_frequency), frequencies from 1 on, and recencies."""
    frequency, recency, age = _grid(age_days, max_frequency)
    matrix = model.purchases.expected_purchases(frequency, recency, age, model.horizon_days)
    return matrix, recency.ravel()


def p_alive_matrix(model: CltvModel, age_days: int, max_frequency: int) -> tuple[np.ndarray, np.ndarray]:
    """Return P(alive), shape (recencies, max_frequency), frequencies from 1 on, and recencies."""
    frequency, recency, age = _grid(age_days, max_frequency)
    return model.purchases.p_alive(frequency, recency, age), recency.ravel()


def _grid(age_days: int, max_frequency: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    recency = np.linspace(1.0, age_days, _RECENCIES)[:, np.newaxis]
    frequency = np.arange(1.0, max_frequency + 1)[np.newaxis, :]
    return frequency, recency, np.full((1, 1), float(age_days))


def _matrix_figure(title: str, matrix: np.ndarray, recency: np.ndarray) -> Figure:
    figure, axes = new_figure(title, "repeat purchases", "age at last purchase, days")
    extent = (0.5, matrix.shape[1] + 0.5, recency[0], recency[-1])
    image = axes.imshow(matrix, origin="lower", aspect="auto", extent=extent, cmap="viridis")
    figure.colorbar(image, ax=axes)
    return figure


def _require_holdout(training: CltvTraining) -> None:
    if training.holdout.empty:
        raise ValueError("there is no holdout to draw")
