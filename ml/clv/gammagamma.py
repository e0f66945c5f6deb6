"""Gamma-Gamma: spend per purchase is Gamma(p, nu), and customers differ in their scale nu, Gamma(q, v).

Stays out: how often customers buy, of which the spend is assumed independent (`spendcheck` looks at that).

FH = Fader & Hardie (2013), "The Gamma-Gamma Model of Monetary Value", brucehardie.com/notes/025.
x = frequency, m = the mean spend of the x repeat purchases.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from scipy.special import digamma, gammaln


@dataclass(frozen=True)
class GammaGamma:
    """Parameters of Gamma-Gamma: v in the unit of spend; q > 1, else the mean spend does not exist."""

    p: float
    q: float
    v: float
    penalizer: float

    parameter_names: ClassVar[tuple[str, ...]] = ("p", "q", "v")

    def __post_init__(self) -> None:
        for name, value in (("p", self.p), ("q - 1", self.q - 1), ("v", self.v)):
            if not (math.isfinite(value) and value > 0):
                raise ValueError(f"Gamma-Gamma: {name} must be positive and finite, not {value}")

    @property
    def mean_spend(self) -> float:
        """Mean spend per purchase in the population, p v / (q - 1)."""
        return self.p * self.v / (self.q - 1)

    @property
    def vector(self) -> np.ndarray:
        """The logarithms of p, q - 1 and v, shape (3,): whatever they are, the mean spend exists."""
        return np.log([self.p, self.q - 1, self.v])

    @classmethod
    def from_vector(cls, vector: Sequence[float] | np.ndarray, penalizer: float) -> Self:
        """Return the model with these logarithms of p, q - 1 and v."""
        p, above_one, v = (float(value) for value in np.exp(vector))
        return cls(p, 1 + above_one, v, penalizer)

    def log_likelihood_and_scores(self, x: np.ndarray, m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return each row's log-likelihood (FH eq. 1a), (n,), and its derivative by `vector`, (n, 3)."""
        p, q, v = self.p, self.q, self.v
        shape, total = p * x, x * m
        log_total, log_both = np.log(total), np.log(total + v)
        value = (
            gammaln(shape + q)
            - gammaln(shape)
            - gammaln(q)
            + q * np.log(v)
            + (shape - 1) * np.log(m)
            + shape * np.log(x)
            - (shape + q) * log_both
        )
        both = digamma(shape + q)
        scores = (
            shape * (both - digamma(shape) + log_total - log_both),
            (q - 1) * (both - digamma(q) + np.log(v) - log_both),
            q - v * (shape + q) / (total + v),
        )
        return value, np.column_stack(scores)

    def own_weight(self, x: np.ndarray) -> np.ndarray:
        """Return the weight of the customer's own mean in the expected spend (FH eq. 5), 0 without a repeat."""
        return self.p * x / (self.p * x + self.q - 1)

    def expected_spend(self, x: np.ndarray, m: np.ndarray) -> np.ndarray:
        """Return E[spend per purchase | x, m], FH eq. 5, shape (n,), in the unit of m.

        A weighted mean of the population's spend and the customer's own, whose weight grows with x; m is not
        looked at where x = 0.
        """
        weight = self.own_weight(x)
        return (1 - weight) * self.mean_spend + weight * np.where(x > 0, m, 0.0)

    def draw_scale(self, rng: np.random.Generator, x: np.ndarray, m: np.ndarray) -> np.ndarray:
        """Draw nu of customers given their history, Gamma(q + p x, v + x m) (FH eq. 4), shape (n,)."""
        own = np.where(x > 0, x * m, 0.0)
        return rng.gamma(self.q + self.p * x) / (self.v + own)
