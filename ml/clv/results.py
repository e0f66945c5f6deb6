"""What training found: the models, every family, the figures and the reasons.

Stays out: finding it.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ml.clv.model import CltvModel
from ml.clv.spendcheck import SpendCheck
from ml.metrics import ModelMetric
from ml.statements import Statement, sentences


@dataclass(frozen=True, eq=False)
class FamilyFit:
    """What became of one family of purchase models.

    Attributes:
        family: Its name.
        penalizer: Its best penalizer; None if nothing can be believed.
        parameters: Fitted on all customers, times in days; empty if nothing can be believed.
        standard_errors: Of the parameters, from the covariance that intervals draw from; same keys. Where the
            likelihood is flat they are as large as the parameter or larger; see `undetermined`.
        metrics: Its holdout figures; empty without a usable holdout.
        is_chosen: Whether scores come from it.
        statements: Why its penalizer was taken, and how it did beside the default.
        problem: Why it cannot be believed; empty otherwise.
    """

    family: str
    penalizer: float | None
    parameters: dict[str, float]
    standard_errors: dict[str, float]
    metrics: tuple[ModelMetric, ...]
    is_chosen: bool
    statements: tuple[Statement, ...]
    problem: str

    @property
    def reason(self) -> str:
        """The statements in words."""
        return sentences(self.statements)

    @property
    def undetermined(self) -> tuple[str, ...]:
        """Parameters that the purchases say next to nothing of: the standard error is no smaller than the value.

        Where almost nobody buys a third time, drop-out is such a case: only a / (a + b) is known.
        """
        return tuple(name for name, value in self.parameters.items() if self.standard_errors[name] >= value)


@dataclass(frozen=True, eq=False)
class CltvTraining:
    """What training found.

    Attributes:
        model: The model to score with, fitted on all customers up to the as-of date.
        judged: The chosen family and penalizer fitted up to the cutoff of the holdout, with the spend of that
            time: what the figures speak of. None without a usable holdout, or without a spend model there.
        families: What became of each family.
        candidates: One row per fit tried: family, penalizer, start, converged, r, alpha, a, b, s, beta (days; NaN
            where the family has none), loss, holdout_log_likelihood (per customer), holdout_total_error,
            is_chosen, reason.
        metrics: Holdout figures of the chosen family beside the baseline; empty without a usable holdout.
        statements: What was chosen and why.
        holdout: Rows of the holdout: frequency, recency, T, customers, monetary_value, and per customer
            holdout_purchases, holdout_value_brl, expected_purchases and expected_value_brl; empty without a
            usable holdout.
        spend_check: Whether spend goes with frequency, which Gamma-Gamma assumes it does not.
    """

    model: CltvModel
    judged: CltvModel | None
    families: tuple[FamilyFit, ...]
    candidates: pd.DataFrame
    metrics: tuple[ModelMetric, ...]
    statements: tuple[Statement, ...]
    holdout: pd.DataFrame
    spend_check: SpendCheck

    @property
    def reason(self) -> str:
        """The statements in words."""
        return sentences(self.statements)
