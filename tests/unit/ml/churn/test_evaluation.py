"""Figures against scikit-learn, ties, weights, and bootstrap intervals that cover."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit, ndtr

from ml.churn.config import ChurnConfig
from ml.churn.evaluation import (
    Judged,
    Replicated,
    churn_metrics,
    comparison,
    expected_calibration_error,
    figures,
)
from ml.metrics import ModelMetric


def sample(size: int, seed: int, digits: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Draw outcomes and calibrated probabilities; few digits give many ties."""
    rng = np.random.default_rng(seed)
    probability = np.round(expit(rng.normal(-2, 1, size)), digits)
    return rng.random(size) < probability, probability


def told(
    is_returned: np.ndarray, model: np.ndarray, baseline: np.ndarray, config: ChurnConfig
) -> tuple[ModelMetric, ...]:
    """Return the metrics of two sets of predictions."""
    return churn_metrics(*(Replicated.of(is_returned, one, config) for one in (model, baseline)))


@pytest.mark.parametrize("digits", [8, 2, 1])
def test_figures_equal_those_of_scikit_learn_also_under_ties_and_weights(digits: int) -> None:
    from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

    is_returned, probability = sample(3000, seed=1, digits=digits)
    weights = np.random.default_rng(2).poisson(1, 3000).astype(float)
    for w in (np.ones(3000), weights):
        ours = figures(Judged.of(is_returned, probability), w)
        theirs: dict[str, Callable[..., float]] = {
            "roc_auc": roc_auc_score,
            "pr_auc": average_precision_score,
            "brier": brier_score_loss,
            "log_loss": log_loss,
        }
        for name, figure in theirs.items():
            assert ours[name] == pytest.approx(figure(is_returned, probability, sample_weight=w), rel=1e-9), (
                name
            )


def test_figures_equal_those_of_scikit_learn_where_returns_are_rare() -> None:
    from sklearn.metrics import average_precision_score, roc_auc_score

    is_returned, probability = sample(3000, seed=11, digits=3)
    is_returned &= np.random.default_rng(12).random(3000) < 0.05
    assert 5 < is_returned.sum() < 50
    judged = Judged.of(is_returned, probability)
    assert len(judged.group_starts) < len(np.unique(probability)) / 2
    for seed in range(20):
        w = np.random.default_rng(seed).poisson(1, 3000).astype(float)
        ours = figures(judged, w)
        auc = roc_auc_score(is_returned, probability, sample_weight=w)
        precision = average_precision_score(is_returned, probability, sample_weight=w)
        assert [ours["roc_auc"], ours["pr_auc"]] == pytest.approx([auc, precision], rel=1e-9)
        assert ours["base_rate"] == pytest.approx(w[is_returned].sum() / w.sum())


def test_lift_is_the_return_rate_of_the_best_tenth_over_that_of_all() -> None:
    is_returned, probability = sample(5000, seed=3)
    best = np.argsort(-probability)[:500]
    expected = is_returned[best].mean() / is_returned.mean()
    ours = figures(Judged.of(is_returned, probability), np.ones(5000))["lift_at_10pct"]
    assert ours == pytest.approx(expected)


def test_equal_scores_for_all_have_no_lift_and_an_auc_of_one_half() -> None:
    is_returned, _ = sample(1000, seed=4)
    ours = figures(Judged.of(is_returned, np.full(1000, 0.2)), np.ones(1000))
    assert ours["lift_at_10pct"] == pytest.approx(1.0)
    assert ours["roc_auc"] == pytest.approx(0.5)
    assert ours["pr_auc"] == pytest.approx(is_returned.mean())


def test_weights_count_like_repeated_customers() -> None:
    is_returned, probability = sample(400, seed=5)
    counts = np.random.default_rng(6).integers(1, 4, 400)
    weighted = figures(Judged.of(is_returned, probability), counts.astype(float))
    repeated = Judged.of(np.repeat(is_returned, counts), np.repeat(probability, counts))
    one_by_one = figures(repeated, np.ones(counts.sum()))
    for name in ("roc_auc", "pr_auc", "lift_at_10pct", "brier", "log_loss"):
        assert weighted[name] == pytest.approx(one_by_one[name]), name


