"""The gradients against the automatic and the numerical differentiation of lifetimes' losses."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from autograd import grad
from lifetimes import BetaGeoFitter, GammaGammaFitter

from ml.clv.gradients import bgnbd_gradient, gamma_gamma_gradient

ROWS = 300


def bgnbd_rows(rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    frequency = np.where(rng.random(ROWS) < 0.5, 0, rng.geometric(0.2, ROWS)).astype(float)
    T = rng.random(ROWS) + 1e-3
    recency = np.where(frequency > 0, T * rng.random(ROWS), 0.0)
    return frequency, recency, T


def gamma_gamma_rows(rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    return rng.geometric(0.4, ROWS).astype(float), rng.gamma(2, 0.5, ROWS)


Rows = Callable[[np.random.Generator], tuple[np.ndarray, ...]]
Function = Callable[..., np.ndarray]
CASES = pytest.mark.parametrize(
    ("loss", "gradient", "rows", "size"),
    [
        (BetaGeoFitter._negative_log_likelihood, bgnbd_gradient, bgnbd_rows, 4),
        (GammaGammaFitter._negative_log_likelihood, gamma_gamma_gradient, gamma_gamma_rows, 3),
    ],
    ids=["BG/NBD", "Gamma-Gamma"],
)


@CASES
@pytest.mark.parametrize("penalizer", [0.0, 1e-2])
def test_a_gradient_is_that_of_automatic_differentiation(
    loss: Function, gradient: Function, rows: Rows, size: int, penalizer: float
) -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        arguments = (*rows(rng), rng.integers(1, 50, ROWS).astype(float), penalizer)
        point = rng.normal(0, 2, size)
        np.testing.assert_allclose(
            gradient(point, *arguments), grad(loss)(point, *arguments), rtol=1e-8, atol=1e-10
        )


@CASES
def test_a_gradient_is_the_slope_of_the_loss(
    loss: Function, gradient: Function, rows: Rows, size: int
) -> None:
    rng = np.random.default_rng(2)
    arguments = (*rows(rng), rng.integers(1, 50, ROWS).astype(float), 1e-3)
    point, step = rng.normal(0, 1, size), 1e-5
    slopes = [
        (loss(point + side, *arguments) - loss(point - side, *arguments)) / (2 * step)
        for side in step * np.eye(size)
    ]
    np.testing.assert_allclose(gradient(point, *arguments), slopes, rtol=1e-6, atol=1e-8)


def test_one_time_buyers_alone_have_a_gradient_too() -> None:
    nothing, T, ones = np.zeros(3), np.array([0.2, 0.5, 1.0]), np.ones(3)
    arguments = (nothing, nothing, T, ones, 0.1)
    point = np.log([0.3, 0.4, 0.5, 0.6])
    theirs = grad(BetaGeoFitter._negative_log_likelihood)(point, *arguments)
    np.testing.assert_allclose(bgnbd_gradient(point, *arguments), theirs, rtol=1e-10)
