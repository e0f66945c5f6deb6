"""The written shop as a whole looks like Olist, faults included, and its sums are exact."""

import itertools

import pandas as pd
import pyarrow.parquet as pa_parquet
import pytest

KAGGLE_HEADERS = {
    "olist_customers_dataset": (
        "customer_id",
        "customer_unique_id",
        "customer_zip_code_prefix",
        "customer_city",
        "customer_state",
    ),
    "olist_geolocation_dataset": (
        "geolocation_zip_code_prefix",
        "geolocation_lat",
        "geolocation_lng",
        "geolocation_city",
        "geolocation_state",
    ),
    "olist_order_items_dataset": (
        "order_id",
        "order_item_id",
        "product_id",
        "seller_id",
        "shipping_limit_date",
        "price",
        "freight_value",
    ),
    "olist_order_payments_dataset": (
        "order_id",
        "payment_sequential",
        "payment_type",
        "payment_installments",
        "payment_value",
    ),
    "olist_order_reviews_dataset": (
        "review_id",
        "order_id",
        "review_score",
        "review_comment_title",
        "review_comment_message",
        "review_creation_date",
        "review_answer_timestamp",
    ),
    "olist_orders_dataset": (
        "order_id",
        "customer_id",
        "order_status",
        "order_purchase_timestamp",
        "order_approved_at",
        "order_delivered_carrier_date",
        "order_delivered_customer_date",
        "order_estimated_delivery_date",
    ),
    "olist_products_dataset": (
        "product_id",
        "product_category_name",
        "product_name_lenght",
        "product_description_lenght",
        "product_photos_qty",
        "product_weight_g",
        "product_length_cm",
        "product_height_cm",
        "product_width_cm",
    ),
    "olist_sellers_dataset": (
        "seller_id",
        "seller_zip_code_prefix",
        "seller_city",
        "seller_state",
    ),
    "product_category_name_translation": (
        "product_category_name",
        "product_category_name_english",
    ),
    "customer_demographics": (
        "customer_unique_id",
        "birth_date",
    ),
}


@pytest.mark.parametrize("table", KAGGLE_HEADERS)
def test_the_header_is_the_original_one(shop, table):
    first_line = shop.path(table).read_text(encoding="utf-8-sig").splitlines()[0]
    assert tuple(first_line.replace('"', "").split(",")) == KAGGLE_HEADERS[table]


def test_the_translation_file_starts_with_a_byte_order_mark(shop):
    assert shop.path("product_category_name_translation").read_bytes().startswith(b"\xef\xbb\xbf")


def test_the_result_counts_the_rows_of_every_file(shop):
    assert set(shop.result.rows) == {*KAGGLE_HEADERS, "truth_customers"}
    for table in KAGGLE_HEADERS:
        assert len(shop.read(table)) == shop.result.rows[table]


def test_every_order_has_its_own_customer_id(shop):
    customers, orders = shop.read("olist_customers_dataset"), shop.read("olist_orders_dataset")
    assert customers["customer_id"].is_unique
    assert orders["order_id"].is_unique
    assert set(customers["customer_id"]) == set(orders["customer_id"])


def test_every_key_leads_somewhere(shop):
    items = shop.read("olist_order_items_dataset")
    assert items["order_id"].isin(shop.read("olist_orders_dataset")["order_id"]).all()
    assert items["product_id"].isin(shop.read("olist_products_dataset")["product_id"]).all()
    assert items["seller_id"].isin(shop.read("olist_sellers_dataset")["seller_id"]).all()


def test_exactly_the_customers_of_the_truth_purchase(shop):
    truth = pa_parquet.read_table(shop.result.out / "truth_customers.parquet").to_pandas()
    assert len(truth) == shop.config.customers
    assert set(truth["customer_unique_id"]) == set(shop.purchases()["customer_unique_id"])


def test_about_every_sixteenth_customer_returns_and_few_within_half_a_year(shop):
    days = shop.occasions()
    by_person = days.sort_values("day").groupby("customer_unique_id")["day"]
    first, second = (
        by_person.min(),
        by_person.nth(1).set_axis(days.loc[by_person.nth(1).index, "customer_unique_id"]),
    )
    seen = first[first < pd.Timestamp(shop.config.end) - pd.Timedelta(days=180)].index
    within = ((second - first).dt.days <= 180).reindex(seen, fill_value=False)
    assert 0.92 < (by_person.size() == 1).mean() < 0.95
    assert 0.025 < within.mean() < 0.045


def test_the_mean_order_is_worth_about_160_brl(shop):
    assert shop.purchases()["value_brl"].mean() == pytest.approx(160, abs=6)


def test_payments_add_up_to_the_items_but_for_rare_exceptions(shop):
    paid = shop.read("olist_order_payments_dataset").groupby("order_id")["payment_value"].sum().round(2)
    bought = shop.purchases().set_index("order_id")["value_brl"]
    difference = (paid - bought).dropna().abs().round(2)
    assert 0 < (difference > 0).mean() < 0.005
    assert difference.max() <= 3.0


