"""Reviews: their mood, their dates, their faults."""

import pandas as pd
import pytest

from ml.simulate.geography import without_accents
from ml.simulate.phrases import MIXED, NEGATIVE, OVERDUE, POSITIVE, compose_texts


@pytest.fixture(scope="module")
def reviews(shop) -> pd.DataFrame:
    return shop.read("olist_order_reviews_dataset")


@pytest.fixture(scope="module")
def moods() -> dict[str, int]:
    return {text: mood for mood in (MIXED, NEGATIVE, OVERDUE, POSITIVE) for text in compose_texts(mood)}


def test_moods_share_no_text():
    texts = [set(compose_texts(mood)) for mood in (POSITIVE, MIXED, NEGATIVE, OVERDUE)]
    assert len(set.union(*texts)) == sum(len(part) for part in texts)


def test_the_mood_of_a_text_follows_the_score(reviews, moods):
    written = reviews.dropna(subset="review_comment_message")
    mood = written["review_comment_message"].map(moods)
    assert mood.notna().all()
    assert (mood[written["review_score"] >= 4] == POSITIVE).mean() > 0.93
    assert mood[written["review_score"] <= 2].isin([NEGATIVE, OVERDUE]).mean() > 0.93
    assert (mood[written["review_score"] == 3] == MIXED).mean() > 0.93


def test_some_moods_do_not_fit_so_that_texts_are_no_oracle(reviews, moods):
    happy = reviews[reviews["review_score"] == 5].dropna(subset="review_comment_message")
    assert (happy["review_comment_message"].map(moods) != POSITIVE).any()


def test_about_three_in_five_reviews_have_no_text_and_few_have_a_title(reviews):
    assert reviews["review_comment_message"].isna().mean() == pytest.approx(0.585, abs=0.025)
    assert reviews["review_comment_title"].notna().mean() == pytest.approx(0.11, abs=0.02)


def test_scores_have_the_mean_of_a_good_shop_and_late_orders_score_lower(shop, reviews):
    merged = reviews.merge(shop.purchases(), on="order_id")
    late = merged["order_delivered_customer_date"] >= merged["order_estimated_delivery_date"]
    assert reviews["review_score"].mean() == pytest.approx(4.1, abs=0.1)
    assert merged.loc[late, "review_score"].mean() < 3
    assert merged.loc[~late, "review_score"].mean() > 4


def test_reviews_are_asked_for_and_answered_after_delivery_and_inside_the_data(shop, reviews):
    orders = shop.read("olist_orders_dataset").dropna(subset="order_delivered_customer_date")
    merged = reviews.merge(orders, on="order_id")
    assert (merged["review_creation_date"] > merged["order_delivered_customer_date"]).all()
    assert (reviews["review_answer_timestamp"] > reviews["review_creation_date"]).all()
    assert reviews["review_answer_timestamp"].max() < pd.Timestamp(shop.config.end) + pd.Timedelta(days=1)


def test_some_ids_occur_twice_with_the_same_text_on_two_orders(reviews):
    shared = reviews[reviews["review_id"].duplicated(keep=False)]
    assert 0.004 < reviews["review_id"].duplicated().mean() < 0.015
    by_id = shared.groupby("review_id")
    assert (by_id["order_id"].nunique() > 1).all()
    assert (by_id["review_score"].nunique() == 1).all()


def test_some_orders_have_two_reviews_and_some_have_none(shop, reviews):
    assert 0.002 < reviews["order_id"].duplicated().mean() < 0.01
    early = shop.read("olist_orders_dataset")
    early = early[early["order_purchase_timestamp"] < "2018-05-01"]
    assert 0.004 < (~early["order_id"].isin(reviews["order_id"])).mean() < 0.012


def test_texts_contain_what_breaks_careless_parsers(reviews):
    text = reviews["review_comment_message"].dropna()
    assert text.str.contains("\n").any()
    assert text.str.contains('"').any()
    assert text.str.contains(",").any()
    assert text.str.isupper().any()
    assert (text.map(without_accents) != text).any()
