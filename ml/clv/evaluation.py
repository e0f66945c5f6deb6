"""How well a model foretold purchases and spend of the holdout, beside a naive baseline.

Stays out: fitting. The model is held fixed; the bootstrap intervals speak of the customers drawn, not of the fit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from ml.clv.config import ClvConfig
from ml.clv.family import PurchaseModel
from ml.clv.gammagamma import GammaGamma
from ml.clv.holdout import Holdout
from ml.clv.ranking import Ranking
from ml.metrics import Comparison, ModelMetric, percentile_interval

BASELINE = "every customer buys at the population's past rate"
BASELINE_VALUE = "every customer buys at the population's past rate and spends its past mean"
BASELINE_TOP = "customers in random order"
LOG_LIKELIHOOD = "holdout_log_likelihood"
_TOP = 0.10
_TOP_NAME = "holdout_top_decile_share"
_PURCHASES = (
    LOG_LIKELIHOOD,
    "holdout_total_error",
    "holdout_mae",
    "holdout_rmse",
    "holdout_correlation",
    "holdout_spearman",
)
_VALUE = ("holdout_value_error", "holdout_gini", _TOP_NAME)
_NEED_AN_ORDER = ("holdout_correlation", "holdout_spearman", "holdout_gini", _TOP_NAME)


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a model said of the holdout beside what happened; arrays of shape (n,), per customer of a row.

    Attributes:
        log_likelihood: Log-probability of the purchases that were made.
        expected: Expected purchases.
        purchases: Purchases made.
        expected_value: Expected spend, undiscounted; None without a spend model.
        value: Spend.
    """

    log_likelihood: np.ndarray
    expected: np.ndarray
    purchases: np.ndarray
    expected_value: np.ndarray | None
    value: np.ndarray


def predict(holdout: Holdout, model: PurchaseModel, spend: GammaGamma | None) -> Prediction:
    """Return what a model says of the holdout."""
    expected = holdout.expected(model)
    each = None if spend is None else spend.expected_spend(holdout.rows.frequency, holdout.monetary_value)
    value = None if each is None else expected * each
    return Prediction(holdout.log_likelihood(model), expected, holdout.purchases, value, holdout.value)


def predict_naively(holdout: Holdout) -> Prediction:
    """Return what the baseline says: Poisson counts at the population's past rate, its past mean repeat spend."""
    expected, n = holdout.naive(), holdout.purchases
    log_likelihood = n * np.log(expected) - expected - gammaln(n + 1)
    rows = holdout.rows
    repeats = rows.customers * rows.frequency
    mean = (repeats @ holdout.monetary_value) / repeats.sum()
    return Prediction(log_likelihood, expected, n, expected * mean, holdout.value)


class Figures:
    """The holdout figures of one prediction under any weights of the rows."""

    def __init__(self, prediction: Prediction) -> None:
        self._of = prediction
        self._purchases = Ranking.of(prediction.expected, prediction.purchases)
        self._value = (
            None
            if prediction.expected_value is None
            else Ranking.of(prediction.expected_value, prediction.value)
        )

    def at(self, weights: np.ndarray) -> dict[str, float]:
        """Return every figure under weights, shape (n,): how many customers each row counts for."""
        one, share = self._of, weights / weights.sum()
        miss = one.expected - one.purchases
        values = (
            share @ one.log_likelihood,
            share @ one.expected / (share @ one.purchases) - 1,
            share @ np.abs(miss),
            np.sqrt(share @ miss**2),
            _correlation(share, one.expected, one.purchases),
            self._purchases.spearman(weights),
        )
        found = {name: float(value) for name, value in zip(_PURCHASES, values, strict=True)}
        return found | self._value_at(weights)

    def _value_at(self, weights: np.ndarray) -> dict[str, float]:
        if self._value is None or self._of.expected_value is None:
            return {}
        error = float((weights @ self._of.expected_value) / (weights @ self._of.value) - 1)
        values = (error, self._value.gini(weights), self._value.top_share(weights, _TOP))
        return dict(zip(_VALUE, values, strict=True))


def _correlation(share: np.ndarray, x: np.ndarray, y: np.ndarray) -> float:
    """Return Pearson's correlation; 0 where one side does not vary."""
    x, y = x - share @ x, y - share @ y
    spread = np.sqrt((share @ x**2) * (share @ y**2))
    return float(share @ (x * y) / spread) if spread > 0 else 0.0


@dataclass(frozen=True, eq=False)
class Evaluated:
    """A prediction's figures, and the same in each bootstrap replicate, shape (replicates,) each."""

    point: dict[str, float]
    replicates: dict[str, np.ndarray]


def evaluate(prediction: Prediction, customers: np.ndarray, config: ClvConfig) -> Evaluated:
    """Return the figures of a prediction and their bootstrap replicates, the same draws for every prediction."""
    figures = Figures(prediction)
    drawn = [figures.at(weights) for weights in _drawn_customers(customers, config)]
    point = figures.at(customers)
    return Evaluated(point, {name: np.array([one[name] for one in drawn]) for name in point})


def _drawn_customers(customers: np.ndarray, config: ClvConfig) -> Iterator[np.ndarray]:
    """Yield how many customers of each row a replicate draws, floats of shape (n,): Poisson(customers).

    Each customer is drawn Poisson(1) times (Hanley & MacGibbon 2006); their sum over a row is Poisson as well.
    """
    rng = np.random.default_rng(config.seed)
    for _ in range(config.bootstrap_replicates):
        yield rng.poisson(customers).astype(np.float64)


def holdout_metrics(own: Evaluated, naive: Evaluated) -> tuple[ModelMetric, ...]:
    """Return the figures beside those of the baseline, with 95 % bootstrap intervals.

    The baseline expects the same of everybody, so figures of order are undefined for it; of the top decile it
    holds a tenth.
    """
    return tuple(_metric(name, own, naive) for name in own.point)


def _metric(name: str, own: Evaluated, naive: Evaluated) -> ModelMetric:
    mine = (own.point[name], *percentile_interval(own.replicates[name]))
    if name == _TOP_NAME:
        return ModelMetric(name, *mine, BASELINE_TOP, _TOP, _TOP, _TOP)
    if name in _NEED_AN_ORDER:
        return ModelMetric(name, *mine)
    theirs = (naive.point[name], *percentile_interval(naive.replicates[name]))
    return ModelMetric(name, *mine, BASELINE_VALUE if name in _VALUE else BASELINE, *theirs)


def compare_log_likelihoods(
    challenger: np.ndarray, champion: np.ndarray, customers: np.ndarray, config: ClvConfig
) -> Comparison:
    """Compare two models by the log-likelihood per customer of the same holdout.

    Args:
        challenger: The challenger's log-probability of each row, shape (n,).
        champion: The champion's, shape (n,).
        customers: Customers of each row, shape (n,).
        config: Settings; the bootstrap is paired: both are judged on the same customers drawn.
    """
    share = customers / customers.sum()
    gain = challenger - champion
    drawn = [(weights @ gain) / weights.sum() for weights in _drawn_customers(customers, config)]
    low, high = percentile_interval(np.array(drawn))
    return Comparison(
        LOG_LIKELIHOOD,
        float(share @ challenger),
        float(share @ champion),
        float(share @ gain),
        low,
        high,
        larger_is_better=True,
    )
