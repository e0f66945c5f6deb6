"""The choice of the model to serve: the simplest that no more complex one beats beyond noise.

Stays out: fitting.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ml.churn.candidates import Fitted
from ml.churn.evaluation import churn_metrics, comparison
from ml.churn.recipe import MODEL_CLASSES, RECENCY, ChurnRecipe
from ml.metrics import Comparison, ModelMetric
from ml.statements import Statement


@dataclass(frozen=True)
class Candidate:
    """A model that was tried.

    Attributes:
        label: What it is called: its class, and a number from the second of a class on.
        asked: The recipe as it was asked for; what another month tries again.
        recipe: What it is made of, with what early stopping decided.
        metrics: Its figures on the validation cutoff, beside recency alone.
        gain: Its ROC-AUC against that of recency alone; None for recency alone itself.
        is_chosen: Whether it is served.
        reason: Why it is served, or is not, in words.
    """

    label: str
    asked: ChurnRecipe
    recipe: ChurnRecipe
    metrics: tuple[ModelMetric, ...]
    gain: Comparison | None
    is_chosen: bool
    reason: str


def choose(fitted: Sequence[Fitted]) -> tuple[Fitted, dict[str, tuple[Statement, ...]]]:
    """Return the one to serve, and for each label the reasons.

    It starts from the simplest and moves on to a more complex one only where the ROC-AUC is better beyond
    noise (the paired 95 % interval of the difference lies above 0) and the log loss is not worse beyond noise.
    So in the end no more complex one beats the one that is served.
    """
    ranked = sorted(fitted, key=lambda one: MODEL_CLASSES.index(one.recipe.model_class))
    current = ranked[0]
    last_step: tuple[Statement, ...] = ()
    reasons: dict[str, tuple[Statement, ...]] = {}
    for one in ranked[1:]:
        is_better, reason = _compared(one, current)
        if is_better:
            reasons[current.label] = (reason,)
            current, last_step = one, (reason,)
        else:
            reasons[one.label] = (reason,)
    later = [reason for one in ranked[ranked.index(current) + 1 :] for reason in reasons[one.label]]
    words = f"served is the simplest that no more complex one beats: {current.label}"
    served = Statement("simplest_serves", words, {"served": current.label})
    reasons[current.label] = (*last_step, *later, served)
    return current, reasons


def _compared(one: Fitted, current: Fitted) -> tuple[bool, Statement]:
    """Return whether a more complex candidate takes the place of the current one, and why."""
    gain = comparison("roc_auc", one.figures, current.figures)
    loss = comparison("log_loss", one.figures, current.figures)
    if not gain.is_better:
        words = f"{one.label} does not beat {current.label} beyond noise: ROC-AUC {told(gain)}"
        return False, _beside("no better", one, current, gain, words)
    if not loss.is_no_worse:
        words = f"{one.label} has a worse log loss than {current.label}: {told(loss)}"
        return False, _beside("worse log loss", one, current, loss, words)
    words = f"{one.label} beats {current.label} beyond noise: ROC-AUC {told(gain)}"
    return True, _beside("better", one, current, gain, words)


def _beside(verdict: str, one: Fitted, current: Fitted, difference: Comparison, words: str) -> Statement:
    return Statement(
        "candidate_beside_simpler",
        words,
        {
            "verdict": verdict,
            "one": one.label,
            "other": current.label,
            "difference": difference.difference,
            "low": difference.low,
            "high": difference.high,
        },
    )


def told(difference: Comparison) -> str:
    """Return a difference with its interval, such as "+.018 (-.004 to +.041)"."""
    digits = 3 if difference.metric == "roc_auc" else 5
    point, low, high = (
        f"{value:+.{digits}f}".replace("0.", ".", 1)
        for value in (difference.difference, difference.low, difference.high)
    )
    return f"{point} ({low} to {high})"


def candidates(
    fitted: Sequence[Fitted], chosen: Fitted, reasons: Mapping[str, Sequence[Statement]]
) -> tuple[Candidate, ...]:
    """Return what was tried, in the order in which it was tried."""
    baseline = baseline_of(fitted)
    return tuple(
        Candidate(
            label=one.label,
            asked=one.asked,
            recipe=one.recipe,
            metrics=churn_metrics(one.figures, baseline.figures),
            gain=None if one is baseline else comparison("roc_auc", one.figures, baseline.figures),
            is_chosen=one is chosen,
            reason="; ".join(reason.words for reason in reasons[one.label]),
        )
        for one in fitted
    )


def baseline_of(fitted: Sequence[Fitted]) -> Fitted:
    """Return recency alone, which is always tried."""
    return next(one for one in fitted if one.recipe.model_class == RECENCY)
