"""What every family promises, against lifetimes, integration and draws, and at the limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad

from ml.clv.bgnbd import BgNbd
from ml.clv.family import FAMILIES, PurchaseModel
from ml.clv.mbgnbd import MbgNbd
from ml.clv.paretonbd import ParetoNbd

DAYS = np.array([1.0, 30.0, 180.0, 365.0, 3650.0])
TRUTHS = (
    BgNbd(0.6, 100.0, 0.8, 2.5, 0.0),
    MbgNbd(0.6, 100.0, 0.8, 2.5, 0.0),
    ParetoNbd(0.6, 100.0, 0.6, 150.0, 0.0),
)
each_truth = pytest.mark.parametrize("truth", TRUTHS, ids=lambda truth: truth.name)


def one(*values: float) -> tuple[np.ndarray, ...]:
    return tuple(np.array([value], dtype=float) for value in values)


def histories(rng: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x = np.where(rng.random(size) < 0.4, 0, np.floor(10 ** rng.uniform(0, 2.3, size)))
    T = np.floor(10 ** rng.uniform(0, 3.3, size))
    return x, np.where(x > 0, np.maximum(T * rng.random(size), 1e-3), 0.0), T


def fitter_of(model: PurchaseModel) -> Any:
    """Lifetimes' fitter with the same parameters."""
    import lifetimes

    kinds = {
        "BG/NBD": lifetimes.BetaGeoFitter,
        "MBG/NBD": lifetimes.ModifiedBetaGeoFitter,
        "Pareto/NBD": lifetimes.ParetoNBDFitter,
    }
    fitter = kinds[model.name]()
    fitter.params_ = pd.Series(model.parameters)
    fitter.predict = fitter.conditional_expected_number_of_purchases_up_to_time
    return fitter


def test_expectations_and_p_alive_agree_with_lifetimes(published: PurchaseModel) -> None:
    x, t_x, T = np.array([0.0, 1, 2, 26]), np.array([0.0, 3, 30.43, 30.86]), np.array([20, 38, 38.86, 31])
    fitter = fitter_of(published)
    np.testing.assert_allclose(
        published.expected_purchases(x, t_x, T, 39.0), fitter.predict(39.0, x, t_x, T), rtol=1e-7
    )
    theirs = np.ravel(fitter.conditional_probability_alive(x, t_x, T))
    np.testing.assert_allclose(published.p_alive(x, t_x, T), theirs, rtol=1e-7)


def test_log_likelihoods_agree_with_lifetimes(published: PurchaseModel) -> None:
    rows = (
        np.array([0.0, 1, 2, 26, 200, 300]),
        np.array([0.0, 3, 30.43, 30.999999, 690, 100]),
        np.array([20, 38, 38.86, 31, 700, 700]),
    )
    fitter = fitter_of(published)
    if isinstance(published, ParetoNbd):
        theirs = fitter._conditional_log_likelihood(list(published.parameters.values()), *rows).mean()
    else:
        theirs = -fitter._negative_log_likelihood(published.vector, *rows, np.ones(6), 0.0)
    assert published.log_likelihood(*rows).mean() == pytest.approx(theirs, rel=1e-9)


def test_pareto_nbd_count_probabilities_agree_with_lifetimes() -> None:
    params = ParetoNbd(0.553, 10.578, 0.606, 11.669, 0.0)
    fitter = fitter_of(params)
    for n in range(6):
        ours = np.exp(params.distribution(*one(n, 2, 30.43, 38.86), 39.0))[0]
        theirs = fitter.conditional_probability_of_n_purchases_up_to_time(n, 39.0, 2, 30.43, 38.86)
        assert ours == pytest.approx(float(theirs), rel=1e-6)


def test_bgnbd_count_probabilities_agree_with_lifetimes_for_a_new_customer() -> None:
    params = BgNbd(0.243, 4.414, 0.793, 2.426, 0.0)
    fitter = fitter_of(params)
    n = np.arange(6.0)
    ours = np.exp(params.distribution(n, 0 * n, 0 * n, 0 * n, 39.0))
    theirs = [fitter.probability_of_n_purchases_up_to_time(39.0, int(count)) for count in n]
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)


