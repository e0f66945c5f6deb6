"""How well parameters are known: their covariance, draws from it, and standard errors.

Stays out: what the draws are used for.

All is about vectors of logarithms of parameters, which no unit of time or money changes.

Where almost nobody returns, the likelihood is far from normal: a direction is hardly known, its tangent leaves the
valley, and a penalty moves the fit. `covariance_of`, the textbook's, is then far too small. So standard errors and
intervals come from `interval_covariance`: the spread of the likelihood itself, found by importance sampling, at least
the sandwich in every direction, and the bias of the penalty. Where a sample determines the parameters both agree. It
was chosen by the coverage of the intervals on drawn customers.
"""

from __future__ import annotations

from typing import Protocol, Self, TypeVar

import numpy as np

from ml.clv.search import Loss, Value, search

Covariance = tuple[tuple[float, ...], ...]

_STEP = 1e-4
_LARGEST_DEVIATION = 1.0
_LARGEST_BIAS = 1.5
_FARTHEST = 6.0
_ROUNDS = 3
_DRAWS = 100
_INFLATION = 1.5
_ENOUGH = 40.0


class Fitted(Protocol):
    """A model that is a vector of logarithms and a penalizer."""

    @property
    def vector(self) -> np.ndarray:
        """The logarithms of the parameters."""

    @property
    def penalizer(self) -> float:
        """The L2 penalty of the fit."""

    @classmethod
    def from_vector(cls, vector: np.ndarray, penalizer: float) -> Self:
        """Return the model with these logarithms."""


Model = TypeVar("Model", bound=Fitted)


def covariance_of(
    loss: Loss, vector: np.ndarray, scores: np.ndarray, customers: np.ndarray, robust: bool = True
) -> Covariance:
    """Return the covariance of a fitted vector of log-parameters.

    Args:
        loss: The mean penalised loss that was minimised.
        vector: Where it is smallest, shape (k,).
        scores: Derivative of each row's log-likelihood there, shape (n, k).
        customers: Customers of each row, shape (n,).
        robust: Whether to return the sandwich H^-1 J H^-1 / N (White 1982, theorem 3.2), which also holds
            where the model is wrong, or else the inverse information H^-1 / N.
    """
    number = customers.sum()
    inverse = floored_inverse(hessian(loss, vector), number)
    if not robust:
        return as_covariance(inverse / number)
    centred = scores - (customers / number) @ scores
    outer = (centred.T * (customers / number)) @ centred
    return as_covariance(inverse @ outer @ inverse / number)


def interval_covariance(
    loss: Loss,
    value: Value,
    free_loss: Loss,
    vector: np.ndarray,
    scores: np.ndarray,
    customers: np.ndarray,
    seed: int,
) -> Covariance:
    """Return the covariance to draw a fitted vector of log-parameters from.

    Args:
        loss: The mean penalised loss that was minimised.
        value: The same loss without its derivative, which the many draws do not need.
        free_loss: The loss without the penalty.
        vector: Where `loss` is smallest, shape (k,).
        scores: Derivative of each row's log-likelihood there, shape (n, k).
        customers: Customers of each row, shape (n,).
        seed: Seed of the importance sampling.
    """
    sandwich = np.array(covariance_of(loss, vector, scores, customers))
    start = np.array(covariance_of(loss, vector, scores, customers, robust=False))
    spread = wider(_likelihood_spread(value, vector, float(customers.sum()), start, seed), sandwich)
    bias = np.clip(np.array(search(free_loss, vector).vector) - vector, -_LARGEST_BIAS, _LARGEST_BIAS)
    return as_covariance(spread + np.outer(bias, bias))


def _likelihood_spread(
    value: Value, vector: np.ndarray, number: float, start: np.ndarray, seed: int
) -> np.ndarray:
    """Return the second moment about the fit under the likelihood, by adaptive importance sampling.

    Each round draws from a normal distribution with the covariance so far, inflated, and weighs the draws by
    likelihood over density (Cappe et al. 2004, "Population Monte Carlo"). A round whose effective sample size is
    small counts in part.
    """
    rng, least, found = np.random.default_rng(seed), value(vector), start
    for _ in range(_ROUNDS):
        half = rng.standard_normal((_DRAWS // 2, len(vector)))
        normal = np.concatenate((half, -half))
        steps = normal @ _root(_INFLATION * found).T
        log_weights = [number * (least - value(vector + step)) for step in steps]
        log_weights = np.array(log_weights) + (normal**2).sum(axis=1) / 2
        weights = np.exp(log_weights - log_weights.max())
        weights /= weights.sum()
        trust = min(1.0, 1 / (weights**2).sum() / _ENOUGH)
        found = (1 - trust) * found + trust * (steps.T * weights) @ steps
    return found


def wider(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the covariance that in every direction is the wider of two, of shape (k, k).

    In the axes in which `first` is the identity and `second` diagonal, the larger of both is taken.
    """
    root = _root(first)
    inverse = np.linalg.pinv(root)
    values, axes = np.linalg.eigh(inverse @ second @ inverse.T)
    scaled = root @ axes
    return (scaled * np.maximum(values, 1.0)) @ scaled.T


def hessian(loss: Loss, vector: np.ndarray) -> np.ndarray:
    """Return the second derivatives of a loss, by central differences of its gradient, shape (k, k)."""
    steps = _STEP * np.eye(len(vector))
    rows = [(loss(vector + step)[1] - loss(vector - step)[1]) / (2 * _STEP) for step in steps]
    return (np.array(rows) + np.array(rows).T) / 2


def floored_inverse(curvature: np.ndarray, number: float) -> np.ndarray:
    """Return the inverse of a loss's curvature per customer, no direction less certain than `_LARGEST_DEVIATION`.

    The standard deviation along each eigenvector is kept at most `_LARGEST_DEVIATION` on the scale of logarithms,
    that is a factor of e: farther along its tangent the loss is not flat, whatever its curvature at the fit.
    """
    values, directions = np.linalg.eigh(curvature)
    floor = 1 / (number * _LARGEST_DEVIATION**2)
    return (directions / np.maximum(values, floor)) @ directions.T


def as_covariance(matrix: np.ndarray) -> Covariance:
    """Return a symmetric matrix as nested tuples."""
    return tuple(tuple(float(value) for value in row) for row in (matrix + matrix.T) / 2)


def standard_errors(model: Fitted, covariance: Covariance) -> np.ndarray:
    """Return the standard errors of the parameters exp(vector), by the delta method, shape (k,)."""
    return np.exp(model.vector) * np.sqrt(np.diag(np.array(covariance)))


def draw_models(model: Model, covariance: Covariance, draws: int, rng: np.random.Generator) -> list[Model]:
    """Draw models, their log-parameters normal around the fitted ones.

    Draws come in antithetic pairs, so their mean on the scale of logarithms is exact. None is farther than a
    factor of exp(6) from the fitted parameters.
    """
    root = _root(np.array(covariance))
    half = rng.standard_normal(((draws + 1) // 2, len(root)))
    steps = np.concatenate((half, -half))[:draws] @ root.T
    vectors = model.vector + np.clip(steps, -_FARTHEST, _FARTHEST)
    return [model.from_vector(vector, model.penalizer) for vector in vectors]


def _root(covariance: np.ndarray) -> np.ndarray:
    """Return a square root of a covariance, which rounding may have left slightly indefinite."""
    values, directions = np.linalg.eigh(covariance)
    return directions * np.sqrt(np.maximum(values, 0.0))
