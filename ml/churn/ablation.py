"""What each feature group is worth: the model without it, beside the model with it, on the validation cutoff.

Stays out: single features and customers.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd

from ml.churn.candidates import Fitted, fit_candidate
from ml.churn.config import ChurnConfig
from ml.churn.evaluation import comparison
from ml.churn.panel import split_panel
from ml.churn.recipe import ChurnRecipe

COLUMNS = (
    "feature_group",
    "roc_auc",
    "roc_auc_change",
    "low",
    "high",
    "log_loss",
    "log_loss_change",
    "log_loss_low",
    "log_loss_high",
)


def ablation(
    panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig, recipe: ChurnRecipe
) -> pd.DataFrame:
    """Drop one feature group after the other, train again, and compare on the validation cutoff.

    Each of them is fitted, stopped and calibrated as a candidate of `train` is. The two classes that choose
    their features themselves, and a recipe of one group, have nothing to drop.

    Args:
        panel: The panel, as for `train`.
        validation_cutoff: The cutoff to judge on.
        config: Settings.
        recipe: The recipe to take apart, before early stopping has decided anything.

    Returns:
        One row per group, the most missed first: feature_group; roc_auc without it, its change (without less
        with: negative where the group helps) and the paired 95 % interval low to high of the change; the same
        for log_loss (positive where the group helps). No row where there is nothing to drop.

    Raises:
        InvalidInputError: The panel breaks a rule.
        NotEnoughDataError: Too few customers return in training or in validation.
    """
    split = split_panel(panel, validation_cutoff, config)
    droppable = () if recipe.has_fixed_features or len(recipe.feature_groups) == 1 else recipe.feature_groups
    if not droppable:
        return pd.DataFrame(columns=list(COLUMNS))
    whole = fit_candidate("all groups", recipe, split, validation_cutoff, config, None)
    rows = []
    for group in droppable:
        kept = tuple(name for name in recipe.feature_groups if name != group)
        reduced = replace(recipe, feature_groups=kept)
        without = fit_candidate(group, reduced, split, validation_cutoff, config, None)
        rows.append(_row(without, whole))
    return pd.DataFrame(rows, columns=list(COLUMNS)).sort_values(
        "roc_auc_change", kind="stable", ignore_index=True
    )


def _row(without: Fitted, whole: Fitted) -> tuple[str | float, ...]:
    auc, loss = (comparison(name, without.figures, whole.figures) for name in ("roc_auc", "log_loss"))
    told = [(one.challenger, one.difference, one.low, one.high) for one in (auc, loss)]
    return (without.label, *told[0], *told[1])
