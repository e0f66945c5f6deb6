"""Training of the lifetime-value model: fit every family, judge on the holdout, choose, refit on all customers.

Stays out: likelihoods (the families' modules), the figures of quality (`evaluation`), and keeping the result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from ml.clv.config import ClvConfig
from ml.clv.evaluation import Prediction, compare_log_likelihoods
from ml.clv.family import DEFAULT, PurchaseModel
from ml.clv.history import History
from ml.clv.holdout import Holdout
from ml.clv.judging import Judge, choose
from ml.clv.model import CltvModel
from ml.clv.report import (
    candidates_frame,
    holdout_frame,
    nothing_fitted,
    overall_statements,
    try_statements,
    with_undetermined,
)
from ml.clv.results import CltvTraining, FamilyFit
from ml.clv.spend import SpendFit, fit_spend
from ml.clv.spendcheck import check_spend
from ml.clv.tries import Try, covariance_to_draw_from, try_with_holdout, try_without_holdout
from ml.clv.uncertainty import Covariance, standard_errors
from ml.errors import NotEnoughDataError
from ml.metrics import Comparison
from ml.statements import Statement


def train(
    calibration: pd.DataFrame, full: pd.DataFrame, spend: pd.DataFrame, config: ClvConfig
) -> CltvTraining:
    """Fit every family and Gamma-Gamma, and choose.

    BG/NBD is the default. Another family is chosen only if the holdout's purchase counts are more probable under
    it, beyond what the draw of customers can explain (paired bootstrap). Without a usable holdout (fewer than
    `min_repeat_customers` repeat customers before it or purchases in it) nothing can be compared.

    Args:
        calibration: Rows as of `horizon_days` before the as-of date: frequency, recency, T, monetary_value (mean
            repeat spend, 0 without a repeat), customers; and of the horizon after it, holdout_purchases (purchase
            days of each customer) and holdout_value_brl (total of all customers of the row). May have no rows.
        full: Distinct rows of frequency, recency, T and customers as of the as-of date.
        spend: frequency and monetary_value, one row per repeat customer.
        config: Settings.

    Raises:
        ValueError: The settings' families lack BG/NBD.
        InvalidInputError: A frame breaks a rule.
        NotEnoughDataError: There are too few repeat customers.
        FitFailedError: Nothing that was fitted can be believed.
    """
    if DEFAULT not in config.families:
        raise ValueError(f"families must include {DEFAULT}, which the others are compared with")
    history = History.from_frame(full, "full")
    if history.repeat_customers < config.min_repeat_customers:
        missing = Statement(
            "purchase_model_needs",
            f"a purchase model needs {config.min_repeat_customers} repeat customers, "
            f"there are {history.repeat_customers}",
            {"needed": config.min_repeat_customers, "repeat_customers": history.repeat_customers},
        )
        raise NotEnoughDataError(missing)
    final_spend = fit_spend(spend, config)
    holdout = Holdout.from_frame(calibration, config.horizon_days)
    tries, shortage = _tries(history, holdout, config)
    judge = Judge.of(holdout, config) if shortage is None else None
    predictions = _predictions(tries, judge)
    choice = choose(tries, judge, predictions, config)
    families = tuple(
        _family_fit(one, place == choice.chosen, history, judge, predictions, choice.comparisons, config)
        for place, one in enumerate(tries)
    )
    chosen = tries[choice.chosen]
    said = overall_statements(families[choice.chosen].statements, choice, tries, shortage, judge, final_spend)
    return CltvTraining(
        model=_final_model(chosen, history, final_spend, config),
        judged=_judged_model(chosen, judge, config),
        families=families,
        candidates=candidates_frame(tries, chosen, None if judge is None else holdout),
        metrics=families[choice.chosen].metrics,
        statements=said,
        holdout=holdout_frame(None if judge is None else holdout, predictions.get(chosen.family)),
        spend_check=check_spend(spend),
    )


def compare(
    challenger: CltvModel, champion: CltvModel, calibration: pd.DataFrame, config: ClvConfig
) -> Comparison:
    """Compare two judged models by the log-likelihood per customer of the same holdout.

    Args:
        challenger: The challenger's `CltvTraining.judged`, fitted up to the cutoff of the holdout or before.
        champion: The champion's.
        calibration: The holdout, as in `train`.
        config: Settings; its `horizon_days` is the length of the holdout.

    Raises:
        InvalidInputError: The frame breaks a rule.
        NotEnoughDataError: The holdout is not usable.
    """
    holdout = Holdout.from_frame(calibration, config.horizon_days)
    if not holdout.is_usable(config):
        lacking = holdout.shortage(config)
        raise NotEnoughDataError(replace(lacking, words=f"models cannot be compared: {lacking.words}"))
    mine, theirs = (holdout.log_likelihood(model.purchases) for model in (challenger, champion))
    return compare_log_likelihoods(mine, theirs, holdout.rows.customers, config)


def _tries(history: History, holdout: Holdout, config: ClvConfig) -> tuple[list[Try], Statement | None]:
    """Return what became of each family, and why no holdout could judge; None if it did."""
    shortage = None if holdout.is_usable(config) else holdout.shortage(config)
    if shortage is None:
        tries = [try_with_holdout(name, history, holdout, config) for name in config.families]
        if any(one.final is not None for one in tries):
            return tries, None
        shortage = Statement("nothing_before_holdout", "nothing could be fitted before it")
    tries = [try_without_holdout(name, history, config) for name in config.families]
    if all(one.final is None for one in tries):
        raise nothing_fitted(tries)
    return tries, shortage


def _predictions(tries: Sequence[Try], judge: Judge | None) -> dict[str, Prediction]:
    if judge is None:
        return {}
    return {one.family: judge.predict(one) for one in tries if one.judged is not None}


def _family_fit(
    one: Try,
    is_chosen: bool,
    history: History,
    judge: Judge | None,
    predictions: dict[str, Prediction],
    comparisons: dict[str, Comparison],
    config: ClvConfig,
) -> FamilyFit:
    said = try_statements(one, None if judge is None else judge.holdout, comparisons.get(one.family), config)
    if one.final is None:
        return FamilyFit(one.family, None, {}, {}, (), is_chosen, said, one.problem)
    model = one.final.believed
    errors = standard_errors(model, covariance_to_draw_from(model, history, config.seed))
    fit = FamilyFit(
        family=one.family,
        penalizer=model.penalizer,
        parameters=model.parameters,
        standard_errors=dict(zip(model.parameter_names, errors.tolist(), strict=True)),
        metrics=() if judge is None else judge.metrics(one, predictions[one.family], config),
        is_chosen=is_chosen,
        statements=said,
        problem="",
    )
    return replace(fit, statements=with_undetermined(said, fit.undetermined))


def _final_model(chosen: Try, history: History, spend: SpendFit, config: ClvConfig) -> CltvModel:
    if chosen.final is None:
        raise ValueError(f"{chosen.family} was chosen and has no fit")
    model = chosen.final.believed
    return _model(model, covariance_to_draw_from(model, history, config.seed), spend, config)


def _judged_model(chosen: Try, judge: Judge | None, config: ClvConfig) -> CltvModel | None:
    if judge is None or judge.spend is None or chosen.judged is None:
        return None
    model = chosen.judged.believed
    around = covariance_to_draw_from(model, judge.holdout.history, config.seed)
    return _model(model, around, judge.spend, config)


def _model(purchases: PurchaseModel, around: Covariance, spend: SpendFit, config: ClvConfig) -> CltvModel:
    return CltvModel(
        purchases=purchases,
        purchases_covariance=around,
        gamma_gamma=spend.gamma_gamma,
        gamma_gamma_covariance=spend.covariance,
        horizon_days=config.horizon_days,
        cltv_horizon_days=config.cltv_horizon_days,
        annual_discount_rate=config.annual_discount_rate,
        prediction_horizons=config.prediction_horizons,
        interval_draws=config.interval_draws,
        seed=config.seed,
    )
