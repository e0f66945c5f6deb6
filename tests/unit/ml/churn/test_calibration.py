"""Calibration: known lines are found, calibrated probabilities are left alone."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from ml.churn.calibration import NO_CALIBRATION, Calibration
from ml.churn.logits import log_odds


def draw(size: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw true probabilities and outcomes."""
    rng = np.random.default_rng(seed)
    probability = expit(rng.normal(-3, 1, size))
    return probability, (rng.random(size) < probability).astype(np.int64)


def test_the_line_that_bent_the_probabilities_is_found_and_undone() -> None:
    truth, is_returned = draw(200_000, seed=1)
    bent = expit(1.0 + 2.0 * log_odds(truth))
    line = Calibration.learn_if_needed(bent, is_returned)
    assert [line.intercept, line.slope] == pytest.approx([-0.5, 0.5], abs=0.05)
    np.testing.assert_allclose(line.apply(bent), truth, atol=0.02)


def test_calibrated_probabilities_are_left_alone_nearly_always() -> None:
    kept = sum(Calibration.learn_if_needed(*draw(3000, seed)) == NO_CALIBRATION for seed in range(100))
    assert 90 <= kept <= 99


def test_a_line_that_would_turn_the_ranking_around_is_never_kept() -> None:
    truth, is_returned = draw(50_000, seed=3)
    assert Calibration.learn(1 - truth, is_returned).slope < 0
    assert Calibration.learn_if_needed(1 - truth, is_returned) == NO_CALIBRATION


def test_where_there_is_nothing_to_learn_nothing_is_learned() -> None:
    truth, _ = draw(1000, seed=4)
    for outcomes in (np.zeros(1000, dtype=np.int64), np.ones(1000, dtype=np.int64)):
        assert Calibration.learn_if_needed(truth, outcomes) == NO_CALIBRATION
    alike = np.full(1000, 0.2)
    assert Calibration.learn_if_needed(alike, np.arange(1000) % 2) == NO_CALIBRATION
    separated = (truth > np.median(truth)).astype(np.int64)
    assert Calibration.learn_if_needed(truth, separated) == NO_CALIBRATION


def test_no_calibration_changes_nothing() -> None:
    truth, _ = draw(100, seed=5)
    assert NO_CALIBRATION.apply(truth) is truth
