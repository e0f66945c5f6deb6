"""Log-odds, labels, and the logistic regression on one variable, by maximum likelihood.

Stays out: regressions on many variables, which are penalised (`classes.logistic`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import expit, logit

_MOST_STEPS = 50
_TOLERANCE = 1e-10
_SMALLEST_PROBABILITY = 1e-12


def log_odds(probability: np.ndarray) -> np.ndarray:
    """Return the log-odds of probabilities, kept finite at 0 and 1, shape as given."""
    return logit(np.clip(probability, _SMALLEST_PROBABILITY, 1 - _SMALLEST_PROBABILITY))


def label_of(rows: pd.DataFrame) -> np.ndarray:
    """Return 1 for a return and 0 for a stay-away, shape (n,)."""
    return (~rows["is_churned"]).to_numpy().astype(np.int64)


def fit_logistic(variable: np.ndarray, is_returned: np.ndarray, name: str) -> tuple[float, float]:
    """Return (intercept, slope), in Newton steps without a penalty (McCullagh & Nelder 1989, section 4.4).

    Args:
        variable: The variable, shape (n,).
        is_returned: Whether a purchase followed, shape (n,); both outcomes must occur.
        name: What the variable is called in a message.

    Raises:
        ValueError: The steps do not settle, as where one outcome has all the smaller values.
    """
    design = np.column_stack([np.ones(len(variable)), variable])
    outcome = is_returned.astype(np.float64)
    share = outcome.mean()
    coefficients = np.array([np.log(share / (1 - share)), 0.0])
    for _ in range(_MOST_STEPS):
        probability = expit(design @ coefficients)
        information = (design.T * (probability * (1 - probability))) @ design
        step = np.linalg.lstsq(information, design.T @ (outcome - probability), rcond=None)[0]
        coefficients = coefficients + step
        if np.max(np.abs(step)) < _TOLERANCE:
            return float(coefficients[0]), float(coefficients[1])
    raise ValueError(f"the logistic regression on {name} does not converge: {name} separates the outcomes")


def log_likelihood(probability: np.ndarray, is_returned: np.ndarray) -> float:
    """Return the log-likelihood of outcomes under P(return), in nats; both arguments of shape (n,)."""
    odds = log_odds(probability)
    return float((is_returned * odds - np.logaddexp(0, odds)).sum())
