"""Places: Brazil's states and zip prefixes, and the faults of the geolocation file."""

import itertools

import numpy as np
import pytest

from ml.simulate.geography import STATES, without_accents
from ml.simulate.places import make_places


def test_the_27_states_have_zip_ranges_that_do_not_overlap():
    ranges = sorted((state.zip_first, state.zip_last) for state in STATES)
    assert len({state.code for state in STATES}) == 27
    assert all(last < following for (_, last), (following, _) in itertools.pairwise(ranges))


def test_prefixes_are_five_digits_unique_and_inside_their_state():
    places = make_places(np.random.default_rng(1), 20_000)
    span = {state.code: range(state.zip_first, state.zip_last + 1) for state in STATES}
    prefixes = places.prefix.to_pylist()
    assert len(set(prefixes)) == len(prefixes)
    for prefix, state in zip(prefixes, places.state.to_pylist(), strict=True):
        assert len(prefix) == 5
        assert int(prefix) in span[state]
    assert any(prefix.startswith("0") for prefix in prefixes)


def test_customers_live_in_all_states_in_brazil_like_shares(shop):
    shares = shop.read("olist_customers_dataset")["customer_state"].value_counts(normalize=True)
    assert len(shares) == 27
    assert shares["SP"] == pytest.approx(0.42, abs=0.02)
    assert shares["RJ"] == pytest.approx(0.13, abs=0.015)


def test_the_mean_customer_has_remoteness_one():
    places = make_places(np.random.default_rng(1), 20_000)
    assert np.average(places.remoteness, weights=places.weight) == pytest.approx(1.0)


def test_geolocation_has_about_ten_rows_a_prefix_and_a_quarter_exact_copies(shop):
    points = shop.read("olist_geolocation_dataset")
    assert len(points) / points["geolocation_zip_code_prefix"].nunique() == pytest.approx(10, abs=0.5)
    assert points.duplicated().mean() == pytest.approx(0.25, abs=0.03)


def test_a_few_points_lie_outside_brazil(shop):
    points = shop.read("olist_geolocation_dataset")
    outside = (points["geolocation_lat"] > 6) | (points["geolocation_lng"] > -32)
    assert 0 < outside.mean() < 0.002


def test_most_used_prefixes_are_in_the_geolocation_file_but_not_all(shop):
    used = set(shop.read("olist_customers_dataset")["customer_zip_code_prefix"])
    used |= set(shop.read("olist_sellers_dataset")["seller_zip_code_prefix"])
    mapped = set(shop.read("olist_geolocation_dataset")["geolocation_zip_code_prefix"])
    assert mapped < used
    assert len(mapped) / len(used) > 0.97


def test_cities_are_written_with_and_without_accents_in_the_geolocation_file_alone(shop):
    customers, points = shop.read("olist_customers_dataset"), shop.read("olist_geolocation_dataset")
    assert (customers["customer_city"].map(without_accents) == customers["customer_city"]).all()
    assert {"sao paulo", "são paulo"} <= set(points["geolocation_city"])