def test_the_published_example_of_a_cdnow_customer_is_met() -> None:
    params = BgNbd(0.243, 4.414, 0.793, 2.426, 0.0)
    assert params.expected_purchases(*one(2, 30.43, 38.86), 39.0)[0] == pytest.approx(1.226, abs=0.001)


def test_in_bgnbd_a_customer_without_a_repeat_purchase_is_alive_by_construction() -> None:
    history = one(0, 0, 900)
    alive = {truth.name: truth.p_alive(*history)[0] for truth in TRUTHS}
    assert alive["BG/NBD"] == 1.0
    assert 0 < alive["MBG/NBD"] < 1
    assert 0 < alive["Pareto/NBD"] < 1


@each_truth
def test_the_log_likelihood_alone_is_that_beside_the_scores(truth: PurchaseModel) -> None:
    rows = histories(np.random.default_rng(5), 300)
    beside, _ = truth.log_likelihood_and_scores(*rows)
    np.testing.assert_allclose(truth.log_likelihood(*rows), beside, rtol=1e-12)


@each_truth
def test_scores_are_the_derivatives_of_the_log_likelihood(truth: PurchaseModel) -> None:
    rows = histories(np.random.default_rng(4), 300)
    _, scores = truth.log_likelihood_and_scores(*rows)
    for place in range(4):
        step = 1e-5 * np.eye(4)[place]
        sides = [truth.from_vector(truth.vector + sign * step, 0.0).log_likelihood(*rows) for sign in (-1, 1)]
        numeric = (sides[1] - sides[0]) / 2e-5
        np.testing.assert_allclose(scores[:, place], numeric, rtol=1e-5, atol=1e-6)


@each_truth
@pytest.mark.parametrize(("x", "recency"), [(0, 0.0), (1, 10.0), (5, 190.0)])
def test_probabilities_of_counts_sum_to_one_and_have_the_expected_mean(
    truth: PurchaseModel, x: int, recency: float
) -> None:
    n = np.arange(1500.0)
    history = [np.full_like(n, value) for value in (x, recency, 200.0)]
    probability = np.exp(truth.distribution(n, *history, 180.0))
    assert probability.sum() == pytest.approx(1.0, abs=1e-7)
    mean = truth.expected_purchases(*one(x, recency, 200.0), 180.0)[0]
    assert n @ probability == pytest.approx(mean, rel=1e-6)


@each_truth
def test_a_purchase_within_is_all_but_no_purchase(truth: PurchaseModel) -> None:
    rows = histories(np.random.default_rng(5), 200)
    none = np.exp(truth.distribution(np.zeros(200), *rows, 180.0))
    np.testing.assert_allclose(truth.p_purchase_within(*rows, 180.0), 1 - none, rtol=1e-6, atol=1e-9)


@each_truth
def test_simulated_counts_follow_the_distribution(truth: PurchaseModel) -> None:
    size = 200_000
    for x, recency in ((0.0, 0.0), (3.0, 150.0)):
        rows = [np.full(size, value) for value in (x, recency, 200.0)]
        drawn = truth.simulate(np.random.default_rng(6), *rows, 180.0)
        for count in range(4):
            expected = np.exp(truth.distribution(*one(count, x, recency, 200.0), 180.0))[0]
            assert (drawn == count).mean() == pytest.approx(expected, abs=4 * np.sqrt(expected / size))
        mean = truth.expected_purchases(*one(x, recency, 200.0), 180.0)[0]
        assert drawn.mean() == pytest.approx(mean, abs=4 * drawn.std() / np.sqrt(size))


@each_truth
def test_what_customers_drawn_one_by_one_buy_later_follows_the_distribution(
    draw: Callable[..., pd.DataFrame], truth: PurchaseModel
) -> None:
    drawn = draw(truth, np.full(150_000, 200.0), 180.0, seed=2)
    for frequency in (0, 1, 3):
        rows = drawn[drawn["frequency"] == frequency]
        columns = [rows[name].to_numpy(float) for name in ("frequency", "recency", "T")]
        for count in (0.0, 1.0, 2.0):
            probability = np.exp(truth.distribution(np.full(len(rows), count), *columns, 180.0)).mean()
            observed = (rows["holdout_purchases"] == count).mean()
            assert observed == pytest.approx(probability, abs=4 * np.sqrt(probability / len(rows)))


