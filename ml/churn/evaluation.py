"""How well a return probability ranks and calibrates, beside the baseline, with bootstrap intervals.

Stays out: fitting. Predictions are held fixed; the intervals speak of the customers drawn, not of the fit.

The positive class is a return. Every figure takes weights per customer, so that the point figure (all 1) and
the bootstrap replicates (how often each customer was drawn) run through the same lines.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.churn.baseline import NAME
from ml.churn.config import ChurnConfig
from ml.metrics import ModelMetric, percentile_interval

_TOP_SHARE = 0.10
_BINS = 10
_SMALLEST_PROBABILITY = 1e-15
_NAMES = (
    "roc_auc",
    "pr_auc",
    "lift_at_10pct",
    "brier",
    "log_loss",
    "expected_calibration_error",
)


@dataclass(frozen=True, eq=False)
class Judged:
    """Predictions with what repeated evaluation needs, computed once; arrays of shape (n,) unless said.

    Attributes:
        outcome: 1.0 for a return, else 0.0.
        probability: P(return).
        order: Rows by descending probability.
        group_starts: Where in that order a new probability begins, shape (distinct probabilities,).
        bins: For each row its bin of about equal size by probability.
        squared_error: The summand of the Brier score.
        surprise: The summand of the log loss, in nats.
    """

    outcome: np.ndarray
    probability: np.ndarray
    order: np.ndarray
    group_starts: np.ndarray
    bins: np.ndarray
    squared_error: np.ndarray
    surprise: np.ndarray

    @classmethod
    def of(cls, is_returned: np.ndarray, probability: np.ndarray) -> Judged:
        """Prepare outcomes and probabilities, both of shape (n,)."""
        outcome = is_returned.astype(np.float64)
        order = np.argsort(-probability, kind="stable")
        ranked = probability[order]
        clipped = np.clip(probability, _SMALLEST_PROBABILITY, 1 - _SMALLEST_PROBABILITY)
        return cls(
            outcome=outcome,
            probability=probability,
            order=order,
            group_starts=np.flatnonzero(np.concatenate(([True], ranked[1:] != ranked[:-1]))),
            bins=equal_bins(probability),
            squared_error=(probability - outcome) ** 2,
            surprise=-np.log(np.where(is_returned, clipped, 1 - clipped)),
        )


def equal_bins(probability: np.ndarray, bins: int = _BINS) -> np.ndarray:
    """Return for each probability its bin, cut at quantiles; equal probabilities share a bin."""
    inner = np.quantile(probability, np.linspace(0, 1, bins + 1))[1:-1]
    return np.searchsorted(np.unique(inner), probability, side="right")


def figures(judged: Judged, weights: np.ndarray) -> dict[str, float]:
    """Return all figures of predictions under weights, shape (n,)."""
    ranked = weights[judged.order]
    returned = ranked * judged.outcome[judged.order]
    positives = np.add.reduceat(returned, judged.group_starts)
    negatives = np.add.reduceat(ranked - returned, judged.group_starts)
    total = weights.sum()
    values = (
        roc_auc(positives, negatives),
        average_precision(positives, negatives),
        lift(positives, negatives, _TOP_SHARE),
        float(weights @ judged.squared_error / total),
        float(weights @ judged.surprise / total),
        expected_calibration_error(judged, weights),
    )
    return dict(zip(_NAMES, values, strict=True))


def roc_auc(positives: np.ndarray, negatives: np.ndarray) -> float:
    """Return P(a return is ranked above a stay-away), ties counting half (Hanley & McNeil 1982).

    Args:
        positives: Weight of returns at each distinct score, scores descending, shape (m,).
        negatives: Weight of the others at each distinct score, shape (m,).
    """
    above = np.cumsum(negatives)
    below_or_half = above[-1] - above + negatives / 2
    return float(positives @ below_or_half / (positives.sum() * above[-1]))


def average_precision(positives: np.ndarray, negatives: np.ndarray) -> float:
    """Return the area under precision over recall, in one step per score; arguments as `roc_auc`."""
    found = np.cumsum(positives)
    chosen = np.maximum(found + np.cumsum(negatives), np.finfo(np.float64).tiny)
    return float(positives @ (found / chosen) / found[-1])


def lift(positives: np.ndarray, negatives: np.ndarray, share: float) -> float:
    """Return the return rate among the best `share` of customers over that of all; arguments as `roc_auc`.

    Where the border falls among equal scores, each of them counts in part, as if drawn at random.
    """
    found = np.concatenate(([0.0], np.cumsum(positives)))
    chosen = np.concatenate(([0.0], np.cumsum(positives + negatives)))
    in_top = np.interp(share * chosen[-1], chosen, found)
    return float(in_top / (share * found[-1]))


def expected_calibration_error(judged: Judged, weights: np.ndarray) -> float:
    """Return the mean distance of predicted and observed rate over equal bins (Naeini et al. 2015, eq. 1).

    Noise alone makes it positive, and its bootstrap replicates larger still.
    """
    gap = weights * (judged.probability - judged.outcome)
    return float(np.abs(np.bincount(judged.bins, gap)).sum() / weights.sum())


def churn_metrics(
    is_returned: np.ndarray, model: np.ndarray, baseline: np.ndarray, config: ChurnConfig
) -> tuple[ModelMetric, ...]:
    """Return the figures of the model beside the baseline, each with its 95 % bootstrap interval.

    Two figures have no baseline: base_rate, the share that returned, and roc_auc_gain, the difference of AUC,
    model minus baseline, on the same customers drawn (paired).

    Args:
        is_returned: Whether each customer returned, shape (n,), bool.
        model: The model's P(return), shape (n,).
        baseline: The baseline's P(return), shape (n,).
        config: Settings.
    """
    judged = (Judged.of(is_returned, model), Judged.of(is_returned, baseline))
    ones = np.ones(len(is_returned))
    points = [figures(one, ones) for one in judged]
    draws = list(_draws(len(is_returned), config))
    replicates = [[figures(one, weights) for weights in draws] for one in judged]
    spread = [{name: np.array([row[name] for row in rows]) for name in _NAMES} for rows in replicates]
    metrics = [_beside_baseline(name, points, spread) for name in _NAMES]
    rates = np.array([weights @ judged[0].outcome / weights.sum() for weights in draws])
    metrics.append(ModelMetric("base_rate", float(is_returned.mean()), *percentile_interval(rates)))
    gain = points[0]["roc_auc"] - points[1]["roc_auc"]
    gains = spread[0]["roc_auc"] - spread[1]["roc_auc"]
    metrics.append(ModelMetric("roc_auc_gain", gain, *percentile_interval(gains)))
    return tuple(metrics)


def _beside_baseline(
    name: str, points: list[dict[str, float]], spread: list[dict[str, np.ndarray]]
) -> ModelMetric:
    own, naive = ((points[i][name], *percentile_interval(spread[i][name])) for i in (0, 1))
    return ModelMetric(name, *own, NAME, *naive)


def _draws(size: int, config: ChurnConfig) -> list[np.ndarray]:
    """Return how often each customer is drawn in each replicate, as floats of shape (size,)."""
    rng = np.random.default_rng(config.seed)
    return [
        np.bincount(rng.integers(size, size=size), minlength=size).astype(np.float64)
        for _ in range(config.bootstrap_replicates)
    ]
