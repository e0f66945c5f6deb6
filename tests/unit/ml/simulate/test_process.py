"""The purchase process: its moments, its covariates, its edges."""

import dataclasses

import lifetimes
import numpy as np
import pandas as pd
import pytest

from ml.simulate import SAMPLE
from ml.simulate.experience import make_lateness
from ml.simulate.process import draw_dropouts, draw_history, draw_rates, leaving_probability, shift_dropout

EXACT = dataclasses.replace(SAMPLE, covariate_strength=0, r=0.5, alpha=100.0, a=0.8, b=2.4)


def histories(config, rate, dropout, seed=3):
    """Let everybody start on the first day."""
    start = np.zeros(rate.size)
    lateness = make_lateness(config, np.ones(rate.size))
    return draw_history(np.random.default_rng(seed), config, start, rate, dropout, lateness)


def test_mean_number_of_repeat_purchases_equals_the_closed_form():
    """Fader, Hardie & Lee 2005, eq. 9, as lifetimes computes it."""
    size = 60_000
    rng = np.random.default_rng(1)
    history = histories(EXACT, draw_rates(rng, EXACT, size), draw_dropouts(rng, EXACT, size))
    repeats = np.bincount(history.customer, minlength=size) - 1
    oracle = lifetimes.BetaGeoFitter()
    oracle.params_ = pd.Series({name: getattr(EXACT, name) for name in ("r", "alpha", "a", "b")})
    expected = oracle.expected_number_of_purchases_up_to_time(EXACT.days)
    assert repeats.mean() == pytest.approx(expected, abs=4 * repeats.std() / np.sqrt(size))


def test_purchases_of_a_customer_follow_one_another_inside_the_data():
    rng = np.random.default_rng(1)
    history = histories(EXACT, draw_rates(rng, EXACT, 2_000), draw_dropouts(rng, EXACT, 2_000))
    frame = pd.DataFrame({"customer": history.customer, "ordinal": history.ordinal, "day": history.day})
    frame = frame.sort_values(["customer", "ordinal"])
    steps = frame.groupby("customer")["day"].diff().dropna()
    assert (steps > 0).all()
    assert frame["day"].between(0, EXACT.days, inclusive="left").all()
    assert (frame.groupby("customer")["ordinal"].diff().dropna() == 1).all()


def test_nobody_drops_out_after_the_first_purchase_unless_covariates_say_so():
    history = histories(EXACT, np.full(100, 1.0), np.ones(100))
    assert np.bincount(history.customer).tolist() == [2] * 100
    assert not history.is_alive.any()


@pytest.mark.parametrize("is_first", [True, False])
def test_at_a_first_purchase_only_the_increase_counts(is_first):
    config = dataclasses.replace(SAMPLE, late_odds_ratio=4.0)
    late = np.array([True, False])
    leaving = leaving_probability(config, np.full(2, 0.5), late, np.zeros(2, dtype=bool), is_first)
    assert leaving.tolist() == pytest.approx([0.3, 0.0] if is_first else [0.8, 0.5])


def test_a_customer_who_never_drops_out_stays_alive_and_purchases_at_the_given_rate():
    history = histories(EXACT, np.full(400, 0.05), np.zeros(400))
    repeats = history.customer.size - 400
    expected = 400 * 0.05 * EXACT.days
    assert history.is_alive.all()
    assert repeats == pytest.approx(expected, abs=4 * np.sqrt(expected))


def test_a_customer_of_vanishing_rate_never_comes_back():
    config = dataclasses.replace(EXACT, r=1e-6)
    rate = draw_rates(np.random.default_rng(1), config, 500)
    assert (rate > 0).all()
    assert histories(config, rate, np.zeros(500)).customer.size == pytest.approx(500, abs=2)


@pytest.mark.parametrize(("strength", "factor"), [(0.0, 1.0), (0.5, 2.0), (1.0, 4.0), (2.0, 16.0)])
def test_a_late_delivery_multiplies_the_dropout_odds(strength, factor):
    config = dataclasses.replace(SAMPLE, covariate_strength=strength, late_odds_ratio=4.0)
    before = np.array([0.1, 0.5, 0.9])
    after = shift_dropout(config, before, np.ones(3, dtype=bool), np.zeros(3, dtype=bool))
    assert after / (1 - after) == pytest.approx(factor * before / (1 - before))


def test_late_delivery_and_bad_review_multiply_together():
    config = dataclasses.replace(SAMPLE, late_odds_ratio=3.0, bad_review_odds_ratio=5.0)
    yes = np.ones(1, dtype=bool)
    after = shift_dropout(config, np.array([0.5]), yes, yes)
    assert after / (1 - after) == pytest.approx(15.0)


def test_certain_and_impossible_dropouts_stay_what_they_are():
    yes = np.ones(2, dtype=bool)
    assert shift_dropout(SAMPLE, np.array([0.0, 1.0]), yes, yes).tolist() == [0.0, 1.0]
