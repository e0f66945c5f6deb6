"""Scores of an earlier month are judged by what their customers did within the horizon, once it has passed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

Rows = list[dict[str, Any]]
Put = Callable[[str, Rows], None]
Build = Callable[..., Rows]
Month = Callable[..., dict[str, Any]]

TABLE = "marts.past_predictions"
JUST_PASSED = dt.date(2018, 3, 5)  # 180 days before the as-of date of 2018-08
YEAR_PASSED = dt.date(2017, 9, 1)
CUSTOMERS = 100
RETURNED = 40


def person(number: int) -> str:
    return f"u{number:03d}"


def return_probability(number: int) -> float:
    """Probabilities that rank the customers in an order of their own, none twice."""
    return 0.02 + 0.9 * ((number * 37) % CUSTOMERS) / CUSTOMERS


def model(name: str, month: str, as_of: dt.date, version: str | None = "3", horizon: int = 180) -> Rows:
    return [
        {
            "snapshot_month": month,
            "model_name": name,
            "model_version": version,
            "as_of_date": as_of,
            "evaluated_from": as_of - dt.timedelta(days=horizon),
            "evaluated_to": as_of - dt.timedelta(days=1),
        }
    ]


def churn_scores(month: str, shift: float = 0.0) -> Rows:
    return [
        {
            "snapshot_month": month,
            "customer_unique_id": person(number),
            "churn_probability": 1 - return_probability(number) - shift,
        }
        for number in range(CUSTOMERS)
    ]


def cltv_scores(month: str) -> Rows:
    return [
        {
            "snapshot_month": month,
            "customer_unique_id": person(number),
            "expected_purchases_30d": 0.1,
            "expected_purchases_90d": 0.2,
            "expected_purchases_180d": 0.3,
            "expected_purchases_365d": 0.4,
            "cltv": 50.0,
        }
        for number in range(CUSTOMERS)
    ]


def purchase(who: str, at: str, value: str = "100.00") -> dict[str, Any]:
    return {
        "order_id": f"{who} {at}",
        "customer_unique_id": who,
        "purchased_at": dt.datetime.fromisoformat(at),
        "value_brl": Decimal(value),
    }


def put_returns(put: Put, day: str = "2018-05-01", returned: int = RETURNED) -> None:
    put("staging.purchases", [purchase(person(number), day) for number in range(returned)])


def put_churn(put: Put, month: str, as_of: dt.date, **more: Any) -> None:
    put("models.churn_model", model("churn_model", month, as_of, **more))
    put("scores.customer_churn", churn_scores(month))


def put_cltv(put: Put, month: str, as_of: dt.date) -> None:
    put("models.cltv_model", model("cltv_model", month, as_of))
    put("scores.customer_cltv", cltv_scores(month))


def by_metric(rows: Rows) -> dict[str, dict[str, Any]]:
    return {row["metric"]: row for row in rows}


def test_churn_scores_are_judged_by_who_returned(put: Put, build: Build, month: Month) -> None:
    put_churn(put, "2018-02", JUST_PASSED)
    put_returns(put)
    found = by_metric(build(TABLE, month("2018-08")))
    probabilities = np.array([return_probability(number) for number in range(CUSTOMERS)])
    is_returned = np.arange(CUSTOMERS) < RETURNED
    assert set(found) == {"roc_auc", "expected_calibration_error", "return_rate_error"}
    assert found["roc_auc"]["value"] == pytest.approx(roc_auc_score(is_returned, probabilities))
    rate = found["return_rate_error"]
    assert (rate["predicted"], rate["seen"]) == (pytest.approx(probabilities.mean()), 0.4)
    assert rate["value"] == pytest.approx(probabilities.mean() / 0.4 - 1)
    deciles = np.argsort(probabilities).reshape(10, -1)
    gaps = probabilities[deciles].mean(axis=1) - is_returned[deciles].mean(axis=1)
    assert found["expected_calibration_error"]["value"] == pytest.approx(np.abs(gaps).mean())
    for row in found.values():
        assert row["low"] < row["high"]
        assert (row["scored_month"], row["model_version"], row["horizon_days"]) == ("2018-02", "3", 180)
        assert (row["evaluated_from"], row["evaluated_to"]) == (JUST_PASSED, dt.date(2018, 8, 31))
    assert found["roc_auc"]["low"] < found["roc_auc"]["value"] < found["roc_auc"]["high"]


def test_the_interval_of_an_error_is_as_wide_as_the_delta_method_says(
    put: Put, build: Build, month: Month
) -> None:
    put_churn(put, "2018-02", JUST_PASSED)
    put_returns(put)
    rate = by_metric(build(TABLE, month("2018-08")))["return_rate_error"]
    predicted = np.array([return_probability(number) for number in range(CUSTOMERS)])
    seen = (np.arange(CUSTOMERS) < RETURNED).astype(float)
    deviation = np.sqrt(((predicted / predicted.sum() - seen / seen.sum()) ** 2).sum())
    width = (rate["high"] - rate["low"]) / (1 + rate["value"])
    assert width == pytest.approx(2 * 1.96 * deviation, rel=0.25)


@pytest.mark.parametrize(
    ("as_of", "is_judged"), [(JUST_PASSED, True), (JUST_PASSED + dt.timedelta(days=1), False)]
)
def test_a_month_is_judged_from_the_day_its_horizon_has_passed(
    put: Put, build: Build, month: Month, as_of: dt.date, is_judged: bool
) -> None:
    put_churn(put, "2018-02", as_of)
    put_cltv(put, "2018-02", as_of)
    put_returns(put)
    assert bool(build(TABLE, month("2018-08"))) == is_judged


def test_the_newest_such_month_with_scores_is_judged(put: Put, build: Build, month: Month) -> None:
    for key, as_of in (("2017-11", dt.date(2017, 12, 1)), ("2017-12", dt.date(2018, 1, 1))):
        put_churn(put, key, as_of)
        put_cltv(put, key, as_of)
    put("models.churn_model", model("churn_model", "2018-01", dt.date(2018, 2, 1), version=None))
    put("models.cltv_model", model("cltv_model", "2018-02", JUST_PASSED))
    put_churn(put, "2018-07", dt.date(2018, 8, 1))
    put_returns(put)
    rows = build(TABLE, month("2018-08"))
    assert {row["scored_month"] for row in rows} == {"2017-12"}
    assert {row["model"] for row in rows} == {"churn_model", "cltv_model"}


def test_churn_scores_of_another_horizon_are_not_judged_by_this_one(
    put: Put, build: Build, month: Month
) -> None:
    put_churn(put, "2017-12", dt.date(2018, 1, 1))
    put_churn(put, "2018-01", dt.date(2018, 2, 1), horizon=90)
    put_returns(put)
    assert {row["scored_month"] for row in build(TABLE, month("2018-08"))} == {"2017-12"}


def test_purchase_days_of_the_customers_scored_count_from_the_first_day_to_the_horizons_end(
    put: Put, build: Build, month: Month
) -> None:
    put_cltv(put, "2018-02", dt.date(2018, 3, 1))
    put_returns(put, "2018-05-01")
    put(
        "staging.purchases",
        [
            purchase(person(0), "2018-02-28 23:59:59"),
            purchase(person(1), "2018-03-01 00:00:00"),
            purchase(person(1), "2018-03-01 12:00:00"),
            purchase(person(2), "2018-08-27 23:59:59"),
            purchase(person(3), "2018-08-28 00:00:00"),
            purchase(person(4), "2018-09-01 00:00:00"),
            purchase("not scored", "2018-05-01"),
        ],
    )
    (row,) = build(TABLE, month("2018-08"))
    assert (row["metric"], row["predicted"], row["seen"]) == ("purchases_error", pytest.approx(30), 42.0)
    assert row["value"] == pytest.approx(30 / 42 - 1)
    assert row["low"] < row["value"] < row["high"]
    assert (row["evaluated_from"], row["evaluated_to"]) == (dt.date(2018, 3, 1), dt.date(2018, 8, 27))


@pytest.mark.parametrize(("horizon", "days", "expected"), [(180, 180, 30), (100, 90, 20), (89, 30, 10)])
def test_of_the_horizons_scored_the_longest_within_the_settings_is_judged(
    put: Put, build: Build, month: Month, horizon: int, days: int, expected: float
) -> None:
    put_cltv(put, "2018-02", dt.date(2018, 3, 1))
    put_returns(put, "2018-03-15")
    (row,) = build(TABLE, month("2018-08", horizon_days=horizon))
    assert (row["horizon_days"], row["predicted"]) == (days, pytest.approx(expected))


def test_shorter_horizons_than_the_scores_are_not_judged(put: Put, build: Build, month: Month) -> None:
    put_cltv(put, "2018-02", dt.date(2018, 3, 1))
    put_returns(put, "2018-03-15")
    assert build(TABLE, month("2018-08", horizon_days=29)) == []


def test_the_value_seen_is_discounted_to_the_first_day_over_the_whole_horizon(
    put: Put, build: Build, month: Month
) -> None:
    put_cltv(put, "2017-08", YEAR_PASSED)
    put_returns(put, "2017-09-01")
    put(
        "staging.purchases",
        [
            purchase(person(0), "2017-11-13 15:00:00", "70.00"),
            purchase(person(0), "2018-08-31 23:59:59", "30.50"),
            purchase(person(0), "2018-09-01 00:00:00", "999.00"),
            purchase("not scored", "2017-11-13", "999.00"),
        ],
    )
    row = by_metric(build(TABLE, month("2018-08", annual_discount_rate=0.25)))["value_error"]
    seen = 100 * RETURNED + 70 / 1.25 ** (73 / 365) + 30.50 / 1.25 ** (364 / 365)
    assert row["horizon_days"] == 365
    assert (row["predicted"], row["seen"]) == (pytest.approx(5000), pytest.approx(seen, rel=1e-12))
    assert row["value"] == pytest.approx(5000 / seen - 1)
    assert row["low"] < row["value"] < row["high"]


@pytest.mark.parametrize(("as_of", "is_judged"), [(YEAR_PASSED, True), (dt.date(2017, 9, 2), False)])
def test_cltv_is_judged_from_the_day_its_own_horizon_has_passed(
    put: Put, build: Build, month: Month, as_of: dt.date, is_judged: bool
) -> None:
    put_cltv(put, "2017-08", as_of)
    put_returns(put, "2017-10-01")
    found = by_metric(build(TABLE, month("2018-08")))
    assert ("value_error" in found, "purchases_error" in found) == (is_judged, True)


@pytest.mark.parametrize(
    ("returned", "least", "is_judged"), [(40, 40, True), (40, 41, False), (60, 40, True), (60, 41, False)]
)
def test_fewer_returning_or_staying_away_than_a_model_needs_are_not_judged(
    put: Put, build: Build, month: Month, returned: int, least: int, is_judged: bool
) -> None:
    put_churn(put, "2018-02", JUST_PASSED)
    put_cltv(put, "2018-02", JUST_PASSED)
    put_returns(put, returned=returned)
    assert bool(build(TABLE, month("2018-08", min_returns=least))) == is_judged


def test_another_seed_moves_the_intervals_alone(put: Put, build: Build, month: Month) -> None:
    put_churn(put, "2018-02", JUST_PASSED)
    put_cltv(put, "2018-02", JUST_PASSED)
    put_returns(put)
    first, again, other = (build(TABLE, month("2018-08", seed=seed)) for seed in (7, 7, 8))
    assert first == again
    for one, another in zip(first, other, strict=True):
        assert one["value"] == another["value"]
        assert (one["low"], one["high"]) != (another["low"], another["high"])


def test_without_earlier_scores_there_are_no_rows(put: Put, build: Build, month: Month) -> None:
    put_returns(put)
    assert build(TABLE, month("2018-08")) == []


def test_outcomes_stand_beside_validations_in_model_quality(put: Put, build: Build, month: Month) -> None:
    put_churn(put, "2018-02", JUST_PASSED)
    put_returns(put)
    past = by_metric(build(TABLE, month("2018-08")))
    metrics = '[{"metric": "roc_auc", "value": 0.7, "low": 0.6, "high": 0.8, "baseline": "recency"}]'
    validated = model("churn_model", "2018-08", dt.date(2018, 9, 1))[0] | {"metrics": metrics}
    put("models.churn_model", [validated])
    rows = build("marts.model_quality", month("2018-08"))
    kept = [(row["kind"], row["metric"], row["value"], row["baseline"], row["scored_month"]) for row in rows]
    assert kept == [
        *(("outcome", metric, past[metric]["value"], None, "2018-02") for metric in sorted(past)),
        ("validation", "roc_auc", 0.7, "recency", None),
    ]
    assert {row["evaluated_to"] for row in rows} == {dt.date(2018, 8, 31)}
