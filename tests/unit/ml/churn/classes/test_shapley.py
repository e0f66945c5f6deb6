"""Shapley values: exact for additive predictions, efficient for all, symmetric, and nothing for what has no effect."""

from __future__ import annotations

import numpy as np
import pytest

from ml.churn.classes.shapley import feature_orders, shapley_values, spread_rows


def rows(size: int, features: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(size, features))


@pytest.mark.parametrize("features", [2, 3, 6])
def test_an_additive_prediction_is_taken_apart_exactly(features: int) -> None:
    weights = np.arange(1.0, features + 1)
    customers, background = rows(50, features, 1), rows(4, features, 2)
    found = shapley_values(
        lambda matrix: matrix @ weights, customers, background, feature_orders(features, 4, seed=3)
    )
    np.testing.assert_allclose(found, (customers - background.mean(axis=0)) * weights, atol=1e-12)


def test_values_sum_to_the_prediction_less_the_mean_of_the_background() -> None:
    def predict(matrix: np.ndarray) -> np.ndarray:
        return matrix[:, 0] * matrix[:, 1] + np.sin(matrix[:, 2]) + matrix[:, 3:].max(axis=1)

    customers, background = rows(200, 6, 4), rows(5, 6, 5)
    found = shapley_values(predict, customers, background, feature_orders(6, 5, seed=6))
    np.testing.assert_allclose(found.sum(axis=1), predict(customers) - predict(background).mean())


def test_an_interaction_is_shared_equally_and_an_unused_feature_gets_nothing() -> None:
    customers, background = np.array([[2.0, 3.0, 9.0]]), np.zeros((1, 3))
    found = shapley_values(
        lambda matrix: matrix[:, 0] * matrix[:, 1], customers, background, feature_orders(3, 1, seed=0)
    )
    np.testing.assert_allclose(found, [[3.0, 3.0, 0.0]])


def test_few_features_are_taken_in_all_orders_and_many_in_pairs_of_reverse_orders() -> None:
    assert feature_orders(3, 2, seed=0).shape == (2, 6, 3)
    many = feature_orders(8, 5, seed=1)
    assert many.shape == (5, 1, 8)
    np.testing.assert_array_equal(many[[0, 2], :, ::-1], many[[1, 3]])
    np.testing.assert_array_equal(np.sort(many, axis=2), np.broadcast_to(np.arange(8), many.shape))
    np.testing.assert_array_equal(many, feature_orders(8, 5, seed=1))
    assert (many != feature_orders(8, 5, seed=2)).any()


def test_equal_customers_are_worked_out_once() -> None:
    calls: list[int] = []

    def predict(matrix: np.ndarray) -> np.ndarray:
        calls.append(len(matrix))
        return matrix.sum(axis=1)

    shapley_values(predict, np.ones((1000, 2)), np.zeros((1, 2)), feature_orders(2, 1, seed=0))
    assert max(calls) == 1


def test_a_missing_value_that_stays_missing_changes_nothing() -> None:
    customers, background = np.array([[np.nan, 1.0], [2.0, 1.0]]), np.array([[np.nan, 0.0]])
    found = shapley_values(
        lambda matrix: np.nan_to_num(matrix, nan=5.0).sum(axis=1),
        customers,
        background,
        feature_orders(2, 1, 0),
    )
    np.testing.assert_allclose(found, [[0.0, 1.0], [-3.0, 1.0]])


def test_rows_are_spread_over_the_ranks() -> None:
    predictions = np.random.default_rng(1).permutation(1000) / 1000
    np.testing.assert_allclose(
        np.sort(predictions[spread_rows(predictions, 4)]), [0.125, 0.375, 0.625, 0.875]
    )
