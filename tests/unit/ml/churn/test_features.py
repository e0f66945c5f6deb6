"""The feature frame: what may be missing, what may not, and its order."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ml.churn.features import (
    CATEGORICAL,
    FEATURES,
    GROUPS,
    NULLABLE,
    NUMERIC,
    PERIODS,
    feature_frame,
    features_of,
)
from ml.errors import InvalidInputError


def test_features_come_in_their_order_whatever_else_the_frame_holds(customers: pd.DataFrame) -> None:
    shuffled = customers[list(reversed(FEATURES))].assign(extra=1)
    features = feature_frame(shuffled, "customers")
    assert tuple(features.columns) == FEATURES
    assert features.index.equals(customers.index)


@pytest.mark.parametrize("name", NULLABLE)
def test_what_was_not_delivered_or_reviewed_may_be_missing(customers: pd.DataFrame, name: str) -> None:
    features = feature_frame(customers.assign(**{name: np.nan}), "customers")
    assert features[name].isna().all()


def test_nullable_integers_of_a_database_are_read_as_floats(customers: pd.DataFrame) -> None:
    scores = customers["review_score"].astype("Int64")
    features = feature_frame(customers.assign(review_score=scores), "customers")
    np.testing.assert_array_equal(features["review_score"], customers["review_score"])


@pytest.mark.parametrize("name", [*sorted(set(NUMERIC) - set(NULLABLE)), *CATEGORICAL])
def test_what_must_be_there_is_refused_when_missing(customers: pd.DataFrame, name: str) -> None:
    holed = customers.astype({name: object})
    holed.loc[holed.index[:3], name] = None
    with pytest.raises(InvalidInputError, match=rf"customers: {name} is missing in 3 of 800 row\(s\)"):
        feature_frame(holed, "customers")


def test_all_missing_columns_are_named_at_once(customers: pd.DataFrame) -> None:
    with pytest.raises(InvalidInputError, match=r"customers: missing column\(s\) recency_days, state"):
        feature_frame(customers.drop(columns=["state", "recency_days"]), "customers")


def test_an_infinite_number_is_refused(customers: pd.DataFrame) -> None:
    with pytest.raises(InvalidInputError, match="freight_share is infinite in 800"):
        feature_frame(customers.assign(freight_share=np.inf), "customers")


def test_numbers_as_categories_are_refused(customers: pd.DataFrame) -> None:
    with pytest.raises(InvalidInputError, match="state holds values that are not text"):
        feature_frame(customers.assign(state=7), "customers")


@pytest.mark.parametrize(("name", "bad"), [("last_purchase_month", 13), ("last_purchase_weekday", 0)])
def test_a_month_or_weekday_that_does_not_exist_is_refused(
    customers: pd.DataFrame, name: str, bad: int
) -> None:
    with pytest.raises(
        InvalidInputError, match=rf"{name} is no whole number from 1 to {PERIODS[name]} in 1 of"
    ):
        feature_frame(customers.assign(**{name: [bad, *customers[name].iloc[1:]]}), "customers")


def test_every_feature_is_in_one_group_and_of_one_kind() -> None:
    names = [name for group in GROUPS.values() for name in group]
    assert tuple(names) == FEATURES
    assert len(set(names)) == len(names)
    assert sorted((*NUMERIC, *CATEGORICAL)) == sorted(FEATURES)
    assert {*NULLABLE, *PERIODS} <= set(NUMERIC)


def test_groups_in_any_order_give_features_in_one_order() -> None:
    assert features_of(("season", "recency")) == (
        "recency_days",
        "age_days",
        "last_purchase_month",
        "last_purchase_weekday",
    )
    with pytest.raises(ValueError, match=r"unknown feature group\(s\) weather"):
        features_of(("recency", "weather"))


def test_only_the_features_asked_for_are_needed(customers: pd.DataFrame) -> None:
    frame = feature_frame(customers[["state", "age_days"]], "customers", ("age_days", "state"))
    assert list(frame.columns) == ["age_days", "state"]