def test_the_calibration_error_sees_a_shift_and_little_else() -> None:
    is_returned, probability = sample(200_000, seed=7)
    right = expected_calibration_error(Judged.of(is_returned, probability), np.ones(200_000))
    shifted = expected_calibration_error(Judged.of(is_returned, probability + 0.05), np.ones(200_000))
    assert right < 0.005
    assert shifted == pytest.approx(0.05, abs=0.005)


def test_the_auc_interval_covers_the_true_auc_nearly_always(config: ChurnConfig) -> None:
    truth = float(ndtr(1 / np.sqrt(2)))
    covered = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        is_returned = np.arange(600) < 150
        scores = expit(rng.normal(is_returned * 1.0, 1.0))
        metric = told(is_returned, scores, scores, replace(config, bootstrap_replicates=150))[0]
        assert metric.metric == "roc_auc"
        covered += metric.low <= truth <= metric.high
    assert covered >= 34


@pytest.mark.parametrize("shift", [0.0, 0.03])
def test_the_interval_of_the_calibration_error_covers_the_true_one_nearly_always(
    config: ChurnConfig, shift: float
) -> None:
    covered = 0
    for seed in range(40):
        is_returned, probability = sample(2000, seed)
        scores = probability + shift
        metrics = told(is_returned, scores, scores, replace(config, bootstrap_replicates=150))
        error = next(metric for metric in metrics if metric.metric == "expected_calibration_error")
        covered += error.low <= shift <= error.high
    assert covered >= 36


def test_the_interval_of_the_base_rate_is_that_of_a_binomial_share(config: ChurnConfig) -> None:
    is_returned, probability = sample(20_000, seed=13)
    metrics = told(is_returned, probability, probability, replace(config, bootstrap_replicates=800))
    rate = next(metric for metric in metrics if metric.metric == "base_rate")
    half = 1.96 * np.sqrt(rate.value * (1 - rate.value) / 20_000)
    assert [rate.low, rate.high] == pytest.approx([rate.value - half, rate.value + half], abs=0.2 * half)


def test_every_figure_lies_in_its_interval_and_stands_beside_the_baseline(config: ChurnConfig) -> None:
    is_returned, probability = sample(4000, seed=8)
    weaker = np.clip(probability + np.random.default_rng(1).normal(0, 0.1, 4000), 0.001, 0.999)
    metrics = {m.metric: m for m in told(is_returned, probability, weaker, config)}
    for metric in metrics.values():
        assert metric.low < metric.high
        assert metric.low <= metric.value <= metric.high
    alone = {"base_rate", "roc_auc_gain"}
    assert {name for name, metric in metrics.items() if metric.baseline_value is None} == alone
    assert metrics["base_rate"].value == is_returned.mean()


def test_the_paired_gain_is_sharper_than_the_two_intervals_apart(config: ChurnConfig) -> None:
    is_returned, probability = sample(4000, seed=9)
    near = np.clip(probability + np.random.default_rng(1).normal(0, 0.02, 4000), 0.001, 0.999)
    metrics = {m.metric: m for m in told(is_returned, probability, near, config)}
    auc, gain = metrics["roc_auc"], metrics["roc_auc_gain"]
    assert auc.baseline_value is not None
    assert gain.value == pytest.approx(auc.value - auc.baseline_value)
    assert gain.high - gain.low < 0.5 * (auc.high - auc.low)


def test_figures_are_seeded(config: ChurnConfig) -> None:
    is_returned, probability = sample(500, seed=10)
    once, again = (told(is_returned, probability, probability, config) for _ in range(2))
    assert once == again
    other = told(is_returned, probability, probability, replace(config, seed=8))
    assert other != once


def test_a_comparison_is_paired_and_knows_which_way_is_better(config: ChurnConfig) -> None:
    is_returned, probability = sample(4000, seed=14)
    noisy = np.clip(probability + np.random.default_rng(2).normal(0, 0.2, 4000), 0.001, 0.999)
    good, bad = (Replicated.of(is_returned, one, config) for one in (probability, noisy))
    for name in ("roc_auc", "log_loss"):
        assert comparison(name, good, bad).is_better, name
        assert not comparison(name, bad, good).is_no_worse, name
        same = comparison(name, good, good)
        assert (same.difference, same.low, same.high) == (0.0, 0.0, 0.0)
        assert same.is_no_worse
        assert not same.is_better
