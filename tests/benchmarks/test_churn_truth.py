"""The ceilings of churn against the returns that come, and against BG/NBD where it holds exactly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from ml.clv.bgnbd import BgNbd
from tests.benchmarks.report import churn_truth
from tests.benchmarks.report.truth import customers_of, settings_of, simulated_shop, true_purchases

Ceiling = Callable[..., np.ndarray]
CUTOFF, HORIZON = dt.date(2018, 3, 1), 180
_STAGED = """
    CREATE SCHEMA staging;
    CREATE TABLE staging.purchases AS
        SELECT customer_unique_id, order_id, order_purchase_timestamp::TIMESTAMP AS purchased_at, order_status,
            order_delivered_customer_date::TIMESTAMP AS delivered_at,
            order_estimated_delivery_date::DATE AS estimated_delivery_date
        FROM read_parquet('{shop}/olist_orders_dataset.parquet')
        JOIN read_parquet('{shop}/olist_customers_dataset.parquet') USING (customer_id)
        WHERE order_status NOT IN ('canceled', 'unavailable', 'created');
    CREATE TABLE staging.reviews AS
        SELECT order_id, first(review_score) AS review_score
        FROM read_parquet('{shop}/olist_order_reviews_dataset.parquet') GROUP BY order_id;
"""


@pytest.fixture(scope="module", params=[0.0, 1.0])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """A small shop with the two staging tables that the ceilings read, and the customers of the cutoff."""
    folder = simulated_shop(tmp_path_factory.mktemp("shop"), 20_000, 5, request.param)
    connection = duckdb.connect()
    connection.execute(_STAGED.format(shop=folder))

    def query(sql: str, **values: object) -> pd.DataFrame:
        return connection.execute(sql, values).df()

    customers = query(
        "SELECT DISTINCT customer_unique_id FROM staging.purchases WHERE purchased_at < $day ORDER BY ALL",
        day=CUTOFF,
    )["customer_unique_id"]
    return SimpleNamespace(source=folder, query=query, customers=customers)


@pytest.fixture(scope="module")
def returned(shop: SimpleNamespace) -> np.ndarray:
    later = shop.query(
        "SELECT DISTINCT customer_unique_id FROM staging.purchases WHERE purchased_at >= $day", day=CUTOFF
    )["customer_unique_id"]
    return shop.customers.isin(later).to_numpy()


@pytest.mark.parametrize("ceiling", [churn_truth.records, churn_truth.hidden])
def test_a_ceiling_expects_as_many_returns_as_come(shop: Any, returned: np.ndarray, ceiling: Ceiling) -> None:
    # The data end 184 days after the cutoff.
    expected = ceiling(shop, shop.customers, CUTOFF, 184)
    spread = np.sqrt((expected * (1 - expected)).sum())
    assert abs(expected.sum() - returned.sum()) < 3.5 * spread


@pytest.mark.parametrize("shop", [0.0], indirect=True)
def test_the_records_of_a_pure_shop_say_what_bg_nbd_says(shop: Any) -> None:
    history = shop.query(
        """
        SELECT count(*) - 1 AS x, date_diff('second', min(purchased_at), max(purchased_at)) / 86400 AS t_x,
            date_diff('second', min(purchased_at), $day::TIMESTAMP) / 86400 AS T
        FROM staging.purchases WHERE purchased_at < $day::TIMESTAMP
        GROUP BY customer_unique_id ORDER BY customer_unique_id
        """,
        day=CUTOFF,
    )
    model: BgNbd = true_purchases(settings_of(shop.source))
    x, t_x, T = (history[name].to_numpy(float) for name in ("x", "t_x", "T"))
    expected = model.p_purchase_within(x, t_x, T, HORIZON)
    np.testing.assert_allclose(
        churn_truth.records(shop, shop.customers, CUTOFF, HORIZON), expected, rtol=1e-6
    )


def test_nobody_who_has_left_is_expected_back(shop: Any) -> None:
    truth = customers_of(shop.source).loc[shop.customers]
    last = shop.query(
        "SELECT customer_unique_id, max(purchased_at) AS last FROM staging.purchases GROUP BY ALL"
    )
    last = last.set_index("customer_unique_id")["last"].loc[shop.customers]
    gone = ~truth["is_alive"].to_numpy() & (last < pd.Timestamp(CUTOFF)).to_numpy()
    assert gone.any()
    assert (churn_truth.hidden(shop, shop.customers, CUTOFF, HORIZON)[gone] == 0).all()
