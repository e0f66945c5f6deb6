"""The alerts with the worth of their customers, and what a mark of them holds for."""

from __future__ import annotations

import pytest

from dashboard.queries.alerts import Alert, Worth, alert_keys, all_alerts


def _row(alert_id: str, kind: str, severity: str = "warning", **more):
    return {
        "alert_id": alert_id,
        "kind": kind,
        "severity": severity,
        "subject": alert_id,
        "message": "m",
    } | more


@pytest.fixture
def mixed(rows):
    rows["customers"] = [
        {"customer_unique_id": "poor", "value_brl": 10.5, "cltv": 1.0, "action": "Nurture"},
        {"customer_unique_id": "rich", "value_brl": 20, "cltv": 9.0, "action": "Win-back"},
        {"customer_unique_id": "data", "value_brl": 30, "cltv": 99.0},
    ]
    rows["alerts"] = [
        _row("poor", "customer_turned_red", "critical", value=0.9, compared_with="before"),
        _row("gone", "customer_turned_red", "critical", value=0.9, compared_with="before"),
        _row("rich", "customer_turned_red", "critical", value=0.9, compared_with="before"),
        _row("strange", "never heard of"),
        _row("data", "data_warning", detail="off by 3"),
        _row("model", "model_warning", detail="too weak"),
        _row("small", "segment_jumped", value=0.20, value_before=0.26),
        _row("large", "segment_jumped", value=0.1),
        _row("grave", "segment_jumped", "critical", value=0.2, value_before=0.1),
        _row("all", "customers_turned_red", "critical", value=3.0),
    ]
    return rows


def test_alerts_come_by_kind_then_the_gravest_the_most_valuable_the_largest(asking, mixed) -> None:
    with asking(mixed) as connection:
        found = [alert.alert_id for alert, _ in all_alerts(connection)]
    assert found == ["all", "grave", "large", "small", "model", "data", "rich", "poor", "gone", "strange"]


def test_the_worth_is_of_the_alerts_own_customer_and_of_nobody_else(asking, mixed) -> None:
    with asking(mixed) as connection:
        worth = {alert.alert_id: worth for alert, worth in all_alerts(connection)}
    assert worth["poor"] == Worth(10.5, 1.0, "Nurture")
    assert {name for name, one in worth.items() if one is not None} == {"poor", "rich"}


def test_the_keys_are_those_of_the_alerts(asking, mixed) -> None:
    with asking(mixed) as connection:
        assert alert_keys(connection) == {alert.key for alert, _ in all_alerts(connection)}


def test_a_data_warning_has_the_meaning_of_its_own_check_and_stays_one(asking, rows) -> None:
    rows["alerts"] = [
        _row("one", "data_warning", subject="raw.orders", expectation="fit"),
        _row("two", "data_warning", subject="raw.items", expectation="fit"),
        _row("three", "segment_jumped", subject="raw.orders"),
    ]
    check = {"table_name": "raw.orders", "expectation": "fit", "severity": "warning", "is_passed": False}
    rows["data_checks"] = [
        check | {"column_name": name, "meaning": "All fit.", "meaning_coded": "[]"} for name in "ab"
    ]
    with asking(rows) as connection:
        found = {alert.alert_id: alert.meaning for alert, _ in all_alerts(connection)}
        assert len(all_alerts(connection)) == 3
    assert found == {"one": "All fit.", "two": None, "three": None}


def _alert(**more) -> Alert:
    names = dict.fromkeys(Alert.__dataclass_fields__, None)
    return Alert(
        **(names | {"alert_id": "a", "kind": "k", "severity": "s", "subject": "x", "message": "m"} | more)
    )


def test_a_key_holds_what_was_compared_with_and_of_a_warning_what_was_found() -> None:
    assert _alert(compared_with="before", detail="d").key == ("a", "before")
    assert _alert(detail="off by 3").key == ("a", "off by 3")
    assert _alert().key == ("a", "")
    assert _alert(value=1.0, message="other").key == _alert().key


def test_the_name_of_a_key_is_fit_for_a_form_and_its_own() -> None:
    names = {
        _alert(alert_id=alert_id, compared_with=before).name
        for alert_id, before in (("a", "b"), ("ab", None), ("a", None), ("", "ab"))
    }
    assert len(names) == 4
    assert all(len(name) == 20 and name.isalnum() for name in names)
