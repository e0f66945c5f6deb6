"""The search for the smallest penalised loss, with a convergence test of its own.

Stays out: likelihoods, and judging whether an optimum can be believed.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

Loss = Callable[[np.ndarray], tuple[float, np.ndarray]]
Value = Callable[[np.ndarray], float]

_TOLERANCE = 1e-7
_FLAT = 1e-5
_WIDEST = 30.0


@dataclass(frozen=True)
class Optimum:
    """Where a search ended.

    Attributes:
        vector: The logarithms of the parameters, in the scaled units of the search.
        loss: Penalised negative log-likelihood per customer.
        slope: Largest absolute derivative by an element of the vector.
        converged: Whether the loss is flat there.
    """

    vector: tuple[float, ...]
    loss: float
    slope: float
    converged: bool


def search(loss: Loss, start: np.ndarray, metric: np.ndarray | None = None) -> Optimum:
    """Minimise a loss by BFGS (Nocedal & Wright 2006, algorithm 6.1) within exp(-30) to exp(30).

    Args:
        loss: Gives the loss and its derivative by the vector of log-parameters.
        start: Where to begin, shape (k,).
        metric: A guess at the inverse of the loss's curvature, shape (k, k); the identity if None.
    """

    def inside(vector: np.ndarray) -> tuple[float, np.ndarray]:
        return loss(np.clip(vector, -_WIDEST, _WIDEST))

    options = {} if metric is None else {"hess_inv0": metric}
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        found = minimize(inside, start, jac=True, method="BFGS", tol=_TOLERANCE, options=options)
    slope = float(np.max(np.abs(found.jac)))
    flat = bool(np.isfinite(found.fun) and np.isfinite(slope) and slope <= _FLAT)
    return Optimum(tuple(float(value) for value in found.x), float(found.fun), slope, flat)