@each_truth
def test_simulation_is_seeded(truth: PurchaseModel) -> None:
    rows = histories(np.random.default_rng(5), 300)
    first, second = (truth.simulate(np.random.default_rng(1), *rows, 365.0) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@each_truth
def test_drawn_purchases_lie_inside_the_days_ahead(truth: PurchaseModel) -> None:
    x, t_x, T = histories(np.random.default_rng(5), 2000)
    rng = np.random.default_rng(1)
    many = np.full(2000, 50.0)
    rows, customer, days = truth.draw_purchases(rng, x, T, truth.p_alive(x, t_x, T), many, 90.0)
    assert len(days) > 1000
    assert ((days >= 0) & (days <= 90)).all()
    assert customer.max() < len(rows)
    assert rows.max() < 2000


@pytest.mark.parametrize("family", FAMILIES.values(), ids=list(FAMILIES))
def test_every_valid_input_gives_finite_growing_expectations_and_probabilities(
    family: type[PurchaseModel],
) -> None:
    rng = np.random.default_rng(3)
    for _ in range(150):
        model = family.from_vector(np.log(10) * rng.uniform([-2.5, -1, -3, -3], [1, 3, 3.5, 3.5]), 0.0)
        x, t_x, T = (column[:, None] for column in histories(rng, 40))
        expected = model.expected_purchases(x, t_x, T, DAYS)
        within, alive = model.p_purchase_within(x, t_x, T, DAYS), model.p_alive(x, t_x, T)
        assert np.isfinite(expected).all()
        assert (expected >= 0).all()
        assert (np.diff(expected, axis=1) >= -1e-6 * expected[:, 1:]).all()
        assert (within <= expected * (1 + 1e-6)).all()
        assert ((within >= 0) & (within <= 1 + 1e-12)).all()
        assert ((alive >= 0) & (alive <= 1)).all()
        assert np.isfinite(model.log_likelihood(x.ravel(), t_x.ravel(), T.ravel())).all()


@each_truth
def test_a_customer_of_today_gets_finite_values(truth: PurchaseModel) -> None:
    expected = truth.expected_purchases(*one(0, 0, 0), DAYS)
    assert ((expected > 0) & np.isfinite(expected)).all()


def test_another_unit_of_time_changes_nothing(published: PurchaseModel) -> None:
    in_days = published.in_units(1 / 7)
    weeks = published.expected_purchases(*one(3, 20, 30), 26.0)
    days = in_days.expected_purchases(*one(3, 140, 210), 182.0)
    np.testing.assert_allclose(weeks, days, rtol=1e-9)


def test_pareto_nbd_is_no_exception_where_s_is_one() -> None:
    near, at = (ParetoNbd(0.5, 50.0, s, 80.0, 0.0) for s in (1 + 1e-7, 1.0))
    history = one(2, 100, 200)
    np.testing.assert_allclose(
        at.expected_purchases(*history, 180.0), near.expected_purchases(*history, 180.0), rtol=1e-6
    )


@pytest.mark.parametrize("s", [0.4, 1.0, 3.0])
def test_pareto_nbd_expects_the_integral_of_its_rate(s: float) -> None:
    params = ParetoNbd(0.5, 50.0, s, 80.0, 0.0)

    def rate(y: float) -> float:
        return 2.5 / 250.0 * (280.0 / (280.0 + y)) ** s

    assert params.expected_if_alive(*one(2, 200), 180.0)[0] == pytest.approx(quad(rate, 0, 180)[0], rel=1e-9)


@pytest.mark.parametrize("bad", [0.0, -1.0, float("nan"), float("inf")])
def test_a_parameter_outside_the_domain_is_refused_by_name(published: PurchaseModel, bad: float) -> None:
    for name in published.parameter_names:
        with pytest.raises(ValueError, match=f"{published.name}: {name}"):
            replace(published, **{name: bad})
