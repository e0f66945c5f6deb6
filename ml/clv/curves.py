"""The curves of a lifetime-value model on its holdout as points: calibration, and gain by contacting the best first.

Stays out: drawing them (`figures` for MLflow; the dashboard draws its own).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ml.clv.figures import OPEN_FREQUENCY, holdout_by_frequency
from ml.clv.ranking import Ranking
from ml.curves import CALIBRATION, GAIN, curve_frame

if TYPE_CHECKING:
    from ml.clv.results import CltvTraining

_POINTS = 41


def curves(training: CltvTraining) -> pd.DataFrame:
    """Return the points of the curves, as `ml.curves.curve_frame`; none without a holdout.

    Calibration: x is the expected and y the actual number of purchases per customer in the holdout, one point for
    each group of customers by purchase days before it (1, 2, 3, 4 and more) that there is. Gain: y is the share of the
    holdout's value held by the x of the customers predicted to be worth most; it is missing where value could not be
    judged.
    """
    frame = training.holdout
    if frame.empty:
        return curve_frame(CALIBRATION, np.empty(0), np.empty(0))
    frequency, expected, actual, size = holdout_by_frequency(training)
    days = frequency + 1
    is_open = frequency == OPEN_FREQUENCY
    ends = np.where(is_open, np.nan, days)
    parts = [curve_frame(CALIBRATION, expected, actual, customers=size, group_from=days, group_to=ends)]
    predicted = frame["expected_value_brl"].to_numpy()
    if not np.isnan(predicted).any():
        ranking = Ranking.of(predicted, frame["holdout_value_brl"].to_numpy())
        share = np.linspace(0, 1, _POINTS)
        found = np.interp(share, *ranking.gains(frame["customers"].to_numpy()))
        parts.append(curve_frame(GAIN, share, found, baseline=share))
    return pd.concat(parts, ignore_index=True)
