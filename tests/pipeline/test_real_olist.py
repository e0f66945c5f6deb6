"""The whole history of the real data: the figures agree with the files, the features with lifetimes."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
import pytest
from lifetimes.utils import summary_data_from_transaction_data
from sklearn.metrics import roc_auc_score

from dashboard.snapshot import current_snapshot_id, verify

MONTHS = [str(month) for month in pd.period_range("2017-01", "2018-08", freq="M")]


@pytest.fixture(scope="module")
def warehouse(olist_home: Path):
    with duckdb.connect(str(olist_home / "warehouse.duckdb"), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def counted(olist: Path, count_months) -> pd.DataFrame:
    return count_months(olist).loc[MONTHS]


def test_customers_purchases_and_money_of_each_month_agree_with_the_files(olist_home, trend, counted) -> None:
    pd.testing.assert_frame_equal(trend(olist_home), counted, check_names=False, check_dtype=False)
    assert counted["customers"].iloc[-1] > 94_000
    assert counted["purchases"].sum() > 97_000


def test_status_prints_the_same_figures(crm, olist_home, counted, status_months) -> None:
    done = crm(olist_home, "status")
    expected = {
        month: (row.customers, row.purchases, round(row.revenue_brl, 2)) for month, row in counted.iterrows()
    }

    assert done.returncode == 0, done.stderr
    assert status_months(done.stdout) == expected
    assert "(real)" in done.stdout


def test_the_published_snapshot_verifies_and_is_not_called_simulated(olist_home) -> None:
    published = olist_home / "published"
    manifest = verify(published / str(current_snapshot_id(published)))

    assert manifest.months == MONTHS
    assert not manifest.is_simulated
    assert manifest.demographics == "none"


@pytest.mark.parametrize("month", ["2017-06", "2018-08"])
def test_every_customer_and_column_of_customer_rfm_equals_lifetimes(month, warehouse) -> None:
    end = pd.Period(month, "M").end_time.normalize()
    purchases = warehouse.execute(
        "SELECT customer_unique_id, purchased_at, value_brl::DOUBLE AS value_brl FROM staging.purchases"
    ).df()
    theirs = summary_data_from_transaction_data(
        purchases,
        "customer_unique_id",
        "purchased_at",
        monetary_value_col="value_brl",
        observation_period_end=end,
        freq="D",
    ).sort_index()
    ours = warehouse.execute(
        "SELECT customer_unique_id, frequency, recency, T, monetary_value FROM features.customer_rfm "
        f"WHERE snapshot_month = '{month}'"
    ).df()

    pd.testing.assert_frame_equal(
        ours.set_index("customer_unique_id").sort_index(),
        theirs[["frequency", "recency", "T", "monetary_value"]],
        check_dtype=False,
        check_names=False,
        rtol=1e-9,
        atol=1e-9,
    )


def test_no_churn_model_is_too_good_to_be_true(warehouse) -> None:
    figures = warehouse.execute(
        "SELECT snapshot_month, value FROM marts.model_quality WHERE model = 'churn_model' AND metric = 'roc_auc'"
    ).fetchall()

    assert len(figures) >= 5
    assert all(0.5 < value < 0.75 for _, value in figures), figures


def test_months_without_enough_data_say_so_and_score_nobody(crm, olist_home, warehouse) -> None:
    early = warehouse.execute(
        "SELECT snapshot_month, model_version, status, reason FROM models.churn_model WHERE snapshot_month < '2017-07'"
    ).fetchall()
    scored = warehouse.execute(
        "SELECT count(churn_probability), bool_and(risk_band = 'unknown') FROM scores.customer_churn "
        "WHERE snapshot_month < '2017-07'"
    ).fetchone()
    lines = [line for line in crm(olist_home, "status").stdout.splitlines() if "2017-01" in line]

    assert len(early) == 6
    assert all(version is None and status == "not enough data" for _, version, status, _ in early)
    assert all(len(reason) > 20 for *_, reason in early)
    assert scored == (0, True)
    assert any("not enough data" in line for line in lines)


def test_late_months_have_both_models(warehouse) -> None:
    found = warehouse.execute(
        "SELECT cltv.status, churn.status FROM models.cltv_model AS cltv JOIN models.churn_model AS churn "
        "USING (snapshot_month) WHERE snapshot_month >= '2018-06'"
    ).fetchall()

    assert found == [("fitted", "fitted")] * 3


def figures(warehouse, table: str, month: str) -> dict:
    rows = warehouse.execute(f"SELECT * FROM {table} WHERE snapshot_month = '{month}'").df()
    return {f"{row['model']} {row['metric']}": row for row in rows.to_dict("records")}


def test_what_was_foretold_half_a_year_ago_is_set_against_what_happened(warehouse) -> None:
    found = figures(warehouse, "marts.past_predictions", "2018-08")
    auc, purchases = found["churn_model roc_auc"], found["cltv_model purchases_error"]
    scored = warehouse.execute(
        "SELECT customer_unique_id, churn_probability, expected_purchases_180d FROM scores.customer_churn "
        "JOIN scores.customer_cltv USING (snapshot_month, customer_unique_id) WHERE snapshot_month = '2018-02'"
    ).df()
    bought = warehouse.execute(
        "SELECT customer_unique_id, purchased_at FROM staging.purchases "
        "WHERE purchased_at >= TIMESTAMP '2018-03-01' AND purchased_at < TIMESTAMP '2018-08-28'"
    ).df()
    bought = bought[bought["customer_unique_id"].isin(scored["customer_unique_id"])]
    days = bought.assign(day=bought["purchased_at"].dt.date).drop_duplicates(["customer_unique_id", "day"])
    returned = scored["customer_unique_id"].isin(days["customer_unique_id"])

    assert auc["scored_month"] == purchases["scored_month"] == "2018-02"
    assert auc["value"] == pytest.approx(roc_auc_score(returned, 1 - scored["churn_probability"]), abs=1e-9)
    assert purchases["seen"] == len(days)
    assert purchases["predicted"] == pytest.approx(scored["expected_purchases_180d"].sum(), rel=1e-9)
    assert purchases["low"] < purchases["value"] < purchases["high"]


def test_no_month_of_the_real_data_ranks_better_than_such_data_allow(warehouse) -> None:
    rows = warehouse.execute(
        "SELECT value, low, high, baseline_value FROM marts.model_quality "
        "WHERE model = 'churn_model' AND metric = 'roc_auc' AND kind = 'validation'"
    ).fetchall()

    assert len(rows) >= 6
    for value, low, high, baseline in rows:
        assert low < value < high
        assert 0.5 < baseline < 0.75
        assert value < 0.75


def test_the_served_class_is_the_simplest_that_none_beats_and_bands_hardly_move(warehouse) -> None:
    shares = warehouse.execute(
        "SELECT snapshot_month, avg((risk_band = 'green')::INTEGER) AS green FROM scores.customer_churn "
        "WHERE risk_band <> 'unknown' GROUP BY 1 ORDER BY 1"
    ).df()
    reasons = warehouse.execute(
        "SELECT reason FROM models.churn_model WHERE model_version IS NOT NULL"
    ).fetchall()

    assert all("served is the simplest that no more complex one beats" in reason for (reason,) in reasons)
    assert shares["green"].diff().abs().max() < 0.03
