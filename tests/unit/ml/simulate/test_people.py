"""Persons: birth dates, moves, one id per person."""

import pandas as pd
import pytest


@pytest.fixture(scope="module")
def ages(shop) -> pd.Series:
    """Age in years at the first order."""
    orders = shop.read("olist_orders_dataset").merge(shop.read("olist_customers_dataset"), on="customer_id")
    first = orders.groupby("customer_unique_id")["order_purchase_timestamp"].min()
    born = shop.read("customer_demographics").set_index("customer_unique_id")["birth_date"].dropna()
    return (first - pd.to_datetime(born)).dropna().dt.days / 365.25


def test_buyers_are_of_all_ages_and_mostly_adults(ages):
    assert 0.003 < (ages < 13).mean() < 0.02
    assert 0.04 < ages.between(13, 20, inclusive="left").mean() < 0.1
    assert 0.03 < (ages >= 65).mean() < 0.08
    assert ages.min() > 6
    assert ages.max() < 92


def test_about_two_persons_in_a_hundred_have_no_birth_date(shop):
    persons = shop.read("olist_customers_dataset")["customer_unique_id"].nunique()
    known = shop.read("customer_demographics")
    assert known["customer_unique_id"].is_unique
    assert known["birth_date"].isna().any()
    assert 1 - known["birth_date"].notna().sum() / persons == pytest.approx(0.02, abs=0.006)


def test_a_few_returning_persons_move(shop):
    places = (
        shop.purchases().groupby("customer_unique_id")["customer_zip_code_prefix"].agg(["size", "nunique"])
    )
    returning = places[places["size"] > 1]
    assert 0.005 < (returning["nunique"] > 1).mean() < 0.06
    assert returning["nunique"].max() == 2
