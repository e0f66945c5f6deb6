"""The curves of a churn model on the validation cutoff as points: calibration, and gain by contacting the best first.

Stays out: drawing them (`figures` for MLflow; the dashboard draws its own).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ml.churn.figures import gain, reliability
from ml.curves import CALIBRATION, GAIN, curve_frame

if TYPE_CHECKING:
    from ml.churn.training import ChurnTraining

_POINTS = 41


def curves(training: ChurnTraining) -> pd.DataFrame:
    """Return the points of both curves, as `ml.curves.curve_frame`; the baseline is recency alone.

    Calibration: x is the predicted and y the observed return rate of bins of about equal size, with the 95 %
    interval of a share. Gain: y is the share of all returns among the best x of the customers.
    """
    rows = training.validation
    is_returned = rows["is_returned"].to_numpy()
    predicted, observed, size = reliability(is_returned, rows["return_probability"].to_numpy())
    low, high = wilson_interval(observed, size)
    share = np.linspace(0, 1, _POINTS)
    mine, theirs = (
        gain(is_returned, rows[name].to_numpy(), share)
        for name in ("return_probability", "baseline_return_probability")
    )
    return pd.concat(
        [
            curve_frame(CALIBRATION, predicted, observed, low=low, high=high, customers=size),
            curve_frame(GAIN, share, mine, baseline=theirs),
        ],
        ignore_index=True,
    )


def wilson_interval(share: np.ndarray, size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the 95 % interval of shares of `size` trials each, all of shape (n,) (Wilson 1927)."""
    z = 1.959964
    middle = (share + z**2 / (2 * size)) / (1 + z**2 / size)
    half = z / (1 + z**2 / size) * np.sqrt(share * (1 - share) / size + z**2 / (4 * size**2))
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)
