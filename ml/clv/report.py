"""What training says about itself: the table of candidates, the holdout, and the reasons in words.

Stays out: fitting and choosing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from ml.clv.candidates import Candidate
from ml.clv.config import ClvConfig
from ml.clv.evaluation import Prediction
from ml.clv.family import DEFAULT
from ml.clv.holdout import Holdout
from ml.clv.judging import Choice, Judge
from ml.clv.spend import SpendFit
from ml.clv.tries import Try
from ml.errors import FitFailedError
from ml.metrics import Comparison
from ml.statements import Statement

_PARAMETERS = ("r", "alpha", "a", "b", "s", "beta")


def candidates_frame(tries: Sequence[Try], chosen: Try, holdout: Holdout | None) -> pd.DataFrame:
    """Return one row per fit; see `CltvTraining.candidates`."""
    rows = []
    for one in tries:
        for fit in one.fits:
            rows.append(_candidate_row(fit, fit is one.chosen, one is chosen, holdout))
    return pd.DataFrame(rows)


def _candidate_row(
    fit: Candidate, is_best: bool, family_is_chosen: bool, holdout: Holdout | None
) -> dict[str, object]:
    row: dict[str, object] = {
        "family": fit.family,
        "penalizer": fit.penalizer,
        "start": ", ".join(f"{value:g}" for value in fit.start),
        "converged": fit.optimum.converged,
        **{name: getattr(fit.model, name, np.nan) for name in _PARAMETERS},
        "loss": fit.optimum.loss,
        "holdout_log_likelihood": np.nan,
        "holdout_total_error": np.nan,
        "is_chosen": is_best and family_is_chosen,
        "reason": fit.problem or _verdict(is_best, family_is_chosen),
    }
    if holdout is not None and fit.model is not None:
        row["holdout_log_likelihood"] = holdout.mean_log_likelihood(fit.model)
        expected = holdout.expected(fit.model) @ holdout.rows.customers
        row["holdout_total_error"] = float(expected / holdout.total - 1)
    return row


def _verdict(is_best: bool, family_is_chosen: bool) -> str:
    if not is_best:
        return "another fit of the family was preferred"
    return "chosen" if family_is_chosen else "the best of its family; another family was preferred"


def holdout_frame(holdout: Holdout | None, prediction: Prediction | None) -> pd.DataFrame:
    """Return the rows of the holdout with what was expected of them; see `CltvTraining.holdout`."""
    columns = ("frequency", "recency", "T", "customers", "monetary_value", "holdout_purchases")
    means = ("holdout_value_brl", "expected_purchases", "expected_value_brl")
    if holdout is None or prediction is None:
        return pd.DataFrame({name: np.empty(0) for name in (*columns, *means)})
    rows, missing = holdout.rows, np.full_like(prediction.expected, np.nan)
    value = missing if prediction.expected_value is None else prediction.expected_value
    values = (*rows.rows, rows.customers, holdout.monetary_value, holdout.purchases)
    described = dict(zip(columns, values, strict=True))
    return pd.DataFrame(
        described | dict(zip(means, (holdout.value, prediction.expected, value), strict=True))
    )


def try_statements(
    one: Try, holdout: Holdout | None, comparison: Comparison | None, config: ClvConfig
) -> tuple[Statement, ...]:
    """Return why a family's penalizer was taken, or why it has none, and how it did beside the default."""
    if one.final is None:
        return (_not_fitted(one),)
    if holdout is None or one.judged is None:
        penalizer = one.final.penalizer
        words = f"{one.family}: penalizer {penalizer:g} is the smallest that could be fitted."
        return (Statement("penalizer_smallest", words, {"family": one.family, "penalizer": penalizer}),)
    own = _penalizer_judged(one, one.final.penalizer, holdout, config)
    return (own,) if comparison is None else (own, _beside_default(one.family, comparison))


