"""Fits of a purchase model over starts, each with a verdict on whether it can be believed.

Stays out: choosing among penalizers and families; that needs a holdout.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ml.clv.config import ClvConfig
from ml.clv.history import History
from ml.clv.search import Loss, Optimum, Value, search

if TYPE_CHECKING:
    from ml.clv.nbd import PurchaseModel

_SMALLEST, _LARGEST = 1e-4, 1e3
_SMALLEST_DROP_OUT = 1e-3
_SAME_LOSS = 1e-7


@dataclass(frozen=True)
class Candidate:
    """One fit.

    Attributes:
        family: Name of the family.
        penalizer: Its L2 penalty.
        start: Where the search began, times in units of the largest T.
        optimum: Where it ended, in the same units.
        model: The fitted model, times in days; None if the fit cannot be believed.
        problem: Why it cannot be believed; empty otherwise.
    """

    family: str
    penalizer: float
    start: tuple[float, ...]
    optimum: Optimum
    model: PurchaseModel | None
    problem: str

    @property
    def believed(self) -> PurchaseModel:
        """The fitted model; raises ValueError where the fit cannot be believed."""
        if self.model is None:
            raise ValueError(
                f"{self.family} with penalizer {self.penalizer:g} cannot be believed: {self.problem}"
            )
        return self.model


def fit_from(
    family: type[PurchaseModel],
    history: History,
    penalizer: float,
    starts: Sequence[tuple[float, ...]],
    config: ClvConfig,
) -> list[Candidate]:
    """Fit one penalizer from each start in turn, until two believable fits reach the same loss.

    Args:
        family: The family to fit.
        history: Distinct histories, times in days.
        penalizer: Factor of the L2 penalty on the parameters, times in units of the largest T.
        starts: Parameters to begin at, in the same units.
        config: Settings.
    """
    candidates: list[Candidate] = []
    for start in starts:
        candidates.append(_fit(family, history, penalizer, start, config))
        losses = sorted(fit.optimum.loss for fit in candidates if fit.model is not None)
        if len(losses) > 1 and losses[1] - losses[0] <= _SAME_LOSS:
            break
    return candidates


def best_of(candidates: Sequence[Candidate]) -> Candidate | None:
    """Return the believable candidate with the smallest loss (the earliest of equals), or None."""
    believable = [fit for fit in candidates if fit.model is not None]
    return min(believable, key=lambda fit: fit.optimum.loss, default=None)


def penalized_loss(family: type[PurchaseModel], history: History, penalizer: float) -> Loss:
    """Return minus the mean log-likelihood plus the penalizer times the sum of squared parameters.

    Its sums avoid `@`, whose threads cost more than they save on the many short sums of a search.

    Args:
        family: The family.
        history: Distinct histories in the unit of time of the search.
        penalizer: Factor of the penalty.
    """
    rows, shares = history.rows, history.shares

    def loss(vector: np.ndarray) -> tuple[float, np.ndarray]:
        value, scores = family.from_vector(vector, penalizer).log_likelihood_and_scores(*rows)
        squares = np.exp(2 * vector)
        slope = np.einsum("i,ij->j", shares, scores)
        return penalizer * squares.sum() - (shares * value).sum(), 2 * penalizer * squares - slope

    return loss


def penalized_value(family: type[PurchaseModel], history: History, penalizer: float) -> Value:
    """Return what `penalized_loss` returns, without the derivative."""
    rows, shares = history.rows, history.shares

    def value(vector: np.ndarray) -> float:
        fitted = family.from_vector(vector, penalizer).log_likelihood(*rows)
        return float(penalizer * np.exp(2 * vector).sum() - (shares * fitted).sum())

    return value


def _fit(
    family: type[PurchaseModel],
    history: History,
    penalizer: float,
    start: tuple[float, ...],
    config: ClvConfig,
) -> Candidate:
    unit = history.unit
    optimum = search(penalized_loss(family, history.in_units(unit), penalizer), np.log(start))
    problem = _problem_of(family, optimum)
    if problem:
        return Candidate(family.name, penalizer, start, optimum, None, problem)
    model = family.from_vector(optimum.vector, penalizer).in_units(1 / unit)
    with np.errstate(all="ignore"):  # what overflows is not finite, and said so below
        expected = model.expected_purchases(*history.rows, config.horizon_days)
    if not np.all(np.isfinite(expected)):
        return Candidate(family.name, penalizer, start, optimum, None, "expected purchases are not finite")
    return Candidate(family.name, penalizer, start, optimum, model, "")


def _problem_of(family: type[PurchaseModel], optimum: Optimum) -> str:
    """Return why an optimum cannot be believed, or an empty text."""
    if not optimum.converged:
        return f"did not converge (slope {optimum.slope:.1e})"
    return problem_of_parameters(dict(zip(family.parameter_names, np.exp(optimum.vector), strict=True)))


def problem_of_parameters(found: Mapping[str, float]) -> str:
    """Return why parameters, times in units of the largest T, cannot be believed, or an empty text."""
    for name, value in found.items():
        if not (math.isfinite(value) and _SMALLEST <= value <= _LARGEST):
            return f"{name} = {value:.3g} ran out of the domain"
    if "a" in found and found["a"] + found["b"] < _SMALLEST_DROP_OUT:
        return f"the drop-out distribution collapsed (a + b = {found['a'] + found['b']:.1e})"
    return ""
