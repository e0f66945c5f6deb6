"""The search for a better recipe: Optuna over classes, parameters and feature groups, on past cutoffs alone.

Stays out: the validation cutoff. It is never looked at here, so the figures of the recipe found stay honest.
"""

from __future__ import annotations

import datetime as dt
import time
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ml.churn.classes import fit_predictor
from ml.churn.config import ChurnConfig
from ml.churn.evaluation import Judged, figures
from ml.churn.logits import label_of
from ml.churn.panel import is_held_out, split_panel
from ml.churn.recipe import ChurnRecipe, default_recipe
from ml.churn.space import CLASSES, suggest, trial_parameters

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import FrozenTrial, Trial

FOLDS = 3
MOST_ROWS = 50_000
_RECIPE = "recipe"
_FIXED = "fixed_params"


def open_study(name: str, storage: str | None, config: ChurnConfig) -> Study:
    """Return the study of that name, made where it is not there yet; the log loss is to be small.

    The sampler is seeded by the settings and by the number of trials already there: equal studies go on alike,
    and one that is resumed does not draw its first suggestions again.

    Args:
        name: Name of the study.
        storage: Where it is kept, as a URL of SQLAlchemy; None keeps it in memory.
        config: Settings.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(storage=storage, study_name=name, direction="minimize", load_if_exists=True)
    study.sampler = optuna.samplers.TPESampler(seed=config.seed + len(study.trials))
    return study


def search(
    study: Study,
    panel: pd.DataFrame,
    validation_cutoff: dt.date,
    config: ChurnConfig,
    trials: int,
    seconds: float,
    on_trial: Callable[[FrozenTrial], None] | None = None,
) -> None:
    """Try recipes until the study has `trials` finished ones or the time is over; call again to go on.

    Trials that a killed process left running are marked as failed. The default recipes are tried first.

    Args:
        study: The study, as of `open_study`.
        panel: The panel, as for `train`.
        validation_cutoff: The cutoff that stays unseen; rows at it are not used.
        config: Settings.
        trials: Finished trials that the study shall have, with those of earlier calls.
        seconds: Time after which no further trial begins.
        on_trial: Called after each trial; its user_attrs hold recipe (JSON), log_loss, roc_auc and seconds.

    Raises:
        InvalidInputError: The panel breaks a rule.
        NotEnoughDataError: Too few customers return in training or in validation.
    """
    rows = split_panel(panel, validation_cutoff, config).training
    _fail_abandoned(study)
    _enqueue_defaults(study, config)
    missing = trials - finished_trials(study)
    if missing <= 0:
        return

    def objective(trial: Trial) -> float:
        recipe = suggest(trial, config)
        trial.set_user_attr(_RECIPE, recipe.to_json())
        found = cross_validate(recipe, rows, config)
        for name, value in found.items():
            trial.set_user_attr(name, value)
        return found["log_loss"]

    callbacks = [] if on_trial is None else [lambda _, trial: on_trial(trial)]
    study.optimize(objective, n_trials=missing, timeout=seconds, callbacks=callbacks)


def finished_trials(study: Study) -> int:
    """Return how many trials of a study have a result."""
    from optuna.trial import TrialState

    return len(study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)))


def best_recipe(study: Study) -> ChurnRecipe:
    """Return the recipe of the trial with the smallest log loss.

    Raises:
        ValueError: No trial has finished.
    """
    return ChurnRecipe.from_json(study.best_trial.user_attrs[_RECIPE])


def evaluate(
    recipe: ChurnRecipe, panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig
) -> dict[str, float]:
    """Judge a recipe by cross-validation over customers, on the training cutoffs alone.

    Arguments and errors are those of `search`; the result is that of `cross_validate`.
    """
    return cross_validate(recipe, split_panel(panel, validation_cutoff, config).training, config)


def cross_validate(recipe: ChurnRecipe, rows: pd.DataFrame, config: ChurnConfig) -> dict[str, float]:
    """Predict each of three parts of the customers by a model fitted on the other two.

    All rows of a customer lie in one part, and early stopping looks at customers of the other two parts. Where
    there are more than `MOST_ROWS` rows, a share of the customers stands for all, so that no trial takes long.

    Args:
        recipe: The recipe.
        rows: Rows of the training cutoffs, as of `split_panel`.
        config: Settings.

    Returns:
        log_loss and roc_auc of all predictions together, and the seconds it took.
    """
    started = time.perf_counter()
    hashes = _hashes(rows["customer_unique_id"])
    rows, hashes = _thinned(rows, hashes)
    fold = hashes % FOLDS
    probability = np.empty(len(rows))
    for number in range(FOLDS):
        probability[fold == number] = _predict(recipe, rows[fold != number], rows[fold == number], config)
    is_returned = label_of(rows).astype(bool)
    found = figures(Judged.of(is_returned, probability), np.ones(len(rows)))
    seconds = time.perf_counter() - started
    return {"log_loss": found["log_loss"], "roc_auc": found["roc_auc"], "seconds": seconds}


def _hashes(customer_unique_ids: pd.Series) -> np.ndarray:
    """Return the CRC-32 of each customer's id turned around, shape (n,).

    Turned around, it has nothing to do with who is held out for early stopping.
    """
    hashes = [zlib.crc32(str(name)[::-1].encode()) for name in customer_unique_ids]
    return np.array(hashes, dtype=np.int64)


def _thinned(rows: pd.DataFrame, hashes: np.ndarray) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the rows, and hashes, of about as many customers as `MOST_ROWS` rows allow."""
    kept = hashes // FOLDS % len(rows) < MOST_ROWS
    return (rows, hashes) if kept.all() else (rows[kept], hashes[kept])


def _predict(
    recipe: ChurnRecipe, fitting: pd.DataFrame, held_out: pd.DataFrame, config: ChurnConfig
) -> np.ndarray:
    stops = is_held_out(fitting["customer_unique_id"], config.early_stopping_percent)
    predictor = fit_predictor(fitting[~stops], recipe, config, fitting[stops])
    return predictor.predict(held_out[list(predictor.features)])


def _fail_abandoned(study: Study) -> None:
    from optuna.trial import TrialState

    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        study.tell(trial.number, state=TrialState.FAIL)


def _enqueue_defaults(study: Study, config: ChurnConfig) -> None:
    """Ask for the default recipes, but for those that have finished or are waiting."""
    from optuna.trial import TrialState

    kept = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.WAITING))
    asked: list[Any] = [trial.system_attrs.get(_FIXED) for trial in kept]
    for name in CLASSES:
        parameters = trial_parameters(default_recipe(name, config))
        if parameters not in asked:
            study.enqueue_trial(parameters)
