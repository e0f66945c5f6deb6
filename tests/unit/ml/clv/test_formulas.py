"""The closed forms against quadrature, against lifetimes, against simulation, and at their limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.stats import beta, gamma

from ml.clv.formulas import expected_purchases, expected_spend, log_probability_of_purchases, p_alive
from ml.clv.model import BgNbd, GammaGamma

DAYS = np.array([1.0, 30.0, 180.0, 365.0, 3650.0])


def one(*values: float) -> tuple[np.ndarray, ...]:
    return tuple(np.array([value], dtype=float) for value in values)


def by_quadrature(params: BgNbd, x: float, T: float, t: float) -> float:
    """Integrate E[purchases in (T, T + t] | alive] over the drop-out probability.

    For a customer of rate l and drop-out p it is (1 - exp(-l p t)) / p; the mean over l is in closed form.
    """
    r, alpha = params.r + x, params.alpha + T

    def integrand(p: float) -> float:
        return -np.expm1(-r * np.log1p(p * t / alpha)) / p * beta.pdf(p, params.a, params.b + x)

    pieces = [0.0, 1e-6, 1e-3, 0.1, 0.5, 0.9, 0.999, 1.0]
    return sum(quad(integrand, *ends, limit=200)[0] for ends in pairwise(pieces))


@pytest.mark.parametrize(
    ("a", "b"),
    [(0.793, 2.426), (2.2, 1.5), (0.3, 0.5), (1.0, 2.0), (1 + 3e-6, 1.2), (0.4, 0.6), (0.4, 0.6 + 4e-6)],
)
@pytest.mark.parametrize("x", [0, 1, 12])
def test_expected_purchases_equal_their_integral_also_at_the_singularities(
    a: float, b: float, x: int
) -> None:
    params = BgNbd(0.2, 60.0, a, b, 0.0)
    frequency, recency, T = one(x, 150.0 if x else 0.0, 200.0)
    alive = p_alive(params, frequency, recency, T)
    result = expected_purchases(params, frequency, recency, T, 180.0) / alive
    assert result[0] == pytest.approx(by_quadrature(params, x, 200.0, 180.0), rel=1e-6)


def test_closed_forms_agree_with_lifetimes_where_its_own_are_defined(published: BgNbd) -> None:
    from lifetimes import BetaGeoFitter

    fitter = BetaGeoFitter()
    fitter.params_ = pd.Series({name: getattr(published, name) for name in ("r", "alpha", "a", "b")})
    frequency, recency, T = (
        np.array([0.0, 1, 2, 26]),
        np.array([0.0, 3, 30.43, 30.86]),
        np.array([20, 38, 38.86, 31]),
    )
    expected = expected_purchases(published, frequency, recency, T, 39.0)
    theirs = fitter.conditional_expected_number_of_purchases_up_to_time(39.0, frequency, recency, T)
    np.testing.assert_allclose(expected, theirs, rtol=1e-9)
    alive = fitter.conditional_probability_alive(frequency, recency, T)
    np.testing.assert_allclose(p_alive(published, frequency, recency, T), alive, rtol=1e-12)


def test_the_published_example_of_a_cdnow_customer_is_met(published: BgNbd) -> None:
    assert expected_purchases(published, *one(2, 30.43, 38.86), 39.0)[0] == pytest.approx(1.226, abs=0.001)


def test_a_customer_without_a_repeat_purchase_is_alive_by_construction(published: BgNbd) -> None:
    assert p_alive(published, *one(0, 0, 900))[0] == 1.0


def test_every_valid_input_gives_a_finite_growing_expectation_and_a_probability() -> None:
    rng = np.random.default_rng(3)
    for _ in range(300):
        params = BgNbd(*10 ** rng.uniform([-2.5, -1, -3, -3], [1, 3, 1.5, 1.5]), 0.0)
        x = np.where(rng.random(40) < 0.4, 0, np.floor(10 ** rng.uniform(0, 2.3, 40)))
        T = np.floor(10 ** rng.uniform(0, 3.3, 40))
        recency = np.where(x > 0, np.maximum(T * rng.random(40), 1e-3), 0.0)
        expected = expected_purchases(params, x[:, None], recency[:, None], T[:, None], DAYS)
        assert np.all(np.isfinite(expected))
        assert np.all(expected >= 0)
        assert np.all(np.diff(expected, axis=1) >= -1e-9 * expected[:, 1:])
        alive = p_alive(params, x, recency, T)
        assert np.all((alive >= 0) & (alive <= 1))


def test_a_customer_of_today_gets_finite_values() -> None:
    params = BgNbd(0.015, 60.0, 0.1, 0.03, 0.0)
    expected = expected_purchases(params, *one(0, 0, 0), DAYS)
    assert np.all((expected > 0) & np.isfinite(expected))


def test_another_unit_of_time_changes_nothing(published: BgNbd) -> None:
    in_days = replace(published, alpha=published.alpha * 7)
    weeks = expected_purchases(published, *one(3, 20, 30), 26.0)
    days = expected_purchases(in_days, *one(3, 140, 210), 182.0)
    np.testing.assert_allclose(weeks, days, rtol=1e-12)


@pytest.mark.parametrize(("x", "recency"), [(0, 0.0), (1, 10.0), (5, 190.0)])
def test_probabilities_of_counts_sum_to_one_and_have_the_expected_mean(x: int, recency: float) -> None:
    params = BgNbd(0.5, 40.0, 0.8, 2.5, 0.0)
    n = np.arange(1500.0)
    history = (np.full_like(n, value) for value in (x, recency, 200.0))
    probability = np.exp(log_probability_of_purchases(params, n, *history, 180.0))
    assert probability.sum() == pytest.approx(1.0, abs=1e-9)
    mean = expected_purchases(params, *one(x, recency, 200.0), 180.0)[0]
    assert n @ probability == pytest.approx(mean, rel=1e-7)


def test_probabilities_of_counts_are_those_of_lifetimes_for_a_new_customer(published: BgNbd) -> None:
    from lifetimes import BetaGeoFitter

    fitter = BetaGeoFitter()
    fitter.params_ = pd.Series({name: getattr(published, name) for name in ("r", "alpha", "a", "b")})
    n = np.arange(6.0)
    ours = np.exp(log_probability_of_purchases(published, n, 0 * n, 0 * n, 0 * n, 39.0))
    theirs = [fitter.probability_of_n_purchases_up_to_time(39.0, int(count)) for count in n]
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)


def test_drawn_holdout_counts_follow_the_conditional_probabilities(draw: Callable[..., pd.DataFrame]) -> None:
    params = BgNbd(0.6, 100.0, 0.8, 2.5, 0.0)
    drawn = draw(params, np.full(200_000, 200.0), 180.0, seed=2)
    for frequency in (0, 1, 3):
        rows = drawn[drawn["frequency"] == frequency]
        columns = [rows[name].to_numpy(float) for name in ("frequency", "recency", "T")]
        for count in (0.0, 1.0, 2.0):
            n = np.full(len(rows), count)
            probability = np.exp(log_probability_of_purchases(params, n, *columns, 180.0)).mean()
            observed = (rows["holdout_purchases"] == count).mean()
            assert observed == pytest.approx(probability, abs=4 * np.sqrt(probability / len(rows)))


def test_spend_without_a_repeat_is_the_mean_of_the_population() -> None:
    params = GammaGamma(6.25, 3.74, 15.44, 0.0)
    assert expected_spend(params, *one(0, 999))[0] == pytest.approx(6.25 * 15.44 / 2.74)
    simulated = gamma.rvs(
        6.25, scale=1 / gamma.rvs(3.74, scale=1 / 15.44, size=400_000, random_state=1), random_state=2
    )
    assert params.mean_spend == pytest.approx(simulated.mean(), rel=0.01)


def test_spend_after_many_repeats_is_the_own_mean() -> None:
    params = GammaGamma(6.25, 3.74, 15.44, 0.0)
    assert expected_spend(params, *one(1e6, 120.0))[0] == pytest.approx(120.0, rel=1e-5)


def test_spend_lies_between_the_own_mean_and_that_of_the_population() -> None:
    params = GammaGamma(6.25, 3.74, 15.44, 0.0)
    assert params.mean_spend < expected_spend(params, *one(2, 100.0))[0] < 100.0
