"""The marts, counted again in pandas from the tables they are made of."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from assets.catalog import catalog
from assets.resources.warehouse import replace_rows

MONTH = "2018-08"
ACTIVE_SINCE = pd.Timestamp("2018-09-01") - pd.Timedelta(days=180)
DIMENSIONS = ("value_tier", "age_band", "rfm_segment", "risk_band", "action")


@pytest.fixture
def customers(warehouse) -> pd.DataFrame:
    """One row per customer of the month: segments, behaviour and scores."""
    names = ("scores.customer_segments", "features.customer_rfm", "features.customer_behaviour")
    names += ("scores.customer_cltv", "scores.customer_churn")
    frames = [
        warehouse.execute(f"SELECT * FROM {name} WHERE snapshot_month = '{MONTH}'").df() for name in names
    ]
    joined = frames[0]
    for frame in frames[1:]:
        new = frame.columns.difference(joined.columns).tolist()
        joined = joined.merge(frame[["customer_unique_id", *new]], on="customer_unique_id", validate="1:1")
    return joined


@pytest.fixture
def remake(warehouse, work):
    """Make a mart's month anew: `remake("marts.cltv_trend")`; gives its rows."""

    def make(table: str, month: str = MONTH) -> pd.DataFrame:
        found = catalog()[table]
        replace_rows(warehouse, found.contract, str(found.sql), work(table, month).parameters)
        return warehouse.execute(f"SELECT * FROM {table} WHERE snapshot_month = '{month}'").df()

    return make


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_segments_have_size_value_loyalty_and_risk_of_their_customers(dimension, customers, remake) -> None:
    summary = remake("marts.segment_summary")
    rows = summary[summary["dimension"] == dimension].set_index("segment")
    groups = customers.assign(value=customers["value_brl"].astype(float)).groupby(dimension)

    assert set(rows.index) == set(groups.groups)
    for segment, members in groups:
        row = rows.loc[segment]
        assert row["customers"] == len(members)
        assert row["customers_share"] == pytest.approx(len(members) / len(customers))
        assert row["active_customers"] == (members["last_purchase_date"] >= ACTIVE_SINCE).sum()
        assert row["order_count"] == members["order_count"].sum()
        assert float(row["value_brl"]) == pytest.approx(members["value"].sum(), abs=0.005)
        assert row["cltv_total"] == pytest.approx(members["cltv"].sum())
        assert row["cltv_mean"] == pytest.approx(members["cltv"].mean())
        assert row["expected_purchases_180d"] == pytest.approx(members["expected_purchases_180d"].sum())
        assert row["repurchase_rate"] == pytest.approx((members["frequency"] > 0).mean())
        assert row["churn_probability_mean"] == pytest.approx(members["churn_probability"].mean())
        assert row["churn_sensitivity_30d"] == pytest.approx(members["churn_sensitivity_30d"].mean())


def test_the_total_is_everybody(customers, remake) -> None:
    summary = remake("marts.segment_summary")
    (total,) = summary[summary["dimension"] == "total"].to_dict("records")

    assert (total["segment"], total["customers"], total["customers_share"]) == ("All", len(customers), 1.0)
    for dimension in DIMENSIONS:
        assert summary.loc[summary["dimension"] == dimension, "customers"].sum() == len(customers)


def test_the_trends_month_adds_its_purchases_and_its_customers_value(customers, warehouse, remake) -> None:
    (row,) = remake("marts.cltv_trend").to_dict("records")
    bought = warehouse.execute(
        "SELECT count(*), sum(value_brl) FROM staging.purchases WHERE strftime(purchased_at, '%Y-%m') = '2018-08'"
    ).fetchone()
    tiers = customers.groupby("value_tier")["cltv"].sum()

    assert (row["customers"], row["purchases"]) == (len(customers), bought[0])
    assert float(row["revenue_brl"]) == float(bought[1])
    assert row["new_customers"] == (customers["first_purchase_date"] >= "2018-08-01").sum()
    assert row["cltv_total"] == pytest.approx(customers["cltv"].sum())
    assert row["cltv_mean"] == pytest.approx(customers["cltv"].mean())
    assert row["cltv_high_value"] == pytest.approx(tiers["High Value"])
    assert row["cltv_low_value"] == pytest.approx(tiers["Low Value"])


def test_without_scores_totals_are_empty_not_zero(warehouse, remake) -> None:
    warehouse.execute(f"UPDATE scores.customer_cltv SET cltv = NULL WHERE snapshot_month = '{MONTH}'")
    (row,) = remake("marts.cltv_trend").to_dict("records")

    assert row["customers"] > 5_000
    assert pd.isna([row["cltv_total"], row["cltv_mean"], row["cltv_high_value"]]).all()


def test_model_quality_has_each_figure_of_the_models_as_it_was_recorded(warehouse, remake) -> None:
    quality = remake("marts.model_quality").set_index(["model", "metric"])
    recorded = {}
    for name in ("cltv_model", "churn_model"):
        (metrics,) = warehouse.execute(
            f"SELECT metrics FROM models.{name} WHERE snapshot_month = '{MONTH}'"
        ).fetchone()
        recorded |= {(name, metric["metric"]): metric for metric in json.loads(metrics)}

    assert set(quality.index) == set(recorded)
    for key, metric in recorded.items():
        for column in ("value", "low", "high", "baseline_value"):
            wanted = float("nan") if metric[column] is None else metric[column]
            assert quality.loc[key, column] == pytest.approx(wanted, nan_ok=True), (key, column)
