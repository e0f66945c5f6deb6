"""The figures of a model that was fitted earlier, at the validation cutoff of a later month.

Stays out: training (`training`) and the decision whether it goes on serving, which is the caller's.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from ml.churn.candidates import fit_candidate
from ml.churn.config import ChurnConfig
from ml.churn.evaluation import Replicated, churn_metrics
from ml.churn.model import ChurnModel
from ml.churn.panel import split_panel
from ml.churn.recipe import RECENCY, recency_recipe
from ml.errors import NotEnoughDataError
from ml.metrics import ModelMetric


def judge(
    judged: ChurnModel, panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig
) -> tuple[ModelMetric, ...]:
    """Return the figures of a judged twin beside recency alone; none where too few customers return.

    Args:
        judged: The judged twin of an earlier month's model.
        panel: The month's panel, as for `training.train`; recency alone is fitted on its training cutoffs.
        validation_cutoff: The cutoff to judge on.
        config: Settings.

    Raises:
        InvalidInputError: The panel breaks a rule.
    """
    try:
        split = split_panel(panel, validation_cutoff, config)
    except NotEnoughDataError:
        return ()
    rows = split.validation
    probability = judged.return_probability(rows[list(judged.features)])
    own = Replicated.of(~rows["is_churned"].to_numpy(), probability, config)
    naive = fit_candidate(RECENCY, recency_recipe(), split, validation_cutoff, config, None)
    return churn_metrics(own, naive.figures)
