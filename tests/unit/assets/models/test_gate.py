"""The promotion gate: who may serve, and what the decision says."""

from __future__ import annotations

import datetime as dt

import pytest

from assets.models.gate import decide
from assets.resources.registry import Version
from ml.metrics import Comparison
from ml.statements import Statement

CHAMPION = Version(
    "churn_model", "7", "run", "2018-07", dt.date(2018, 8, 1), "shop", "digest", "pipeline", "catboost",
    "promoted", "", "", "gate", False, ("champion",),
)  # fmt: skip
BETTER = Comparison("roc_auc", 0.62, 0.58, 0.04, 0.01, 0.07, True)
LEVEL = Comparison("roc_auc", 0.58, 0.59, -0.01, -0.03, 0.01, True)
WORSE = Comparison("roc_auc", 0.55, 0.59, -0.04, -0.06, -0.02, True)
DEARER = Comparison("log_loss", 0.070, 0.060, 0.01, 0.005, 0.015, False)


def ask(
    champion=CHAMPION,
    *,
    comparisons=(LEVEL,),
    is_judged=True,
    champion_is_judged=True,
    must_beat=False,
    alarm=None,
):
    return decide(
        champion,
        is_judged=is_judged,
        champion_is_judged=lambda version: champion_is_judged,
        compare=lambda version: comparisons,
        must_beat=lambda version: must_beat,
        alarm=alarm,
    )


@pytest.mark.parametrize("comparisons", [(BETTER,), (LEVEL,), (BETTER, LEVEL)])
def test_a_version_no_worse_than_the_champion_is_promoted(comparisons) -> None:
    decision = ask(comparisons=comparisons)

    assert decision.is_promoted
    assert decision.reason.startswith("No worse than version 7 on the same customers: roc_auc 0.")
    assert (decision.compared_with, decision.comparisons) == ("7", comparisons)


@pytest.mark.parametrize("comparisons", [(WORSE,), (BETTER, DEARER)])
def test_a_version_worse_in_any_figure_beyond_noise_is_held(comparisons) -> None:
    decision = ask(comparisons=comparisons)

    assert not decision.is_promoted
    assert "Worse than version 7" in decision.reason


@pytest.mark.parametrize(
    ("comparisons", "promoted", "verdict"),
    [
        ((BETTER,), True, "More complex and better than version 7"),
        ((LEVEL,), False, "More complex and not better beyond noise than version 7"),
        ((LEVEL, BETTER), False, "More complex and not better beyond noise than version 7"),
        ((BETTER, DEARER), False, "Worse than version 7"),
    ],
)
def test_a_more_complex_version_has_to_be_better_in_the_figure_that_decides(
    comparisons, promoted, verdict
) -> None:
    decision = ask(comparisons=comparisons, must_beat=True)

    assert decision.is_promoted is promoted
    assert decision.reason.startswith(verdict)


def test_the_reason_of_holding_names_the_figure_that_is_worse_with_its_interval() -> None:
    reason = ask(comparisons=(BETTER, DEARER)).reason

    assert "log_loss 0.0700 against 0.0600 (difference +0.0100, 95 % +0.0050 to +0.0150)" in reason
    assert "roc_auc" not in reason


def test_the_reason_as_a_code_holds_the_figures_that_its_words_name() -> None:
    statement = ask(comparisons=(BETTER, DEARER)).statement

    assert (statement.code, statement.values["verdict"]) == ("compared_with_champion", "worse than")
    (figure,) = statement.values["figures"]
    assert figure == {
        "metric": "log_loss",
        "challenger": 0.070,
        "champion": 0.060,
        "difference": 0.01,
        "low": 0.005,
        "high": 0.015,
    }


def test_without_a_champion_a_version_is_promoted_even_if_nothing_could_judge_it() -> None:
    assert ask(None, is_judged=False).is_promoted


def test_a_version_that_could_not_be_judged_does_not_replace_one_that_was() -> None:
    decision = ask(is_judged=False)

    assert not decision.is_promoted
    assert "could not be judged" in decision.reason


def test_a_champion_that_was_never_judged_gives_way() -> None:
    assert ask(champion_is_judged=False).is_promoted


@pytest.mark.parametrize("champion", [None, CHAMPION])
def test_an_alarm_holds_a_version_whatever_its_figures(champion) -> None:
    alarm = Statement("leak_alarm", "Its ROC-AUC of 0.97 is implausible.", {"roc_auc": 0.97, "limit": 0.9})
    decision = ask(champion, comparisons=(BETTER,), alarm=alarm)

    assert not decision.is_promoted
    assert decision.reason == "Its ROC-AUC of 0.97 is implausible."
