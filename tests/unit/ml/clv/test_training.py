"""Training: recovery of known parameters, the choice by holdout, guards, and honest failure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from ml.clv._lifetimes import Optimum

from ml.clv import candidates, spend
from ml.clv.config import ClvConfig
from ml.clv.model import BgNbd
from ml.clv.training import train
from ml.errors import InvalidInputError, NotEnoughDataError

Frames = dict[str, pd.DataFrame]


def none_of(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.iloc[:0]


def test_known_parameters_are_recovered_from_drawn_customers(
    draw: Callable[..., pd.DataFrame], distinct: Callable[[pd.DataFrame], pd.DataFrame], shop: Frames
) -> None:
    truth = BgNbd(r=0.4, alpha=20.0, a=0.8, b=2.5, penalizer=0.0)
    drawn = draw(truth, np.full(30_000, 300.0), 180.0, seed=4)
    full = drawn[["frequency", "recency", "T"]].assign(customers=1)
    calibration = drawn.assign(customers=1).iloc[:0]
    found = train(calibration, full, shop["spend"], ClvConfig(penalizers=(0.0,))).model.bgnbd
    assert [found.r, found.alpha, found.a, found.b] == pytest.approx([0.4, 20.0, 0.8, 2.5], rel=0.12)


def test_the_chosen_penalizer_has_the_best_holdout_likelihood_and_is_refitted_on_all(
    shop: Frames, config: ClvConfig
) -> None:
    training = train(**shop, config=config)
    table = training.candidates
    chosen = table[table["is_chosen"]]
    assert len(chosen) == 1
    best = table["holdout_log_likelihood"].max()
    assert chosen["holdout_log_likelihood"].item() == pytest.approx(best, abs=1e-6)
    assert training.model.bgnbd.penalizer == chosen["penalizer"].item()
    assert set(table["penalizer"]) == set(config.penalizers)
    assert table["holdout_log_likelihood"].nunique() > 1
    assert "log-likelihood" in training.reason


def test_metrics_stand_beside_the_baseline_and_inside_their_intervals(
    shop: Frames, config: ClvConfig
) -> None:
    metrics = {metric.metric: metric for metric in train(**shop, config=config).metrics}
    assert set(metrics) == {"holdout_total_error", "holdout_mae", "holdout_correlation", "holdout_rmse"}
    for metric in metrics.values():
        assert metric.low <= metric.value <= metric.high
    assert metrics["holdout_correlation"].baseline_value is None
    rmse = metrics["holdout_rmse"]
    assert rmse.baseline_value is not None
    assert rmse.value < rmse.baseline_value
    assert abs(metrics["holdout_total_error"].value) < 0.15


def test_training_twice_gives_the_same_model_and_figures(shop: Frames, config: ClvConfig) -> None:
    first, second = train(**shop, config=config), train(**shop, config=config)
    assert first.model.digest() == second.model.digest()
    assert first.metrics == second.metrics


def test_input_frames_stay_as_they_were(shop: Frames, config: ClvConfig) -> None:
    before = {name: frame.copy(deep=True) for name, frame in shop.items()}
    train(**shop, config=config)
    for name, frame in shop.items():
        pd.testing.assert_frame_equal(frame, before[name])


def test_without_a_holdout_the_smallest_penalizer_is_taken_and_the_reason_says_so(
    shop: Frames, config: ClvConfig
) -> None:
    training = train(none_of(shop["calibration"]), shop["full"], shop["spend"], config)
    assert training.model.bgnbd.penalizer == 0.0
    assert training.metrics == ()
    assert training.holdout.empty
    assert "no usable holdout (0 repeat customers" in training.reason


def test_another_unit_of_time_only_rescales_alpha(shop: Frames) -> None:
    config = ClvConfig(penalizers=(1e-3,), horizon_days=180)
    weekly = {
        name: frame.assign(**{c: frame[c] / 7 for c in ("recency", "T") if c in frame})
        for name, frame in shop.items()
    }
    days = train(**shop, config=config).model.bgnbd
    weeks = train(**weekly, config=replace(config, horizon_days=180 / 7)).model.bgnbd
    assert [weeks.r, weeks.alpha * 7, weeks.a, weeks.b] == pytest.approx(
        [days.r, days.alpha, days.a, days.b], rel=1e-4
    )


def test_a_shop_of_one_time_buyers_does_not_collapse(
    draw: Callable[..., pd.DataFrame],
    distinct: Callable[[pd.DataFrame], pd.DataFrame],
    shop: Frames,
    config: ClvConfig,
) -> None:
    truth = BgNbd(r=0.016, alpha=65.0, a=0.8, b=0.4, penalizer=0.0)
    age = np.random.default_rng(8).integers(1, 420, 60_000).astype(float)
    drawn = draw(truth, age, 180.0, seed=9)
    drawn["recency"] = np.ceil(drawn["recency"])
    calibration = distinct(drawn)
    full = distinct(drawn[["frequency", "recency", "T"]])
    assert full.loc[full["frequency"] == 0, "customers"].sum() / 60_000 > 0.97
    training = train(calibration, full, shop["spend"], config)
    params = training.model.bgnbd
    assert params.a + params.b > 0.01
    total_error = training.metrics[0]
    assert total_error.metric == "holdout_total_error"
    assert abs(total_error.value) < 0.25


def test_a_collapsed_fit_is_never_chosen(
    shop: Frames, config: ClvConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = candidates.fit_bgnbd

    def collapsing(*arguments: object) -> Optimum:
        penalizer = arguments[4]
        if penalizer == 1e-3:
            return honest(*arguments)
        return Optimum((0.2, 0.1, 2e-4, 2e-4), loss=-1e9, slope=0.0, converged=True)

    monkeypatch.setattr(candidates, "fit_bgnbd", collapsing)
    training = train(**shop, config=config)
    assert training.model.bgnbd.penalizer == 1e-3
    collapsed = training.candidates[training.candidates["penalizer"] != 1e-3]
    assert collapsed["reason"].str.contains("collapsed").all()
    assert collapsed["a"].isna().all()


@pytest.mark.parametrize(
    ("optimum", "word"),
    [
        (Optimum((0.2, 0.1, 0.5, 0.5), 1.0, 0.3, converged=False), "converge"),
        (Optimum((0.2, np.inf, 0.5, 0.5), 1.0, 0.0, converged=True), "alpha"),
        (Optimum((0.2, 0.1, 1e-5, 0.5), 1.0, 0.0, converged=True), "domain"),
    ],
)
def test_when_every_fit_fails_the_error_says_why(
    shop: Frames, config: ClvConfig, monkeypatch: pytest.MonkeyPatch, optimum: Optimum, word: str
) -> None:
    monkeypatch.setattr(candidates, "fit_bgnbd", lambda *arguments: optimum)
    with pytest.raises(NotEnoughDataError, match=word):
        train(**shop, config=config)


def test_a_penalizer_that_cannot_be_refitted_gives_way_to_the_next_best(
    shop: Frames, config: ClvConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest, rows = candidates.fit_bgnbd, len(shop["full"])
    expected = train(**shop, config=config).model.bgnbd.penalizer

    def failing_on_all(*arguments: object) -> Optimum:
        if len(arguments[0]) == rows and arguments[4] == expected:
            return Optimum((1.0, 1.0, 1.0, 1.0), 1.0, 9.0, converged=False)
        return honest(*arguments)

    monkeypatch.setattr(candidates, "fit_bgnbd", failing_on_all)
    training = train(**shop, config=config)
    assert training.model.bgnbd.penalizer != expected
    assert "1 better one(s)" in training.reason


def test_too_few_repeat_customers_raise_with_the_figures(shop: Frames, config: ClvConfig) -> None:
    few = shop["full"][shop["full"]["frequency"] == 0]
    with pytest.raises(NotEnoughDataError, match=r"30 repeat customers, there are 0") as caught:
        train(shop["calibration"], few, shop["spend"], config)
    assert caught.value.reason == str(caught.value)


def test_too_few_rows_of_spend_raise(shop: Frames, config: ClvConfig) -> None:
    with pytest.raises(NotEnoughDataError, match="Gamma-Gamma needs 30 repeat customers, there are 5"):
        train(shop["calibration"], shop["full"], shop["spend"].head(5), config)


def test_spend_without_a_mean_raises(shop: Frames) -> None:
    rng = np.random.default_rng(1)
    endless = pd.DataFrame({"frequency": 1, "monetary_value": rng.pareto(0.3, 400) + 1e-3})
    with pytest.raises(NotEnoughDataError, match="Gamma-Gamma cannot be fitted"):
        train(shop["calibration"], shop["full"], endless, ClvConfig(penalizers=(0.0,)))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ((6.0, 0.9, 0.5), "q = 0.9 is not above 1"),
        ((6.0, 1.001, 0.5), "3e[+]03 times the observed"),
        ((6.0, np.inf, 0.5), "ran out of the domain"),
    ],
)
def test_a_spend_model_that_cannot_be_believed_is_refused_with_its_problem(
    shop: Frames,
    config: ClvConfig,
    monkeypatch: pytest.MonkeyPatch,
    parameters: tuple[float, ...],
    message: str,
) -> None:
    found = Optimum(parameters, 1.0, 0.0, converged=True)
    monkeypatch.setattr(spend, "fit_gamma_gamma", lambda *arguments: found)
    with pytest.raises(NotEnoughDataError, match=message):
        train(**shop, config=config)


def test_spend_parameters_that_were_drawn_are_recovered(config: ClvConfig) -> None:
    rng = np.random.default_rng(6)
    frequency = rng.integers(1, 6, 60_000)
    mean = rng.gamma(6.0 * frequency) / frequency / rng.gamma(4.0, 1 / 90.0, 60_000)
    model = spend.fit_spend(pd.DataFrame({"frequency": frequency, "monetary_value": mean}), config)
    assert model.penalizer == 0.0
    assert [model.p, model.q, model.v] == pytest.approx([6.0, 4.0, 90.0], rel=0.08)
    assert model.mean_spend == pytest.approx(180.0, rel=0.02)


@pytest.mark.parametrize(
    ("frame", "column", "value", "message"),
    [
        ("full", "recency", 1e6, "full: recency is larger than T in 1 of"),
        ("full", "customers", -1, "full: customers"),
        ("calibration", "holdout_purchases", 0.5, "calibration: holdout_purchases is not a whole number"),
        ("spend", "monetary_value", 0.0, "spend: monetary_value"),
    ],
)
def test_a_broken_frame_is_refused_by_frame_and_column(
    shop: Frames, config: ClvConfig, frame: str, column: str, value: float, message: str
) -> None:
    broken = shop[frame].astype(float)
    broken.loc[broken.index[-1], column] = value
    with pytest.raises(InvalidInputError, match=message):
        train(**{**shop, frame: broken}, config=config)


def test_a_missing_column_is_refused_by_name(shop: Frames, config: ClvConfig) -> None:
    with pytest.raises(InvalidInputError, match=r"full: missing column.*recency"):
        train(shop["calibration"], shop["full"].drop(columns="recency"), shop["spend"], config)
