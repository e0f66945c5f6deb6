"""The choice among families: BG/NBD stays unless another is better beyond noise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ml.clv.candidates import Candidate
from ml.clv.config import ClvConfig
from ml.clv.evaluation import Prediction, evaluate, predict_naively
from ml.clv.family import FAMILIES
from ml.clv.holdout import Holdout
from ml.clv.judging import Judge, choose
from ml.clv.search import Optimum
from ml.clv.tries import Try
from ml.statements import Statement

NAMES = list(FAMILIES)


@pytest.fixture(scope="module")
def judge(shop: dict[str, pd.DataFrame]) -> Judge:
    holdout = Holdout.from_frame(shop["calibration"], 180)
    naive = evaluate(predict_naively(holdout), holdout.rows.customers, ClvConfig(bootstrap_replicates=2))
    return Judge(holdout, None, Statement("value_not_judged", "not asked for"), naive)


def tries_of(*names: str, loss: tuple[float, ...] = (1.0, 1.0, 1.0)) -> list[Try]:
    """One try per family; only those named have a fit."""
    found = []
    for name, value in zip(NAMES, loss, strict=True):
        model = FAMILIES[name](0.4, 90.0, 0.8, 2.5, 0.0)  # type: ignore[call-arg]
        optimum = Optimum(tuple(model.vector), value, 0.0, converged=True)
        fit = Candidate(name, 0.0, (1.0,) * 4, optimum, model, "")
        found.append(Try(name, (fit,), None, fit if name in names else None))
    return found


def predictions_of(judge: Judge, gains: dict[str, np.ndarray]) -> dict[str, Prediction]:
    """Predictions whose log-likelihoods exceed a common one by `gains`."""
    base = judge.holdout.log_likelihood(FAMILIES["BG/NBD"](0.4, 90.0, 0.8, 2.5, 0.0))  # type: ignore[call-arg]
    none = np.zeros_like(base)
    return {name: Prediction(base + gain, none, none, None, none) for name, gain in gains.items()}


def noise(judge: Judge, mean: float) -> np.ndarray:
    """Gains of standard deviation 1 with exactly this mean over customers."""
    shares = judge.holdout.rows.shares
    drawn = np.random.default_rng(1).normal(size=len(shares))
    return drawn - shares @ drawn + mean


@pytest.mark.parametrize(
    ("means", "chosen"),
    [
        ((0.0, 0.005, 0.005), "BG/NBD"),
        ((0.0, -0.5, -0.5), "BG/NBD"),
        ((0.0, 0.5, 0.005), "MBG/NBD"),
        ((0.0, 0.4, 0.5), "Pareto/NBD"),
    ],
)
def test_only_what_is_better_beyond_noise_replaces_bgnbd_and_the_best_of_several_does(
    judge: Judge, means: tuple[float, ...], chosen: str
) -> None:
    gains = {name: noise(judge, mean) for name, mean in zip(NAMES, means, strict=True)}
    gains["BG/NBD"] = np.zeros_like(judge.holdout.purchases)
    choice = choose(tries_of(*NAMES), judge, predictions_of(judge, gains), ClvConfig())
    assert NAMES[choice.chosen] == chosen
    assert set(choice.comparisons) == set(NAMES[1:])
    assert choice.comparisons["MBG/NBD"].difference == pytest.approx(means[1])


def test_without_bgnbd_the_best_on_the_holdout_is_chosen(judge: Judge) -> None:
    gains = {"MBG/NBD": noise(judge, 0.001), "Pareto/NBD": noise(judge, 0.002)}
    choice = choose(tries_of("MBG/NBD", "Pareto/NBD"), judge, predictions_of(judge, gains), ClvConfig())
    assert NAMES[choice.chosen] == "Pareto/NBD"
    assert choice.comparisons == {}


@pytest.mark.parametrize(("fitted", "chosen"), [(NAMES, "BG/NBD"), (["MBG/NBD", "Pareto/NBD"], "Pareto/NBD")])
def test_without_a_holdout_bgnbd_is_kept_or_else_the_smallest_loss(fitted: list[str], chosen: str) -> None:
    choice = choose(tries_of(*fitted, loss=(3.0, 2.0, 1.0)), None, {}, ClvConfig())
    assert NAMES[choice.chosen] == chosen


def test_a_family_that_was_not_fitted_before_the_holdout_cannot_be_judged(judge: Judge) -> None:
    (one, *_) = tries_of(*NAMES)
    with pytest.raises(ValueError, match="BG/NBD was not fitted before the holdout"):
        judge.predict(one)


def test_a_fit_that_cannot_be_believed_has_no_model_to_give() -> None:
    (one, *_) = tries_of(*NAMES)
    refused = replace(one.fits[0], model=None, problem="did not converge")
    with pytest.raises(ValueError, match=r"BG/NBD with penalizer 0 cannot be believed: did not converge"):
        _ = refused.believed
