"""Training: the choice of penalizer and family by holdout, guards, comparisons, and honest failure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ml.clv import candidates, judging
from ml.clv.bgnbd import BgNbd
from ml.clv.config import ClvConfig
from ml.clv.family import FAMILIES
from ml.clv.gammagamma import GammaGamma
from ml.clv.mbgnbd import MbgNbd
from ml.clv.results import CltvTraining
from ml.clv.search import Optimum
from ml.clv.training import compare, train
from ml.errors import FitFailedError, InvalidInputError, NotEnoughDataError
from ml.statements import Statement

Frames = dict[str, pd.DataFrame]
QUICK = ClvConfig(penalizers=(0.0, 1e-3), bootstrap_replicates=50, interval_draws=20)
BG_ONLY = replace(QUICK, families=("BG/NBD",))
METRICS = [
    "holdout_log_likelihood",
    "holdout_total_error",
    "holdout_mae",
    "holdout_rmse",
    "holdout_correlation",
    "holdout_spearman",
    "holdout_value_error",
    "holdout_gini",
    "holdout_top_decile_share",
    "interval_coverage_80",
]


@pytest.fixture(scope="module")
def training(shop: Frames) -> CltvTraining:
    return train(**shop, config=ClvConfig())


def failing_where(monkeypatch: pytest.MonkeyPatch, is_hit: Callable[..., bool], instead: Optimum) -> None:
    """Let every search for which `is_hit(family, history, penalizer)` end at `instead`."""
    honest_loss, honest_search = candidates.penalized_loss, candidates.search
    hit: dict[str, bool] = {}

    def spying(*arguments: Any) -> Any:
        hit["now"] = is_hit(*arguments)
        return honest_loss(*arguments)

    monkeypatch.setattr(candidates, "penalized_loss", spying)
    monkeypatch.setattr(candidates, "search", lambda *a: instead if hit["now"] else honest_search(*a))


def optimum(*parameters: float, slope: float = 0.0, loss: float = 1.0) -> Optimum:
    return Optimum(tuple(np.log(parameters)), loss, slope, converged=slope == 0.0)


def test_every_family_is_fitted_and_reported_and_one_is_chosen(training: CltvTraining) -> None:
    assert [fit.family for fit in training.families] == list(FAMILIES)
    assert sum(fit.is_chosen for fit in training.families) == 1
    for fit in training.families:
        assert not fit.problem
        assert set(fit.parameters) == set(fit.standard_errors) == set(FAMILIES[fit.family].parameter_names)
        assert all(value > 0 for value in fit.standard_errors.values())
        assert [metric.metric for metric in fit.metrics] == METRICS
        assert fit.family in fit.reason


def test_without_evidence_bgnbd_is_kept_and_the_reason_says_so(training: CltvTraining) -> None:
    chosen = next(fit for fit in training.families if fit.is_chosen)
    assert chosen.family == training.model.purchases.name == "BG/NBD"
    assert "BG/NBD was kept: no other family is better beyond noise." in training.reason
    for name in ("MBG/NBD", "Pareto/NBD"):
        assert f"{name}'s holdout log-likelihood per customer differs from BG/NBD's by" in training.reason
    assert training.metrics == chosen.metrics
    assert training.model.purchases.parameters == chosen.parameters


def test_a_family_that_is_better_beyond_noise_is_chosen_and_the_reason_says_so(
    draw: Callable[..., pd.DataFrame],
    with_spend: Callable[..., pd.DataFrame],
    training_frames: Callable[[pd.DataFrame], Frames],
) -> None:
    truth = MbgNbd(r=3.0, alpha=60.0, a=1.5, b=1.5, penalizer=0.0)
    drawn = draw(truth, np.full(15_000, 300.0), 180.0, seed=3)
    drawn["recency"] = np.ceil(drawn["recency"])
    frames = training_frames(with_spend(drawn, GammaGamma(3.0, 4.0, 180.0, 0.0), 4))
    config = replace(QUICK, families=("BG/NBD", "MBG/NBD"), bootstrap_replicates=200)
    found = train(**frames, config=config)
    assert isinstance(found.model.purchases, MbgNbd)
    assert "MBG/NBD was chosen: it is better than BG/NBD beyond noise." in found.reason
    assert found.judged is not None
    assert isinstance(found.judged.purchases, MbgNbd)
    verdicts = found.candidates.groupby("family")["is_chosen"].sum()
    assert dict(verdicts) == {"BG/NBD": 0, "MBG/NBD": 1}


def test_the_chosen_penalizer_has_the_best_holdout_likelihood_and_is_refitted_on_all(
    training: CltvTraining, config: ClvConfig
) -> None:
    table = training.candidates
    chosen = table[table["is_chosen"]]
    assert len(chosen) == 1
    family = table[table["family"] == chosen["family"].item()]
    best = family["holdout_log_likelihood"].max()
    assert chosen["holdout_log_likelihood"].item() == pytest.approx(best, abs=1e-6)
    assert training.model.purchases.penalizer == chosen["penalizer"].item()
    for _, fits in table.groupby("family"):
        assert set(fits["penalizer"]) == set(config.penalizers)
        assert fits["holdout_log_likelihood"].nunique() > 1


def test_metrics_stand_beside_the_baseline_and_inside_their_intervals(training: CltvTraining) -> None:
    metrics = {metric.metric: metric for metric in training.metrics}
    for metric in metrics.values():
        assert metric.low <= metric.value <= metric.high
    assert metrics["holdout_correlation"].baseline_value is None
    rmse = metrics["holdout_rmse"]
    assert rmse.baseline_value is not None
    assert rmse.value < rmse.baseline_value
    assert abs(metrics["holdout_total_error"].value) < 0.15
    assert abs(metrics["holdout_value_error"].value) < 0.25
    assert metrics["interval_coverage_80"].value >= 0.6


def test_the_judged_model_knows_the_time_before_the_holdout_alone(
    shop: Frames,
) -> None:
    config = replace(BG_ONLY, penalizers=(1e-4,))
    first = train(**shop, config=config)
    assert first.judged is not None
    best = first.candidates[first.candidates["is_chosen"]].iloc[0]
    for name, value in first.judged.purchases.parameters.items():
        assert value == best[name]
    later = shop["calibration"].assign(holdout_purchases=0, holdout_value_brl=0.0)
    later.loc[later.index[:40], ["holdout_purchases", "holdout_value_brl"]] = [1, 50.0]
    changed = train(later, shop["full"], shop["spend"], config)
    assert changed.judged is not None
    assert changed.judged.purchases == first.judged.purchases
    assert changed.judged.gamma_gamma.vector == pytest.approx(first.judged.gamma_gamma.vector)


def test_the_holdout_table_holds_what_was_expected_and_what_came(
    training: CltvTraining, shop: Frames
) -> None:
    table, calibration = training.holdout, shop["calibration"]
    spent = (table["holdout_value_brl"] * table["customers"]).sum()
    assert spent == pytest.approx(calibration["holdout_value_brl"].sum())
    expected = (table["expected_purchases"] * table["customers"]).sum()
    actual = (table["holdout_purchases"] * table["customers"]).sum()
    error = next(metric.value for metric in training.metrics if metric.metric == "holdout_total_error")
    assert expected / actual - 1 == pytest.approx(error)


def test_training_twice_gives_the_same_model_and_figures(shop: Frames) -> None:
    first, second = train(**shop, config=QUICK), train(**shop, config=QUICK)
    assert first.model.digest() == second.model.digest()
    assert first.judged == second.judged
    assert [fit.metrics for fit in first.families] == [fit.metrics for fit in second.families]
    pd.testing.assert_frame_equal(first.candidates, second.candidates)


def test_the_order_of_rows_changes_nothing_that_is_chosen(shop: Frames) -> None:
    shuffled = {name: frame.sample(frac=1, random_state=3) for name, frame in shop.items()}
    first, second = train(**shop, config=BG_ONLY), train(**shuffled, config=BG_ONLY)
    np.testing.assert_allclose(first.model.purchases.vector, second.model.purchases.vector, atol=1e-3)
    assert first.model.purchases.penalizer == second.model.purchases.penalizer


def test_input_frames_stay_as_they_were(shop: Frames) -> None:
    before = {name: frame.copy(deep=True) for name, frame in shop.items()}
    train(**shop, config=BG_ONLY)
    for name, frame in shop.items():
        pd.testing.assert_frame_equal(frame, before[name])


def test_without_a_holdout_the_smallest_penalizer_is_taken_and_the_reason_says_so(shop: Frames) -> None:
    found = train(shop["calibration"].iloc[:0], shop["full"], shop["spend"], QUICK)
    assert found.model.purchases.penalizer == 0.0
    assert found.model.purchases.name == "BG/NBD"
    assert found.metrics == ()
    assert found.judged is None
    assert found.holdout.empty
    assert [len(fit.parameters) for fit in found.families] == [4, 4, 4]
    assert "no usable holdout (0 repeat customers before it and 0 purchases in it, 30" in found.reason


def test_another_unit_of_time_only_rescales_alpha(shop: Frames) -> None:
    weekly = {
        name: frame.assign(**{c: frame[c] / 7 for c in ("recency", "T") if c in frame})
        for name, frame in shop.items()
    }
    days = train(**shop, config=BG_ONLY).model.purchases
    weeks = train(**weekly, config=replace(BG_ONLY, horizon_days=180 / 7)).model.purchases
    np.testing.assert_allclose(weeks.in_units(1 / 7).vector, days.vector, atol=1e-4)


def test_a_shop_of_one_time_buyers_does_not_collapse(
    draw: Callable[..., pd.DataFrame],
    with_spend: Callable[..., pd.DataFrame],
    training_frames: Callable[[pd.DataFrame], Frames],
    config: ClvConfig,
) -> None:
    truth = BgNbd(r=0.016, alpha=65.0, a=0.8, b=0.4, penalizer=0.0)
    age = np.random.default_rng(8).integers(1, 420, 60_000).astype(float)
    drawn = draw(truth, age, 180.0, seed=9)
    drawn["recency"] = np.ceil(drawn["recency"])
    frames = training_frames(with_spend(drawn, GammaGamma(3.0, 4.0, 180.0, 0.0), 4))
    full = frames["full"]
    assert full.loc[full["frequency"] == 0, "customers"].sum() / 60_000 > 0.97
    found = train(**frames, config=config)
    assert all(not fit.problem for fit in found.families)
    error = next(metric for metric in found.metrics if metric.metric == "holdout_total_error")
    assert abs(error.value) < 0.25


def test_a_collapsed_fit_is_never_chosen(shop: Frames, monkeypatch: pytest.MonkeyPatch) -> None:
    collapsed = optimum(0.2, 0.1, 2e-4, 2e-4, loss=-1e9)
    failing_where(monkeypatch, lambda family, history, penalizer: penalizer != 1e-3, collapsed)
    found = train(**shop, config=BG_ONLY)
    assert found.model.purchases.penalizer == 1e-3
    refused = found.candidates[found.candidates["penalizer"] != 1e-3]
    assert refused["reason"].str.contains("collapsed").all()
    assert refused["a"].isna().all()


@pytest.mark.parametrize(
    ("ended_at", "word"),
    [
        (optimum(0.2, 0.1, 0.5, 0.5, slope=0.3), "converge"),
        (optimum(0.2, np.inf, 0.5, 0.5), "alpha"),
        (optimum(0.2, 0.1, 1e-5, 0.5), "domain"),
    ],
)
def test_when_every_fit_fails_the_error_says_why(
    shop: Frames, monkeypatch: pytest.MonkeyPatch, ended_at: Optimum, word: str
) -> None:
    failing_where(monkeypatch, lambda *arguments: True, ended_at)
    with pytest.raises(FitFailedError, match=word) as caught:
        train(**shop, config=QUICK)
    assert "Pareto/NBD: " in caught.value.reason


def test_a_family_that_cannot_be_fitted_is_reported_and_the_others_stand(
    shop: Frames, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = optimum(0.2, 0.1, 0.5, 0.5, slope=0.3)
    failing_where(monkeypatch, lambda family, *rest: family is MbgNbd, stuck)
    found = train(**shop, config=QUICK)
    lost = next(fit for fit in found.families if fit.family == "MBG/NBD")
    assert lost.penalizer is None
    assert lost.parameters == lost.standard_errors == {}
    assert "did not converge" in lost.problem
    assert "MBG/NBD could not be fitted" in found.reason
    assert found.model.purchases.name == "BG/NBD"


@pytest.mark.parametrize("with_holdout", [True, False])
def test_where_bgnbd_cannot_be_fitted_another_family_stands_in_and_the_reason_says_so(
    shop: Frames, monkeypatch: pytest.MonkeyPatch, with_holdout: bool
) -> None:
    stuck = optimum(0.2, 0.1, 0.5, 0.5, slope=0.3)
    failing_where(monkeypatch, lambda family, *rest: family is BgNbd, stuck)
    calibration = shop["calibration"] if with_holdout else shop["calibration"].iloc[:0]
    found = train(calibration, shop["full"], shop["spend"], QUICK)
    chosen = found.model.purchases.name
    assert chosen != "BG/NBD"
    assert f"{chosen} was chosen, as BG/NBD could not be fitted." in found.reason
    assert bool(found.metrics) is with_holdout


def test_what_cannot_be_fitted_before_the_holdout_is_fitted_without_it(
    shop: Frames, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = shop["full"].assign(customers=shop["full"]["customers"] * 2)
    half = shop["calibration"]["customers"].sum()
    stuck = optimum(0.2, 0.1, 0.5, 0.5, slope=0.3)
    failing_where(monkeypatch, lambda family, history, penalizer: history.customers.sum() == half, stuck)
    found = train(shop["calibration"], more, shop["spend"], QUICK)
    assert "nothing could be fitted before it" in found.reason
    assert found.judged is None


def test_a_penalizer_that_cannot_be_refitted_gives_way_to_the_next_best(
    shop: Frames, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = shop["full"].assign(customers=shop["full"]["customers"] * 2)
    all_customers = more["customers"].sum()
    best = train(shop["calibration"], more, shop["spend"], BG_ONLY).model.purchases.penalizer

    def is_best_on_all(family: Any, history: Any, penalizer: float) -> bool:
        return penalizer == best and history.customers.sum() == all_customers

    failing_where(monkeypatch, is_best_on_all, optimum(1.0, 1.0, 1.0, 1.0, slope=9.0))
    found = train(shop["calibration"], more, shop["spend"], BG_ONLY)
    assert found.model.purchases.penalizer != best
    assert "1 better one(s)" in found.reason


def test_value_is_not_judged_where_the_cutoff_has_no_spend_model_and_the_reason_says_so(
    shop: Frames, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*arguments: object) -> None:
        raise FitFailedError(Statement("spend_model_not_fitted", "q ran to 1", {"repeat_customers": 9}))

    monkeypatch.setattr(judging, "fit_spend", failing)
    found = train(**shop, config=BG_ONLY)
    assert "Value could not be judged on the holdout: q ran to 1." in found.reason
    assert [one.code for one in found.statements][-2:] == ["value_not_judged", "spend_model_not_fitted"]
    names = [metric.metric for metric in found.metrics]
    assert "holdout_log_likelihood" in names
    assert "holdout_gini" not in names
    assert found.judged is None
    assert found.holdout["expected_value_brl"].isna().all()


def test_a_model_is_compared_with_another_on_the_same_customers(
    training: CltvTraining, shop: Frames, config: ClvConfig
) -> None:
    judged = training.judged
    assert judged is not None
    worse = replace(judged, purchases=replace(judged.purchases, alpha=judged.purchases.alpha / 2))
    found = compare(judged, worse, shop["calibration"], config)
    assert found.metric == "holdout_log_likelihood"
    assert found.larger_is_better
    assert found.is_better
    own = next(metric for metric in training.metrics if metric.metric == "holdout_log_likelihood")
    assert found.challenger == pytest.approx(own.value)
    back = compare(worse, judged, shop["calibration"], config)
    assert back.difference == pytest.approx(-found.difference)
    assert not back.is_no_worse
    assert compare(judged, judged, shop["calibration"], config).is_no_worse


def test_models_cannot_be_compared_without_a_usable_holdout(
    training: CltvTraining, shop: Frames, config: ClvConfig
) -> None:
    with pytest.raises(NotEnoughDataError, match="cannot be compared: 0 repeat customers"):
        compare(training.model, training.model, shop["calibration"].iloc[:0], config)


def test_settings_without_the_default_family_are_refused(shop: Frames) -> None:
    with pytest.raises(ValueError, match="families must include BG/NBD"):
        train(**shop, config=replace(QUICK, families=("MBG/NBD",)))


def test_the_spend_check_is_part_of_the_training(training: CltvTraining, shop: Frames) -> None:
    assert training.spend_check.customers == len(shop["spend"])
    assert "Spearman" in training.spend_check.sentence


def test_too_few_repeat_customers_raise_with_the_figures(shop: Frames, config: ClvConfig) -> None:
    few = shop["full"][shop["full"]["frequency"] == 0]
    with pytest.raises(NotEnoughDataError, match=r"30 repeat customers, there are 0") as caught:
        train(shop["calibration"], few, shop["spend"], config)
    assert caught.value.reason == str(caught.value)


def test_too_few_rows_of_spend_raise(shop: Frames, config: ClvConfig) -> None:
    with pytest.raises(NotEnoughDataError, match="Gamma-Gamma needs 30 repeat customers, there are 5"):
        train(shop["calibration"], shop["full"], shop["spend"].head(5), config)


@pytest.mark.parametrize(
    ("frame", "column", "value", "message"),
    [
        ("full", "recency", 1e6, "full: recency is larger than T in 1 of"),
        ("full", "customers", -1, "full: customers"),
        ("calibration", "holdout_purchases", 0.5, "calibration: holdout_purchases is not a whole number"),
        ("calibration", "monetary_value", np.nan, "calibration: monetary_value"),
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


@pytest.mark.parametrize(("frame", "column"), [("full", "recency"), ("calibration", "holdout_value_brl")])
def test_a_missing_column_is_refused_by_name(
    shop: Frames, config: ClvConfig, frame: str, column: str
) -> None:
    with pytest.raises(InvalidInputError, match=rf"{frame}: missing column.*{column}"):
        train(**{**shop, frame: shop[frame].drop(columns=column)}, config=config)


def test_parameters_that_purchases_do_not_determine_are_named(
    draw: Callable[..., pd.DataFrame],
    with_spend: Callable[..., pd.DataFrame],
    training_frames: Callable[[pd.DataFrame], Frames],
) -> None:
    """Where almost nobody buys a third time, only the ratio of a and b is known."""
    few = draw(BgNbd(0.012, 40.0, 12.0, 3.0, 0.0), np.full(20_000, 400.0), 180.0, seed=5)
    found = train(
        **training_frames(with_spend(few, GammaGamma(6.25, 3.74, 15.44, 0.0), seed=6)), config=QUICK
    )
    fit = next(fit for fit in found.families if fit.family == "BG/NBD")
    assert fit.undetermined == ("a", "b")
    assert "Not determined by these purchases (standard error as large as the value): a, b." in fit.reason
