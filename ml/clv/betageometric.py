"""The purchase models in which a customer may leave right after a purchase, with a probability that is Beta(a, b).

Stays out: which purchases have such a coin toss; `bgnbd` and `mbgnbd` say that.

FHL = Fader, Hardie & Lee (2005), "Counting Your Customers the Easy Way: An Alternative to the Pareto/NBD Model",
Marketing Science 24(2), 275-284. A customer alive at T has survived x coins, or x + 1 where the first purchase
has one too, so their drop-out probability is Beta(a, b + coins) and the process starts afresh: FHL's formulas of
a new customer hold with r + x, alpha + T and b + coins.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from scipy.special import betainc, betaln, digamma, expit, gammaln

from ml.clv.dropout import expected_until_dropout
from ml.clv.nbd import PurchaseModel, Time

_SMALLEST_P = 1e-12


class BetaGeometricModel(PurchaseModel):
    """Rates are Gamma(r, alpha), drop-out probabilities Beta(a, b); alpha in days.

    Attributes:
        coins_at_zero: Coin tosses at the first purchase: 0 or 1.
    """

    parameter_names = ("r", "alpha", "a", "b")
    time_parameters = ("alpha",)
    starts = ((1.1, 1.1, 1.1, 1.1), (0.02, 0.1, 0.5, 0.5), (0.5, 0.5, 1.0, 3.0))
    coins_at_zero: ClassVar[int]
    a: float
    b: float

    def log_odds_gone(self, x: np.ndarray, t_x: np.ndarray, T: np.ndarray) -> np.ndarray:
        """Return log(P(gone) / P(alive)), from the two terms of the likelihood (FHL section 7)."""
        coins = x + self.coins_at_zero
        time = (self.r + x) * np.log1p((T - t_x) / (self.alpha + t_x))
        odds = time + np.log(self.a / (self.b + np.maximum(coins, 1) - 1))
        return np.where(coins == 0, -np.inf, odds)

    def log_likelihood(self, x: np.ndarray, t_x: np.ndarray, T: np.ndarray) -> np.ndarray:
        """FHL section 7, the two terms of the likelihood added on the scale of logarithms."""
        place = x.astype(np.int64)
        counts, _ = self._by_frequency(np.arange(place.max(initial=0) + 1.0))
        time = (self.r + x) * np.log(self.alpha + T)
        return counts[place] - time + np.logaddexp(0.0, self.log_odds_gone(x, t_x, T))

    def log_likelihood_and_scores(
        self, x: np.ndarray, t_x: np.ndarray, T: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """FHL section 7; what depends on frequency alone is computed once for each frequency."""
        place = x.astype(np.int64)
        counts, count_scores = self._by_frequency(np.arange(place.max(initial=0) + 1.0))
        odds = self.log_odds_gone(x, t_x, T)
        gone, alive = expit(odds), expit(-odds)
        log_age, shape = np.log(self.alpha + T), self.r + x
        value = counts[place] - shape * log_age + np.logaddexp(0.0, odds)
        scores = count_scores[:, place]
        scores[0] -= self.r * (alive * log_age + gone * np.log(self.alpha + t_x))
        scores[1] -= self.alpha * shape * (alive / (self.alpha + T) + gone / (self.alpha + t_x))
        scores[2] += gone
        scores[3] -= gone * self.b / (self.b + np.maximum(x + self.coins_at_zero, 1) - 1)
        return value, scores.T

    def _by_frequency(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the part of log L that depends on x alone, (n,), and its derivatives, (4, n)."""
        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        coins = x + self.coins_at_zero
        value = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + coins) - betaln(a, b)
        drops = digamma(a + b) - digamma(a + b + coins)
        scores = (
            r * (digamma(r + x) - digamma(r) + np.log(alpha)),
            np.full_like(x, r),
            a * drops,
            b * (drops + digamma(b + coins) - digamma(b)),
        )
        return value, np.array(scores)

    def expected_if_alive(self, x: np.ndarray, T: np.ndarray, t: Time) -> np.ndarray:
        """FHL eq. 9 for the process that starts afresh at T."""
        b = self.b + self.coins_at_zero + x
        return expected_until_dropout(self.r + x, self.alpha + T, self.a, b, t)

    def p_purchase_if_alive(self, x: np.ndarray, T: np.ndarray, t: Time) -> np.ndarray:
        """Nothing ends a customer before the next purchase, so the rate alone decides."""
        return self.p_first_before(x, T, t)

    def log_distribution_if_alive(self, n: np.ndarray, x: np.ndarray, T: np.ndarray, t: Time) -> np.ndarray:
        """FHL eq. 8 for the process that starts afresh at T.

        Its finite sum is a negative binomial distribution function, which is an incomplete beta function.
        """
        r, alpha, a, b = self.r + x, self.alpha + T, self.a, self.b + self.coins_at_zero + x
        z = t / (alpha + t)
        log_count = gammaln(r + n) - gammaln(r) - gammaln(n + 1) + r * np.log1p(-z) + n * np.log(z)
        still_alive = betaln(a, b + n) - betaln(a, b) + log_count
        last = np.maximum(n, 1)
        with np.errstate(divide="ignore"):
            left_at_last = betaln(a + 1, b + last - 1) - betaln(a, b) + np.log(betainc(last, r, z))
        return np.where(n == 0, still_alive, np.logaddexp(still_alive, left_at_last))

    def follow_first(
        self, rng: np.random.Generator, x: np.ndarray, T: np.ndarray, first: np.ndarray, t: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """A rate that has brought a purchase is Gamma(r + x + 1, alpha + T + first); then a coin each time."""
        rate = rng.gamma(self.r + x + 1) / (self.alpha + T + first)
        leaves = rng.beta(self.a, self.b + self.coins_at_zero + x)
        more = rng.geometric(np.clip(leaves, _SMALLEST_P, 1.0)) - 1
        customer = np.repeat(np.arange(len(x)), rng.poisson(np.where(more > 0, rate * (t - first), 0.0)))
        days = first[customer] + (t - first[customer]) * rng.random(len(customer))
        order = np.lexsort((days, customer))
        customer, days = customer[order], days[order]
        rank = np.arange(len(customer)) - np.searchsorted(customer, customer, side="left")
        stays = rank < more[customer]
        return np.concatenate((np.arange(len(x)), customer[stays])), np.concatenate((first, days[stays]))
