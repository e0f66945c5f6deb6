"""The reasons of a score: what moves a customer's log-odds of churn most, one reason per feature group, in words.

Stays out: the words of each feature (`words`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ml.churn.features import GROUPS, feature_frame
from ml.churn.model import ChurnModel
from ml.churn.words import text_of, words_of

_SMALLEST_EFFECT = 1e-9


def reasons(model: ChurnModel, customers: pd.DataFrame, top: int = 3) -> pd.DataFrame:
    """Return the strongest reasons of each customer's score.

    The features of a group say nearly the same (someone who bought once was first and last seen on one day), and
    a model may set them against each other. So their effects are added, and the feature that does most of it
    speaks for its group.

    Args:
        model: The fitted model.
        customers: The model's features, one row per customer. Other columns are ignored.
        top: Reasons per customer.

    Returns:
        A frame on the index of `customers` with, for each place from 1, strongest first: feature_1, value_1 (as
        text), effect_1 (what the feature's group adds to the log-odds of churn compared with the customers
        learned from; positive raises the risk) and words_1. A place is None (effect: NaN) where no further
        group has an effect.

    Raises:
        InvalidInputError: A feature is missing or holds what it must not.
    """
    features = feature_frame(customers, "customers", model.features)
    effects, speakers = group_effects(model.features, model.contributions(features))
    order = np.argsort(-np.abs(effects), axis=1, kind="stable")[:, :top]
    columns: dict[str, np.ndarray] = {}
    for place in range(top):
        chosen = order[:, place : place + 1]
        effect, speaker = (_picked(values, chosen) for values in (effects, speakers))
        columns |= _place(features, effect, speaker, place + 1)
    return pd.DataFrame(columns, index=customers.index)


def group_effects(features: tuple[str, ...], contributions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each group's effect, and the place of the feature that speaks for it, both of shape (n, g).

    Args:
        features: Names of the k features, those of a group beside each other.
        contributions: What each adds to the log-odds of churn, shape (n, k).
    """
    effects, speakers = [], []
    for names in GROUPS.values():
        own = [place for place, name in enumerate(features) if name in names]
        if own:
            parts = contributions[:, own]
            effect = parts.sum(axis=1)
            speakers.append(np.array(own)[np.argmax(parts * np.sign(effect)[:, None], axis=1)])
            effects.append(effect)
    return np.column_stack(effects), np.column_stack(speakers)


def _picked(values: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Return each row's value at its chosen column, shape (n,); NaN where there is no such column."""
    if not chosen.shape[1]:
        return np.full(len(values), np.nan)
    return np.take_along_axis(values, chosen, axis=1)[:, 0]


def _place(
    features: pd.DataFrame, effect: np.ndarray, speaker: np.ndarray, number: int
) -> dict[str, np.ndarray]:
    """Return the four columns of one place from effects and speaking features, both of shape (n,)."""
    told = np.abs(effect) > _SMALLEST_EFFECT
    named, value, words = (np.full(len(features), None, dtype=object) for _ in range(3))
    for place, name in enumerate(features.columns):
        rows = np.flatnonzero(told & (speaker == place))
        values = features[name].iloc[rows]
        named[rows], value[rows], words[rows] = name, text_of(name, values), words_of(name, values)
    return {
        f"feature_{number}": named,
        f"value_{number}": value,
        f"effect_{number}": np.where(told, effect, np.nan),
        f"words_{number}": words,
    }
