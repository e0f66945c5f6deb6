"""Gradient boosting on histograms of the features: scikit-learn's.

Stays out: the other boosters.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import expit

from ml.churn.classes.columns import category_codes, frequent_categories
from ml.churn.classes.shapley import feature_orders, shapley_values, spread_rows
from ml.churn.config import ChurnConfig
from ml.churn.features import CATEGORICAL
from ml.churn.logits import label_of
from ml.churn.recipe import ChurnRecipe, Parameter
from ml.churn.threads import one_thread

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier

_JSON = "histogram.json"
_SKOPS = "histogram.skops"
_BACKGROUND_ROWS = 4
_TRUSTED = (
    "functools.partial",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.utils.validation.check_array",
)
_OWN_PARAMETERS = ("learning_rate", "max_leaf_nodes", "min_samples_leaf", "l2_regularization")


@dataclass(frozen=True)
class Coding:
    """How features become numbers: categories by their code, the rest as it is.

    Attributes:
        features: The features, in order.
        categories: For each categorical feature those with a code of their own; others share one.
        empty: Features that no training row had; they are 0 for everyone.
    """

    features: tuple[str, ...]
    categories: Mapping[str, tuple[str, ...]]
    empty: tuple[str, ...]

    @classmethod
    def learn(cls, features: pd.DataFrame, min_category_rows: int) -> Coding:
        """Learn the coding from training rows."""
        names = tuple(str(name) for name in features.columns)
        frequent = {
            name: frequent_categories(features[name], min_category_rows)
            for name in names
            if name in CATEGORICAL
        }
        empty = tuple(name for name in names if features[name].isna().all())
        return cls(names, frequent, empty)

    @classmethod
    def from_dict(cls, content: Mapping[str, Mapping[str, list[str]]]) -> Coding:
        """Return the coding from what `asdict` gave, also after JSON."""
        categories = {name: tuple(values) for name, values in content["categories"].items()}
        return cls(tuple(content["features"]), categories, tuple(content["empty"]))

    def matrix(self, features: pd.DataFrame) -> np.ndarray:
        """Return the features as numbers, shape (n, k)."""
        columns = [self._column(features, name) for name in self.features]
        return np.column_stack(columns) if len(features) else np.empty((0, len(columns)))

    def _column(self, features: pd.DataFrame, name: str) -> np.ndarray:
        if name in self.categories:
            return category_codes(features[name], self.categories[name]).astype(np.float64)
        if name in self.empty:
            return np.zeros(len(features))
        return features[name].to_numpy(dtype=np.float64)


@dataclass(frozen=True, eq=False)
class HistogramPredictor:
    """The trees over coded features.

    Attributes:
        classifier: The trees; class 1 is a return.
        coding: How features become numbers.
        background: Coded training rows that contributions are measured from, shape (b, k).
        seed: Seed of the orders in which contributions are sampled.
    """

    classifier: HistGradientBoostingClassifier
    coding: Coding
    background: np.ndarray
    seed: int

    @property
    def features(self) -> tuple[str, ...]:
        """The features, in order."""
        return self.coding.features

    @property
    def settled(self) -> Mapping[str, Parameter]:
        """How many trees were kept."""
        return {"iterations": int(self.classifier.n_iter_)}

    @property
    def base(self) -> float:
        """Mean log-odds of churn of the background rows."""
        return float(self._churn_log_odds(self.background).mean())

    def predict(self, features: pd.DataFrame) -> np.ndarray:
        """Return P(return), shape (n,)."""
        return expit(-self._churn_log_odds(self.coding.matrix(features)))

    def contributions(self, features: pd.DataFrame) -> np.ndarray:
        """Return sampled Shapley values, shape (n, k); they sum exactly, their split between features is noisy."""
        orders = feature_orders(len(self.features), len(self.background), self.seed)
        rows = self.coding.matrix(features)
        with one_thread():
            return shapley_values(self._raw_churn_log_odds, rows, self.background, orders)

    def _churn_log_odds(self, matrix: np.ndarray) -> np.ndarray:
        with one_thread():
            return self._raw_churn_log_odds(matrix)

    def _raw_churn_log_odds(self, matrix: np.ndarray) -> np.ndarray:
        return -self.classifier.decision_function(matrix) if len(matrix) else np.empty(0)

    def to_files(self) -> dict[str, bytes]:
        """Return the trees in the format of skops, which runs no code when read, and the rest as JSON."""
        import skops.io

        return {_SKOPS: skops.io.dumps(self.classifier), _JSON: self._json()}

    def _json(self) -> bytes:
        background = [
            [None if np.isnan(value) else value for value in row] for row in self.background.tolist()
        ]
        content = {"coding": asdict(self.coding), "background": background, "seed": self.seed}
        return json.dumps(content, sort_keys=True, allow_nan=False).encode()

    def identity(self) -> bytes:
        """Return the JSON and every table of the trees; skops writes addresses of memory into its file."""
        parts = [self._json(), np.asarray(self.classifier._baseline_prediction).tobytes()]
        for (tree,) in self.classifier._predictors:
            parts += [np.ascontiguousarray(tree.nodes[name]).tobytes() for name in tree.nodes.dtype.names]
            parts += [tree.binned_left_cat_bitsets.tobytes(), tree.raw_left_cat_bitsets.tobytes()]
        return b"".join(parts)


def fit(
    rows: pd.DataFrame, recipe: ChurnRecipe, config: ChurnConfig, stopping: pd.DataFrame | None
) -> HistogramPredictor:
    """Grow trees on rows; with `stopping`, keep as many as were best on it."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    parameters = recipe.parameters
    features = rows[list(recipe.features)]
    coding = Coding.learn(features, int(parameters["min_category_rows"]))
    classifier = HistGradientBoostingClassifier(
        **{name: parameters[name] for name in _OWN_PARAMETERS},
        max_iter=parameters["iterations"],
        categorical_features=[name in CATEGORICAL for name in coding.features],
        early_stopping=stopping is not None,
        n_iter_no_change=parameters["early_stopping_rounds"],
        random_state=config.seed,
    )
    matrix = coding.matrix(features)
    held_out = {}
    if stopping is not None:
        watched = stopping[list(recipe.features)]
        held_out = {"X_val": coding.matrix(watched), "y_val": label_of(stopping)}
    with one_thread():
        classifier.fit(matrix, label_of(rows), **held_out)
        if stopping is not None:
            _keep_best(classifier)
        background = matrix[spread_rows(classifier.decision_function(matrix), _BACKGROUND_ROWS)]
    return HistogramPredictor(classifier, coding, background, config.seed)


def _keep_best(classifier: HistGradientBoostingClassifier) -> None:
    """Drop the trees grown after the best score on the held-out rows; scikit-learn leaves them in."""
    best = int(np.argmax(classifier.validation_score_))
    del classifier._predictors[max(best, 1) :]


def from_files(files: Mapping[str, bytes]) -> HistogramPredictor:
    """Return the predictor that `to_files` wrote.

    Raises:
        skops.io.exceptions.UntrustedTypesFoundException: The file holds a type that such a model has not.
    """
    import skops.io

    content = json.loads(files[_JSON])
    background = np.array(content["background"], dtype=np.float64)
    classifier = skops.io.loads(files[_SKOPS], trusted=list(_TRUSTED))
    return HistogramPredictor(classifier, Coding.from_dict(content["coding"]), background, content["seed"])
