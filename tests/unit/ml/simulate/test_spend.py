"""Values follow the gamma-gamma model, and sums split to the cent."""

import numpy as np
import pytest

from ml.simulate import SAMPLE
from ml.simulate.spend import SMALLEST_VALUE_CENTS, draw_mean_spends, draw_values, split_cents


def test_the_mean_purchase_is_the_one_of_the_model():
    spends = draw_mean_spends(np.random.default_rng(1), SAMPLE, 200_000)
    expected = SAMPLE.p * SAMPLE.gamma / (SAMPLE.q - 1)
    assert spends.mean() == pytest.approx(expected, abs=4 * spends.std() / np.sqrt(spends.size))


def test_values_scatter_around_the_buyers_mean_with_the_shape_of_the_model():
    mean_spend = np.full(200_000, 160.0)
    values = draw_values(np.random.default_rng(1), SAMPLE, mean_spend) / 100
    assert values.mean() == pytest.approx(160.0, rel=0.01)
    assert values.std() == pytest.approx(160.0 / np.sqrt(SAMPLE.p), rel=0.01)


def test_no_value_is_too_small_for_a_price():
    values = draw_values(np.random.default_rng(1), SAMPLE, np.full(100, 1e-6))
    assert (values == SMALLEST_VALUE_CENTS).all()


def test_parts_are_positive_and_add_up_to_the_cent():
    rng = np.random.default_rng(1)
    totals, counts = rng.integers(5, 100_000, 5_000), rng.integers(1, 6, 5_000)
    parts = split_cents(rng, totals, counts)
    assert parts.min() >= 1
    assert (np.add.reduceat(parts, np.cumsum(counts) - counts) == totals).all()


def test_nothing_splits_into_nothing():
    none = np.zeros(0, dtype=np.int64)
    assert split_cents(np.random.default_rng(1), none, none).size == 0
