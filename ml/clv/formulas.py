"""The closed forms of BG/NBD and Gamma-Gamma.

Stays out: fitting, frames and checks of input; every function takes arrays that already obey the rules.

FHL = Fader, Hardie & Lee (2005), "Counting Your Customers the Easy Way: An Alternative to the Pareto/NBD
Model", Marketing Science 24(2), 275-284. FH = Fader & Hardie (2013), "The Gamma-Gamma Model of Monetary
Value", brucehardie.com/notes/025. x = frequency, t_x = recency, T = age, as in the papers.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.special import betainc, betaln, expit, gammaln, hyp2f1, log_expit

from ml.clv.model import BgNbd, GammaGamma

_SINGULARITY_WIDTH = 1e-5


def p_alive(params: BgNbd, x: np.ndarray, t_x: np.ndarray, T: np.ndarray) -> np.ndarray:
    """Return P(alive at T | x, t_x, T), shape (n,): 1 / (the denominator of FHL eq. 10).

    It is 1 for x = 0 by construction: in this model a customer can only leave right after a repeat purchase.
    """
    return np.where(x == 0, 1.0, expit(-_log_odds_gone(params, x, t_x, T)))


def _log_odds_gone(params: BgNbd, x: np.ndarray, t_x: np.ndarray, T: np.ndarray) -> np.ndarray:
    """Return the logarithm of P(gone) / P(alive) for x > 0."""
    time = (params.r + x) * np.log((params.alpha + T) / (params.alpha + t_x))
    return time + np.log(params.a / (params.b + np.maximum(x, 1) - 1))


def expected_purchases(
    params: BgNbd, x: np.ndarray, t_x: np.ndarray, T: np.ndarray, t: float | np.ndarray
) -> np.ndarray:
    """Return E[purchases in (T, T + t] | x, t_x, T], FHL eq. 10, in the broadcast shape of the inputs.

    Finite and non-negative for every valid input, and non-decreasing in t up to rounding.
    """
    return p_alive(params, x, t_x, T) * _expected_purchases_if_alive(params, x, T, t)


def _expected_purchases_if_alive(
    params: BgNbd, x: np.ndarray, T: np.ndarray, t: float | np.ndarray
) -> np.ndarray:
    """Return the numerator of FHL eq. 10, which has two removable singularities: a = 1 and a + b + x = 1.

    Close to one of them the mean of a value a little below and a little above stands in for the value; its
    error is of the order of the width squared.
    """
    if abs(params.a - 1) < _SINGULARITY_WIDTH:
        sides = _both_sides(params, "a")
    elif np.any(np.abs(params.a + params.b + x - 1) < _SINGULARITY_WIDTH):
        sides = _both_sides(params, "a" if params.a >= params.b else "b")
    else:
        sides = (params,)
    values = [_euler_form(side, x, T, t) for side in sides]
    return np.maximum(sum(values) / len(values), 0.0)


def _both_sides(params: BgNbd, name: str) -> tuple[BgNbd, ...]:
    value = getattr(params, name)
    return tuple(replace(params, **{name: value + sign * 2 * _SINGULARITY_WIDTH}) for sign in (-1, 1))


def _euler_form(params: BgNbd, x: np.ndarray, T: np.ndarray, t: float | np.ndarray) -> np.ndarray:
    """Return the numerator of FHL eq. 10, its 2F1 transformed by Euler (Abramowitz & Stegun 15.3.3).

    The power of 1 - z that the transformation brings cancels the paper's own, so nothing overflows for
    frequent buyers; and no logarithm is taken, which is NaN where a + b < 1 and x = 0 make the 2F1 negative.
    """
    c = params.a + params.b + x - 1
    z = t / (params.alpha + T + t)
    series = hyp2f1(c - params.r - x, params.a - 1, c, z)
    return c / (params.a - 1) * (1 - (1 - z) ** (params.a - 1) * series)


def log_probability_of_purchases(
    params: BgNbd, n: np.ndarray, x: np.ndarray, t_x: np.ndarray, T: np.ndarray, t: float
) -> np.ndarray:
    """Return log P(n purchases in (T, T + t] | x, t_x, T), shape (n,).

    Given that a customer is alive at T, their rate is Gamma(r + x, alpha + T) and their drop-out probability
    Beta(a, b + x), and the process starts afresh: FHL eq. 8 holds with these parameters. A customer who has
    gone buys nothing. The finite sum of eq. 8 is a negative binomial distribution function, which is an
    incomplete beta function.
    """
    gone = _log_odds_gone(params, x, t_x, T)
    log_alive = np.where(x == 0, 0.0, log_expit(-gone))
    log_gone = np.where(x == 0, -np.inf, log_expit(gone))
    bought = log_alive + _log_probability_if_alive(params, n, x, T, t)
    return np.where(n == 0, np.logaddexp(bought, log_gone), bought)


def _log_probability_if_alive(
    params: BgNbd, n: np.ndarray, x: np.ndarray, T: np.ndarray, t: float
) -> np.ndarray:
    """Return the logarithm of FHL eq. 8 with the parameters of a customer alive at T."""
    r, alpha, a, b = params.r + x, params.alpha + T, params.a, params.b + x
    z = t / (alpha + t)
    log_count = gammaln(r + n) - gammaln(r) - gammaln(n + 1) + r * np.log1p(-z) + n * np.log(z)
    still_alive = betaln(a, b + n) - betaln(a, b) + log_count
    last = np.maximum(n, 1)
    with np.errstate(divide="ignore"):
        left_at_last = betaln(a + 1, b + last - 1) - betaln(a, b) + np.log(betainc(last, r, z))
    return np.where(n == 0, still_alive, np.logaddexp(still_alive, left_at_last))


def expected_spend(params: GammaGamma, x: np.ndarray, mean_spend: np.ndarray) -> np.ndarray:
    """Return E[spend per purchase | x, mean spend], FH eq. 5, shape (n,), in the unit of `mean_spend`.

    A weighted mean of the population's spend p v / (q - 1) and the customer's own, whose weight grows with x;
    `mean_spend` is not looked at where x = 0.
    """
    own_weight = params.p * x / (params.p * x + params.q - 1)
    own = np.where(x > 0, mean_spend, 0.0)
    return (1 - own_weight) * params.mean_spend + own_weight * own
