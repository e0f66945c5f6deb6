"""The fitted churn model as a value, its risk rule, and what identifies its content.

Stays out: fitting and scoring, and where models are kept.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from catboost import CatBoostClassifier

_VERSION = 1
_FIELDS = {"features", "rule", "tree_count", "validation_cutoff", "horizon_days"}


@dataclass(frozen=True)
class RiskRule:
    """How a return probability becomes a risk band.

    Attributes:
        base_return_rate: Share of customers who returned within the horizon, at the validation cutoff.
        green_lift: Green from this multiple of the base rate on.
        red_lift: Red below this multiple of the base rate; yellow in between.
    """

    base_return_rate: float
    green_lift: float
    red_lift: float

    def __post_init__(self) -> None:
        if not 0 < self.base_return_rate <= 1:
            raise ValueError(f"base_return_rate must lie in (0, 1], not {self.base_return_rate}")
        if not 0 <= self.red_lift <= self.green_lift:
            raise ValueError(f"0 <= red_lift <= green_lift is broken: {self.red_lift}, {self.green_lift}")


def risk_band(churn_probability: np.ndarray, rule: RiskRule) -> np.ndarray:
    """Return 'green', 'yellow' or 'red' for each churn probability, shape (n,) of text.

    Green where the return probability is at least `green_lift` base rates, red where it is below `red_lift`
    base rates, yellow in between; compared on the side of churn, so that a probability given as 1 - x is not
    moved across a border by rounding.

    Raises:
        ValueError: A probability is missing or outside [0, 1].
    """
    churn = np.asarray(churn_probability, dtype=np.float64)
    outside = int(np.count_nonzero(~((churn >= 0) & (churn <= 1))))
    if outside:
        raise ValueError(
            f"churn_probability: {outside} of {churn.size} value(s) are missing or outside [0, 1]"
        )
    green = churn <= 1 - rule.green_lift * rule.base_return_rate
    red = churn > 1 - rule.red_lift * rule.base_return_rate
    return np.select([green, red], ["green", "red"], default="yellow")


@dataclass(frozen=True, eq=False)
class ChurnModel:
    """All that is needed to score customers.

    Attributes:
        classifier: The trees; class 1 is a return.
        features: Names of the features, in the order the classifier was given them.
        rule: The risk rule.
        tree_count: Trees grown.
        validation_cutoff: The latest cutoff learned from.
        horizon_days: Days without a purchase that count as churn.
    """

    classifier: CatBoostClassifier
    features: tuple[str, ...]
    rule: RiskRule
    tree_count: int
    validation_cutoff: dt.date
    horizon_days: int

    def to_json(self) -> str:
        """Return everything but the classifier as JSON with sorted keys; CatBoost has a format of its own."""
        content = {
            "version": _VERSION,
            "features": self.features,
            "rule": asdict(self.rule),
            "tree_count": self.tree_count,
            "validation_cutoff": self.validation_cutoff.isoformat(),
            "horizon_days": self.horizon_days,
        }
        return json.dumps(content, sort_keys=True, allow_nan=False)

    @classmethod
    def from_json(cls, text: str, classifier: CatBoostClassifier) -> ChurnModel:
        """Join what `to_json` wrote with the classifier it was written beside.

        Raises:
            ValueError: The text is of another version, lacks a field or has one that is not known, or the
                classifier has other features or another number of trees.
        """
        content = json.loads(text)
        version = content.pop("version", None)
        if version != _VERSION:
            raise ValueError(f"churn model: version {version!r} cannot be read, only {_VERSION}")
        if set(content) != _FIELDS:
            odd = ", ".join(sorted(set(content) ^ _FIELDS))
            raise ValueError(f"churn model: missing or unknown field(s) {odd}")
        content["features"] = tuple(content["features"])
        content["rule"] = RiskRule(**content["rule"])
        content["validation_cutoff"] = dt.date.fromisoformat(content["validation_cutoff"])
        if tuple(classifier.feature_names_) != content["features"]:
            raise ValueError("churn model: the classifier was trained on other features")
        if classifier.tree_count_ != content["tree_count"]:
            raise ValueError("churn model: the classifier has another number of trees")
        return cls(classifier, **content)

    def digest(self) -> str:
        """Return the SHA-256 of the model's content: rule, features, and the trees with their tables.

        CatBoost writes a random id, the time of training and its progress into a model; they are left out.
        """
        trees = self.classifier.copy()
        metadata = trees.get_metadata()
        for key in list(metadata.keys()):
            del metadata[key]
        return hashlib.sha256(self.to_json().encode() + trees._serialize_model()).hexdigest()
