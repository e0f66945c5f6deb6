"""Training of the lifetime-value model: fit, judge on the holdout, refit on all customers.

Stays out: likelihoods and closed forms (`_lifetimes`, `formulas`), and keeping the result.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.clv.candidates import Candidate, History, best_of, fit_penalizer
from ml.clv.config import ClvConfig
from ml.clv.holdout import Holdout, holdout_metrics
from ml.clv.model import BgNbd, CltvModel, GammaGamma
from ml.clv.report import (
    candidates_frame,
    holdout_frame,
    nothing_fitted,
    reason_with_holdout,
    reason_without_holdout,
    spend_reason,
)
from ml.clv.spend import fit_spend
from ml.errors import NotEnoughDataError
from ml.metrics import ModelMetric


@dataclass(frozen=True, eq=False)
class CltvTraining:
    """What training found.

    Attributes:
        model: The model to score with, fitted on all customers up to the as-of date.
        candidates: One row per fit tried: penalizer, start, converged, r, alpha, a, b (days), loss,
            holdout_log_likelihood (per customer), holdout_total_error, holdout_mae, is_chosen, reason.
        metrics: Holdout figures of the chosen candidate beside the baseline; empty without a usable holdout.
        reason: What was chosen and why, in words.
        holdout: Distinct rows of the holdout: frequency, recency, T, customers, holdout_purchases and
            expected_purchases; empty without a usable holdout.
    """

    model: CltvModel
    candidates: pd.DataFrame
    metrics: tuple[ModelMetric, ...]
    reason: str
    holdout: pd.DataFrame


def train(
    calibration: pd.DataFrame, full: pd.DataFrame, spend: pd.DataFrame, config: ClvConfig
) -> CltvTraining:
    """Fit BG/NBD and Gamma-Gamma.

    With a usable holdout each penalizer is fitted on the calibration period, and the one that gives the
    holdout's purchase counts the highest probability (exact, given each history) is refitted on all
    customers. The likelihood judges the whole distribution of counts; a total error alone can be right by
    luck. Without one (fewer than `min_repeat_customers` repeat customers before it or purchases in it, or
    nothing could be fitted before it) the smallest penalizer that can be fitted on all customers is taken.

    Args:
        calibration: Distinct rows of frequency, recency, T, holdout_purchases and customers as of
            `horizon_days` before the as-of date; holdout_purchases are purchase days in the horizon after it.
            May have no rows.
        full: Distinct rows of frequency, recency, T and customers as of the as-of date.
        spend: frequency and monetary_value, one row per repeat customer.
        config: Settings.

    Raises:
        InvalidInputError: A frame breaks a rule.
        NotEnoughDataError: There are too few repeat customers, or nothing that was fitted can be believed.
    """
    history = History.from_frame(full, "full")
    if history.repeat_customers < config.min_repeat_customers:
        raise NotEnoughDataError(
            f"BG/NBD needs {config.min_repeat_customers} repeat customers, "
            f"there are {history.repeat_customers}"
        )
    gamma_gamma = fit_spend(spend, config)
    holdout = Holdout.from_frame(calibration, config.horizon_days)
    if _is_usable(holdout, config):
        return _train_with_holdout(holdout, history, gamma_gamma, config)
    why = (
        f"{holdout.history.repeat_customers} repeat customers before it and {holdout.total:.0f} purchases "
        f"in it, {config.min_repeat_customers} of each are needed"
    )
    return _train_without_holdout(why, history, gamma_gamma, config)


def _is_usable(holdout: Holdout, config: ClvConfig) -> bool:
    fewest = config.min_repeat_customers
    return holdout.history.repeat_customers >= fewest and holdout.total >= fewest


def _train_with_holdout(
    holdout: Holdout, history: History, gamma_gamma: GammaGamma, config: ClvConfig
) -> CltvTraining:
    grid = [fit_penalizer(holdout.history, pen, config.starts, config) for pen in config.penalizers]
    best = [fit for fit in (best_of(fits) for fits in grid) if fit is not None]
    if not best:
        return _train_without_holdout("nothing could be fitted before it", history, gamma_gamma, config)
    ranked = sorted(best, key=lambda fit: -holdout.mean_log_likelihood(fit.believed_params))
    for rank, chosen in enumerate(ranked):
        params = _refit(history, chosen, config)
        if params is None:
            continue
        expected = holdout.expected(chosen.believed_params)
        return CltvTraining(
            model=_model(params, gamma_gamma, config),
            candidates=candidates_frame(grid, chosen, holdout),
            metrics=holdout_metrics(holdout, expected, config),
            reason=reason_with_holdout(chosen, len(ranked), rank, holdout, config)
            + spend_reason(gamma_gamma),
            holdout=holdout_frame(holdout, expected),
        )
    raise nothing_fitted([fit for fits in grid for fit in fits])


def _train_without_holdout(
    why: str, history: History, gamma_gamma: GammaGamma, config: ClvConfig
) -> CltvTraining:
    grid: list[list[Candidate]] = []
    for penalizer in config.penalizers:
        grid.append(fit_penalizer(history, penalizer, config.starts, config))
        chosen = best_of(grid[-1])
        if chosen is not None:
            return CltvTraining(
                model=_model(chosen.believed_params, gamma_gamma, config),
                candidates=candidates_frame(grid, chosen, None),
                metrics=(),
                reason=reason_without_holdout(chosen, why) + spend_reason(gamma_gamma),
                holdout=holdout_frame(None, np.empty(0)),
            )
    raise nothing_fitted([fit for fits in grid for fit in fits])


def _refit(history: History, chosen: Candidate, config: ClvConfig) -> BgNbd | None:
    """Fit the chosen penalizer on all customers, first from where the calibration's search ended."""
    starts = (chosen.optimum.parameters, *config.starts)
    fit = best_of(fit_penalizer(history, chosen.penalizer, starts, config))
    return None if fit is None else fit.params


def _model(params: BgNbd, gamma_gamma: GammaGamma, config: ClvConfig) -> CltvModel:
    return CltvModel(
        bgnbd=params,
        gamma_gamma=gamma_gamma,
        horizon_days=config.horizon_days,
        cltv_horizon_days=config.cltv_horizon_days,
        annual_discount_rate=config.annual_discount_rate,
        prediction_horizons=config.prediction_horizons,
    )
