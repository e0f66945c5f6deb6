"""The figures of a model that was fitted earlier, on the holdout of a later month.

Stays out: training (`training`) and the decision whether it goes on serving, which is the caller's.
"""

from __future__ import annotations

import pandas as pd

from ml.clv.config import ClvConfig
from ml.clv.coverage import interval_coverage
from ml.clv.evaluation import evaluate, holdout_metrics, predict, predict_naively
from ml.clv.holdout import Holdout
from ml.clv.model import CltvModel
from ml.metrics import ModelMetric


def judge(judged: CltvModel, calibration: pd.DataFrame, config: ClvConfig) -> tuple[ModelMetric, ...]:
    """Return the holdout figures of a judged model beside the baseline; none where the holdout is not usable.

    Args:
        judged: A `CltvTraining.judged` of an earlier month.
        calibration: The holdout, as in `training.train`.
        config: Settings; its `horizon_days` is the length of the holdout.

    Raises:
        InvalidInputError: The frame breaks a rule.
    """
    holdout = Holdout.from_frame(calibration, config.horizon_days)
    if not holdout.is_usable(config):
        return ()
    customers = holdout.rows.customers
    own = evaluate(predict(holdout, judged.purchases, judged.gamma_gamma), customers, config)
    naive = evaluate(predict_naively(holdout), customers, config)
    coverage = interval_coverage(holdout, judged.purchases, judged.purchases_covariance, config)
    return (*holdout_metrics(own, naive), coverage)
