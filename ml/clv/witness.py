"""An independent fit of BG/NBD by lifetimes, to stand beside ours.

Stays out: anything that scores; the witness is heard, logged and compared.

At import and in every fit lifetimes mutes FutureWarning for the whole process and sets an option of pandas; both are
put back here.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.clv.bgnbd import BgNbd
from ml.clv.candidates import penalized_loss, problem_of_parameters
from ml.clv.history import History

_SAME_LOG_LIKELIHOOD = 0.01


@dataclass(frozen=True)
class Witness:
    """What lifetimes found on the same histories with the same penalizer.

    Attributes:
        parameters: Its parameters, times in days; empty where it did not converge.
        gap: Our penalised log-likelihood of all customers less lifetimes'; None where it did not converge.
        sentence: What that means, in words.
    """

    parameters: dict[str, float]
    gap: float | None
    sentence: str

    @property
    def agrees(self) -> bool:
        """Whether our fit is as probable as lifetimes', or more; also where lifetimes has nothing to say."""
        return self.gap is None or self.gap > -_SAME_LOG_LIKELIHOOD


def hear_lifetimes(model: BgNbd, history: History) -> Witness:
    """Fit BG/NBD with lifetimes on distinct rows and weights, and compare.

    Args:
        model: Our fit, times in days.
        history: The histories that it was fitted on.
    """
    theirs, problem = _fit(history, model.penalizer)
    if theirs is None:
        return Witness({}, None, f"lifetimes has no fit to compare with: {problem}.")
    gap = _penalised(model, history) - _penalised(theirs, history)
    apart = float(np.max(np.abs(np.exp(model.vector - theirs.vector) - 1)))
    if abs(gap) <= _SAME_LOG_LIKELIHOOD:
        verdict = (
            f"lifetimes finds the same BG/NBD (parameters within {apart:.1e}, log-likelihood {abs(gap):.0e})"
        )
    elif gap > 0:
        verdict = f"lifetimes stopped early: our BG/NBD is more probable by {gap:.2g} in log-likelihood"
    else:
        verdict = f"lifetimes finds a more probable BG/NBD than ours, by {-gap:.2g} in log-likelihood"
    return Witness(theirs.parameters, gap, f"{verdict}.")


def _fit(history: History, penalizer: float) -> tuple[BgNbd | None, str]:
    chained_assignment = pd.options.mode.chained_assignment
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            from lifetimes import BetaGeoFitter
            from lifetimes.utils import ConvergenceError

            fitter = BetaGeoFitter(penalizer_coef=penalizer)
            try:
                fitter.fit(*history.rows, weights=history.customers)
            except ConvergenceError:
                return None, "it does not converge"
        found = {name: float(fitter.params_[name]) for name in BgNbd.parameter_names}
    finally:
        pd.options.mode.chained_assignment = chained_assignment
    unit = {
        name: value / history.unit if name in BgNbd.time_parameters else value
        for name, value in found.items()
    }
    problem = problem_of_parameters(unit)
    return (None, f"its {problem}") if problem else (BgNbd(**found, penalizer=penalizer), "")


def _penalised(model: BgNbd, history: History) -> float:
    """Return the penalised log-likelihood of all customers, times in units of the oldest customer's age."""
    scaled = model.in_units(history.unit)
    loss, _ = penalized_loss(BgNbd, history.in_units(history.unit), model.penalizer)(scaled.vector)
    return -float(history.customers.sum()) * float(loss)
