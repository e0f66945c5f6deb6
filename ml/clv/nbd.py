"""What the purchase models have in common: a Gamma mixture of Poisson rates, and a way of dropping out.

Stays out: how customers drop out; each family says that in its own module.

x = frequency, t_x = recency, T = age, as in the papers. Given that a customer is alive at T, their rate is
Gamma(r + x, alpha + T) in every family (Fader, Hardie & Lee 2005; Batislam et al. 2007; Schmittlein, Morrison &
Colombo 1987), so their next purchase, if nothing ends them first, waits for a Lomax time.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar, Self

import numpy as np
from scipy.special import expit, log_expit

from ml.clv.candidates import Candidate, fit_from
from ml.clv.config import ClvConfig
from ml.clv.history import History

Time = float | np.ndarray


class PurchaseModel(ABC):
    """A purchase model with rates Gamma(r, alpha); families add how customers drop out.

    All functions take arrays that already obey the rules of `inputs`, of shapes that broadcast, and return
    finite, non-negative numbers (logarithms of probabilities excepted) in the broadcast shape.

    Attributes:
        name: The family's name.
        parameter_names: Its parameters, in the order of every vector and covariance.
        time_parameters: Those that are in days.
        starts: Where searches begin, time in units of the oldest customer's age.
    """

    name: ClassVar[str]
    parameter_names: ClassVar[tuple[str, ...]]
    time_parameters: ClassVar[tuple[str, ...]]
    starts: ClassVar[tuple[tuple[float, ...], ...]]
    r: float
    alpha: float
    penalizer: float

    def __post_init__(self) -> None:
        for name, value in self.parameters.items():
            if not (math.isfinite(value) and value > 0):
                raise ValueError(f"{self.name}: {name} must be positive and finite, not {value}")

    @property
    def parameters(self) -> dict[str, float]:
        """The parameters by name, without the penalizer."""
        return {name: getattr(self, name) for name in self.parameter_names}

    @property
    def vector(self) -> np.ndarray:
        """The logarithms of the parameters, shape (k,)."""
        return np.log(list(self.parameters.values()))

    @classmethod
    def from_vector(cls, vector: Sequence[float] | np.ndarray, penalizer: float) -> Self:
        """Return the model whose parameters have these logarithms."""
        values = (float(value) for value in np.exp(vector))
        return cls(**dict(zip(cls.parameter_names, values, strict=True)), penalizer=penalizer)  # type: ignore[call-arg]

    def in_units(self, unit: float) -> Self:
        """Return the same model with its times divided by `unit`."""
        changes = {name: getattr(self, name) / unit for name in self.time_parameters}
        return replace(self, **changes)  # type: ignore[type-var]

    @classmethod
    def fit(
        cls, history: History, penalizer: float, starts: Sequence[tuple[float, ...]], config: ClvConfig
    ) -> list[Candidate]:
        """Fit from each start in turn until two believable fits agree; see `candidates.fit_from`."""
        return fit_from(cls, history, penalizer, starts, config)

    @abstractmethod
    def log_likelihood_and_scores(
        self, x: np.ndarray, t_x: np.ndarray, T: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return each row's log-likelihood, (n,), and its derivative by the log-parameters, (n, k)."""

    @abstractmethod
    def log_likelihood(self, x: np.ndarray, t_x: np.ndarray, T: np.ndarray) -> np.ndarray:
        """Return log L(parameters | x, t_x, T) of each row, shape (n,), at less cost than with the scores."""

    @abstractmethod
    def log_odds_gone(self, x: np.ndarray, t_x: np.ndarray, T: np.ndarray) -> np.ndarray:
        """Return log(P(gone at T) / P(alive at T)); minus infinity where the customer cannot have gone."""

    @abstractmethod
    def expected_if_alive(self, x: np.ndarray, T: np.ndarray, t: Time) -> np.ndarray:
        """Return E[purchases in (T, T + t] | x, T, alive at T]."""

    @abstractmethod
    def p_purchase_if_alive(self, x: np.ndarray, T: np.ndarray, t: Time) -> np.ndarray:
        """Return P(a purchase in (T, T + t] | x, T, alive at T)."""

    @abstractmethod
    def log_distribution_if_alive(self, n: np.ndarray, x: np.ndarray, T: np.ndarray, t: Time) -> np.ndarray:
        """Return log P(n purchases in (T, T + t] | x, T, alive at T)."""

    @abstractmethod
    def follow_first(
        self, rng: np.random.Generator, x: np.ndarray, T: np.ndarray, first: np.ndarray, t: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Draw all purchases of customers alive at T whose rate would bring the first `first` days after T.

        Args:
            rng: Source of the draws.
            x: Frequency, shape (m,).
            T: Age, shape (m,).
            first: Days until the first purchase, at most t, shape (m,).
            t: Days ahead.

        Returns:
            The customer (0 to m - 1) and the day after T of each purchase, both of shape (purchases,). A
            customer who leaves before `first` has none.
        """

    def p_alive(self, x: np.ndarray, t_x: np.ndarray, T: np.ndarray) -> np.ndarray:
        """Return P(alive at T | x, t_x, T)."""
        return expit(-self.log_odds_gone(x, t_x, T))

    def expected_purchases(self, x: np.ndarray, t_x: np.ndarray, T: np.ndarray, t: Time) -> np.ndarray:
        """Return E[purchases in (T, T + t] | x, t_x, T]; non-decreasing in t up to rounding."""
        return self.p_alive(x, t_x, T) * self.expected_if_alive(x, T, t)

    def p_purchase_within(self, x: np.ndarray, t_x: np.ndarray, T: np.ndarray, t: Time) -> np.ndarray:
        """Return P(at least one purchase in (T, T + t] | x, t_x, T)."""
        return self.p_alive(x, t_x, T) * self.p_purchase_if_alive(x, T, t)

    def distribution(
        self, n: np.ndarray, x: np.ndarray, t_x: np.ndarray, T: np.ndarray, t: Time
    ) -> np.ndarray:
        """Return log P(n purchases in (T, T + t] | x, t_x, T); who has gone buys nothing."""
        gone = self.log_odds_gone(x, t_x, T)
        bought = log_expit(-gone) + self.log_distribution_if_alive(n, x, T, t)
        return np.where(n == 0, np.logaddexp(bought, log_expit(gone)), bought)

    def p_first_before(self, x: np.ndarray, T: np.ndarray, t: Time) -> np.ndarray:
        """Return P(the rate alone brings a purchase in (T, T + t]): the Lomax distribution function."""
        return -np.expm1(-(self.r + x) * np.log1p(t / (self.alpha + T)))

    def first_at(self, x: np.ndarray, T: np.ndarray, probability: np.ndarray) -> np.ndarray:
        """Return the days t at which `p_first_before` is `probability`, its quantile."""
        return (self.alpha + T) * np.expm1(-np.log1p(-probability) / (self.r + x))

    def draw_purchases(
        self,
        rng: np.random.Generator,
        x: np.ndarray,
        T: np.ndarray,
        alive: np.ndarray,
        customers: np.ndarray,
        t: float,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Draw the purchases in (T, T + t] of customers given their history.

        Only those whose rate brings a purchase are drawn one by one, so customers who will not return cost
        next to nothing.

        Args:
            rng: Source of the draws.
            x: Frequency of each row, shape (n,).
            T: Age, shape (n,).
            alive: P(alive at T), shape (n,).
            customers: How many customers each row stands for, whole numbers, shape (n,).
            t: Days ahead.

        Returns:
            The row of each customer drawn one by one, (buyers,); the place among these of the customer of each
            purchase, (purchases,); and its day after T, (purchases,).
        """
        near = self.p_first_before(x, T, t)
        rows = np.repeat(np.arange(len(x)), rng.binomial(customers.astype(np.int64), alive * near))
        first = self.first_at(x[rows], T[rows], near[rows] * rng.random(len(rows)))
        return rows, *self.follow_first(rng, x[rows], T[rows], np.minimum(first, t), t)

    def simulate(
        self, rng: np.random.Generator, x: np.ndarray, t_x: np.ndarray, T: np.ndarray, t: float
    ) -> np.ndarray:
        """Draw the number of purchases in (T, T + t] of each row given its history, integers of shape (n,)."""
        alive = self.p_alive(x, t_x, T)
        rows, customer, _ = self.draw_purchases(rng, x, T, alive, np.ones(len(x)), t)
        return np.bincount(rows[customer], minlength=len(x))
