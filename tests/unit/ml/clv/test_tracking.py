"""Repeat purchases over time: expected from first purchases, counted from the days, refused where broken."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ml.clv.bgnbd import BgNbd
from ml.clv.family import PurchaseModel
from ml.clv.tracking import track
from ml.errors import InvalidInputError

TRUTH = BgNbd(0.6, 60.0, 0.8, 2.5, 0.0)


def days(first: list[int], repeat: list[int]) -> pd.DataFrame:
    dates = pd.date_range("2018-01-01", periods=len(first))
    return pd.DataFrame({"day": dates, "first_purchases": first, "repeat_purchases": repeat})


def test_one_customer_is_expected_to_repeat_as_a_new_one_is(published: PurchaseModel) -> None:
    found = track(published, days([1] + [0] * 27, [0] * 28), step_days=7)
    new = np.zeros(4)
    expected = published.expected_purchases(new, new, new, np.array([6.0, 13.0, 20.0, 27.0]))
    np.testing.assert_allclose(found["expected_total"], expected, rtol=1e-9)
    assert list(found["ends_on"].dt.strftime("%m-%d")) == ["01-07", "01-14", "01-21", "01-28"]


def test_sums_and_steps_agree_and_an_incomplete_step_is_left_out() -> None:
    found = track(TRUTH, days([5, 2, 0, 1] * 5, [0, 1, 2, 0] * 5), step_days=7)
    assert len(found) == 2
    np.testing.assert_allclose(found["expected"].cumsum(), found["expected_total"])
    assert list(found["actual"]) == [6.0, 4.0]
    assert list(found["actual_total"]) == [6.0, 10.0]


def test_days_without_a_row_are_days_without_purchases_in_any_order() -> None:
    whole = days([5, 0, 0, 1, 0, 0, 3], [0, 0, 0, 2, 0, 0, 1])
    some = whole[(whole["first_purchases"] > 0)].iloc[::-1]
    pd.testing.assert_frame_equal(track(TRUTH, some), track(TRUTH, whole))


def test_drawn_shops_are_tracked_within_noise() -> None:
    rng = np.random.default_rng(3)
    births = rng.integers(0, 100, 40_000)
    none = np.zeros(40_000)
    rows, customer, later = TRUTH.draw_purchases(rng, none, none, np.ones(40_000), np.ones(40_000), 100.0)
    day = births[rows[customer]] + np.ceil(later).astype(int)
    daily = days(
        list(np.bincount(births, minlength=98)[:98]), list(np.bincount(day, minlength=98)[:98].astype(int))
    )
    found = track(TRUTH, daily).iloc[-1]
    assert found["actual_total"] == pytest.approx(
        found["expected_total"], abs=5 * np.sqrt(found["expected_total"])
    )


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (days([1], [0]).drop(columns="day"), "missing column.*day"),
        (days([-1], [0]), "first_purchases is missing or negative"),
        (days([1], [0]).iloc[:0], "has no rows"),
        (pd.concat([days([1], [0])] * 2), "day is twice there in 1 row"),
    ],
)
def test_a_broken_frame_is_refused(broken: pd.DataFrame, message: str) -> None:
    with pytest.raises(InvalidInputError, match=f"daily: {message}"):
        track(TRUTH, broken)
