"""A penalised logistic regression on all features; everything about it can be read from its JSON.

Stays out: how features become columns (`columns`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit

from ml.churn.classes.columns import Columns, columns_from_list, columns_to_list, learn_columns
from ml.churn.config import ChurnConfig
from ml.churn.logits import label_of
from ml.churn.recipe import ChurnRecipe, Parameter
from ml.churn.threads import one_thread

_FILE = "logistic.json"
_MOST_STEPS = 200
_TOLERANCE = 1e-8


@dataclass(frozen=True, eq=False)
class LogisticPredictor:
    """P(return) = expit(intercept + (X - centre) coefficients).

    Attributes:
        columns: How each feature becomes columns of X.
        centre: Means of the p columns of X over the training rows, shape (p,).
        coefficients: Shape (p,).
        intercept: Log-odds of a return at the centre.
    """

    columns: tuple[Columns, ...]
    centre: np.ndarray
    coefficients: np.ndarray
    intercept: float

    @property
    def features(self) -> tuple[str, ...]:
        """The features, in order."""
        return tuple(one.name for one in self.columns)

    @property
    def base(self) -> float:
        """Log-odds of churn at the centre of the training rows."""
        return -self.intercept

    @property
    def settled(self) -> Mapping[str, Parameter]:
        """Nothing is decided by early stopping."""
        return {}

    def predict(self, features: pd.DataFrame) -> np.ndarray:
        """Return P(return), shape (n,)."""
        return expit(self.intercept - self.contributions(features).sum(axis=1))

    def contributions(self, features: pd.DataFrame) -> np.ndarray:
        """Return what each feature's columns add to the log-odds of churn, exactly, shape (n, k)."""
        result = np.empty((len(features), len(self.columns)))
        start = 0
        for place, one in enumerate(self.columns):
            matrix = one.matrix(features[one.name])
            own = slice(start, start + matrix.shape[1])
            result[:, place] = (self.centre[own] - matrix) @ self.coefficients[own]
            start = own.stop
        return result

    def to_files(self) -> dict[str, bytes]:
        """Return columns and coefficients as JSON; numbers survive exactly."""
        content = {
            "columns": columns_to_list(self.columns),
            "centre": self.centre.tolist(),
            "coefficients": self.coefficients.tolist(),
            "intercept": self.intercept,
        }
        return {_FILE: json.dumps(content, sort_keys=True, allow_nan=False).encode()}

    def identity(self) -> bytes:
        """Return the JSON itself."""
        return self.to_files()[_FILE]


def fit(
    rows: pd.DataFrame, recipe: ChurnRecipe, config: ChurnConfig, stopping: pd.DataFrame | None
) -> LogisticPredictor:
    """Fit on all rows, those held out for stopping too, with a ridge penalty of 1 / (2 C) on coefficients."""
    from sklearn.linear_model import LogisticRegression

    rows = rows if stopping is None else pd.concat([rows, stopping])
    parameters = recipe.parameters
    features = rows[list(recipe.features)]
    columns = learn_columns(features, bool(parameters["is_log"]), int(parameters["min_category_rows"]))
    matrix = np.hstack([one.matrix(features[one.name]) for one in columns])
    centre = matrix.mean(axis=0)
    regression = LogisticRegression(
        C=float(parameters["C"]), solver="newton-cholesky", max_iter=_MOST_STEPS, tol=_TOLERANCE
    )
    with one_thread():
        regression.fit(matrix - centre, label_of(rows))
    return LogisticPredictor(columns, centre, regression.coef_[0], float(regression.intercept_[0]))


def from_files(files: Mapping[str, bytes]) -> LogisticPredictor:
    """Return the predictor that `to_files` wrote."""
    content = json.loads(files[_FILE])
    return LogisticPredictor(
        columns_from_list(content["columns"]),
        np.array(content["centre"]),
        np.array(content["coefficients"]),
        content["intercept"],
    )
