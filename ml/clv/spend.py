"""The Gamma-Gamma fit: the smallest penalizer with which it converges to a model that has a mean.

Stays out: purchases. There is no holdout of spend to choose by, so a penalty is taken only where it is needed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.clv.config import ClvConfig
from ml.clv.gammagamma import GammaGamma
from ml.clv.inputs import checked_spend
from ml.clv.search import Loss, Optimum, search
from ml.clv.uncertainty import Covariance, interval_covariance
from ml.errors import FitFailedError, NotEnoughDataError
from ml.statements import Statement

_STARTS = ((1.1, 1.0, 1.0), (6.0, 3.0, 0.5), (1.0, 9.0, 9.0))
_SMALLEST, _LARGEST = 1e-4, 1e5
_SMALLEST_ABOVE_ONE = 1e-3
_MEAN_WITHIN = 3.0


@dataclass(frozen=True)
class SpendFit:
    """A fitted Gamma-Gamma, the covariance to draw its `vector` from, and why this penalizer was taken."""

    gamma_gamma: GammaGamma
    covariance: Covariance
    reason: Statement


def fit_spend(spend: pd.DataFrame, config: ClvConfig) -> SpendFit:
    """Fit Gamma-Gamma on rows of repeat customers.

    Spend is scaled to a mean of 1 for the search, so a penalty means the same in any currency.

    Args:
        spend: frequency, monetary_value and, where rows stand for several customers, customers.
        config: Settings.

    Raises:
        InvalidInputError: The frame breaks a rule.
        NotEnoughDataError: There are too few repeat customers.
        FitFailedError: No fit can be believed.
    """
    x, m, customers = checked_spend(spend, "spend")
    count = int(customers.sum())
    if count < config.min_repeat_customers:
        missing = Statement(
            "spend_model_needs",
            f"Gamma-Gamma needs {config.min_repeat_customers} repeat customers, there are {count}",
            {"needed": config.min_repeat_customers, "repeat_customers": count},
        )
        raise NotEnoughDataError(missing)
    unit = float(np.average(m, weights=customers))
    problem = ""
    for penalizer in config.penalizers:
        loss = penalized_loss(x, m / unit, customers, penalizer)
        optima = [search(loss, np.log(start)) for start in _STARTS]
        believable = [optimum for optimum in optima if not _problem_of(optimum)]
        if believable:
            best = min(believable, key=lambda optimum: optimum.loss)
            return _fitted(best, x, m / unit, customers, penalizer, unit, config.seed)
        problem = problem or f"penalizer {penalizer:g}: {_problem_of(optima[0])}"
    words = f"Gamma-Gamma cannot be fitted on {count} repeat customers ({problem})"
    raise FitFailedError(Statement("spend_model_not_fitted", words, {"repeat_customers": count}))


def penalized_loss(x: np.ndarray, m: np.ndarray, customers: np.ndarray, penalizer: float) -> Loss:
    """Return minus the mean log-likelihood plus the penalizer times the sum of squared p, q and v."""
    shares = customers / customers.sum()

    def loss(vector: np.ndarray) -> tuple[float, np.ndarray]:
        value, scores = GammaGamma.from_vector(vector, penalizer).log_likelihood_and_scores(x, m)
        p, above_one, v = np.exp(vector)
        squares = p**2 + (1 + above_one) ** 2 + v**2
        slope = np.array([p**2, (1 + above_one) * above_one, v**2])
        return penalizer * squares - shares @ value, 2 * penalizer * slope - shares @ scores

    return loss


def _fitted(
    optimum: Optimum,
    x: np.ndarray,
    m: np.ndarray,
    customers: np.ndarray,
    penalizer: float,
    unit: float,
    seed: int,
) -> SpendFit:
    scaled = GammaGamma.from_vector(optimum.vector, penalizer)
    _, scores = scaled.log_likelihood_and_scores(x, m)
    loss = penalized_loss(x, m, customers, penalizer)
    free_loss = penalized_loss(x, m, customers, 0.0)
    vector = np.array(optimum.vector)
    covariance = interval_covariance(
        loss, lambda draw: loss(draw)[0], free_loss, vector, scores, customers, seed
    )
    words = f"Gamma-Gamma: penalizer {penalizer:g} is the smallest that could be fitted."
    reason = Statement("spend_penalizer", words, {"penalizer": penalizer})
    return SpendFit(GammaGamma(scaled.p, scaled.q, scaled.v * unit, penalizer), covariance, reason)


def _problem_of(optimum: Optimum) -> str:
    """Return why an optimum (in units of the observed mean) cannot be believed, or an empty text."""
    if not optimum.converged:
        return f"did not converge (slope {optimum.slope:.1e})"
    p, above_one, v = np.exp(optimum.vector)
    if above_one < _SMALLEST_ABOVE_ONE:
        return f"q = {1 + above_one:.4f} is not above 1, so the mean spend does not exist"
    if not all(math.isfinite(value) and _SMALLEST <= value <= _LARGEST for value in (p, above_one, v)):
        return f"p = {p:.3g}, q = {1 + above_one:.3g}, v = {v:.3g} ran out of the domain"
    mean = p * v / above_one
    if not 1 / _MEAN_WITHIN <= mean <= _MEAN_WITHIN:
        return f"its mean spend is {mean:.3g} times the observed one"
    return ""
