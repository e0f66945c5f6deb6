"""Expected purchases until drop-out: against integration, at the singularities, and where formulas overflow."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import beta

from ml.clv.dropout import expected_until_dropout

PIECES = [0.0, 1e-6, 1e-3, 0.1, 0.5, 0.9, 0.999, 1.0]


def by_quadrature(r: float, alpha: float, a: float, b: float, t: float) -> float:
    def integrand(p: float) -> float:
        return -np.expm1(-r * np.log1p(p * t / alpha)) / p * beta.pdf(p, a, b)

    return sum(quad(integrand, *ends, limit=200)[0] for ends in pairwise(PIECES))


@pytest.mark.parametrize(
    ("a", "b"),
    [(0.793, 2.426), (2.2, 1.5), (0.3, 0.5), (1.0, 2.0), (1 + 3e-6, 1.2), (0.4, 0.6), (0.4, 0.6 + 4e-6)],
)
@pytest.mark.parametrize("x", [0, 1, 12])
def test_it_equals_its_integral_also_at_the_singularities(a: float, b: float, x: int) -> None:
    r, alpha = np.array([0.2 + x]), np.array([260.0])
    found = expected_until_dropout(r, alpha, a, np.array([b + x]), 180.0)
    assert found[0] == pytest.approx(by_quadrature(0.2 + x, 260.0, a, b + x, 180.0), rel=1e-6)


@pytest.mark.parametrize(
    ("r", "alpha", "a", "b", "t"),
    [
        (4.0, 275.0, 1050.0, 25.7, 3650.0),
        (330.0, 6.6, 305.0, 1160.0, 3650.0),
        (40.0, 2.2, 94.0, 14550.0, 365.0),
        (0.0092, 3.5, 1.53, 11570.0, 3650.0),
    ],
)
def test_it_is_exact_where_the_hypergeometric_function_overflows(
    r: float, alpha: float, a: float, b: float, t: float
) -> None:
    found = expected_until_dropout(np.array([r]), np.array([alpha]), a, np.array([b]), t)[0]
    middle, width = a / (a + b), np.sqrt(a * b / (a + b + 1)) / (a + b)
    low, high = max(middle - 40 * width, 0.0), min(middle + 40 * width, 1.0)

    def integrand(p: float) -> float:
        return -np.expm1(-r * np.log1p(p * t / alpha)) / p * beta.pdf(p, a, b)

    assert found == pytest.approx(quad(integrand, low, high, points=[middle], limit=500)[0], rel=1e-5)


def test_it_lies_between_one_certain_purchase_and_no_drop_out() -> None:
    rng = np.random.default_rng(1)
    r, alpha, b = 10 ** rng.uniform([-3, -1, -3], [3, 4, 4], (500, 3)).T
    for a in (1e-3, 0.5, 1.0, 30.0, 3e4):
        found = expected_until_dropout(r, alpha, a, b, 365.0)
        assert (found >= -np.expm1(-r * np.log1p(365.0 / alpha))).all()
        assert (found <= r * 365.0 / alpha).all()


def test_without_days_ahead_there_are_no_purchases() -> None:
    assert expected_until_dropout(np.array([0.5]), np.array([9.0]), 0.7, np.array([2.0]), 0.0)[0] == 0.0