def _penalizer_judged(one: Try, penalizer: float, holdout: Holdout, config: ClvConfig) -> Statement:
    if one.judged is None:
        raise ValueError(f"{one.family} was not fitted before the holdout")
    likelihood = holdout.mean_log_likelihood(one.judged.believed)
    passed = (
        f" ({one.passed_over} better one(s) could not be refitted on all customers)"
        if one.passed_over
        else ""
    )
    return Statement(
        "penalizer_judged",
        f"{one.family}: penalizer {penalizer:g} gave the {holdout.total:.0f} purchases of the "
        f"{config.horizon_days}-day holdout the highest log-likelihood, "
        f"{likelihood:.5f} per customer, among {one.believable} of "
        f"{len(config.penalizers)} penalizers that could be believed{passed}; refitted on all customers.",
        {
            "family": one.family,
            "penalizer": penalizer,
            "purchases": round(holdout.total),
            "days": config.horizon_days,
            "log_likelihood": float(likelihood),
            "believable": one.believable,
            "tried": len(config.penalizers),
            "passed_over": one.passed_over,
        },
    )


def _not_fitted(one: Try) -> Statement:
    words = f"{one.family} could not be fitted: {one.problem}."
    return Statement("family_not_fitted", words, {"family": one.family})


def with_undetermined(said: tuple[Statement, ...], names: Sequence[str]) -> tuple[Statement, ...]:
    """Return what was said, and which parameters the purchases say next to nothing of."""
    if not names:
        return said
    listed = ", ".join(names)
    words = f"Not determined by these purchases (standard error as large as the value): {listed}."
    return (*said, Statement("undetermined", words, {"parameters": list(names)}))


def overall_statements(
    own: tuple[Statement, ...],
    choice: Choice,
    tries: Sequence[Try],
    shortage: Statement | None,
    judge: Judge | None,
    spend: SpendFit,
) -> tuple[Statement, ...]:
    """Return what was chosen and why: the chosen family's `own` statements, the others, the spend model."""
    chosen = tries[choice.chosen].family
    said = list(own)
    if shortage is not None:
        words = f"There is no usable holdout ({shortage.words}), so families could not be compared."
        said.append(replace(shortage, words=words))
    said += [
        _beside_default(name, comparison) for name, comparison in choice.comparisons.items() if name != chosen
    ]
    said += [_not_fitted(one) for one in tries if one.final is None]
    said += [_choice(chosen, choice), spend.reason]
    if judge is not None and judge.problem is not None:
        words = f"Value could not be judged on the holdout: {judge.problem.words}."
        said += [Statement("value_not_judged", words), replace(judge.problem, words="")]
    return tuple(said)


def _choice(chosen: str, choice: Choice) -> Statement:
    if chosen != DEFAULT and choice.comparisons:
        words = f"{chosen} was chosen: it is better than {DEFAULT} beyond noise."
        return Statement("family_better", words, {"family": chosen, "other": DEFAULT})
    if chosen != DEFAULT:
        words = f"{chosen} was chosen, as {DEFAULT} could not be fitted."
        return Statement("family_instead", words, {"family": chosen, "other": DEFAULT})
    if choice.comparisons:
        words = f"{DEFAULT} was kept: no other family is better beyond noise."
        return Statement("default_best", words, {"family": DEFAULT})
    return Statement("default_kept", f"{DEFAULT} was kept, as the default.", {"family": DEFAULT})


def _beside_default(family: str, comparison: Comparison) -> Statement:
    verdict = (
        "better beyond noise"
        if comparison.is_better
        else "no better than noise allows"
        if comparison.is_no_worse
        else "worse beyond noise"
    )
    return Statement(
        "family_beside_default",
        f"{family}'s holdout log-likelihood per customer differs from {DEFAULT}'s by {comparison.difference:+.6f} "
        f"(95 % interval {comparison.low:+.6f} to {comparison.high:+.6f}): {verdict}.",
        {
            "verdict": verdict,
            "family": family,
            "other": DEFAULT,
            "difference": comparison.difference,
            "low": comparison.low,
            "high": comparison.high,
        },
    )


def nothing_fitted(tries: Sequence[Try]) -> FitFailedError:
    """Return the error that lists the problems of all families tried."""
    problems = " | ".join(f"{one.family}: {one.problem}" for one in tries)
    words = f"no purchase model can be fitted with any penalizer: {problems}"
    families = [one.family for one in tries]
    return FitFailedError(Statement("nothing_fitted", words, {"families": families}))
