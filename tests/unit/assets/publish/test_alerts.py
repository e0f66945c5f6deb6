"""Alerts: what changed since the snapshot published before, counted again in pandas."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from assets.publish import alerts, dashboard_snapshot
from assets.resources.tracking import Tracking

BEFORE, NOW = "2018-07", "2018-08"


@pytest.fixture(scope="module")
def tracking(pipeline_home: Path) -> Tracking:
    """The store of the run that made the warehouse; publishing only reads it."""
    return Tracking(database=str(pipeline_home / "mlflow.db"), artifacts=str(pipeline_home / "mlartifacts"))


@pytest.fixture
def run(work, tmp_path):
    """Make the alerts or the snapshot of a month: `run(alerts, "2018-08")`."""
    published = tmp_path / "published"

    def build(module, month: str, **parameters):
        table = f"publish.{module.__name__.rsplit('.', 1)[1]}"
        return module.build(work(table, month, published=str(published), **parameters))

    return build


@pytest.fixture
def fallen(warehouse: duckdb.DuckDBPyConnection) -> list[str]:
    """Three High Value customers who were green in July and are red in August; nobody else changed band."""
    sql = (
        "SELECT customer_unique_id FROM scores.customer_segments WHERE snapshot_month = '2018-08' "
        "AND value_tier = 'High Value' AND customer_unique_id IN (SELECT customer_unique_id FROM "
        "scores.customer_segments WHERE snapshot_month = '2018-07') ORDER BY 1 LIMIT 3"
    )
    chosen = [customer for (customer,) in warehouse.execute(sql).fetchall()]
    assert len(chosen) == 3
    change = (
        "UPDATE scores.customer_churn SET risk_band = ? WHERE snapshot_month = ? AND customer_unique_id IN "
    )
    change += "(SELECT unnest(?))"
    warehouse.execute(change, ["green", BEFORE, chosen])
    warehouse.execute(change, ["red", NOW, chosen])
    return chosen


def alerts_of(warehouse: duckdb.DuckDBPyConnection, *kinds: str) -> pd.DataFrame:
    return warehouse.execute(
        "SELECT * FROM publish.alerts WHERE kind IN (SELECT unnest(?)) ORDER BY alert_id", [list(kinds)]
    ).df()


def customers(warehouse: duckdb.DuckDBPyConnection, month: str) -> pd.DataFrame:
    return warehouse.execute(
        "SELECT customer_unique_id, value_tier, age_band, rfm_segment, action, risk_band "
        "FROM scores.customer_segments JOIN scores.customer_churn USING (snapshot_month, customer_unique_id) "
        f"WHERE snapshot_month = '{month}'"
    ).df()


def test_without_an_earlier_snapshot_only_warnings_are_told(run, warehouse) -> None:
    built = run(alerts, NOW)

    assert built.facts["compared_with"] == "no earlier snapshot"
    kinds = warehouse.execute("SELECT DISTINCT kind FROM publish.alerts").fetchall()
    assert kinds == [("data_warning",)]


def test_a_data_warning_names_its_check_and_says_in_words_and_codes_what_was_found(run, warehouse) -> None:
    broken = warehouse.execute(
        "SELECT table_name, expectation, observed, observed_coded FROM publish.data_checks WHERE NOT is_passed"
    ).fetchall()
    run(alerts, NOW)

    told = alerts_of(warehouse, "data_warning")
    named = told[["subject", "expectation", "detail", "detail_coded"]].itertuples(index=False, name=None)
    assert sorted(named) == sorted(broken)
    assert all(json.loads(coded)[0]["code"] for coded in told["detail_coded"])


def test_high_value_customers_who_turned_red_are_named(run, warehouse, fallen) -> None:
    run(dashboard_snapshot, BEFORE)
    built = run(alerts, NOW)

    both = customers(warehouse, NOW).merge(
        customers(warehouse, BEFORE), on="customer_unique_id", suffixes=("", "_b")
    )
    turned = both[
        (both["value_tier"] == "High Value")
        & (both["risk_band"] == "red")
        & both["risk_band_b"].isin(["green", "yellow"])
    ]
    told = alerts_of(warehouse, "customer_turned_red")
    (total,) = alerts_of(warehouse, "customers_turned_red").to_dict("records")
    assert set(fallen) <= set(turned["customer_unique_id"])
    assert total["value"] == len(turned)
    assert set(told["subject"]) <= set(turned["customer_unique_id"])
    assert len(told) == min(len(turned), 100)
    assert set(told["compared_with"]) == {built.facts["compared_with"]}
    assert built.facts["compared_with"].startswith(BEFORE)


def test_a_low_value_customer_or_one_who_was_red_before_is_no_alert(run, warehouse, fallen) -> None:
    low, red_before, _ = fallen
    warehouse.execute(
        "UPDATE scores.customer_segments SET value_tier = 'Low Value' WHERE snapshot_month = ? "
        "AND customer_unique_id = ?",
        [NOW, low],
    )
    warehouse.execute(
        "UPDATE scores.customer_churn SET risk_band = 'red' WHERE snapshot_month = ? AND customer_unique_id = ?",
        [BEFORE, red_before],
    )
    run(dashboard_snapshot, BEFORE)
    run(alerts, NOW)

    assert not {low, red_before} & set(alerts_of(warehouse, "customer_turned_red")["subject"])


def test_segments_that_jumped_are_those_whose_share_changed_enough(run, warehouse) -> None:
    run(dashboard_snapshot, BEFORE)
    run(alerts, NOW, alert_jump=0.01)

    dimensions = ("value_tier", "age_band", "rfm_segment", "action", "risk_band")
    now, before = customers(warehouse, NOW), customers(warehouse, BEFORE)
    jumps = {}
    for dimension in dimensions:
        shares = pd.concat(
            [frame[dimension].value_counts(normalize=True) for frame in (now, before)], axis=1
        ).fillna(0)
        shares.columns = ["now", "before"]
        far = shares[(shares["now"] - shares["before"]).abs() >= 0.01]
        jumps |= {f"jump {dimension} {segment}": tuple(row) for segment, row in far.iterrows()}
    told = alerts_of(warehouse, "segment_jumped").set_index("alert_id")

    assert len(jumps) >= 2
    assert set(told.index) == set(jumps)
    for alert_id, (share, share_before) in jumps.items():
        assert told.loc[alert_id, "value"] == pytest.approx(share)
        assert told.loc[alert_id, "value_before"] == pytest.approx(share_before)


def test_a_higher_threshold_tells_fewer_jumps(run, warehouse) -> None:
    run(dashboard_snapshot, BEFORE)
    run(alerts, NOW, alert_jump=0.9)

    assert alerts_of(warehouse, "segment_jumped").empty


def test_a_rerun_after_publishing_compares_with_the_same_snapshot(run, warehouse, fallen) -> None:
    run(dashboard_snapshot, BEFORE)
    first = run(alerts, NOW), alerts_of(warehouse, "customer_turned_red", "segment_jumped")
    run(dashboard_snapshot, NOW)
    second = run(alerts, NOW), alerts_of(warehouse, "customer_turned_red", "segment_jumped")

    assert first[0].facts == second[0].facts
    pd.testing.assert_frame_equal(first[1], second[1])


def test_a_snapshot_of_a_later_month_is_not_compared_with(run) -> None:
    run(dashboard_snapshot, NOW)

    assert run(alerts, BEFORE).facts["compared_with"] == "no earlier snapshot"


def test_a_version_that_was_held_back_is_warned_of_with_the_decision(run, warehouse) -> None:
    warehouse.execute(
        "UPDATE models.churn_model SET decision = 'held', decision_reason = 'Worse than version 1.', "
        "decision_reason_coded = '[{\"code\": \"worse\"}]' WHERE snapshot_month = '2018-08'"
    )
    run(alerts, NOW)

    (warned,) = alerts_of(warehouse, "model_warning").to_dict("records")
    assert warned["message"] == "The month's version was held back. Worse than version 1."
    assert (warned["detail"], warned["detail_coded"]) == ("Worse than version 1.", '[{"code": "worse"}]')


def test_a_month_without_a_model_is_warned_of_with_its_reason(run, warehouse) -> None:
    warehouse.execute(
        "UPDATE models.churn_model SET status = 'not enough data', reason = 'Only 3 returns.', "
        "reason_coded = '[{\"code\": \"few\"}]' WHERE snapshot_month = '2018-08'"
    )
    run(alerts, NOW)

    (warned,) = alerts_of(warehouse, "model_warning").to_dict("records")
    assert (warned["subject"], warned["message"]) == ("churn_model", "Only 3 returns.")
    assert (warned["detail"], warned["detail_coded"]) == ("Only 3 returns.", '[{"code": "few"}]')
