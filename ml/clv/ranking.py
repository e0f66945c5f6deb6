"""How well one number ranks customers by another, under weights: rank correlation, Gini and top decile.

Stays out: which numbers; `evaluation` says that. Ties are treated as if drawn in random order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Ranking:
    """A prediction and an outcome, sorted once so that figures under many weights are cheap.

    Attributes:
        predicted: Each row's place among the distinct predictions, ascending, shape (n,).
        actual: Each row's place among the distinct outcomes, ascending, shape (n,).
        outcome: The outcome, shape (n,).
    """

    predicted: np.ndarray
    actual: np.ndarray
    outcome: np.ndarray

    @classmethod
    def of(cls, predicted: np.ndarray, outcome: np.ndarray) -> Ranking:
        """Prepare a prediction and an outcome, both of shape (n,)."""
        places = [np.unique(values, return_inverse=True)[1].ravel() for values in (predicted, outcome)]
        return cls(places[0], places[1], outcome)

    def spearman(self, weights: np.ndarray) -> float:
        """Return Spearman's rank correlation with mean ranks for ties; 0 where one side has no order."""
        share = weights / weights.sum()
        x, y = (_mean_ranks(place, share) for place in (self.predicted, self.actual))
        x, y = x - share @ x, y - share @ y
        spread = np.sqrt((share @ x**2) * (share @ y**2))
        return float(share @ (x * y) / spread) if spread > 0 else 0.0

    def gini(self, weights: np.ndarray) -> float:
        """Return the normalised Gini: the area gained by contacting the best predicted first, of what is possible.

        1 ranks like the outcome itself, 0 like chance.
        """
        return _area(*self.gains(weights)) / _area(*_gains(self.actual, self.outcome, weights))

    def top_share(self, weights: np.ndarray, share: float) -> float:
        """Return the share of the outcome held by the best predicted `share` of customers, ties in part."""
        return float(np.interp(share, *self.gains(weights)))

    def gains(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return shares of customers, best predicted first, and the shares of the outcome they hold; from 0 to 1."""
        return _gains(self.predicted, self.outcome, weights)


def _mean_ranks(place: np.ndarray, share: np.ndarray) -> np.ndarray:
    by_place = np.bincount(place, share)
    return (np.cumsum(by_place) - by_place / 2)[place]


def _gains(place: np.ndarray, outcome: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    customers = np.bincount(place, weights)[::-1]
    held = np.bincount(place, weights * outcome)[::-1]
    return _shares(customers), _shares(held)


def _shares(values: np.ndarray) -> np.ndarray:
    total = np.concatenate(([0.0], np.cumsum(values)))
    return total / total[-1]


def _area(customers: np.ndarray, held: np.ndarray) -> float:
    """Return the area between a curve of gains and the diagonal, by trapezoids."""
    return float((np.diff(customers) * (held[1:] + held[:-1])).sum() / 2 - 0.5)
