"""Pareto/NBD: a customer leaves at any time, at a rate that is Gamma(s, beta) and independent of the purchases.

Stays out: the integrals over the time of leaving (`quadrature`).

SMC = Schmittlein, Morrison & Colombo (1987), "Counting Your Customers: Who Are They and What Will They Do Next?",
Management Science 33(1), 1-24. FH = Fader & Hardie (2005), "A Note on Deriving the Pareto/NBD Model and Related
Expressions", brucehardie.com/notes/009. Its 2F1 functions are slow and have no easy derivatives; the integral that
they stand for is smooth, and its derivatives are integrals over the same few nodes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, expit, exprel, gammaln, logsumexp

from ml.clv.nbd import PurchaseModel, Time
from ml.clv.quadrature import by_chunks, legendre, log_power_integral, power_integral

_COUNT_NODES = 64
_TINY = 1e-300


@dataclass(frozen=True)
class ParetoNbd(PurchaseModel):
    """Parameters of Pareto/NBD: rates are Gamma(r, alpha), drop-out rates Gamma(s, beta); alpha, beta in days."""

    r: float
    alpha: float
    s: float
    beta: float
    penalizer: float

    name = "Pareto/NBD"
    parameter_names = ("r", "alpha", "s", "beta")
    time_parameters = ("alpha", "beta")
    starts = ((1.1, 1.1, 1.1, 1.1), (0.02, 0.1, 0.5, 0.5), (0.5, 0.5, 0.5, 1.0))

    def _log_alive(self, x: np.ndarray, T: np.ndarray) -> np.ndarray:
        return -(self.r + x) * np.log(self.alpha + T) - self.s * np.log(self.beta + T)

    def log_odds_gone(self, x: np.ndarray, t_x: np.ndarray, T: np.ndarray) -> np.ndarray:
        """Return log(P(gone) / P(alive)), from the two terms of the likelihood (FH eq. 16)."""
        gone = log_power_integral(self.alpha, self.r + x, self.beta, self.s + 1, t_x, T)
        return np.log(self.s) + gone - self._log_alive(x, T)

    def log_likelihood(self, x: np.ndarray, t_x: np.ndarray, T: np.ndarray) -> np.ndarray:
        """FH eq. 16: alive at T, or gone at some time between the last purchase and T, integrated over."""
        counts, _ = self._by_frequency(x)
        return counts + self._log_alive(x, T) + np.logaddexp(0.0, self.log_odds_gone(x, t_x, T))

    def log_likelihood_and_scores(
        self, x: np.ndarray, t_x: np.ndarray, T: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """FH eq. 16, and its derivatives, which are means over the same nodes."""
        r, alpha, s, beta = self.r, self.alpha, self.s, self.beta
        integral = power_integral(alpha, r + x, beta, s + 1, t_x, T)
        log_alive = self._log_alive(x, T)
        odds = np.log(s) + integral.log_value - log_alive
        gone, alive = expit(odds), expit(-odds)
        counts, count_scores = self._by_frequency(x)
        value = counts + log_alive + np.logaddexp(0.0, odds)
        log_age, log_beta = np.log(alpha + T), np.log(beta + T)
        scores = (
            count_scores - r * (alive * log_age + gone * integral.log_c),
            r - alpha * (r + x) * (alive / (alpha + T) + gone * integral.inverse_c),
            s * np.log(beta) - s * alive * log_beta + gone * (1 - s * integral.log_d),
            s - beta * (alive * s / (beta + T) + gone * (s + 1) * integral.inverse_d),
        )
        return value, np.column_stack(scores)

    def _by_frequency(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the part of log L that depends on x alone and its derivative by log r, both of shape (n,)."""
        place = x.astype(np.int64)
        each = np.arange(place.max(initial=0) + 1.0)
        r, alpha = self.r, self.alpha
        value = gammaln(r + each) - gammaln(r) + r * np.log(alpha) + self.s * np.log(self.beta)
        score = r * (digamma(r + each) - digamma(r) + np.log(alpha))
        return value[place], score[place]

    def expected_if_alive(self, x: np.ndarray, T: np.ndarray, t: Time) -> np.ndarray:
        """FH eq. 41 without P(alive), written so that s = 1 is no exception."""
        beta = self.beta + T
        later = np.log1p(t / beta)
        return (self.r + x) / (self.alpha + T) * beta * later * exprel(-(self.s - 1) * later)

    def p_purchase_if_alive(self, x: np.ndarray, T: np.ndarray, t: Time) -> np.ndarray:
        """The next purchase comes at a Lomax time; it counts if the customer has not left before it."""
        shape, alpha, beta = self.r + x, self.alpha + T, self.beta + T
        integral = log_power_integral(alpha, shape + 1, beta, self.s, 0.0, t)
        return np.exp(np.log(shape) + shape * np.log(alpha) + self.s * np.log(beta) + integral)

    def log_distribution_if_alive(self, n: np.ndarray, x: np.ndarray, T: np.ndarray, t: Time) -> np.ndarray:
        """A negative binomial count up to t or, by Gauss-Legendre, up to the time of leaving before it."""
        (value,) = by_chunks(self._log_distribution, 1, (n, x, T, t))
        return value

    def _log_distribution(
        self, n: np.ndarray, x: np.ndarray, T: np.ndarray, t: np.ndarray
    ) -> tuple[np.ndarray]:
        nodes, weights = legendre(_COUNT_NODES)
        beta = self.beta + T
        last = np.log1p(t / beta)
        later = last[:, None] * nodes
        leaving = beta[:, None] * np.expm1(later)
        gone = self._log_count(n[:, None], x[:, None], T[:, None], leaving) - self.s * later
        log_gone = logsumexp(gone, axis=1, b=self.s * last[:, None] * weights)
        return (np.logaddexp(log_gone, self._log_count(n, x, T, t) - self.s * last),)

    def _log_count(self, n: np.ndarray, x: np.ndarray, T: np.ndarray, t: np.ndarray) -> np.ndarray:
        """Return log P(n purchases in (T, T + t] | x, T, active until T + t)."""
        shape, z = self.r + x, t / (self.alpha + T + t)
        return gammaln(shape + n) - gammaln(shape) - gammaln(n + 1) + shape * np.log1p(-z) + n * np.log(z)

    def follow_first(
        self, rng: np.random.Generator, x: np.ndarray, T: np.ndarray, first: np.ndarray, t: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Who has not left before `first` buys at the rate Gamma(r + x + 1, alpha + T + first) until leaving."""
        still = np.flatnonzero(rng.random(len(x)) < np.exp(-self.s * np.log1p(first / (self.beta + T))))
        x, T, first = x[still], T[still], first[still]
        rate = rng.gamma(self.r + x + 1) / (self.alpha + T + first)
        stays = (
            rng.exponential(size=len(x))
            * (self.beta + T + first)
            / np.maximum(rng.gamma(self.s, size=len(x)), _TINY)
        )
        window = np.minimum(stays, t - first)
        customer = np.repeat(np.arange(len(x)), rng.poisson(rate * window))
        days = first[customer] + window[customer] * rng.random(len(customer))
        return np.concatenate((still, still[customer])), np.concatenate((first, days))
