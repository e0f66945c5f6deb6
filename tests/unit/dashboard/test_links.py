"""The address of a list of customers."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest

from dashboard.links import customers_link, profile_link


def test_filters_become_the_query_in_one_order_whatever_they_hold() -> None:
    link = customers_link(cltv_min=10, risk_band=["red", "yellow"], age_band="Child 0–12", q=None, state="")
    parts = urlsplit(link)
    assert parts.path == "/customers"
    assert parse_qsl(parts.query) == [
        ("age_band", "Child 0–12"),
        ("risk_band", "red"),
        ("risk_band", "yellow"),
        ("cltv_min", "10"),
    ]


def test_without_filters_it_is_everybody() -> None:
    assert customers_link() == "/customers"
    assert profile_link("abc") == "/customers/abc"


def test_an_id_stays_one_step_of_the_address_whatever_it_holds() -> None:
    assert profile_link("a/b?c=d#é") == "/customers/a%2Fb%3Fc%3Dd%23%C3%A9"


def test_a_filter_that_there_is_none_of_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"no filter colour; there are value_tier"):
        customers_link(colour="red")
