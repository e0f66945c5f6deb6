"""Figures of ranking against plain definitions on one row per customer, ties and weights included."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from ml.clv.ranking import Ranking


def drawn(seed: int, size: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    predicted = rng.integers(0, 8, size).astype(float)
    outcome = np.where(rng.random(size) < 0.5, 0.0, rng.gamma(1, 10, size) + predicted)
    return predicted, outcome, rng.integers(1, 5, size).astype(float)


def gini_by_definition(predicted: np.ndarray, outcome: np.ndarray) -> float:
    """Area over the diagonal of the curve of gains, ties of the prediction sharing their outcome evenly."""
    shared = np.array([outcome[predicted == value].mean() for value in predicted])
    ordered = shared[np.argsort(-predicted, kind="stable")]
    held = np.concatenate(([0.0], np.cumsum(ordered) / ordered.sum()))
    return float(np.trapezoid(held, dx=1 / len(ordered)) - 0.5)


@pytest.mark.parametrize("seed", range(3))
def test_weighted_figures_equal_those_of_repeated_rows(seed: int) -> None:
    predicted, outcome, weights = drawn(seed)
    ranking = Ranking.of(predicted, outcome)
    p, o = (np.repeat(column, weights.astype(int)) for column in (predicted, outcome))
    assert ranking.spearman(weights) == pytest.approx(spearmanr(p, o).statistic)
    expected = gini_by_definition(p, o) / gini_by_definition(o, o)
    assert ranking.gini(weights) == pytest.approx(expected)


def test_a_perfect_order_has_a_gini_of_one_and_a_reversed_one_is_negative() -> None:
    outcome = np.array([0.0, 1.0, 3.0, 10.0, 0.5])
    assert Ranking.of(outcome * 2, outcome).gini(np.ones(5)) == pytest.approx(1.0)
    assert Ranking.of(-outcome, outcome).gini(np.ones(5)) == pytest.approx(-1.0)


def test_a_constant_prediction_has_no_order_and_finds_what_chance_finds() -> None:
    ranking = Ranking.of(np.ones(50), np.arange(50.0))
    assert ranking.spearman(np.ones(50)) == 0.0
    assert ranking.gini(np.ones(50)) == pytest.approx(0.0, abs=1e-12)
    assert ranking.top_share(np.ones(50), 0.1) == pytest.approx(0.1)


def test_the_top_share_counts_ties_at_its_border_in_part() -> None:
    predicted, outcome = np.array([3.0, 2.0, 2.0, 1.0]), np.array([5.0, 3.0, 1.0, 1.0])
    assert Ranking.of(predicted, outcome).top_share(np.ones(4), 0.5) == pytest.approx((5 + 2) / 10)


def test_a_row_without_weight_counts_for_nothing() -> None:
    predicted, outcome, weights = drawn(4)
    weights[:10] = 0
    full, part = Ranking.of(predicted, outcome), Ranking.of(predicted[10:], outcome[10:])
    assert full.gini(weights) == pytest.approx(part.gini(weights[10:]))
    assert full.spearman(weights) == pytest.approx(part.spearman(weights[10:]))
