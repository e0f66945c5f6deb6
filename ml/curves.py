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
    group_from: np.ndarray | None = None,
    group_to: np.ndarray | None = None,
) -> pd.DataFrame:
    """Return one row per point: curve, position (from 0), and a column for each of x to group_to.

    Args:
        curve: Its name.
        x: Where the points lie, shape (n,).
        y: The model's value there, shape (n,).
        low: Lower end of the interval of y, shape (n,); missing values if None, as below.
        high: Upper end of it.
        baseline: The naive baseline's value at x.
        customers: How many customers a point speaks of.
        group_from: The least number that its group of customers has, of whatever groups them.
        group_to: The greatest; missing where the group is open above.
    """
    missing = np.full(len(x), np.nan)
    columns = {
        "x": x,
        "y": y,
        "low": low,
        "high": high,
        "baseline": baseline,
        "customers": customers,
        "group_from": group_from,
        "group_to": group_to,
    }
    filled = {name: missing if values is None else values for name, values in columns.items()}
    return pd.DataFrame({"curve": curve, "position": np.arange(len(x)), **filled})
