"""Covariances and draws, and the coverage of the intervals that are made of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from ml.clv.bgnbd import BgNbd
from ml.clv.candidates import best_of
from ml.clv.config import ClvConfig
from ml.clv.family import PurchaseModel
from ml.clv.gammagamma import GammaGamma
from ml.clv.history import distinct_histories
from ml.clv.mbgnbd import MbgNbd
from ml.clv.model import CltvModel
from ml.clv.paretonbd import ParetoNbd
from ml.clv.scoring import score
from ml.clv.spend import fit_spend
from ml.clv.tries import covariance_to_draw_from
from ml.clv.uncertainty import covariance_of, draw_models, hessian, interval_covariance, wider

CONFIG = ClvConfig()
SPEND = GammaGamma(5.8, 2.9, 50.0, 0.0)
CURVATURE = np.array([[2.0, 0.3], [0.3, 0.5]])


def bowl(vector: np.ndarray) -> tuple[float, np.ndarray]:
    return float(vector @ CURVATURE @ vector / 2), CURVATURE @ vector


def depth(vector: np.ndarray) -> float:
    return bowl(vector)[0]


def test_the_hessian_of_a_bowl_is_its_curvature() -> None:
    np.testing.assert_allclose(hessian(bowl, np.array([0.3, -1.0])), CURVATURE, rtol=1e-6)


def test_the_sandwich_of_a_right_model_is_the_inverse_information() -> None:
    rng = np.random.default_rng(1)
    scores = rng.multivariate_normal([0, 0], CURVATURE, 100_000)
    customers = np.ones(100_000)
    found = [covariance_of(bowl, np.zeros(2), scores, customers, robust) for robust in (True, False)]
    np.testing.assert_allclose(found[1], np.linalg.inv(CURVATURE) / 100_000, rtol=1e-5)
    np.testing.assert_allclose(found[0], found[1], rtol=0.03)


def test_no_direction_of_a_flat_loss_is_less_certain_than_a_factor_of_e() -> None:
    flat = np.diag([1.0, 1e-12])

    def loss(vector: np.ndarray) -> tuple[float, np.ndarray]:
        return float(vector @ flat @ vector / 2), flat @ vector

    found = covariance_of(loss, np.zeros(2), np.zeros((100, 2)), np.ones(100), robust=False)
    np.testing.assert_allclose(np.diag(found), [0.01, 1.0], rtol=1e-6)


def test_of_a_normal_likelihood_the_spread_found_by_draws_is_its_covariance() -> None:
    rng = np.random.default_rng(2)
    scores = rng.multivariate_normal([0, 0], CURVATURE, 400)
    found = np.array(interval_covariance(bowl, depth, bowl, np.zeros(2), scores, np.ones(400), seed=3))
    least = np.array(covariance_of(bowl, np.zeros(2), scores, np.ones(400)))
    ratios = np.linalg.eigvals(np.linalg.inv(least) @ found).real
    assert (ratios > 1 - 1e-9).all()
    assert (ratios < 1.5).all()


def test_the_bias_of_a_penalty_widens_the_interval_towards_the_free_optimum() -> None:
    def free(vector: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = bowl(vector - np.array([0.5, 0.0]))
        return value, slope

    scores = np.random.default_rng(2).multivariate_normal([0, 0], CURVATURE, 4000)
    plain, biased = (
        np.array(interval_covariance(bowl, depth, other, np.zeros(2), scores, np.ones(4000), seed=3))
        for other in (bowl, free)
    )
    np.testing.assert_allclose(biased - plain, [[0.25, 0.0], [0.0, 0.0]], atol=1e-6)


def test_the_wider_of_two_covariances_is_that_in_every_direction() -> None:
    first, second = np.diag([1.0, 4.0]), np.diag([3.0, 2.0])
    np.testing.assert_allclose(wider(first, second), np.diag([3.0, 4.0]), atol=1e-12)
    tilted = np.array([[2.0, 1.5], [1.5, 2.0]])
    both = wider(first, tilted)
    for other in (first, tilted):
        assert np.linalg.eigvalsh(both - other).min() > -1e-12


def test_drawn_models_have_the_covariance_and_come_in_antithetic_pairs() -> None:
    model = BgNbd(0.3, 60.0, 0.8, 2.0, 1e-3)
    around = 0.01 * np.array([[4, 1, 0, 0], [1, 3, 0, 0], [0, 0, 2, 1], [0, 0, 1, 2.0]])
    drawn = draw_models(model, tuple(map(tuple, around)), 4000, np.random.default_rng(1))
    steps = np.array([one.vector - model.vector for one in drawn])
    np.testing.assert_allclose(steps[:2000], -steps[2000:], atol=1e-12)
    np.testing.assert_allclose(np.cov(steps.T), around, atol=0.004)
    assert {one.penalizer for one in drawn} == {1e-3}


def test_no_model_is_drawn_farther_than_can_be_computed_with() -> None:
    model = BgNbd(0.3, 60.0, 0.8, 2.0, 1e-3)
    drawn = draw_models(model, tuple(map(tuple, 400.0 * np.eye(4))), 100, np.random.default_rng(1))
    assert max(np.abs(one.vector - model.vector).max() for one in drawn) == pytest.approx(6.0)


def fitted_model(
    truth: PurchaseModel, age: np.ndarray, seed: int, penalizer: float, draw: Callable[..., pd.DataFrame]
) -> CltvModel | None:
    """A model fitted on customers drawn from `truth` and from SPEND, with the covariances of both fits."""
    drawn = draw(truth, age, 1.0, seed)
    columns = [drawn[name].to_numpy(float) for name in ("frequency", "recency", "T")]
    columns[1] = np.ceil(columns[1])
    history, _ = distinct_histories(*columns, np.ones(len(age)))
    best = best_of(type(truth).fit(history, penalizer, truth.starts, CONFIG))
    if best is None:
        return None
    rng = np.random.default_rng(seed + 10_000)
    x = columns[0][columns[0] > 0]
    m = rng.gamma(SPEND.p * x) / x / rng.gamma(SPEND.q, 1 / SPEND.v, len(x))
    spend = fit_spend(pd.DataFrame({"frequency": x, "monetary_value": m}), CONFIG)
    around = covariance_to_draw_from(best.believed, history, CONFIG.seed)
    return CltvModel(
        best.believed, around, spend.gamma_gamma, spend.covariance, 180, 365, 0.10, (180,), 100, seed
    )


CASES = (
    ("many repeats", BgNbd(0.4, 90.0, 0.8, 2.5, 0.0), 2000, 0.0),
    ("97 % one-time buyers", BgNbd(0.0155, 62.0, 1.5, 0.4, 0.0), 12_000, 0.0),
    ("97 % one-time buyers, penalized", BgNbd(0.0155, 62.0, 1.5, 0.4, 0.0), 12_000, 1e-3),
    ("MBG/NBD", MbgNbd(0.4, 90.0, 0.8, 2.5, 0.0), 3000, 0.0),
    ("Pareto/NBD", ParetoNbd(0.4, 90.0, 0.5, 100.0, 0.0), 2000, 0.0),
)
SEEDS = 30


@pytest.mark.parametrize(("name", "truth", "size", "penalizer"), CASES, ids=[case[0] for case in CASES])
def test_cltv_intervals_cover_the_true_value_about_as_often_as_they_say(
    draw: Callable[..., pd.DataFrame],
    exact: Callable[..., CltvModel],
    name: str,
    truth: PurchaseModel,
    size: int,
    penalizer: float,
) -> None:
    """Customers of one fit share its errors, so the noise of their mean coverage is that of one customer.

    Of 30 fits an 80 % interval covers 24, with a standard deviation of at most 2.2; the bounds are 3 of these
    below and 6 fits above, as intervals may be too wide but not much.
    """
    kinds = pd.DataFrame(
        {
            "frequency": [0, 0, 0, 1, 1, 2],
            "recency": [0, 0, 0, 30, 400, 300],
            "T": [10, 250, 500, 250, 500, 350],
            "monetary_value": [0.0, 0.0, 0.0, 100.0, 100.0, 200.0],
        }
    )
    true_value = score(exact(truth, SPEND), kinds)["cltv"]
    covered = []
    for seed in range(SEEDS):
        age = np.ceil(np.random.default_rng(seed + 500).uniform(0, 500, size))
        model = fitted_model(truth, age, seed, penalizer, draw)
        if model is not None:
            found = score(model, kinds)
            covered.append(found["cltv_low"].le(true_value) & found["cltv_high"].ge(true_value))
    assert len(covered) >= SEEDS - 2
    share = np.mean(covered)
    assert 0.8 - 3 * np.sqrt(0.8 * 0.2 / SEEDS) <= share <= 0.97, share
