"""Segments: tiers by value, scores by bands, an action with its reason for everyone."""

from __future__ import annotations

import pandas as pd
import pytest

from assets.catalog import catalog
from assets.resources.warehouse import replace_rows

MONTH = "2018-08"


@pytest.fixture
def segments(warehouse, work):
    """Make the month's segments anew and join what they are made of: `segments(high_value_share=0.2)`."""

    def make(**parameters) -> pd.DataFrame:
        table = catalog()["scores.customer_segments"]
        values = work(table.key, MONTH, **parameters).parameters
        replace_rows(warehouse, table.contract, str(table.sql), values)
        return warehouse.execute(
            "SELECT * FROM scores.customer_segments JOIN features.customer_behaviour "
            "USING (snapshot_month, customer_unique_id) JOIN scores.customer_cltv "
            "USING (snapshot_month, customer_unique_id) JOIN features.customer_rfm "
            f"USING (snapshot_month, customer_unique_id) WHERE snapshot_month = '{MONTH}'"
        ).df()

    return make


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5])
def test_high_value_is_the_share_with_the_highest_cltv(share, segments) -> None:
    found = segments(high_value_share=share)
    high = found["value_tier"] == "High Value"

    assert high.mean() == pytest.approx(share, abs=0.02)
    assert found.loc[high, "cltv"].min() > found.loc[~high, "cltv"].max()


@pytest.mark.parametrize(
    ("score", "column", "falling"),
    [
        ("recency_score", "recency_days", True),
        ("frequency_score", "frequency", False),
        ("monetary_score", "value_brl", False),
    ],
)
def test_scores_are_bands_that_do_not_overlap(score, column, falling, segments) -> None:
    found = segments()
    bands = found.groupby(score)[column].agg(["min", "max"]).astype(float).sort_index(ascending=not falling)

    assert set(bands.index) <= {1, 2, 3, 4, 5}
    assert len(bands) >= 3
    assert (bands["max"].to_numpy()[:-1] < bands["min"].to_numpy()[1:]).all()


def test_one_time_buyers_all_have_the_lowest_frequency_score(segments) -> None:
    found = segments()

    assert ((found["frequency"] == 0) == (found["frequency_score"] == 1)).all()


def test_every_customer_has_an_action_and_a_reason(segments) -> None:
    found = segments()

    assert found["action"].nunique() >= 4
    figures = {
        "bad review": "review_score",
        "late delivery": "delivery_delay_days",
        "valuable and silent": "recency_days",
        "silent": "recency_days",
        "bought lately": "recency_days",
        "modest and silent": "recency_days",
    }
    for code, column in figures.items():
        those = found[found["action_reason_code"] == code]
        assert (those["action_reason_value"] == those[column]).all()
        assert len(those) > 0
    others = found[~found["action_reason_code"].isin(figures)]
    assert set(others["action_reason_code"]) <= {"likely to return"}
    assert others["action_reason_value"].isna().all()


def test_the_reason_is_the_one_that_led_to_the_action(segments) -> None:
    found = segments()
    actions = found.groupby("action_reason_code")["action"].unique().map(list).to_dict()

    assert actions["bad review"] == actions["late delivery"] == ["Service recovery"]
    bad = found["action_reason_code"] == "bad review"
    assert (found.loc[bad, "review_score"] <= 2).all()
    assert not (found.loc[found["action_reason_code"] == "late delivery", "review_score"] <= 2).any()
    singly = {"Win-back": "silent", "Churn prevention": "valuable and silent", "Nurture": "modest and silent"}
    assert {action: actions[code] for action, code in singly.items()} == {
        action: [action] for action in singly
    }


def test_age_band_is_unknown_exactly_without_a_birth_date(segments, warehouse) -> None:
    found = segments()
    known = {
        customer
        for (customer,) in warehouse.execute(
            "SELECT customer_unique_id FROM staging.customers WHERE birth_date IS NOT NULL"
        ).fetchall()
    }

    assert found["age_band"].nunique() == 5
    assert ((found["age_band"] == "Unknown") == ~found["customer_unique_id"].isin(known)).all()


def test_without_scores_the_tier_is_unknown(segments, warehouse) -> None:
    warehouse.execute(f"UPDATE scores.customer_cltv SET cltv = NULL WHERE snapshot_month = '{MONTH}'")

    assert set(segments()["value_tier"]) == {"Unknown"}