def test_payments_come_in_all_kinds_and_several_rows(shop):
    payments = shop.read("olist_order_payments_dataset")
    shares = payments["payment_type"].value_counts(normalize=True)
    assert shares["credit_card"] == pytest.approx(0.735, abs=0.03)
    assert {"boleto", "voucher", "debit_card", "not_defined"} <= set(shares.index)
    assert (payments["payment_value"] == 0).any()
    assert payments["payment_installments"].max() >= 12
    numbers = payments.groupby("order_id")["payment_sequential"]
    assert (numbers.max() == numbers.size()).all()
    assert 0.02 < (numbers.size() > 1).mean() < 0.06


def test_some_deliveries_are_late_as_often_as_the_setting_says(shop):
    delivered = shop.read("olist_orders_dataset").dropna(subset="order_delivered_customer_date")
    late = delivered["order_delivered_customer_date"] >= delivered["order_estimated_delivery_date"]
    assert 0.055 < late.mean() < 0.085


def test_the_instants_of_an_order_follow_one_another_inside_the_data(shop):
    orders = shop.read("olist_orders_dataset")
    steps = [
        "order_purchase_timestamp",
        "order_approved_at",
        "order_delivered_carrier_date",
        "order_delivered_customer_date",
    ]
    after = pd.Timestamp(shop.config.end) + pd.Timedelta(days=1)
    for earlier, later in itertools.pairwise(steps):
        pair = orders[[earlier, later]].dropna()
        assert (pair[earlier] <= pair[later]).all()
        assert pair[later].max() < after


def test_statuses_tell_how_far_an_order_came(shop):
    orders = shop.read("olist_orders_dataset").set_index("order_status")
    delivered, carrier = orders["order_delivered_customer_date"], orders["order_delivered_carrier_date"]
    assert delivered.drop("delivered").isna().all()
    assert carrier["shipped"].notna().all()
    for status in ("invoiced", "processing", "unavailable", "created"):
        assert carrier[status].isna().all()
    assert orders.loc["created", "order_approved_at"].isna().all()


def test_open_orders_gather_at_the_end(shop):
    orders = shop.read("olist_orders_dataset")
    is_open = orders["order_status"].isin(["shipped", "invoiced", "processing", "approved", "created"])
    is_recent = orders["order_purchase_timestamp"] > "2018-08-21"
    assert is_open[is_recent].mean() > 0.5
    assert 0 < is_open[~is_recent].mean() < 0.03


def test_some_orders_fail_and_most_unavailable_ones_have_no_items(shop):
    orders = shop.read("olist_orders_dataset")
    has_items = orders["order_id"].isin(shop.read("olist_order_items_dataset")["order_id"])
    failed = orders["order_status"].isin(["canceled", "unavailable"])
    assert failed.mean() == pytest.approx(0.0125, abs=0.004)
    assert has_items[orders["order_status"] == "unavailable"].mean() < 0.1
    assert has_items[orders["order_status"] == "canceled"].mean() > 0.5
    assert has_items[orders["order_status"] == "delivered"].all()


def test_some_delivered_orders_have_lost_an_instant(shop):
    delivered = shop.read("olist_orders_dataset").query("order_status == 'delivered'")
    lost = delivered[
        ["order_approved_at", "order_delivered_carrier_date", "order_delivered_customer_date"]
    ].isna()
    assert (lost.sum() > 0).all()
    assert (lost.mean() < 0.003).all()


def test_orders_have_one_to_three_items(shop):
    counts = shop.read("olist_order_items_dataset").groupby("order_id")["order_item_id"].agg(["size", "max"])
    assert set(counts["size"]) == {1, 2, 3}
    assert (counts["size"] == counts["max"]).all()
    assert (counts["size"] == 1).mean() == pytest.approx(0.9, abs=0.02)


def test_prices_are_positive_and_a_few_items_travel_free(shop):
    items = shop.read("olist_order_items_dataset")
    assert items["price"].min() > 0
    assert 0 < (items["freight_value"] == 0).mean() < 0.01


def test_some_products_have_no_category_and_some_categories_no_translation(shop):
    products = shop.read("olist_products_dataset")
    translated = shop.read("product_category_name_translation")["product_category_name"]
    named = products["product_category_name"].dropna()
    assert 0.005 < products["product_category_name"].isna().mean() < 0.04
    assert 65 <= named.nunique() <= 75
    assert len(set(named) - set(translated)) == 2


def test_a_late_or_badly_reviewed_first_purchase_makes_a_return_rarer(shop):
    first = shop.purchases().sort_values("order_purchase_timestamp")
    returns = first.groupby("customer_unique_id").size() > 1
    first = first.drop_duplicates("customer_unique_id").set_index("customer_unique_id")
    reviews = shop.read("olist_order_reviews_dataset").drop_duplicates("order_id").set_index("order_id")
    score = first["order_id"].map(reviews["review_score"])
    late = first["order_delivered_customer_date"] >= first["order_estimated_delivery_date"]
    fine = returns[~late & (score >= 3)].mean()
    assert returns[late & (score >= 3)].mean() < 0.75 * fine
    assert returns[~late & (score <= 2)].mean() < 0.75 * fine
