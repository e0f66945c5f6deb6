"""Forecasts of segments: sums, simulated intervals, and their coverage of what is then spent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ml.clv.bgnbd import BgNbd
from ml.clv.family import PurchaseModel
from ml.clv.forecast import forecast
from ml.clv.gammagamma import GammaGamma
from ml.clv.model import CltvModel
from ml.clv.scoring import score
from ml.errors import InvalidInputError


@pytest.fixture
def segments(customers: pd.DataFrame) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "state": rng.choice(["SP", "RJ", "MG"], len(customers)),
            "tier": np.where(customers["frequency"] > 0, "repeat", "once"),
        },
        index=customers.index,
    )


def test_every_segment_of_every_dimension_has_its_customers_and_the_sum_of_their_cltv(
    uncertain: CltvModel, customers: pd.DataFrame, segments: pd.DataFrame
) -> None:
    found = forecast(uncertain, customers, segments)
    cltv = score(uncertain, customers)["cltv"]
    assert list(zip(found["dimension"], found["segment"], strict=True)) == [
        ("state", "MG"),
        ("state", "RJ"),
        ("state", "SP"),
        ("tier", "once"),
        ("tier", "repeat"),
    ]
    for row in found.itertuples():
        inside = segments[row.dimension] == row.segment
        assert row.customers == inside.sum()
        assert row.cltv_total == pytest.approx(cltv[inside].sum())
        assert 0 <= row.cltv_low < row.cltv_total < row.cltv_high


def test_the_interval_of_the_sum_holds_chance_where_parameters_are_certain(
    model: CltvModel, customers: pd.DataFrame, segments: pd.DataFrame
) -> None:
    found = forecast(model, customers, segments)
    assert (found["cltv_low"] < 0.97 * found["cltv_total"]).all()
    assert (found["cltv_high"] > 1.03 * found["cltv_total"]).all()


def test_simulated_totals_have_the_mean_of_cltv(
    exact: Callable[..., CltvModel], published: PurchaseModel
) -> None:
    """20,000 equal customers: their drawn spend is near normal, so the interval is centred on the mean."""
    model = exact(published.in_units(1 / 7), GammaGamma(6.0, 12.0, 100.0, 0.0))
    many = pd.DataFrame({"frequency": [2], "recency": [150], "T": [200], "monetary_value": [60.0]})
    many = many.loc[many.index.repeat(20_000)].reset_index(drop=True)
    found = forecast(model, many, pd.DataFrame({"all": "everybody"}, index=many.index)).iloc[0]
    middle, half = (found["cltv_low"] + found["cltv_high"]) / 2, (found["cltv_high"] - found["cltv_low"]) / 2
    assert middle == pytest.approx(found["cltv_total"], abs=0.6 * half)
    assert half < 0.03 * found["cltv_total"]


def test_customers_without_a_segment_are_in_none(
    model: CltvModel, customers: pd.DataFrame, segments: pd.DataFrame
) -> None:
    some = segments.assign(state=segments["state"].where(segments["state"] != "SP"))
    found = forecast(model, customers, some[["state"]])
    assert list(found["segment"]) == ["MG", "RJ"]
    assert found["customers"].sum() == (segments["state"] != "SP").sum()


def test_a_forecast_is_seeded_and_changes_no_input(
    uncertain: CltvModel, customers: pd.DataFrame, segments: pd.DataFrame
) -> None:
    before = customers.copy(deep=True), segments.copy(deep=True)
    first, second = (forecast(uncertain, customers, segments) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
    pd.testing.assert_frame_equal(customers, before[0])
    pd.testing.assert_frame_equal(segments, before[1])


def test_without_customers_or_dimensions_there_are_no_rows(
    model: CltvModel, customers: pd.DataFrame, segments: pd.DataFrame
) -> None:
    assert forecast(model, customers.iloc[:0], segments.iloc[:0]).empty
    none = forecast(model, customers, segments[[]])
    assert none.empty
    assert list(none.columns) == list(forecast(model, customers, segments).columns)


def test_segments_of_other_customers_are_refused(
    model: CltvModel, customers: pd.DataFrame, segments: pd.DataFrame
) -> None:
    with pytest.raises(InvalidInputError, match="segments: the index"):
        forecast(model, customers, segments.iloc[::-1])


def test_the_interval_covers_what_is_then_spent_about_as_often_as_it_says(
    draw: Callable[..., pd.DataFrame],
    with_spend: Callable[..., pd.DataFrame],
    exact: Callable[..., CltvModel],
) -> None:
    """60 shops of new draws, undiscounted: an 80 % interval covers 48, give or take 3 standard deviations."""
    truth, spend = BgNbd(0.3, 90.0, 0.8, 2.5, 0.0), GammaGamma(4.0, 5.0, 150.0, 0.0)
    covered = 0
    for seed in range(60):
        history = with_spend(draw(truth, np.full(400, 250.0), 365.0, seed), spend, seed + 100)
        model = replace(exact(truth, spend), annual_discount_rate=0.0, seed=seed, interval_draws=200)
        whole = pd.DataFrame({"all": "everybody"}, index=history.index)
        found = forecast(model, history, whole).iloc[0]
        covered += found["cltv_low"] <= history["holdout_value_brl"].sum() <= found["cltv_high"]
    assert abs(covered - 48) <= 3 * np.sqrt(60 * 0.8 * 0.2)
