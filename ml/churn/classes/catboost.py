"""Gradient boosting with ordered target statistics for categories: CatBoost.

Stays out: preprocessing; CatBoost takes categories as text and missing numbers as they are.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ml.churn.config import ChurnConfig
from ml.churn.features import CATEGORICAL
from ml.churn.logits import label_of
from ml.churn.recipe import ChurnRecipe, Parameter

if TYPE_CHECKING:
    from catboost import CatBoostClassifier

_FILE = "catboost.cbm"


@dataclass(frozen=True, eq=False)
class CatBoostPredictor:
    """The trees; class 1 is a return. `base` is the log-odds of churn that the trees give on average."""

    classifier: CatBoostClassifier

    @property
    def features(self) -> tuple[str, ...]:
        """The features, in the order that the classifier was given them."""
        return tuple(self.classifier.feature_names_)

    @property
    def settled(self) -> Mapping[str, Parameter]:
        """How many trees were kept."""
        return {"iterations": self.classifier.tree_count_}

    @property
    def base(self) -> float:
        """Log-odds of churn without any contribution, from the counts of training rows in the leaves."""
        blank = pd.DataFrame({name: ["" if name in CATEGORICAL else 0.0] for name in self.features})
        return -float(self._shap_values(blank)[0, -1])

    def predict(self, features: pd.DataFrame) -> np.ndarray:
        """Return P(return), shape (n,)."""
        return self.classifier.predict_proba(features)[:, 1]

    def contributions(self, features: pd.DataFrame) -> np.ndarray:
        """Return exact Shapley values of the trees, shape (n, k) (Lundberg et al. 2018, algorithm 2)."""
        return -self._shap_values(features)[:, :-1]

    def _shap_values(self, features: pd.DataFrame) -> np.ndarray:
        from catboost import Pool

        if features.empty:
            return np.empty((0, len(self.features) + 1))
        pool = Pool(features, cat_features=_categorical(self.features))
        return np.asarray(self.classifier.get_feature_importance(pool, type="ShapValues"))

    def to_files(self) -> dict[str, bytes]:
        """Return the trees in CatBoost's own format."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / _FILE
            self.classifier.save_model(str(path))
            return {_FILE: path.read_bytes()}

    def identity(self) -> bytes:
        """Return the trees with their tables.

        CatBoost writes a random id, the time of training and its progress into a model; they are left out.
        """
        trees = self.classifier.copy()
        metadata = trees.get_metadata()
        for key in list(metadata.keys()):
            del metadata[key]
        return trees._serialize_model()


def fit(
    rows: pd.DataFrame, recipe: ChurnRecipe, config: ChurnConfig, stopping: pd.DataFrame | None
) -> CatBoostPredictor:
    """Grow trees on rows; with `stopping`, keep as many as were best on it.

    The first guess is the base rate, not one half: few trees then still give calibrated probabilities.
    """
    from catboost import CatBoostClassifier

    parameters = dict(recipe.parameters)
    patience = parameters.pop("early_stopping_rounds")
    classifier = CatBoostClassifier(
        **parameters,
        boost_from_average=True,
        cat_features=_categorical(recipe.features),
        random_seed=config.seed,
        thread_count=config.threads,
        allow_writing_files=False,
        verbose=False,
    )
    if stopping is None:
        return CatBoostPredictor(classifier.fit(*_features_and_label(rows, recipe)))
    return CatBoostPredictor(
        classifier.fit(
            *_features_and_label(rows, recipe),
            eval_set=_features_and_label(stopping, recipe),
            early_stopping_rounds=patience,
            use_best_model=True,
        )
    )


def from_files(files: Mapping[str, bytes]) -> CatBoostPredictor:
    """Return the predictor that `to_files` wrote."""
    from catboost import CatBoostClassifier

    return CatBoostPredictor(CatBoostClassifier().load_model(blob=files[_FILE]))


def _categorical(features: tuple[str, ...]) -> list[str]:
    return [name for name in features if name in CATEGORICAL]


def _features_and_label(rows: pd.DataFrame, recipe: ChurnRecipe) -> tuple[pd.DataFrame, np.ndarray]:
    return rows[list(recipe.features)], label_of(rows)
