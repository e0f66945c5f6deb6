"""The Gamma-Gamma fit: the smallest penalizer with which it converges to a model that has a mean.

Stays out: BG/NBD. There is no holdout of spend to choose by, so a penalty is taken only where it is needed.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from ml.clv._lifetimes import Optimum, fit_gamma_gamma
from ml.clv.config import ClvConfig
from ml.clv.inputs import checked_spend
from ml.clv.model import GammaGamma
from ml.errors import NotEnoughDataError

_STARTS = ((1.1, 2.0, 1.0), (6.0, 4.0, 0.5), (1.0, 10.0, 9.0))
_SMALLEST, _LARGEST = 1e-4, 1e5
_MEAN_WITHIN = 3.0


def fit_spend(spend: pd.DataFrame, config: ClvConfig) -> GammaGamma:
    """Fit Gamma-Gamma on one row per repeat customer (frequency, monetary_value).

    Spend is scaled to a mean of 1 for the search, so a penalty means the same in any currency.

    Raises:
        InvalidInputError: The frame breaks a rule.
        NotEnoughDataError: There are too few repeat customers, or no fit can be believed.
    """
    frequency, value = checked_spend(spend, "spend")
    if len(value) < config.min_repeat_customers:
        raise NotEnoughDataError(
            f"Gamma-Gamma needs {config.min_repeat_customers} repeat customers, there are {len(value)}"
        )
    unit = float(np.mean(value))
    problem = ""
    for penalizer in config.penalizers:
        optima = [fit_gamma_gamma(frequency, value / unit, penalizer, start) for start in _STARTS]
        believable = [optimum for optimum in optima if not _problem_of(optimum)]
        if believable:
            p, q, v = min(believable, key=lambda optimum: optimum.loss).parameters
            return GammaGamma(p, q, v * unit, penalizer)
        problem = _problem_of(optima[0])
    raise NotEnoughDataError(f"Gamma-Gamma cannot be fitted on {len(value)} repeat customers: {problem}")


def _problem_of(optimum: Optimum) -> str:
    """Return why an optimum (in units of the observed mean) cannot be believed, or an empty text."""
    if not optimum.converged:
        return f"did not converge (slope {optimum.slope:.1e})"
    p, q, v = optimum.parameters
    if not all(math.isfinite(value) and _SMALLEST <= value <= _LARGEST for value in (p, q, v)):
        return f"p = {p:.3g}, q = {q:.3g}, v = {v:.3g} ran out of the domain"
    if q <= 1:
        return f"q = {q:.3g} is not above 1, so the mean spend does not exist"
    mean = p * v / (q - 1)
    if not 1 / _MEAN_WITHIN <= mean <= _MEAN_WITHIN:
        return f"its mean spend is {mean:.3g} times the observed one"
    return ""
