"""What became of one family: its penalizers on the holdout, the best of them, and its fit on all customers.

Stays out: choosing among families.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ml.clv.candidates import Candidate, best_of, penalized_loss, penalized_value
from ml.clv.config import ClvConfig
from ml.clv.family import FAMILIES, PurchaseModel
from ml.clv.history import History
from ml.clv.holdout import Holdout
from ml.clv.uncertainty import Covariance, interval_covariance


@dataclass(frozen=True, eq=False)
class Try:
    """One family's fits.

    Attributes:
        family: Its name.
        fits: All fits that the choice of the penalizer was made from, in the order tried.
        judged: The chosen one of them where they were fitted on the calibration period; None without a holdout.
        final: The fit of the chosen penalizer on all customers; None if nothing can be believed.
        passed_over: Penalizers that did better on the holdout and could not be refitted.
    """

    family: str
    fits: tuple[Candidate, ...]
    judged: Candidate | None
    final: Candidate | None
    passed_over: int = 0

    @property
    def chosen(self) -> Candidate | None:
        """The chosen one of `fits`."""
        return self.judged if self.judged is not None else self.final

    @property
    def problem(self) -> str:
        """Why the family has no fit that can be believed; empty otherwise."""
        if self.final is not None:
            return ""
        problems = dict.fromkeys(fit.problem or "could not be refitted on all customers" for fit in self.fits)
        return "; ".join(problems)

    @property
    def believable(self) -> int:
        """How many penalizers have a fit that can be believed."""
        return len({fit.penalizer for fit in self.fits if fit.model is not None})


def try_with_holdout(name: str, history: History, holdout: Holdout, config: ClvConfig) -> Try:
    """Fit every penalizer on the calibration period, and refit the best on all customers.

    The best gives the holdout's purchase counts the highest probability (exact, given each history). The
    likelihood judges the whole distribution of counts; a total error alone can be right by luck.
    """
    family = FAMILIES[name]
    grid = [family.fit(holdout.history, penalizer, family.starts, config) for penalizer in config.penalizers]
    fits = tuple(fit for fits in grid for fit in fits)
    ranked = _ranked([best_of(fits) for fits in grid], holdout)
    for rank, judged in enumerate(ranked):
        starts = (tuple(np.exp(judged.optimum.vector)), *family.starts)
        final = best_of(family.fit(history, judged.penalizer, starts, config))
        if final is not None:
            return Try(name, fits, judged, final, rank)
    return Try(name, fits, None, None)


def _ranked(fits: Sequence[Candidate | None], holdout: Holdout) -> list[Candidate]:
    """Return the fits that can be believed and give the holdout a finite log-likelihood, the best first."""
    judged = [(holdout.mean_log_likelihood(fit.believed), fit) for fit in fits if fit is not None]
    finite = [pair for pair in judged if np.isfinite(pair[0])]
    return [fit for _, fit in sorted(finite, key=lambda pair: -pair[0])]


def try_without_holdout(name: str, history: History, config: ClvConfig) -> Try:
    """Fit the smallest penalizer that can be believed on all customers."""
    family, fits = FAMILIES[name], []
    for penalizer in config.penalizers:
        fits += family.fit(history, penalizer, family.starts, config)
        final = best_of(fits)
        if final is not None:
            return Try(name, tuple(fits), None, final)
    return Try(name, tuple(fits), None, None)


@lru_cache(maxsize=8)
def covariance_to_draw_from(model: PurchaseModel, history: History, seed: int) -> Covariance:
    """Return the covariance behind standard errors and intervals; see `uncertainty.interval_covariance`.

    It is asked for more than once: for the figures of a family, and to be kept with the chosen model.

    Args:
        model: The model, times in days.
        history: The histories that it was fitted on, times in days.
        seed: Seed of the importance sampling.
    """
    scaled, rows = model.in_units(history.unit), history.in_units(history.unit)
    _, scores = scaled.log_likelihood_and_scores(*rows.rows)
    loss, free_loss = (penalized_loss(type(model), rows, penalty) for penalty in (model.penalizer, 0.0))
    value = penalized_value(type(model), rows, model.penalizer)
    return interval_covariance(loss, value, free_loss, scaled.vector, scores, history.customers, seed)
