"""Words: singular and plural, late and early, and what is missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ml.churn.features import CATEGORICAL, FEATURES, NULLABLE, PERIODS, feature_frame
from ml.churn.words import text_of, words_of


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("recency_days", 240, "no purchase for 240 days"),
        ("recency_days", 1, "no purchase for 1 day"),
        ("recency_days", 0, "bought on the last day"),
        ("age_days", 1, "first bought 1 day ago"),
        ("age_days", 0, "first bought on the last day"),
        ("order_count", 1, "1 order so far"),
        ("order_count", 3, "3 orders so far"),
        ("purchase_days", 1, "bought on 1 day"),
        ("purchase_days", 2, "bought on 2 days"),
        ("value_brl", 1234.5, "spent 1,234.50 BRL in all"),
        ("mean_purchase_value_brl", 99.999, "spends 100.00 BRL per order"),
        ("items_per_order", 1, "1 item per order"),
        ("items_per_order", 1.5, "1.5 items per order"),
        ("items_per_order", 1.004, "1 item per order"),
        ("first_basket_items", 2, "2 items in the first order"),
        ("first_basket_value_brl", 50, "first order of 50.00 BRL"),
        ("payment_type", "boleto", "paid by boleto"),
        ("payment_type", "credit_card", "paid by credit card"),
        ("payment_type", "not_defined", "means of payment unknown"),
        ("payment_type", "unknown", "means of payment unknown"),
        ("installments", 0, "no payment recorded"),
        ("installments", 1, "paid in one instalment"),
        ("installments", 10, "paid in 10 instalments"),
        ("freight_share", 0.376, "freight is 38 % of what was paid"),
        ("delivery_days", 0, "delivered on the day of purchase"),
        ("delivery_days", 1, "delivered within 1 day"),
        ("delivery_days", np.nan, "not delivered yet"),
        ("delivery_delay_days", 12, "delivered 12 days late"),
        ("delivery_delay_days", 1, "delivered 1 day late"),
        ("delivery_delay_days", 0, "delivered on the promised day"),
        ("delivery_delay_days", -5, "delivered 5 days early"),
        ("delivery_delay_days", np.nan, "not delivered yet"),
        ("review_score", 2, "gave 2 of 5 stars"),
        ("review_score", np.nan, "no review"),
        ("category", "health_beauty", "bought health beauty"),
        ("category", "unknown", "category unknown"),
        ("state", "SP", "lives in SP"),
        ("distance_km", 1820.4, "lives 1,820 km from the seller"),
        ("distance_km", 0.2, "lives near the seller"),
        ("distance_km", np.nan, "distance to the seller unknown"),
        ("last_purchase_month", 11, "bought in November"),
        ("last_purchase_weekday", 1, "bought on a Monday"),
        ("last_purchase_weekday", 7, "bought on a Sunday"),
    ],
)
def test_a_value_in_words(name: str, value: object, words: str) -> None:
    assert words_of(name, pd.Series([value, value], name=name)).tolist() == [words, words]


@pytest.mark.parametrize("name", FEATURES)
def test_every_value_of_every_feature_has_words_and_text(customers: pd.DataFrame, name: str) -> None:
    values = feature_frame(customers, "customers")[name]
    for said in (words_of(name, values), text_of(name, values)):
        assert len(said) == len(values)
        assert all(isinstance(one, str) and one for one in said)
        assert not any("nan" in one.lower() for one in said)


@pytest.mark.parametrize("name", NULLABLE)
def test_a_missing_value_has_words_of_its_own(name: str) -> None:
    values = pd.Series([np.nan, 1.0, np.nan])
    words = words_of(name, values)
    assert words[0] == words[2] != words[1]
    assert text_of(name, values).tolist() == ["none", "1", "none"]


def test_every_month_and_weekday_is_named() -> None:
    for name, period in PERIODS.items():
        assert len(set(words_of(name, pd.Series(range(1, period + 1))))) == period


def test_text_is_short_and_exact() -> None:
    assert text_of("value_brl", pd.Series([100.0, 0.5, 12.346, 20.10])).tolist() == [
        "100",
        "0.5",
        "12.35",
        "20.1",
    ]
    for name in CATEGORICAL:
        assert text_of(name, pd.Series(pd.Categorical(["b", "a"]))).tolist() == ["b", "a"]
