"""The features of the churn model: their names in one place, and the frame that CatBoost is given.

Stays out: computing features; one SQL makes them for training and for scoring.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ml.errors import InvalidInputError
from ml.frames import refuse_rows, require_columns, to_floats

NUMERIC = (
    "recency_days",
    "age_days",
    "order_count",
    "purchase_days",
    "value_brl",
    "mean_purchase_value_brl",
    "freight_share",
    "items_per_order",
    "first_basket_items",
    "first_basket_value_brl",
    "installments",
    "review_score",
    "delivery_days",
    "delivery_delay_days",
    "distance_km",
    "last_purchase_month",
    "last_purchase_weekday",
)
NULLABLE = ("review_score", "delivery_days", "delivery_delay_days", "distance_km")
CATEGORICAL = ("category", "payment_type", "state")
FEATURES = (*NUMERIC, *CATEGORICAL)


def feature_frame(frame: pd.DataFrame, what: str) -> pd.DataFrame:
    """Return the features alone, in the order of `FEATURES`: floats, and categories of text.

    Missing values are allowed in `NULLABLE` (not reviewed, not delivered, place unknown) and stay NaN, which CatBoost
    handles. A missing category is a mistake: the SQL writes "unknown".

    Raises:
        InvalidInputError: A column is missing, or holds what it must not; `what` names the frame.
    """
    require_columns(frame, FEATURES, what)
    columns: dict[str, object] = {name: _numbers(frame, name, what) for name in NUMERIC}
    columns |= {name: _categories(frame, name, what) for name in CATEGORICAL}
    return pd.DataFrame(columns, index=frame.index)


def _numbers(frame: pd.DataFrame, name: str, what: str) -> np.ndarray:
    values = to_floats(frame, name, what)
    refuse_rows(np.isinf(values), what, name, "is infinite")
    if name not in NULLABLE:
        refuse_rows(np.isnan(values), what, name, "is missing")
    return values


def _categories(frame: pd.DataFrame, name: str, what: str) -> pd.Categorical:
    """Return a column as categories in alphabetical order, whatever the order of its rows."""
    refuse_rows(frame[name].isna().to_numpy(), what, name, "is missing")
    values = pd.Categorical(frame[name])
    if not all(isinstance(category, str) for category in values.categories):
        raise InvalidInputError(f"{what}: {name} holds values that are not text")
    return pd.Categorical(values, categories=sorted(values.categories))
