"""The panel looks from past cutoffs with the features' own SQL; the label is what followed in the horizon."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from assets.features.churn_training import cutoffs
from ml.churn.features import FEATURES

Put = Callable[[str, list[dict[str, Any]]], None]
Build = Callable[..., list[dict[str, Any]]]
Make = Callable[[duckdb.DuckDBPyConnection, str, dict[str, Any]], None]
Month = Callable[..., dict[str, Any]]

SETTINGS = {"horizon_days": 30, "churn_cutoffs": 2, "churn_cutoff_step_days": 20}


def purchase(person: str, at: str) -> dict[str, Any]:
    return {
        "order_id": f"{person} {at}",
        "customer_unique_id": person,
        "purchased_at": dt.datetime.fromisoformat(at),
        "value_brl": Decimal("100.00"),
        "freight_brl": Decimal("10.00"),
        "item_count": 1,
        "state": "PE",
    }


def test_the_validation_labels_end_at_the_as_of_date_and_training_labels_at_its_cutoff() -> None:
    as_of = dt.datetime(2018, 9, 1)
    panel = cutoffs(as_of, horizon_days=180, count=3, step_days=90)
    validation = as_of - dt.timedelta(days=180)
    assert panel[0] == ("validation", validation)
    assert [split for split, _ in panel[1:]] == ["training"] * 3
    assert panel[1][1] + dt.timedelta(days=180) == validation
    assert [panel[n][1] - panel[n + 1][1] for n in (1, 2)] == [dt.timedelta(days=90)] * 2


@pytest.mark.parametrize(
    ("later", "is_churned"),
    [
        ("2018-05-01 23:59:59", None),
        ("2018-05-02 00:00:00", False),
        ("2018-05-31 23:59:59", False),
        ("2018-06-01 00:00:00", True),
    ],
)
def test_the_label_is_a_purchase_from_the_cutoff_to_the_horizons_end(
    put: Put, build: Build, month: Month, later: str, is_churned: bool | None
) -> None:
    put("staging.purchases", [purchase("ana", "2018-04-30"), purchase("ana", later)])
    rows = build("features.churn_training", month("2018-05", **SETTINGS))
    validation = [row for row in rows if row["split"] == "validation"]
    assert [row["cutoff_date"] for row in validation] == [dt.date(2018, 5, 2)]
    if is_churned is None:
        assert (validation[0]["order_count"], validation[0]["is_churned"]) == (2, True)
    else:
        assert (validation[0]["order_count"], validation[0]["is_churned"]) == (1, is_churned)


def test_every_cutoff_has_the_customers_known_by_then(put: Put, build: Build, month: Month) -> None:
    put(
        "staging.purchases",
        [purchase("ana", "2018-03-01"), purchase("bia", "2018-03-20"), purchase("caio", "2018-05-01")],
    )
    rows = build("features.churn_training", month("2018-05", **SETTINGS))
    found: dict[tuple[str, dt.date], list[str]] = {}
    for row in rows:
        found.setdefault((row["split"], row["cutoff_date"]), []).append(row["customer_unique_id"])
    assert found == {
        ("training", dt.date(2018, 3, 13)): ["ana"],
        ("training", dt.date(2018, 4, 2)): ["ana", "bia"],
        ("validation", dt.date(2018, 5, 2)): ["ana", "bia", "caio"],
    }


def test_the_features_are_those_that_a_month_ending_at_the_cutoff_would_score(
    connection: duckdb.DuckDBPyConnection,
    simulated_shop: Any,
    load_shop: Callable[..., None],
    make: Make,
    month: Month,
) -> None:
    load_shop(connection, simulated_shop)
    for table in ("staging.places", "staging.purchases", "staging.reviews"):
        make(connection, table, {})
    make(connection, "features.churn_training", month("2018-08", horizon_days=31))
    make(connection, "features.customer_behaviour", month("2018-07"))
    columns = ", ".join(["customer_unique_id", *FEATURES])
    trained = f"SELECT {columns} FROM features.churn_training WHERE cutoff_date = DATE '2018-08-01'"
    scored = f"SELECT {columns} FROM features.customer_behaviour"
    assert connection.execute(f"SELECT count(*) FROM ({trained})").fetchone() > (300,)
    for first, second in ((trained, scored), (scored, trained)):
        assert connection.execute(f"{first} EXCEPT {second}").fetchall() == []
