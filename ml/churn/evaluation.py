"""How well a return probability ranks and calibrates, beside the baseline, with bootstrap intervals.

Stays out: fitting. Predictions are held fixed; the intervals speak of the customers drawn, not of the fit.

The positive class is a return. Every figure takes weights per customer, so that the point figure (all 1) and
the bootstrap replicates (how often each customer was drawn) run through the same lines. The figures of ranking
change only where returns are, so neighbouring scores without a return count as one. Sums over customers avoid
`@`, whose threads cost more than they save here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.bootstrap import poisson_weights
from ml.churn.config import ChurnConfig
from ml.churn.recipe import RECENCY as NAME
from ml.metrics import Comparison, ModelMetric, distance_interval, percentile_interval

_TOP_SHARE = 0.10
_BINS = 10
_SMALLEST_PROBABILITY = 1e-15
_BASE_RATE = "base_rate"
_DISTANCE = "expected_calibration_error"
_NAMES = (
    "roc_auc",
    "pr_auc",
    "lift_at_10pct",
    "brier",
    "log_loss",
    _DISTANCE,
    _BASE_RATE,
)
_LARGER_IS_BETTER = {"roc_auc", "pr_auc", "lift_at_10pct"}


@dataclass(frozen=True, eq=False)
class Judged:
    """Predictions with what repeated evaluation needs, computed once; arrays of shape (n,) unless said.

    Attributes:
        order: Rows by descending probability.
        group_starts: Where in that order a group of scores begins, shape (groups,): equal probabilities, or
            neighbouring ones at which nobody returned.
        returned: The rows that returned, shape (returns,).
        groups: The group of each of them, shape (returns,).
        bins: For each row its bin of about equal size by probability.
        excess: Predicted less observed.
        squared_error: The summand of the Brier score.
        surprise: The summand of the log loss, in nats.
    """

    order: np.ndarray
    group_starts: np.ndarray
    returned: np.ndarray
    groups: np.ndarray
    bins: np.ndarray
    excess: np.ndarray
    squared_error: np.ndarray
    surprise: np.ndarray

    @classmethod
    def of(cls, is_returned: np.ndarray, probability: np.ndarray) -> Judged:
        """Prepare outcomes (bool) and probabilities, both of shape (n,)."""
        order = np.argsort(-probability, kind="stable")
        group_starts = _group_starts(is_returned[order], probability[order])
        returned_ranks = np.flatnonzero(is_returned[order])
        clipped = np.clip(probability, _SMALLEST_PROBABILITY, 1 - _SMALLEST_PROBABILITY)
        return cls(
            order=order,
            group_starts=group_starts,
            returned=order[returned_ranks],
            groups=np.searchsorted(group_starts, returned_ranks, side="right") - 1,
            bins=equal_bins(probability),
            excess=probability - is_returned,
            squared_error=(probability - is_returned) ** 2,
            surprise=-np.log(np.where(is_returned, clipped, 1 - clipped)),
        )


def _group_starts(is_returned: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """Return where groups begin in ranked rows (n,): at each new score that has a return or follows one."""
    starts = np.flatnonzero(np.concatenate(([True], probability[1:] != probability[:-1])))
    has_return = np.logical_or.reduceat(is_returned, starts)
    follows_return = np.concatenate(([True], has_return[:-1]))
    return starts[has_return | follows_return]


def equal_bins(probability: np.ndarray, bins: int = _BINS) -> np.ndarray:
    """Return for each probability its bin, cut at quantiles; equal probabilities share a bin."""
    inner = np.quantile(probability, np.linspace(0, 1, bins + 1))[1:-1]
    return np.searchsorted(np.unique(inner), probability, side="right")


def figures(judged: Judged, weights: np.ndarray) -> dict[str, float]:
    """Return all figures of predictions under weights, shape (n,)."""
    everybody = np.add.reduceat(weights[judged.order], judged.group_starts)
    positives = np.bincount(judged.groups, weights[judged.returned], len(everybody))
    negatives = everybody - positives
    total = weights.sum()
    values = (
        roc_auc(positives, negatives),
        average_precision(positives, negatives),
        lift(positives, negatives, _TOP_SHARE),
        float((weights * judged.squared_error).sum() / total),
        float((weights * judged.surprise).sum() / total),
        expected_calibration_error(judged, weights),
        float(positives.sum() / total),
    )
    return dict(zip(_NAMES, values, strict=True))


def roc_auc(positives: np.ndarray, negatives: np.ndarray) -> float:
    """Return P(a return is ranked above a stay-away), ties counting half (Hanley & McNeil 1982).

    Args:
        positives: Weight of returns in each group of scores, scores descending, shape (m,).
        negatives: Weight of the others in each group, shape (m,).
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

    Noise alone makes it positive, and its bootstrap replicates larger still; `metrics.distance_interval` knows.
    """
    gaps = np.bincount(judged.bins, weights * judged.excess)
    return float(np.abs(gaps).sum() / weights.sum())


def figure_interval(name: str, value: float, replicates: np.ndarray) -> tuple[float, float]:
    """Return the ends of a figure's 95 % interval from its replicates, shape (replicates,)."""
    return distance_interval(value, replicates) if name == _DISTANCE else percentile_interval(replicates)


@dataclass(frozen=True, eq=False)
class Replicated:
    """All figures of one set of predictions, and their bootstrap replicates.

    Attributes:
        points: Each figure.
        replicates: Each figure in every replicate, shape (replicates,). Equal seeds draw equal customers, so the
            replicates of two models on the same customers are paired.
    """

    points: dict[str, float]
    replicates: dict[str, np.ndarray]

    @classmethod
    def of(cls, is_returned: np.ndarray, probability: np.ndarray, config: ChurnConfig) -> Replicated:
        """Compute the figures of P(return), shape (n,), against outcomes (bool), shape (n,)."""
        judged = Judged.of(is_returned, probability)
        draws = poisson_weights(len(is_returned), config.bootstrap_replicates, config.seed)
        rows = [figures(judged, weights) for weights in draws]
        spread = {name: np.array([row[name] for row in rows]) for name in _NAMES}
        return cls(figures(judged, np.ones(len(is_returned))), spread)

    def interval(self, name: str) -> tuple[float, float, float]:
        """Return a figure with the ends of its 95 % interval."""
        return (self.points[name], *figure_interval(name, self.points[name], self.replicates[name]))


def churn_metrics(model: Replicated, baseline: Replicated) -> tuple[ModelMetric, ...]:
    """Return the figures of a model beside those of the baseline, each with its 95 % bootstrap interval.

    Two figures have no baseline: base_rate, the share that returned, and roc_auc_gain, the difference of AUC,
    model minus baseline, on the same customers drawn (paired).
    """
    compared = [
        ModelMetric(name, *model.interval(name), NAME, *baseline.interval(name))
        for name in _NAMES
        if name != _BASE_RATE
    ]
    gain = comparison("roc_auc", model, baseline)
    return (
        *compared,
        ModelMetric(_BASE_RATE, *model.interval(_BASE_RATE)),
        ModelMetric("roc_auc_gain", gain.difference, gain.low, gain.high),
    )


def comparison(name: str, challenger: Replicated, champion: Replicated) -> Comparison:
    """Return a figure of two models on the same customers, with the paired interval of the difference."""
    low, high = percentile_interval(challenger.replicates[name] - champion.replicates[name])
    return Comparison(
        metric=name,
        challenger=challenger.points[name],
        champion=champion.points[name],
        difference=challenger.points[name] - champion.points[name],
        low=low,
        high=high,
        larger_is_better=name in _LARGER_IS_BETTER,
    )
