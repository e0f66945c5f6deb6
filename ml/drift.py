"""How far a population has moved from the one a model was learned on: the population stability index.

Stays out: what to do about it; a threshold is the caller's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from ml.frames import require_columns

SCORE = "churn_probability"
SMALLEST_SHARE = 1e-4


@dataclass(frozen=True)
class NumberBins:
    """Shares of a number in bins.

    Attributes:
        edges: Inner borders, rising; a value on a border belongs to the bin below it.
        shares: Shares of the len(edges) + 1 bins, and at the end that of missing values; they sum to 1.
    """

    edges: tuple[float, ...]
    shares: tuple[float, ...]

    @classmethod
    def of(cls, values: np.ndarray, bins: int) -> NumberBins:
        """Cut at quantiles; values so frequent that borders coincide make fewer bins."""
        known = values[~np.isnan(values)]
        inner = np.quantile(known, np.linspace(0, 1, bins + 1))[1:-1] if known.size else np.empty(0)
        edges = np.unique(inner)
        return cls(tuple(edges.tolist()), tuple(_number_shares(values, edges).tolist()))

    def shares_of(self, values: pd.Series) -> tuple[np.ndarray, np.ndarray]:
        """Return the shares of the reference and of other values, both of shape (bins + 1,)."""
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
        return np.array(self.shares), _number_shares(numbers, np.array(self.edges))


@dataclass(frozen=True)
class CategoryBins:
    """Shares of categories; whatever the reference had not seen, and missing values, have bins of their own."""

    shares: Mapping[str, float]
    missing: float

    @classmethod
    def of(cls, values: pd.Series) -> CategoryBins:
        """Count the categories."""
        counts = values.value_counts() / len(values)
        shares = {str(name): float(share) for name, share in counts.sort_index().items() if share > 0}
        return cls(shares, float(values.isna().mean()))

    def shares_of(self, values: pd.Series) -> tuple[np.ndarray, np.ndarray]:
        """Return the shares of the reference and of other values: known categories, unseen ones, missing."""
        counts = values.value_counts() / len(values)
        known = [float(counts.get(name, 0.0)) for name in self.shares]
        missing = float(values.isna().mean())
        unseen = max(1.0 - sum(known) - missing, 0.0)
        return np.array([*self.shares.values(), 0.0, self.missing]), np.array([*known, unseen, missing])


@dataclass(frozen=True)
class Reference:
    """The population that a model was learned on, in shares; nothing of a single customer remains.

    Attributes:
        numeric: Bins of each numeric feature.
        categorical: Bins of each categorical feature.
        score: Bins of the model's scores.
    """

    numeric: Mapping[str, NumberBins]
    categorical: Mapping[str, CategoryBins]
    score: NumberBins

    @classmethod
    def of(
        cls,
        frame: pd.DataFrame,
        numeric: Sequence[str],
        categorical: Sequence[str],
        scores: np.ndarray,
        bins: int = 10,
    ) -> Reference:
        """Describe a population of at least one row.

        Args:
            frame: One row per customer.
            numeric: Names of its numeric features.
            categorical: Names of its categorical features.
            scores: The model's scores, shape (n,).
            bins: Bins of a number, of about equal shares.

        Raises:
            InvalidInputError: A column is missing.
            ValueError: There are no rows.
        """
        require_columns(frame, (*numeric, *categorical), "drift reference")
        _require_rows(frame, "drift reference")
        return cls(
            {name: NumberBins.of(_floats(frame[name]), bins) for name in numeric},
            {name: CategoryBins.of(frame[name]) for name in categorical},
            NumberBins.of(np.asarray(scores, dtype=np.float64), bins),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Reference:
        """Return the reference from what `to_dict` gave, also after JSON."""
        return cls(
            {name: _number_bins(one) for name, one in content["numeric"].items()},
            {name: CategoryBins(**one) for name, one in content["categorical"].items()},
            _number_bins(content["score"]),
        )


def population_stability(reference: Reference, frame: pd.DataFrame, scores: np.ndarray) -> pd.DataFrame:
    """Return the population stability index of every feature and of the score.

    PSI = sum over bins of (q - p) log(q / p) with p the reference's share and q the present one (Siddiqi 2006,
    "Credit Risk Scorecards"; it is Jeffreys' divergence). A share below `SMALLEST_SHARE`
    counts as that, so that an empty bin gives a large but finite value. By custom, below 0.1 is stable and
    above 0.25 a shift.

    Args:
        reference: The population learned on.
        frame: The present population, with the reference's features.
        scores: The model's scores for it, shape (n,).

    Returns:
        One row per feature, largest first: feature (the score is called "churn_probability") and psi.

    Raises:
        InvalidInputError: A feature is missing.
        ValueError: There are no rows.
    """
    bins: dict[str, NumberBins | CategoryBins] = {**reference.numeric, **reference.categorical}
    require_columns(frame, bins, "drift")
    _require_rows(frame, "drift")
    psi = {name: stability_index(*one.shares_of(frame[name])) for name, one in bins.items()}
    psi[SCORE] = stability_index(*reference.score.shares_of(pd.Series(scores)))
    result = pd.DataFrame({"feature": list(psi), "psi": list(psi.values())})
    return result.sort_values("psi", ascending=False, kind="stable", ignore_index=True)


def stability_index(expected: np.ndarray, actual: np.ndarray) -> float:
    """Return the index of two sets of shares over the same bins, both of shape (bins,)."""
    p, q = (np.maximum(shares, SMALLEST_SHARE) for shares in (expected, actual))
    return float(((q - p) * np.log(q / p)).sum())


def _number_shares(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    missing = np.isnan(values)
    places = np.where(missing, len(edges) + 1, np.searchsorted(edges, values, side="left"))
    return np.bincount(places, minlength=len(edges) + 2) / len(values)


def _number_bins(content: Mapping[str, Any]) -> NumberBins:
    return NumberBins(tuple(content["edges"]), tuple(content["shares"]))


def _floats(values: pd.Series) -> np.ndarray:
    return values.to_numpy(dtype=np.float64, na_value=np.nan)


def _require_rows(frame: pd.DataFrame, what: str) -> None:
    if frame.empty:
        raise ValueError(f"{what}: there are no rows")
