"""What training says about itself: the table of candidates, the holdout and the reason of the choice.

Stays out: fitting and choosing.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ml.clv.candidates import Candidate, History
from ml.clv.config import ClvConfig
from ml.clv.holdout import Holdout, mean_absolute_error, total_error
from ml.clv.model import GammaGamma
from ml.errors import NotEnoughDataError


def candidates_frame(grid: list[list[Candidate]], chosen: Candidate, holdout: Holdout | None) -> pd.DataFrame:
    """Return one row per fit; see `CltvTraining.candidates`."""
    return pd.DataFrame([_candidate_row(fit, fit is chosen, holdout) for fits in grid for fit in fits])


def _candidate_row(fit: Candidate, is_chosen: bool, holdout: Holdout | None) -> dict[str, object]:
    row: dict[str, object] = {
        "penalizer": fit.penalizer,
        "start": ", ".join(f"{value:g}" for value in fit.start),
        "converged": fit.optimum.converged,
        **{name: getattr(fit.params, name, np.nan) for name in ("r", "alpha", "a", "b")},
        "loss": fit.optimum.loss,
        "holdout_log_likelihood": np.nan,
        "holdout_total_error": np.nan,
        "holdout_mae": np.nan,
        "is_chosen": is_chosen,
        "reason": "chosen" if is_chosen else fit.problem or "another fit was preferred",
    }
    if holdout is not None and fit.params is not None:
        weights, expected = holdout.history.customers, holdout.expected(fit.params)
        row["holdout_log_likelihood"] = holdout.mean_log_likelihood(fit.params)
        row["holdout_total_error"] = float(total_error(weights, expected, holdout.purchases))
        row["holdout_mae"] = float(mean_absolute_error(weights, expected, holdout.purchases))
    return row


def holdout_frame(holdout: Holdout | None, expected: np.ndarray) -> pd.DataFrame:
    """Return the distinct rows of the holdout with what was expected of them; see `CltvTraining.holdout`."""
    empty = np.empty(0)
    history = holdout.history if holdout is not None else History(empty, empty, empty, empty)
    return pd.DataFrame(
        {
            "frequency": history.frequency,
            "recency": history.recency,
            "T": history.T,
            "customers": history.customers,
            "holdout_purchases": holdout.purchases if holdout is not None else empty,
            "expected_purchases": expected,
        }
    )


def reason_with_holdout(
    chosen: Candidate, believable: int, rank: int, holdout: Holdout, config: ClvConfig
) -> str:
    """Return why a penalizer was chosen of `believable` ones; `rank` better ones could not be refitted."""
    passed_over = f" ({rank} better one(s) could not be refitted on all customers)" if rank else ""
    log_likelihood = holdout.mean_log_likelihood(chosen.believed_params)
    return (
        f"BG/NBD: penalizer {chosen.penalizer:g} gave the {holdout.total:.0f} purchases of the "
        f"{config.horizon_days}-day holdout the highest log-likelihood, {log_likelihood:.5f} per customer, "
        f"among {believable} of {len(config.penalizers)} penalizers that could be believed{passed_over}; "
        "refitted on all customers."
    )


def reason_without_holdout(chosen: Candidate, why: str) -> str:
    """Return why a penalizer was chosen where no holdout could judge, and `why` none could."""
    return (
        f"BG/NBD: penalizer {chosen.penalizer:g} is the smallest that could be fitted; there is no usable "
        f"holdout ({why})."
    )


def spend_reason(gamma_gamma: GammaGamma) -> str:
    """Return why the penalizer of Gamma-Gamma was chosen, to stand after another sentence."""
    return f" Gamma-Gamma: penalizer {gamma_gamma.penalizer:g} is the smallest that could be fitted."


def nothing_fitted(tried: list[Candidate]) -> NotEnoughDataError:
    """Return the error that lists the problems of all fits tried."""
    problems = dict.fromkeys(fit.problem or "could not be refitted on all customers" for fit in tried)
    return NotEnoughDataError(f"BG/NBD cannot be fitted with any penalizer: {'; '.join(problems)}")
