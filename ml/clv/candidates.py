"""Fits of BG/NBD over penalizers and starts, each with a verdict on whether it can be believed.

Stays out: choosing among penalizers; that needs a holdout.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.clv._lifetimes import Optimum, fit_bgnbd
from ml.clv.config import ClvConfig
from ml.clv.formulas import expected_purchases
from ml.clv.inputs import checked_counts, checked_history
from ml.clv.model import BgNbd

_SMALLEST, _LARGEST = 1e-4, 1e5
_SMALLEST_DROP_OUT = 1e-3
_SAME_LOSS = 1e-7


@dataclass(frozen=True)
class History:
    """Distinct purchase histories and how many customers share each; float arrays of shape (n,)."""

    frequency: np.ndarray
    recency: np.ndarray
    T: np.ndarray
    customers: np.ndarray

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, what: str) -> History:
        """Return the checked content of a frame with columns frequency, recency, T and customers."""
        return cls(*checked_history(frame, what), checked_counts(frame, what))

    @property
    def repeat_customers(self) -> int:
        """Customers with at least one repeat purchase."""
        return int(self.customers[self.frequency > 0].sum())


@dataclass(frozen=True)
class Candidate:
    """One fit.

    Attributes:
        penalizer: Its L2 penalty.
        start: Where the search began: (r, alpha, a, b), alpha in units of the largest T.
        optimum: Where it ended, in the same units.
        params: The parameters in days; None if the fit cannot be believed.
        problem: Why it cannot be believed; empty otherwise.
    """

    penalizer: float
    start: tuple[float, ...]
    optimum: Optimum
    params: BgNbd | None
    problem: str

    @property
    def believed_params(self) -> BgNbd:
        """The parameters in days; raises ValueError where the fit cannot be believed."""
        if self.params is None:
            raise ValueError(f"the fit with penalizer {self.penalizer:g} cannot be believed: {self.problem}")
        return self.params


def fit_penalizer(
    history: History, penalizer: float, starts: Sequence[tuple[float, ...]], config: ClvConfig
) -> list[Candidate]:
    """Fit one penalizer from each start in turn, until two believable fits reach the same loss."""
    candidates: list[Candidate] = []
    for start in starts:
        candidates.append(_fit(history, penalizer, start, config))
        losses = sorted(fit.optimum.loss for fit in candidates if fit.params is not None)
        if len(losses) > 1 and losses[1] - losses[0] <= _SAME_LOSS:
            break
    return candidates


def best_of(candidates: Sequence[Candidate]) -> Candidate | None:
    """Return the believable candidate with the smallest loss (the earliest of equals), or None."""
    believable = [fit for fit in candidates if fit.params is not None]
    return min(believable, key=lambda fit: fit.optimum.loss, default=None)


def _fit(history: History, penalizer: float, start: tuple[float, ...], config: ClvConfig) -> Candidate:
    unit = float(history.T.max())
    optimum = fit_bgnbd(
        history.frequency, history.recency / unit, history.T / unit, history.customers, penalizer, start
    )
    problem = _problem_of(optimum)
    if problem:
        return Candidate(penalizer, start, optimum, None, problem)
    r, alpha, a, b = optimum.parameters
    params = BgNbd(r, alpha * unit, a, b, penalizer)
    with np.errstate(all="ignore"):  # what overflows is not finite, and said so below
        expected = expected_purchases(
            params, history.frequency, history.recency, history.T, config.horizon_days
        )
    if not np.all(np.isfinite(expected)):
        return Candidate(penalizer, start, optimum, None, "expected purchases are not finite")
    return Candidate(penalizer, start, optimum, params, "")


def _problem_of(optimum: Optimum) -> str:
    """Return why an optimum cannot be believed, or an empty text."""
    if not optimum.converged:
        return f"did not converge (slope {optimum.slope:.1e})"
    for name, value in zip(("r", "alpha", "a", "b"), optimum.parameters, strict=True):
        if not (math.isfinite(value) and _SMALLEST <= value <= _LARGEST):
            return f"{name} = {value:.3g} ran out of the domain"
    drop_out = optimum.parameters[2] + optimum.parameters[3]
    if drop_out < _SMALLEST_DROP_OUT:
        return f"the drop-out distribution collapsed (a + b = {drop_out:.1e})"
    return ""
