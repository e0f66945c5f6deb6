"""The features of the churn models: their names in one place, in groups, and the frame that models are given.

Stays out: computing features; one SQL makes them for training and for scoring.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ml.errors import InvalidInputError
from ml.frames import refuse_rows, require_columns, to_floats

GROUPS: dict[str, tuple[str, ...]] = {
    "recency": ("recency_days", "age_days"),
    "history": (
        "order_count",
        "purchase_days",
        "value_brl",
        "mean_purchase_value_brl",
        "items_per_order",
    ),
    "first basket": ("first_basket_items", "first_basket_value_brl"),
    "payment": ("payment_type", "installments"),
    "freight": ("freight_share",),
    "delivery": ("delivery_days", "delivery_delay_days"),
    "review": ("review_score",),
    "product": ("category",),
    "place": ("state", "distance_km"),
    "season": ("last_purchase_month", "last_purchase_weekday"),
}
FEATURES = tuple(name for names in GROUPS.values() for name in names)
CATEGORICAL = ("category", "payment_type", "state")
NUMERIC = tuple(name for name in FEATURES if name not in CATEGORICAL)
NULLABLE = ("review_score", "delivery_days", "delivery_delay_days", "distance_km")
PERIODS = {"last_purchase_month": 12, "last_purchase_weekday": 7}


def features_of(groups: Sequence[str]) -> tuple[str, ...]:
    """Return the features of groups, in the order of `FEATURES`, whatever the order of the groups.

    Raises:
        ValueError: A group is not known.
    """
    unknown = [group for group in groups if group not in GROUPS]
    if unknown:
        raise ValueError(f"unknown feature group(s) {', '.join(unknown)}; known are {', '.join(GROUPS)}")
    return tuple(name for group in GROUPS if group in groups for name in GROUPS[group])


def feature_frame(frame: pd.DataFrame, what: str, features: Sequence[str] = FEATURES) -> pd.DataFrame:
    """Return features alone, in the order asked for: floats, and categories of text.

    Missing values are allowed in `NULLABLE` (not reviewed, not delivered, no place known) and become NaN. A
    missing category is a mistake: the SQL writes "unknown". Months run from 1 to 12, weekdays from 1 (Monday)
    to 7.

    Raises:
        InvalidInputError: A column is missing, or holds what it must not; `what` names the frame.
    """
    require_columns(frame, features, what)
    columns = {
        name: _categories(frame, name, what) if name in CATEGORICAL else _numbers(frame, name, what)
        for name in features
    }
    return pd.DataFrame(columns, index=frame.index)


def _numbers(frame: pd.DataFrame, name: str, what: str) -> np.ndarray:
    values = to_floats(frame, name, what)
    refuse_rows(np.isinf(values), what, name, "is infinite")
    if name not in NULLABLE:
        refuse_rows(np.isnan(values), what, name, "is missing")
    if name in PERIODS:
        outside = ~np.isin(values, np.arange(1, PERIODS[name] + 1))
        refuse_rows(outside, what, name, f"is no whole number from 1 to {PERIODS[name]}")
    return values


def _categories(frame: pd.DataFrame, name: str, what: str) -> pd.Categorical:
    """Return a column as categories in alphabetical order, whatever the order of its rows."""
    refuse_rows(frame[name].isna().to_numpy(), what, name, "is missing")
    values = pd.Categorical(frame[name])
    if not all(isinstance(category, str) for category in values.categories):
        raise InvalidInputError(f"{what}: {name} holds values that are not text")
    return pd.Categorical(values, categories=sorted(values.categories))
