"""The answers of the queries, counted by hand on the tiny snapshot."""

from __future__ import annotations

from datetime import date

import pytest

from dashboard.queries.alerts import newest_alerts
from dashboard.queries.checks import Loads, checks_of_run, loads_of_run
from dashboard.queries.glossary import meanings
from dashboard.queries.headline import Figure, figure, headline
from dashboard.queries.models import newest_model_quality
from dashboard.queries.months import months_of_history
from dashboard.queries.segments import segments_of_month


def test_segments_come_by_dimension_in_their_own_order(asking, rows) -> None:
    with asking(rows) as connection:
        segments = segments_of_month(connection, "2018-08")
    assert [row.segment for row in segments["risk_band"]] == ["red", "yellow", "green"]
    assert [row.segment for row in segments["value_tier"]] == ["High Value", "Low Value"]
    assert [row.customers for row in segments["rfm_segment"]] == [1, 3]
    assert segments["risk_band"][0].value_brl == 1234.56
    assert segments["total"][0].churn_sensitivity_30d is None


def test_months_come_oldest_first_with_their_risk(asking, rows) -> None:
    with asking(rows) as connection:
        july, august = months_of_history(connection)
    assert (july.snapshot_month, july.risk.red, july.risk.unknown) == ("2018-07", None, 3)
    assert (august.risk.red, august.risk.yellow, august.risk.green, august.risk.unknown) == (2, 1, 1, 0)
    assert (august.risk.red_value_brl, august.risk.red_cltv_total) == (1234.56, 1.5)
    assert (august.as_of_date, august.repurchase_rate) == (date(2018, 8, 30), 0.25)


def test_a_scored_month_without_red_customers_has_none_at_risk(asking, rows) -> None:
    rows["segment_summary"] = [row for row in rows["segment_summary"] if row["segment"] != "red"]
    with asking(rows) as connection:
        august = months_of_history(connection)[-1]
    assert (august.risk.red, august.risk.red_value_brl) == (0, 0.0)


def test_an_unknown_risk_band_is_an_error_and_not_left_out(asking, rows) -> None:
    rows["segment_summary"].append(rows["segment_summary"][7] | {"segment": "purple"})
    with asking(rows) as connection, pytest.raises(ValueError, match="purple"):
        months_of_history(connection)


def test_the_headline_compares_with_the_month_before(asking, rows) -> None:
    with asking(rows) as connection:
        figures = headline(months_of_history(connection), "2018-08")
    assert figures.compared_with == "2018-07"
    assert figures.customers == Figure(4, 3, 1, pytest.approx(1 / 3))
    assert figures.revenue_brl == Figure(150.5, 300.0, -149.5, pytest.approx(-149.5 / 300))
    assert figures.customers_at_risk == Figure(2, None, None, None)


def test_the_first_month_has_nothing_to_compare_with(asking, rows) -> None:
    with asking(rows) as connection:
        figures = headline(months_of_history(connection), "2018-07")
    assert figures.compared_with is None
    assert figures.customers == Figure(3, None, None, None)


def test_a_month_without_a_row_is_an_error(asking, rows) -> None:
    with asking(rows) as connection, pytest.raises(ValueError, match="2018-09"):
        headline(months_of_history(connection), "2018-09")


def test_a_change_from_zero_has_no_share() -> None:
    assert figure(5, 0) == Figure(5, 0, 5, None)


def test_checks_that_were_not_decided_count_as_warned(asking, rows) -> None:
    with asking(rows) as connection:
        checks = checks_of_run(connection, limit=1)
    assert (checks.passed, checks.warned) == (2, 2)
    assert [check.expectation for check in checks.first_warned] == ["w"]


def test_loads_are_summed(asking, rows) -> None:
    with asking(rows) as connection:
        assert loads_of_run(connection) == Loads(files=2, rows_read=30, rows_rejected=1)


def test_a_snapshot_without_loads_counts_zero(asking) -> None:
    with asking({}) as connection:
        assert loads_of_run(connection) == Loads(0, 0, 0)


def test_alerts_come_gravest_first_those_of_one_customer_last_and_are_limited(asking, rows) -> None:
    rows["alerts"] = [
        {"alert_id": name, "severity": severity, "subject": name, "kind": kind, "message": "m"}
        for name, severity, kind in (
            ("a", "critical", "customer_turned_red"),
            ("b", "never heard of", "data_warning"),
            ("c", "warning", "data_warning"),
            ("d", "critical", "customers_turned_red"),
        )
    ]
    with asking(rows) as connection:
        alerts = newest_alerts(connection, limit=3)
    assert alerts.total == 4
    assert [alert.alert_id for alert in alerts.first] == ["d", "c", "b"]


def test_the_quality_shown_is_of_each_models_newest_month(asking, rows) -> None:
    old = rows["model_quality"][0]
    rows["model_quality"] += [
        old | {"snapshot_month": "2018-07", "value": 0.1},
        old | {"snapshot_month": "2018-07", "model": "cltv_model", "metric": "mae", "value": 4.0},
    ]
    with asking(rows) as connection:
        churn, cltv = newest_model_quality(connection)
    assert (churn.snapshot_month, [score.value for score in churn.scores]) == ("2018-08", [0.6, 12.5])
    assert (cltv.model, cltv.snapshot_month) == ("cltv_model", "2018-07")


def test_meanings_are_found_by_column(asking, rows) -> None:
    with asking(rows) as connection:
        assert meanings(connection, "marts.segment_summary")["repurchase_rate"].unit == "fraction"
        assert meanings(connection, "no_such_table") == {}
