"""The gradients of lifetimes' penalised losses in closed form.

Stays out: the losses themselves, which lifetimes computes (`_lifetimes`); the arguments are the same.

Sums over rows avoid `@`, whose threads cost more than they save on the many short sums of a search.
"""

from __future__ import annotations

import numpy as np
from scipy.special import digamma, expit


def bgnbd_gradient(
    log_params: np.ndarray,
    frequency: np.ndarray,
    recency: np.ndarray,
    T: np.ndarray,
    weights: np.ndarray,
    penalizer: float,
) -> np.ndarray:
    """Return the derivative of the BG/NBD loss by the logarithms of (r, alpha, a, b), shape (4,).

    The loss is minus the mean log-likelihood of Fader, Hardie & Lee (2005), section 7, plus the penalizer
    times the sum of squared parameters. What depends on frequency alone is summed by frequency.

    Args:
        log_params: Logarithms of (r, alpha, a, b).
        frequency: Repeat purchases of each row, whole numbers, shape (n,).
        recency: Age at the last of them, in the unit of alpha, shape (n,).
        T: Age, in the same unit, shape (n,).
        weights: Customers of each row, shape (n,).
        penalizer: Factor of the L2 penalty.
    """
    params = np.exp(log_params)
    r, alpha, a, b = params
    share = weights / weights.sum()
    by_frequency = np.bincount(frequency.astype(np.int64), share)
    x = np.arange(len(by_frequency))
    log_age, log_recency = np.log(alpha + T), np.log(alpha + recency)
    stays = b + np.maximum(frequency, 1) - 1
    log_odds_gone = np.log(a / stays) + (r + frequency) * (log_age - log_recency)
    gone = share * np.where(frequency > 0, expit(log_odds_gone), 0.0)
    alive = share - gone
    time = (alive * log_age + gone * log_recency).sum()
    drops = digamma(a + b) - digamma(a + b + x)
    slope = (
        by_frequency @ (digamma(r + x) - digamma(r)) + np.log(alpha) - time,
        r / alpha - ((r + frequency) * (alive / (alpha + T) + gone / (alpha + recency))).sum(),
        by_frequency @ drops + gone.sum() / a,
        by_frequency @ (drops + digamma(b + x) - digamma(b)) - (gone / stays).sum(),
    )
    return params * (2 * penalizer * params - np.array(slope))


def gamma_gamma_gradient(
    log_params: np.ndarray, frequency: np.ndarray, spend: np.ndarray, weights: np.ndarray, penalizer: float
) -> np.ndarray:
    """Return the derivative of the Gamma-Gamma loss by the logarithms of (p, q, v), shape (3,).

    The loss is minus the mean of Fader & Hardie (2013) eq. 1a, plus the penalizer times the sum of squared
    parameters.

    Args:
        log_params: Logarithms of (p, q, v).
        frequency: Repeat purchases of each row, shape (n,).
        spend: Their mean value, in the unit of v, shape (n,).
        weights: Customers of each row, shape (n,).
        penalizer: Factor of the L2 penalty.
    """
    params = np.exp(log_params)
    p, q, v = params
    share = weights / weights.sum()
    shape = p * frequency
    total = frequency * spend
    both, log_both = digamma(shape + q), np.log(total + v)
    slope = (
        (share * frequency * (both - digamma(shape) + np.log(total) - log_both)).sum(),
        (share * (both - log_both)).sum() - digamma(q) + np.log(v),
        q / v - (share * (shape + q) / (total + v)).sum(),
    )
    return params * (2 * penalizer * params - np.array(slope))
