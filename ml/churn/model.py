"""The fitted churn model as a value: all that serving needs, as files there and back, and its digest.

Stays out: fitting and scoring, and where models are kept.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from ml.churn.calibration import Calibration
from ml.churn.classes import read_predictor
from ml.churn.predictor import Predictor
from ml.churn.recipe import ChurnRecipe
from ml.churn.risk import RiskRule, risk_band
from ml.drift import Reference

__all__ = ["ChurnModel", "RiskRule", "risk_band"]

MODEL_FILE = "model.json"
_VERSION = 3
_FIELDS = {
    "recipe",
    "rule",
    "features",
    "validation_cutoff",
    "learned_cutoffs",
    "horizon_days",
    "calibration",
    "reference",
    "validated_drift",
}


@dataclass(frozen=True, eq=False)
class ChurnModel:
    """All that is needed to score customers.

    Attributes:
        predictor: The fitted model of the recipe's class.
        recipe: What it was made of, with what early stopping decided.
        rule: The risk rule.
        features: Names of the features, in the order the predictor is given them.
        validation_cutoff: The cutoff that the model, or its twin that had not seen it, was judged on.
        learned_cutoffs: The cutoffs whose labels it has learned from, rising.
        horizon_days: Days without a purchase that count as churn.
        calibration: The line that mends the predictor's log-odds.
        reference: The population at the latest cutoff learned from, with the model's churn probabilities.
        validated_drift: Population stability index of every feature and of the score between what the twin had
            learned from and the customers it was judged on: so far had they moved when the figures were measured.
    """

    predictor: Predictor
    recipe: ChurnRecipe
    rule: RiskRule
    features: tuple[str, ...]
    validation_cutoff: dt.date
    learned_cutoffs: tuple[dt.date, ...]
    horizon_days: int
    calibration: Calibration
    reference: Reference
    validated_drift: Mapping[str, float]

    @property
    def base_log_odds(self) -> float:
        """Log-odds of churn without any contribution."""
        return self.calibration.slope * self.predictor.base - self.calibration.intercept

    def return_probability(self, features: pd.DataFrame) -> np.ndarray:
        """Return the calibrated P(return), shape (n,), for a frame of `feature_frame` with the features."""
        return self.calibration.apply(self.predictor.predict(features))

    def contributions(self, features: pd.DataFrame) -> np.ndarray:
        """Return what each feature adds to the log-odds of churn, shape (n, k); with the base they sum to them."""
        return self.calibration.slope * self.predictor.contributions(features)

    def to_files(self) -> dict[str, bytes]:
        """Return the content of every file of the model; `from_files` needs them all."""
        return {MODEL_FILE: self._json().encode(), **self.predictor.to_files()}

    def _json(self) -> str:
        content = {
            "version": _VERSION,
            "recipe": asdict(self.recipe),
            "rule": asdict(self.rule),
            "features": self.features,
            "validation_cutoff": self.validation_cutoff.isoformat(),
            "learned_cutoffs": [cutoff.isoformat() for cutoff in self.learned_cutoffs],
            "horizon_days": self.horizon_days,
            "calibration": asdict(self.calibration),
            "reference": self.reference.to_dict(),
            "validated_drift": dict(self.validated_drift),
        }
        return json.dumps(content, sort_keys=True, allow_nan=False)

    @classmethod
    def from_files(cls, files: Mapping[str, bytes]) -> ChurnModel:
        """Return the model that `to_files` wrote.

        Raises:
            ValueError: A file is missing, is of another version, lacks a field or has one that is not known,
                or the predictor has other features.
        """
        content = _checked(files)
        recipe = ChurnRecipe.from_json(json.dumps(content["recipe"]))
        try:
            predictor = read_predictor(recipe.model_class, files)
        except KeyError as error:
            raise ValueError(f"churn model: there is no file {error}") from error
        if list(predictor.features) != content["features"]:
            raise ValueError("churn model: the predictor was trained on other features")
        return cls(
            predictor=predictor,
            recipe=recipe,
            rule=RiskRule(**content["rule"]),
            features=tuple(content["features"]),
            validation_cutoff=dt.date.fromisoformat(content["validation_cutoff"]),
            learned_cutoffs=tuple(dt.date.fromisoformat(day) for day in content["learned_cutoffs"]),
            horizon_days=content["horizon_days"],
            calibration=Calibration(**content["calibration"]),
            reference=Reference.from_dict(content["reference"]),
            validated_drift=content["validated_drift"],
        )

    def digest(self) -> str:
        """Return the SHA-256 of the model's content, equal for equal content."""
        return hashlib.sha256(self._json().encode() + self.predictor.identity()).hexdigest()


def _checked(files: Mapping[str, bytes]) -> dict[str, Any]:
    if MODEL_FILE not in files:
        raise ValueError(f"churn model: there is no file {MODEL_FILE!r}")
    content = json.loads(files[MODEL_FILE])
    version = content.pop("version", None)
    if version != _VERSION:
        raise ValueError(f"churn model: version {version!r} cannot be read, only {_VERSION}")
    if set(content) != _FIELDS:
        odd = ", ".join(sorted(set(content) ^ _FIELDS))
        raise ValueError(f"churn model: missing or unknown field(s) {odd}")
    return content
