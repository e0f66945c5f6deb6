"""What is asked of the models: history, curves, past, drift, checks with meanings, the glossary; counted by hand."""

from __future__ import annotations

from datetime import date

import pytest

from dashboard.queries.checks import FileLoad, checks_of_run, files_of_run
from dashboard.queries.curves import curves_of_models
from dashboard.queries.drift import drift_of_month, movement
from dashboard.queries.glossary import columns_of_results
from dashboard.queries.headline import Figure, headline
from dashboard.queries.history import history_of_models
from dashboard.queries.model_report import model_report
from dashboard.queries.months import months_of_history
from dashboard.queries.past import past_predictions_of
from dashboard.store import open_snapshot


def test_a_version_serves_since_the_first_month_of_its_unbroken_run(asking, model_rows) -> None:
    model_rows["model_history"].append(model_rows["model_history"][3] | {"snapshot_month": "2018-06"})
    model_rows["model_history"][-1]["model_version"] = "3"
    with asking(model_rows) as connection:
        churn, cltv = history_of_models(connection, limit=2)
    assert (churn.model, churn.serving, churn.since, churn.months_total) == (
        "churn_model",
        "3",
        "2018-07",
        3,
    )
    assert [month.snapshot_month for month in churn.months] == ["2018-08", "2018-07"]
    assert (churn.months[0].decision, churn.months[0].trained_version) == ("held", "4")
    assert (cltv.serving, cltv.since) == ("3", "2018-08")


def test_a_model_that_does_not_serve_has_no_version(asking, model_rows) -> None:
    model_rows["model_history"] = model_rows["model_history"][:1]
    with asking(model_rows) as connection:
        (churn,) = history_of_models(connection, limit=9)
    assert (churn.serving, churn.since, churn.months[0].status) == (None, None, "not enough data")


def test_curves_come_by_model_with_their_points_in_order(asking, model_rows) -> None:
    model_rows["model_curves"].reverse()
    with asking(model_rows) as connection:
        curves = {(curve.model, curve.curve): curve for curve in curves_of_models(connection)}
    assert len(curves) == 4
    points = curves["churn_model", "calibration"].points
    assert [(point.x, point.y, point.low, point.customers) for point in points] == [
        (0.01, 0.02, 0.01, 50),
        (0.1, 0.08, 0.05, 50),
    ]
    assert [point.baseline for point in curves["churn_model", "gain"].points] == [0.0, 0.25, 1.0]


def test_past_predictions_are_those_of_the_newest_months_that_look_back(asking, model_rows) -> None:
    old = model_rows["past_predictions"][1] | {"snapshot_month": "2018-07", "scored_month": "2018-01"}
    model_rows["past_predictions"].append(old)
    with asking(model_rows) as connection:
        assert len(past_predictions_of(connection, limit=1)) == 3
        oldest = past_predictions_of(connection, limit=2)[0]
    assert (oldest.scored_month, oldest.predicted, oldest.seen) == ("2018-01", 0.008, 0.01)
    assert oldest.evaluated_to == date(2018, 8, 27)


@pytest.mark.parametrize(
    ("psi", "validated", "expected"),
    [
        (0.09, 0.0, "still"),
        (0.2, 0.2, "as validated"),
        (0.4, 0.5, "as validated"),
        (0.2, 0.1, "slightly"),
        (0.25, 0.1, "slightly"),
        (0.26, 0.1, "farther"),
    ],
)
def test_movement_is_read_beside_that_of_the_validation(psi, validated, expected) -> None:
    assert movement(psi, validated) == expected


def test_drift_comes_farthest_first(asking, model_rows) -> None:
    with asking(model_rows) as connection:
        drift = drift_of_month(connection)
    assert [(row.feature, row.movement) for row in drift] == [
        ("age_days", "farther"),
        ("churn_probability", "still"),
    ]


def test_a_check_comes_with_what_it_asks_for(asking, rows) -> None:
    rows["data_checks"][2] |= {"meaning": "All are whole.", "observed": "off by 2"}
    rows["data_checks"].append(rows["data_checks"][2] | {"column_name": "score", "meaning": None})
    with asking(rows) as connection:
        checks = checks_of_run(connection, limit=9)
    found = {(check.expectation, check.column_name): check.meaning for check in checks.first_warned}
    assert found == {("w", None): None, ("z", None): "All are whole.", ("z", "score"): None}
    assert checks.warned == 3


def test_files_come_by_table_and_are_limited(asking, rows) -> None:
    with asking(rows) as connection:
        assert files_of_run(connection, limit=1) == (FileLoad("items", "items.csv", None, 20, 0, None, None),)


def test_columns_are_those_of_scores_and_marts_by_name(asking, model_rows) -> None:
    with asking(model_rows) as connection:
        columns = columns_of_results(connection)
    assert [column.name for column in columns] == [
        "marts.cltv_trend.customers",
        "marts.segment_summary.repurchase_rate",
        "scores.customer_cltv.cltv",
    ]
    assert [column.column_name for column in columns if column.mentions("DISCOUNTED")] == ["cltv"]
    assert [column.column_name for column in columns if column.mentions("SUMMARY.re")] == ["repurchase_rate"]
    assert not any(column.mentions("100%") for column in columns)


def test_active_customers_are_a_share_of_all(asking, rows) -> None:
    with asking(rows) as connection:
        figures = headline(months_of_history(connection), "2018-08")
    assert figures.active_customers == Figure(3, 2, 1, 0.5)
    assert figures.active_share == Figure(
        0.75, pytest.approx(2 / 3), pytest.approx(1 / 12), pytest.approx(1 / 8)
    )


def test_a_snapshot_without_models_has_an_empty_report(publish, rows) -> None:
    report = model_report(open_snapshot(publish({"cltv_trend": rows["cltv_trend"]})), months=3)
    assert (report.quality, report.history, report.curves, report.past, report.drift) == ((),) * 5
    assert (report.files, report.checks.passed, report.loads.files) == ((), 0, 0)
