"""Reasons in words: every feature, every sentence of an action, and what is not known."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from assets.contracts import load_contract
from dashboard.action_reasons import action_reason
from dashboard.data_words import category_words, payment_words
from dashboard.i18n import PSEUDO, speaking
from dashboard.reasons import delay_words, reason_words
from ml.churn.features import CATEGORICAL, FEATURES, NULLABLE
from ml.churn.words import text_of

SEGMENTS = Path(__file__).parents[3] / "assets/scores/customer_segments.yml"
STORED = "stored words"


@pytest.mark.parametrize(
    ("feature", "value", "words"),
    [
        ("recency_days", "240", "No purchase for 240 days"),
        ("recency_days", "1", "No purchase for 1 day"),
        ("recency_days", "0", "Bought on the last day of the data"),
        ("age_days", "1204", "First bought 1,204 days ago"),
        ("age_days", "0", "First bought on the last day of the data"),
        ("order_count", "1", "1 order so far"),
        ("purchase_days", "1", "Bought on 1 day"),
        ("purchase_days", "2", "Bought on 2 different days"),
        ("value_brl", "1234.5", "Spent R$\u00a01,234.50 in all"),
        ("mean_purchase_value_brl", "100", "Spends R$\u00a0100.00 per order"),
        ("items_per_order", "1", "1 item per order"),
        ("items_per_order", "1.5", "1.5 items per order"),
        ("items_per_order", "1.33", "1.33 items per order"),
        ("first_basket_items", "2", "2 items in the first order"),
        ("first_basket_value_brl", "50", "First order of R$\u00a050.00"),
        ("payment_type", "boleto", "Paid by boleto"),
        ("payment_type", "not_defined", "Means of payment unknown"),
        ("installments", "0", "No payment recorded"),
        ("installments", "1", "Paid in 1 instalment"),
        ("installments", "10", "Paid in 10 instalments"),
        ("freight_share", "0.38", "Freight is 38% of what was paid"),
        ("delivery_days", "0", "Delivered on the day of purchase"),
        ("delivery_days", "1", "Delivered within 1 day"),
        ("delivery_days", "none", "Not delivered yet"),
        ("delivery_delay_days", "12", "Delivered 12 days late"),
        ("delivery_delay_days", "-1", "Delivered 1 day early"),
        ("delivery_delay_days", "0", "Delivered on the promised day"),
        ("delivery_delay_days", "none", "Not delivered yet"),
        ("review_score", "2", "Gave 2 of 5 stars"),
        ("review_score", "none", "No review"),
        ("category", "health_beauty", "Bought health beauty"),
        ("category", "unknown", "Category unknown"),
        ("state", "SP", "Lives in SP"),
        ("state", "unknown", "State unknown"),
        ("distance_km", "1820.4", "Lives 1,820 km from the seller"),
        ("distance_km", "0.2", "Lives near the seller"),
        ("distance_km", "none", "Distance to the seller unknown"),
        ("last_purchase_month", "11", "Last bought in November"),
        ("last_purchase_weekday", "1", "Last bought on a Monday"),
        ("last_purchase_weekday", "7", "Last bought on a Sunday"),
    ],
)
def test_a_value_in_words(feature: str, value: str, words: str) -> None:
    assert reason_words(feature, value, STORED) == words


@pytest.mark.parametrize("feature", FEATURES)
def test_every_feature_of_the_models_has_translated_words(feature: str) -> None:
    value = "x" if feature in CATEGORICAL else text_of(feature, pd.Series([3.0]))[0]
    missing = [text_of(feature, pd.Series([float("nan")]))[0]] if feature in NULLABLE else []
    with speaking(PSEUDO):
        assert all(reason_words(feature, each, STORED).startswith("⟦") for each in (value, *missing))


@pytest.mark.parametrize(
    ("feature", "value"), [("shoe_size", "44"), ("recency_days", "none"), ("last_purchase_month", "13")]
)
def test_the_stored_words_stand_for_what_is_not_known(feature: str, value: str) -> None:
    with speaking(PSEUDO):
        assert reason_words(feature, value, "wears size 44") == "Wears size 44"


REASON_CODES = load_contract(SEGMENTS).columns["action_reason_code"].values or ()


@pytest.mark.parametrize(
    ("code", "value", "words"),
    [
        ("bad review", 2, "The last review gave 2 of 5 stars."),
        ("late delivery", 12, "The last delivery came 12 days late."),
        ("likely to return", None, "High value and more likely than most to buy again."),
        ("valuable and silent", 200, "High value, and no purchase for 200 days."),
        ("silent", 1204, "No purchase for 1,204 days."),
        ("silent", 1, "No purchase for 1 day."),
        ("bought lately", 3, "Bought 3 days ago; the next purchase is likeliest now."),
        ("bought lately", 0, "Bought on the last day of the data; the next purchase is likeliest now."),
        (
            "modest and silent",
            200,
            "No purchase for 200 days and modest value; keep in touch at low cost.",
        ),
    ],
)
def test_the_reason_of_an_action_in_words(code: str, value: int | None, words: str) -> None:
    assert action_reason(code, value) == words


@pytest.mark.parametrize("code", REASON_CODES)
def test_every_reason_of_the_segments_is_known_in_other_languages(code: str) -> None:
    with speaking(PSEUDO):
        assert action_reason(code, None if code == "likely to return" else 2).startswith("⟦")


def test_a_reason_not_known_or_without_its_figure_is_its_code() -> None:
    assert action_reason("because", 3) == "because"
    assert action_reason("silent", None) == "silent"


def test_codes_are_readable() -> None:
    assert category_words("health_beauty") == "health beauty"
    assert category_words(None) == "category unknown"
    assert [payment_words(kind) for kind in ("credit_card", None, "gift_card")] == [
        "Credit card",
        "Not known",
        "gift card",
    ]
    assert delay_words(3) == "Delivered 3 days late"
