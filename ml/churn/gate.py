"""The gate of a new model: it and the one in service, both as fitted before the validation cutoff, on its rows.

Stays out: the decision, which is the caller's.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from ml.churn.config import ChurnConfig
from ml.churn.evaluation import Replicated, comparison
from ml.churn.model import ChurnModel
from ml.churn.panel import split_panel
from ml.errors import InvalidInputError
from ml.metrics import Comparison

_FIGURES = ("roc_auc", "log_loss")


def compare(
    challenger: ChurnModel,
    champion: ChurnModel,
    panel: pd.DataFrame,
    validation_cutoff: dt.date,
    config: ChurnConfig,
) -> tuple[Comparison, ...]:
    """Compare the judged twins of two models on the customers of the validation cutoff, paired.

    Args:
        challenger: The new model's judged twin.
        champion: The judged twin of the model in service; its validation cutoff may be an earlier one.
        panel: The panel, as for `train`.
        validation_cutoff: The cutoff to compare on.
        config: Settings.

    Returns:
        roc_auc and log_loss.

    Raises:
        InvalidInputError: A model has learned from labels that reach past the validation cutoff, speaks of
            another horizon, or the panel breaks a rule.
        NotEnoughDataError: Too few customers return in training or in validation.
    """
    for name, model in (("challenger", challenger), ("champion", champion)):
        _require_unseen(name, model, validation_cutoff, config)
    rows = split_panel(panel, validation_cutoff, config).validation
    is_returned = ~rows["is_churned"].to_numpy()
    new, old = (
        Replicated.of(is_returned, model.return_probability(rows[list(model.features)]), config)
        for model in (challenger, champion)
    )
    return tuple(comparison(name, new, old) for name in _FIGURES)


def _require_unseen(name: str, model: ChurnModel, validation_cutoff: dt.date, config: ChurnConfig) -> None:
    if model.horizon_days != config.horizon_days:
        raise InvalidInputError(
            f"{name}: its horizon is {model.horizon_days} days, not {config.horizon_days}"
        )
    latest = model.learned_cutoffs[-1]
    if latest + dt.timedelta(days=config.horizon_days) > validation_cutoff:
        raise InvalidInputError(
            f"{name}: it has learned from labels of the cutoff {latest}, which reach past the validation cutoff "
            f"{validation_cutoff}; give its judged twin"
        )
