"""Expected purchases of a customer who leaves after each purchase with a probability that is Beta(a, b).

Stays out: histories; the caller says what a customer alive at T is like.

FHL = Fader, Hardie & Lee (2005), Marketing Science 24(2), 275-284. A rate that is Gamma(r, alpha) and a drop-out
probability p give (1 - (alpha / (alpha + p t))^r) / p purchases within t; FHL eq. 9 is its mean over p.
"""

from __future__ import annotations

import numpy as np
from scipy.special import betaln, hyp2f1

_SINGULARITY_WIDTH = 1e-5
_POINTS = 160
_CHUNK = 1024
_TAIL = 40.0
_DEVIATIONS = 10.0

Number = float | np.ndarray


def expected_until_dropout(r: Number, alpha: Number, a: float, b: Number, t: Number) -> np.ndarray:
    """Return FHL eq. 9 in the broadcast shape of the arguments, all of them positive (t may be 0).

    Where the formula is singular (a = 1 and a + b = 1, both removable) or overflows, its mean is integrated
    instead. At least P(a purchase) and at most r t / alpha is returned.
    """
    with np.errstate(all="ignore"):  # what is not finite is integrated below
        value = np.asarray(_euler_form(r, alpha, a, b, t))
    close = np.minimum(abs(a - 1), np.abs(a + b - 1)) < _SINGULARITY_WIDTH
    bad = ~np.isfinite(value) | close
    if np.any(bad):
        columns = np.broadcast_arrays(r, alpha, a, b, t)
        value[bad] = _integrated(*(column[bad].astype(np.float64) for column in columns))
    return np.clip(value, -np.expm1(-r * np.log1p(t / alpha)), r * t / alpha)


def _euler_form(r: Number, alpha: Number, a: float, b: Number, t: Number) -> np.ndarray:
    """Return FHL eq. 9, its 2F1 transformed by Euler (Abramowitz & Stegun 15.3.3).

    The power of 1 - z that the transformation brings cancels the paper's own, so nothing overflows for
    frequent buyers; and no logarithm is taken, which is NaN where the 2F1 is negative (a + b < 1).
    """
    c = a + b - 1
    z = t / (alpha + t)
    return c / (a - 1) * (1 - (1 - z) ** (a - 1) * hyp2f1(c - r, a - 1, c, z))


def _integrated(r: np.ndarray, alpha: np.ndarray, a: np.ndarray, b: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Return the mean over p by the trapezoidal rule over its log-odds, whose density is smooth; shape (n,).

    Log-odds are middle + width * sinh(u): fine in the middle, where the density is a normal one, and coarse in
    its exponential tails, which end where they are below exp(-40).
    """
    value = np.empty_like(r)
    for begin in range(0, len(r), _CHUNK):
        part = slice(begin, begin + _CHUNK)
        value[part] = _trapezoids(*(column[part, None] for column in (r, alpha, a, b, t)))
    return value


def _trapezoids(r: np.ndarray, alpha: np.ndarray, a: np.ndarray, b: np.ndarray, t: np.ndarray) -> np.ndarray:
    width = 1 / np.sqrt(1 + np.minimum(a, b))
    left, right = (np.arcsinh(_TAIL / power / width + _DEVIATIONS) for power in (a, b))
    u = -left + (left + right) * np.linspace(0.0, 1.0, _POINTS)
    odds = np.log(a) - np.log(b) + width * np.sinh(u)
    log_p, log_rest = -np.logaddexp(0.0, -odds), -np.logaddexp(0.0, odds)
    density = np.exp(a * log_p + b * log_rest - betaln(a, b)) * width * np.cosh(u)
    p = np.maximum(np.exp(log_p), np.finfo(np.float64).tiny)
    return np.trapezoid(-np.expm1(-r * np.log1p(p * t / alpha)) / p * density, u, axis=1)
