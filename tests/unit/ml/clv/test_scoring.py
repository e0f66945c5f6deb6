"""Scores: invariants, the CLTV sum, and inputs that are refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ml.clv.bgnbd import BgNbd
from ml.clv.family import PurchaseModel
from ml.clv.model import CltvModel
from ml.clv.scoring import score
from ml.clv.uncertainty import draw_models
from ml.errors import InvalidInputError


def test_scores_are_aligned_finite_and_inside_their_ranges(
    exact: Callable[..., CltvModel], published: PurchaseModel, customers: pd.DataFrame
) -> None:
    scores = score(exact(published), customers)
    assert scores.index.equals(customers.index)
    told = scores.drop(columns="days_to_next_purchase")
    assert np.isfinite(told.to_numpy()).all()
    assert (told.to_numpy() >= 0).all()
    assert scores["p_alive"].between(0, 1).all()
    assert scores["p_purchase"].between(0, 1).all()


def test_expected_purchases_grow_with_the_horizon(model: CltvModel, customers: pd.DataFrame) -> None:
    scores = score(model, customers)
    horizons = scores[[f"expected_purchases_{days}d" for days in (30, 90, 180, 365)]].to_numpy()
    assert (np.diff(horizons, axis=1) > 0).all()


def test_a_customer_scores_the_same_alone_as_among_others(model: CltvModel, customers: pd.DataFrame) -> None:
    together = score(model, customers)
    for position in (0, 17, 499):
        alone = score(model, customers.iloc[[position]])
        pd.testing.assert_frame_equal(alone, together.iloc[[position]])


def test_without_discount_cltv_is_purchases_times_spend(model: CltvModel, customers: pd.DataFrame) -> None:
    scores = score(replace(model, annual_discount_rate=0.0), customers)
    np.testing.assert_allclose(scores["cltv"], scores["expected_purchases_365d"] * scores["expected_spend"])


def test_a_discount_lowers_cltv_by_less_than_a_whole_year_of_it(
    model: CltvModel, customers: pd.DataFrame
) -> None:
    undiscounted = score(replace(model, annual_discount_rate=0.0), customers)["cltv"]
    discounted = score(model, customers)["cltv"]
    assert (discounted < undiscounted).all()
    assert (discounted > undiscounted / 1.10).all()


def test_cltv_approaches_the_integral_of_the_discounted_purchase_rate(model: CltvModel) -> None:
    customer = pd.DataFrame({"frequency": [4], "recency": [200], "T": [210], "monetary_value": [80.0]})
    days = tuple(range(1, 366))
    daily = score(replace(model, prediction_horizons=days), customer)
    purchases = np.diff(daily[[f"expected_purchases_{day}d" for day in days]].to_numpy()[0], prepend=0.0)
    factors = 1.10 ** (-(np.array(days) - 0.5) / 365)
    expected = purchases @ factors * daily["expected_spend"].item()
    assert daily["cltv"].item() == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("horizon", [10, 30, 45, 360, 365])
def test_the_cltv_horizon_is_met_to_the_day(model: CltvModel, customers: pd.DataFrame, horizon: int) -> None:
    exact = replace(
        model, annual_discount_rate=0.0, cltv_horizon_days=horizon, prediction_horizons=(horizon,)
    )
    scores = score(exact, customers)
    np.testing.assert_allclose(
        scores["cltv"], scores[f"expected_purchases_{horizon}d"] * scores["expected_spend"]
    )


def test_twelve_undiscounted_months_of_thirty_days_equal_those_of_lifetimes(
    model: CltvModel, customers: pd.DataFrame
) -> None:
    from lifetimes import BetaGeoFitter, GammaGammaFitter

    purchases, spend = BetaGeoFitter(), GammaGammaFitter()
    purchases.params_ = pd.Series(model.purchases.parameters)
    purchases.predict = purchases.conditional_expected_number_of_purchases_up_to_time
    spend.params_ = pd.Series({name: getattr(model.gamma_gamma, name) for name in ("p", "q", "v")})
    repeat = customers[customers["frequency"] > 0]
    columns = (repeat[name] for name in ("frequency", "recency", "T", "monetary_value"))
    theirs = spend.customer_lifetime_value(purchases, *columns, time=12, discount_rate=0.0)
    ours = score(replace(model, annual_discount_rate=0.0, cltv_horizon_days=360), repeat)["cltv"]
    np.testing.assert_allclose(ours, theirs, rtol=1e-8)


def test_one_time_buyers_get_finite_scores_where_a_plus_b_is_below_one(
    model: CltvModel, customers: pd.DataFrame
) -> None:
    sparse = replace(model, purchases=BgNbd(0.0158, 67.9, 0.42, 0.09, 0.001))
    scores = score(sparse, customers)
    assert np.isfinite(scores.drop(columns="days_to_next_purchase").to_numpy()).all()
    assert (scores["expected_purchases_180d"] > 0).all()


def test_p_purchase_is_the_probability_of_a_purchase_within_the_horizon(
    model: CltvModel, customers: pd.DataFrame
) -> None:
    scores = score(model, customers)
    rows = (customers[name].to_numpy(float) for name in ("frequency", "recency", "T"))
    none = np.exp(model.purchases.distribution(np.zeros(len(customers)), *rows, 180.0))
    np.testing.assert_allclose(scores["p_purchase"], 1 - none, rtol=1e-6)


def test_the_interval_of_cltv_holds_it_and_is_wider_the_less_is_known(
    model: CltvModel, uncertain: CltvModel, customers: pd.DataFrame
) -> None:
    sure, unsure = score(model, customers), score(uncertain, customers)
    np.testing.assert_allclose(sure["cltv_low"], sure["cltv"], rtol=1e-9)
    np.testing.assert_allclose(sure["cltv_high"], sure["cltv"], rtol=1e-9)
    assert (unsure["cltv_low"] < unsure["cltv"]).mean() > 0.99
    assert (unsure["cltv_high"] > unsure["cltv"]).mean() > 0.99
    doubled = tuple(tuple(4 * value for value in row) for row in uncertain.purchases_covariance)
    wide = score(replace(uncertain, purchases_covariance=doubled), customers)
    width = (wide["cltv_high"] - wide["cltv_low"]) / (unsure["cltv_high"] - unsure["cltv_low"])
    assert 1.3 < width.median() < 2.2


def test_the_interval_holds_cltv_also_where_the_draws_do_not(
    uncertain: CltvModel, customers: pd.DataFrame
) -> None:
    scores = score(replace(uncertain, interval_draws=1), customers)
    assert (scores["cltv_low"] <= scores["cltv"]).all()
    assert (scores["cltv"] <= scores["cltv_high"]).all()
    assert (scores["cltv_low"] < scores["cltv_high"]).all()


def test_the_interval_is_the_middle_of_scores_under_drawn_parameters(
    uncertain: CltvModel, customers: pd.DataFrame
) -> None:
    rng = np.random.default_rng(uncertain.seed)
    draws = uncertain.interval_draws
    purchases = draw_models(uncertain.purchases, uncertain.purchases_covariance, draws, rng)
    spends = draw_models(uncertain.gamma_gamma, uncertain.gamma_gamma_covariance, draws, rng)
    drawn = [
        score(replace(uncertain, purchases=one, gamma_gamma=other, interval_draws=1), customers)["cltv"]
        for one, other in zip(purchases[:100], spends[:100], strict=True)
    ]
    low, high = np.percentile(np.array(drawn), [10, 90], axis=0)
    found = score(uncertain, customers)
    np.testing.assert_allclose(found["cltv_low"], np.minimum(low, found["cltv"]), rtol=0.003)
    np.testing.assert_allclose(found["cltv_high"], np.maximum(high, found["cltv"]), rtol=0.003)


def test_days_to_the_next_purchase_are_the_median_wait_of_an_active_customer(
    exact: Callable[..., CltvModel], published: PurchaseModel
) -> None:
    model = exact(published.in_units(1 / 7))
    told = pd.DataFrame({"frequency": [9], "recency": [298], "T": [300], "monetary_value": [20.0]})
    wait = score(model, told)["days_to_next_purchase"].item()
    r, alpha = model.purchases.r + 9, model.purchases.alpha + 300
    assert wait == pytest.approx(alpha * (2 ** (1 / r) - 1))
    assert model.purchases.p_first_before(np.array([9.0]), np.array([300.0]), wait)[0] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("frequency", "recency", "T", "why"),
    [(0, 0, 100, "no repeat"), (20, 30, 600, "has gone"), (1, 1990, 2000, "beyond the horizon")],
)
def test_days_to_the_next_purchase_are_missing_where_too_little_is_known(
    model: CltvModel, frequency: int, recency: int, T: int, why: str
) -> None:
    customer = pd.DataFrame(
        {"frequency": [frequency], "recency": [recency], "T": [T], "monetary_value": [20.0]}
    )
    assert np.isnan(score(model, customer)["days_to_next_purchase"].item()), why


def test_draws_far_from_the_fit_still_give_finite_intervals(
    model: CltvModel, customers: pd.DataFrame
) -> None:
    wild = tuple(tuple(9.0 if i == j else 0.0 for j in range(4)) for i in range(4))
    scores = score(replace(model, purchases_covariance=wild), customers)
    assert np.isfinite(scores[["cltv_low", "cltv_high"]].to_numpy()).all()
    assert (scores["cltv_low"] <= scores["cltv"]).all()
    assert (scores["cltv"] <= scores["cltv_high"]).all()


def test_no_customers_give_no_scores(model: CltvModel, customers: pd.DataFrame) -> None:
    scores = score(model, customers.iloc[:0])
    assert len(scores) == 0
    assert list(scores.columns) == list(score(model, customers).columns)


def test_the_input_stays_as_it_was(model: CltvModel, customers: pd.DataFrame) -> None:
    before = customers.copy(deep=True)
    score(model, customers)
    pd.testing.assert_frame_equal(customers, before)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"recency": 700.0}, r"customers: recency is larger than T in 2 of 500 row\(s\)"),
        ({"T": -1.0}, r"customers: T is negative in 2 of 500 row\(s\)"),
        ({"frequency": -1.0}, "frequency is negative in 2"),
        ({"frequency": 1.5}, "frequency is not a whole number in 2"),
        ({"frequency": np.nan}, "frequency is missing or not finite in 2"),
        ({"frequency": 0.0, "recency": 3.0}, "recency is above 0 without a repeat purchase in 2"),
        ({"frequency": 2.0, "recency": 0.0}, "recency is 0 in spite of a repeat purchase in 2"),
        (
            {"frequency": 2.0, "recency": 5.0, "monetary_value": 0.0},
            "monetary_value is missing or not positive .* in 2",
        ),
    ],
)
def test_bad_rows_are_refused_by_column_and_count(
    model: CltvModel, customers: pd.DataFrame, change: dict[str, float], message: str
) -> None:
    broken = customers.astype(float)
    broken.loc[broken.index[:2], list(change)] = list(change.values())
    with pytest.raises(InvalidInputError, match=message):
        score(model, broken)


def test_text_in_a_column_of_numbers_is_refused_by_name(model: CltvModel, customers: pd.DataFrame) -> None:
    with pytest.raises(InvalidInputError, match="customers: T does not hold numbers"):
        score(model, customers.assign(T="old"))
