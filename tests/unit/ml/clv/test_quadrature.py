"""Integrals of powers against a rule of sixteen thousand nodes, at ordinary and at odd parameters."""

from __future__ import annotations

import numpy as np
import pytest

from ml.clv.quadrature import log_power_integral, power_integral


def exact(c: float, m: float, d: float, n: float, low: float, high: float) -> tuple[float, float]:
    """The logarithm of the integral and the mean of log(c + y), by 400 pieces of 40 nodes each."""
    places, weights = np.polynomial.legendre.leggauss(40)
    edges = np.linspace(np.log(min(c, d) + low), np.log(min(c, d) + high), 401)
    width = np.diff(edges)[:, None]
    u = edges[:-1, None] + width * (places + 1) / 2
    y = np.exp(u) - min(c, d)
    log_f = u - m * np.log(c + y) - n * np.log(d + y)
    density = np.exp(log_f - log_f.max()) * width * weights / 2
    return float(log_f.max() + np.log(density.sum())), float((density * np.log(c + y)).sum() / density.sum())


def test_integrals_and_means_are_exact_to_seven_digits() -> None:
    rng = np.random.default_rng(0)
    size = 400
    c, d = 10 ** rng.uniform(-4, 2, (2, size))
    r, s = 10 ** rng.uniform(-3, 1.3, (2, size))
    high = 10 ** rng.uniform(-2.5, 0, size)
    x = np.where(rng.random(size) < 0.3, 0, np.floor(10 ** rng.uniform(0, 2.3, size)))
    low = np.where(x == 0, 0.0, high * rng.random(size))
    columns = (c, r + x, d, s + 1, low, high)
    found = power_integral(*columns)
    expected = np.array([exact(*row) for row in zip(*columns, strict=True)])
    np.testing.assert_allclose(found.log_value, expected[:, 0], atol=1e-7)
    np.testing.assert_allclose(found.log_c, expected[:, 1], atol=1e-6)
    np.testing.assert_array_equal(log_power_integral(*columns), found.log_value)


def test_equal_bases_give_the_closed_form() -> None:
    found = np.exp(log_power_integral(2.0, 1.5, 2.0, 2.5, np.array([0.5]), np.array([4.0])))
    assert found[0] == pytest.approx((2.5**-3 - 6.0**-3) / 3, rel=1e-12)


def test_both_orders_of_the_factors_give_the_same() -> None:
    one, two = power_integral(1.0, 3.0, 7.0, 0.5, 0.0, 9.0), power_integral(7.0, 0.5, 1.0, 3.0, 0.0, 9.0)
    assert one.log_value == pytest.approx(two.log_value)
    assert one.log_c == pytest.approx(two.log_d)
    assert one.inverse_c == pytest.approx(two.inverse_d)


def test_an_empty_interval_has_no_integral_and_finite_means() -> None:
    found = power_integral(1.0, 3.0, 7.0, 0.5, np.array([2.0]), np.array([2.0]))
    assert found.log_value[0] == -np.inf
    assert np.isfinite([found.log_c[0], found.log_d[0], found.inverse_c[0], found.inverse_d[0]]).all()
