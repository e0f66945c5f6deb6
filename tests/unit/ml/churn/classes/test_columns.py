"""Columns of the linear model: logarithms, missing values, cycles and rare categories."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from ml.churn.classes.columns import (
    CategoryColumns,
    CycleColumns,
    NumberColumns,
    columns_from_list,
    columns_to_list,
    learn_columns,
)
from ml.churn.features import FEATURES, feature_frame


def test_a_number_is_standardised_over_the_rows_that_have_it() -> None:
    values = pd.Series([1.0, 3.0, np.nan, 5.0], name="review_score")
    columns = NumberColumns.learn(values, is_log=False)
    matrix = columns.matrix(values)
    np.testing.assert_allclose(matrix[[0, 1, 3], 0].mean(), 0)
    np.testing.assert_allclose(matrix[[0, 1, 3], 0].std(), 1)
    np.testing.assert_array_equal(matrix[:, 1], [0, 0, 1, 0])
    assert matrix[2, 0] == 0


def test_the_logarithm_keeps_the_sign() -> None:
    values = pd.Series([-9.0, 0.0, 9.0], name="delivery_delay_days")
    matrix = NumberColumns.learn(values, is_log=True).matrix(values)
    np.testing.assert_allclose(matrix[:, 0], [-np.sqrt(1.5), 0, np.sqrt(1.5)])


@pytest.mark.parametrize("values", [[np.nan, np.nan], [4.0, 4.0]])
def test_a_column_that_says_nothing_is_zero(values: list[float]) -> None:
    series = pd.Series(values, name="distance_km")
    matrix = NumberColumns.learn(series, is_log=True).matrix(series)
    np.testing.assert_array_equal(matrix, np.zeros((2, 1)))


def test_december_lies_as_near_to_january_as_june_to_july() -> None:
    points = CycleColumns("last_purchase_month", 12).matrix(pd.Series(range(1, 13)))
    steps = np.linalg.norm(np.roll(points, -1, axis=0) - points, axis=1)
    np.testing.assert_allclose(steps, steps[0])


def test_rare_and_unseen_categories_share_a_column() -> None:
    values = pd.Series(pd.Categorical(["SP"] * 5 + ["RJ"] * 3 + ["AC"]), name="state")
    columns = CategoryColumns.learn(values, min_rows=3)
    assert columns.categories == ("RJ", "SP")
    later = pd.Series(pd.Categorical(["SP", "RJ", "AC", "XX"]), name="state")
    np.testing.assert_array_equal(columns.matrix(later), [[0, 1, 0], [1, 0, 0], [0, 0, 1], [0, 0, 1]])


def test_learned_columns_survive_json(customers: pd.DataFrame) -> None:
    features = feature_frame(customers, "customers")
    columns = learn_columns(features, is_log=True, min_category_rows=50)
    assert tuple(one.name for one in columns) == FEATURES
    assert columns_from_list(json.loads(json.dumps(columns_to_list(columns)))) == columns
