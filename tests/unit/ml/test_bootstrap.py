"""Bootstrap draws: Poisson counts, independent among rows and replicates, and seeded."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import poisson

from ml.bootstrap import poisson_weights


def test_rows_are_drawn_as_often_as_poisson_says() -> None:
    drawn = np.concatenate(list(poisson_weights(100_000, 40, seed=1)))
    for count in range(6):
        probability = poisson.pmf(count, 1)
        error = np.sqrt(probability / len(drawn))
        assert (drawn == count).mean() == pytest.approx(probability, abs=4 * error + 1.6e-5), count
    assert drawn.mean() == pytest.approx(1, abs=4 / np.sqrt(len(drawn)) + 1e-4)
    assert drawn.var() == pytest.approx(1, abs=0.005)
    assert 6 < drawn.max() < 10


def test_rows_and_replicates_are_independent() -> None:
    drawn = np.stack(list(poisson_weights(2000, 200, seed=2)))
    assert drawn.shape == (200, 2000)
    assert drawn.sum(axis=1).var() == pytest.approx(2000, rel=0.4)
    assert drawn.sum(axis=0).var() == pytest.approx(200, rel=0.15)
    assert abs(np.corrcoef(drawn[:-1].ravel(), drawn[1:].ravel())[0, 1]) < 0.01


def test_draws_are_seeded() -> None:
    once, again, other = (np.stack(list(poisson_weights(500, 3, seed))) for seed in (3, 3, 4))
    np.testing.assert_array_equal(once, again)
    assert (once != other).any()
