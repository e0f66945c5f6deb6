"""The one shape of a curve as points, whatever the model.

Stays out: computing the points; each model does that beside its figures.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

CALIBRATION, GAIN = "calibration", "gain"


def curve_frame(
    curve: str,
    x: np.ndarray,
    y: np.ndarray,
    *,
    low: np.ndarray | None = None,
    high: np.ndarray | None = None,
    baseline: np.ndarray | None = None,
    customers: np.ndarray | None = None,
) -> pd.DataFrame:
    """Return one row per point: curve, position (from 0), x, y, low, high, baseline, customers.

    Args:
        curve: Its name.
        x: Where the points lie, shape (n,).
        y: The model's value there, shape (n,).
        low: Lower end of the interval of y, shape (n,); missing values if None, as below.
        high: Upper end of it.
        baseline: The naive baseline's value at x.
        customers: How many customers a point speaks of.
    """
    missing = np.full(len(x), np.nan)
    columns = {"x": x, "y": y, "low": low, "high": high, "baseline": baseline, "customers": customers}
    filled = {name: missing if values is None else values for name, values in columns.items()}
    return pd.DataFrame({"curve": curve, "position": np.arange(len(x)), **filled})
