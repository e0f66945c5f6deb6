"""The only door to lifetimes: its penalised likelihoods, searched with a convergence test of our own.

Stays out: choosing between fits, and scoring; the closed forms are in `formulas`.

lifetimes is archived. Its own `fit` prints a failure and refuses optima that are fine but for the last digits
of precision. At import, as in every evaluation of a likelihood, it mutes FutureWarning for the whole process,
and it sets an option of pandas. Both are put back here. It differentiates its likelihoods automatically, at
several times the cost of a value; the searches here take its values and the gradients of `gradients`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from ml.clv.gradients import bgnbd_gradient, gamma_gamma_gradient

_TOLERANCE = 1e-7
_FLAT = 1e-5


@dataclass(frozen=True)
class Optimum:
    """Where a search ended.

    Attributes:
        parameters: The positive parameters, in the scaled units of the search.
        loss: Penalised negative log-likelihood per customer.
        slope: Largest absolute derivative by the logarithm of a parameter.
        converged: Whether the loss is flat there.
    """

    parameters: tuple[float, ...]
    loss: float
    slope: float
    converged: bool


def _load() -> tuple[Callable, Callable]:
    """Return the penalised negative log-likelihoods of BG/NBD and Gamma-Gamma, per customer."""
    chained_assignment = pd.options.mode.chained_assignment
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from lifetimes import BetaGeoFitter, GammaGammaFitter
    finally:
        pd.options.mode.chained_assignment = chained_assignment
    return BetaGeoFitter._negative_log_likelihood, GammaGammaFitter._negative_log_likelihood


_BGNBD_LOSS, _GAMMA_GAMMA_LOSS = _load()


def fit_bgnbd(
    frequency: np.ndarray,
    recency: np.ndarray,
    T: np.ndarray,
    weights: np.ndarray,
    penalizer: float,
    start: Sequence[float],
) -> Optimum:
    """Search (r, alpha, a, b) of BG/NBD on distinct rows counted by `weights`; all arrays of shape (n,).

    The likelihood is that of Fader, Hardie & Lee (2005), section 7. recency, T and alpha are in one unit;
    scale it so that the largest T is 1, else the penalty depends on the unit.
    """
    return _search(_BGNBD_LOSS, bgnbd_gradient, start, (frequency, recency, T, weights, penalizer))


def fit_gamma_gamma(
    frequency: np.ndarray, spend: np.ndarray, penalizer: float, start: Sequence[float]
) -> Optimum:
    """Search (p, q, v) of Gamma-Gamma, Fader & Hardie (2013) eq. 1a; scale spend to a mean of 1."""
    arguments = (frequency, spend, np.ones_like(spend), penalizer)
    return _search(_GAMMA_GAMMA_LOSS, gamma_gamma_gradient, start, arguments)


def _search(loss: Callable, gradient: Callable, start: Sequence[float], arguments: tuple) -> Optimum:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        found = minimize(loss, np.log(start), args=arguments, jac=gradient, method="BFGS", tol=_TOLERANCE)
        parameters = np.exp(found.x)
    slope = float(np.max(np.abs(found.jac)))
    flat = bool(np.isfinite(found.fun) and np.isfinite(slope) and slope <= _FLAT)
    return Optimum(tuple(float(value) for value in parameters), float(found.fun), slope, flat)
