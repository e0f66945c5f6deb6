"""Gamma-Gamma: its closed forms, its derivatives, its limits, and fits that are refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import gamma

from ml.clv import spend
from ml.clv.config import ClvConfig
from ml.clv.gammagamma import GammaGamma
from ml.clv.search import Optimum
from ml.clv.spend import fit_spend
from ml.errors import FitFailedError, NotEnoughDataError

PUBLISHED = GammaGamma(6.25, 3.74, 15.44, 0.0)


def one(*values: float) -> tuple[np.ndarray, ...]:
    return tuple(np.array([value], dtype=float) for value in values)


def drawn(size: int, seed: int = 6) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frequency = rng.integers(1, 6, size)
    mean = rng.gamma(6.0 * frequency) / frequency / rng.gamma(4.0, 1 / 90.0, size)
    return pd.DataFrame({"frequency": frequency, "monetary_value": mean})


def test_spend_without_a_repeat_is_the_mean_of_the_population() -> None:
    assert PUBLISHED.expected_spend(*one(0, 999))[0] == pytest.approx(6.25 * 15.44 / 2.74)
    scale = gamma.rvs(3.74, scale=1 / 15.44, size=400_000, random_state=1)
    simulated = gamma.rvs(6.25, scale=1 / scale, random_state=2)
    assert PUBLISHED.mean_spend == pytest.approx(simulated.mean(), rel=0.01)


def test_spend_after_many_repeats_is_the_own_mean() -> None:
    assert PUBLISHED.expected_spend(*one(1e6, 120.0))[0] == pytest.approx(120.0, rel=1e-5)


def test_spend_lies_between_the_own_mean_and_that_of_the_population() -> None:
    assert PUBLISHED.mean_spend < PUBLISHED.expected_spend(*one(2, 100.0))[0] < 100.0


def test_scales_drawn_of_a_customer_have_the_mean_of_the_expected_spend() -> None:
    x, m = np.full(400_000, 2.0), np.full(400_000, 100.0)
    scale = PUBLISHED.draw_scale(np.random.default_rng(3), x, m)
    expected = PUBLISHED.expected_spend(x[:1], m[:1])[0]
    assert (PUBLISHED.p / scale).mean() == pytest.approx(expected, rel=0.005)


def test_scores_are_the_derivatives_of_the_log_likelihood() -> None:
    x, m = drawn(300).to_numpy().T
    _, scores = PUBLISHED.log_likelihood_and_scores(x, m)
    for place in range(3):
        step = 1e-5 * np.eye(3)[place]
        sides = [
            GammaGamma.from_vector(PUBLISHED.vector + sign * step, 0.0).log_likelihood_and_scores(x, m)[0]
            for sign in (-1, 1)
        ]
        np.testing.assert_allclose(scores[:, place], (sides[1] - sides[0]) / 2e-5, rtol=1e-5, atol=1e-6)


def test_the_log_likelihood_is_that_of_lifetimes() -> None:
    from lifetimes import GammaGammaFitter

    x, m = drawn(300).to_numpy().T
    log_params = np.log([6.25, 3.74, 15.44])
    theirs = GammaGammaFitter._negative_log_likelihood(log_params, x, m, np.ones(300), 0.0)
    assert -PUBLISHED.log_likelihood_and_scores(x, m)[0].mean() == pytest.approx(theirs, rel=1e-10)


def test_counting_equal_rows_gives_the_same_fit_as_listing_them(config: ClvConfig) -> None:
    rows = drawn(300)
    counts = np.arange(300) % 3 + 1
    counted, listed = rows.assign(customers=counts), rows.loc[rows.index.repeat(counts)]
    one_way, other = fit_spend(counted, config), fit_spend(listed, config)
    np.testing.assert_allclose(one_way.gamma_gamma.vector, other.gamma_gamma.vector, atol=1e-4)
    np.testing.assert_allclose(one_way.covariance, other.covariance, rtol=0.02, atol=1e-5)


def test_another_currency_only_rescales_v(config: ClvConfig) -> None:
    rows = drawn(500)
    cents = rows.assign(monetary_value=rows["monetary_value"] * 100)
    one_way, other = fit_spend(rows, config), fit_spend(cents, config)
    assert other.gamma_gamma.v == pytest.approx(100 * one_way.gamma_gamma.v, rel=1e-5)
    assert other.gamma_gamma.q == pytest.approx(one_way.gamma_gamma.q, rel=1e-5)
    np.testing.assert_allclose(one_way.covariance, other.covariance, rtol=1e-3)


def test_too_few_repeat_customers_raise_with_the_figures(config: ClvConfig) -> None:
    with pytest.raises(NotEnoughDataError, match="Gamma-Gamma needs 30 repeat customers, there are 5"):
        fit_spend(drawn(5), config)


def test_spend_without_a_mean_is_a_failed_fit_that_says_why() -> None:
    rng = np.random.default_rng(1)
    endless = pd.DataFrame({"frequency": 1, "monetary_value": rng.pareto(0.3, 400) + 1e-3})
    with pytest.raises(FitFailedError, match="Gamma-Gamma cannot be fitted on 400") as caught:
        fit_spend(endless, ClvConfig(penalizers=(0.0,)))
    assert caught.value.reason == str(caught.value)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ((6.0, 1e-5, 0.5), "q = 1.0000 is not above 1"),
        ((6.0, 2e-3, 0.5), "1.5e[+]03 times the observed"),
        ((6.0, np.inf, 0.5), "ran out of the domain"),
    ],
)
def test_a_model_that_cannot_be_believed_is_refused_with_its_problem(
    config: ClvConfig, monkeypatch: pytest.MonkeyPatch, parameters: tuple[float, ...], message: str
) -> None:
    found = Optimum(tuple(np.log(parameters)), 1.0, 0.0, converged=True)
    monkeypatch.setattr(spend, "search", lambda *arguments: found)
    with pytest.raises(FitFailedError, match=message):
        fit_spend(drawn(100), config)


def test_a_search_that_does_not_end_is_refused_until_a_penalty_helps(
    config: ClvConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest, calls = spend.search, []

    def failing_at_first(*arguments: object) -> Optimum:
        calls.append(arguments)
        found = honest(*arguments)
        return Optimum(found.vector, found.loss, 1.0, converged=False) if len(calls) <= 3 else found

    monkeypatch.setattr(spend, "search", failing_at_first)
    fitted = fit_spend(drawn(300), config)
    assert fitted.gamma_gamma.penalizer == config.penalizers[1]
    assert f"{config.penalizers[1]:g} is the smallest" in fitted.reason.words
