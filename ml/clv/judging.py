"""The holdout as a judge: figures of each family's best fit, and the choice among families.

Stays out: fitting purchase models, and what is done with the choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ml.clv.config import ClvConfig
from ml.clv.coverage import interval_coverage
from ml.clv.evaluation import (
    Evaluated,
    Prediction,
    compare_log_likelihoods,
    evaluate,
    holdout_metrics,
    predict,
    predict_naively,
)
from ml.clv.family import DEFAULT
from ml.clv.holdout import Holdout
from ml.clv.spend import SpendFit, fit_spend
from ml.clv.tries import Try, covariance_to_draw_from
from ml.errors import FitFailedError, NotEnoughDataError
from ml.metrics import Comparison, ModelMetric
from ml.statements import Statement


@dataclass(frozen=True, eq=False)
class Judge:
    """The holdout, the spend model of its cutoff, and the baseline's figures.

    Attributes:
        holdout: The holdout.
        spend: Gamma-Gamma of its repeat customers; None if it could not be fitted.
        problem: Why it could not; None otherwise.
        naive: The baseline's figures.
    """

    holdout: Holdout
    spend: SpendFit | None
    problem: Statement | None
    naive: Evaluated

    @classmethod
    def of(cls, holdout: Holdout, config: ClvConfig) -> Judge:
        """Fit the spend of the cutoff and evaluate the baseline."""
        naive = evaluate(predict_naively(holdout), holdout.rows.customers, config)
        try:
            return cls(holdout, fit_spend(holdout.repeat_spend(), config), None, naive)
        except (NotEnoughDataError, FitFailedError) as error:
            return cls(holdout, None, error.statement, naive)

    def predict(self, one: Try) -> Prediction:
        """Return what a family's best fit said of the holdout."""
        if one.judged is None:
            raise ValueError(f"{one.family} was not fitted before the holdout")
        spend = None if self.spend is None else self.spend.gamma_gamma
        return predict(self.holdout, one.judged.believed, spend)

    def metrics(self, one: Try, prediction: Prediction, config: ClvConfig) -> tuple[ModelMetric, ...]:
        """Return all holdout figures of a family's best fit."""
        if one.judged is None:
            raise ValueError(f"{one.family} was not fitted before the holdout")
        model = one.judged.believed
        figures = evaluate(prediction, self.holdout.rows.customers, config)
        around = covariance_to_draw_from(model, self.holdout.history, config.seed)
        return (
            *holdout_metrics(figures, self.naive),
            interval_coverage(self.holdout, model, around, config),
        )

    def compare(self, one: Prediction, default: Prediction, config: ClvConfig) -> Comparison:
        """Compare a family with the default by holdout log-likelihood."""
        customers = self.holdout.rows.customers
        return compare_log_likelihoods(one.log_likelihood, default.log_likelihood, customers, config)


@dataclass(frozen=True, eq=False)
class Choice:
    """Which family scores, and what spoke for it.

    Attributes:
        chosen: Its place among the tries.
        comparisons: By family, how it did beside BG/NBD; only where both were judged.
    """

    chosen: int
    comparisons: dict[str, Comparison]


def choose(
    tries: Sequence[Try],
    judge: Judge | None,
    predictions: dict[str, Prediction],
    config: ClvConfig,
) -> Choice:
    """Choose BG/NBD unless another family is better beyond noise, or BG/NBD has no fit that can be believed.

    Among several that are better (or, without BG/NBD, among all) the one with the best log-likelihood on the
    holdout is taken; without a holdout the one with the smallest penalised loss on all customers.
    """
    fitted = {one.family: place for place, one in enumerate(tries) if one.final is not None}
    if judge is None:
        place = fitted.get(DEFAULT)
        return Choice(min(fitted.values(), key=lambda i: _loss(tries[i])) if place is None else place, {})
    quality = {name: float(judge.holdout.rows.shares @ predictions[name].log_likelihood) for name in fitted}
    if DEFAULT not in fitted:
        return Choice(fitted[max(quality, key=quality.__getitem__)], {})
    comparisons = {
        name: judge.compare(predictions[name], predictions[DEFAULT], config)
        for name in fitted
        if name != DEFAULT
    }
    better = [name for name, comparison in comparisons.items() if comparison.is_better]
    return Choice(fitted[max(better, key=quality.__getitem__, default=DEFAULT)], comparisons)


def _loss(one: Try) -> float:
    return np.inf if one.final is None else one.final.optimum.loss
