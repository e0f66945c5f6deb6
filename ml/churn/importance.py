"""How much each feature moves the scores: one measure for every class of model.

Stays out: single customers (`reasons`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ml.churn.model import ChurnModel

_MOST_ROWS = 5000


def feature_importance(model: ChurnModel, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the mean absolute contribution of each feature to the log-odds, as a share of all (Lundberg et al. 2020).

    Args:
        model: The model.
        rows: Customers with the model's features as of `feature_frame`; at most 5,000, evenly spaced, are used.

    Returns:
        One row per feature, largest first: feature, importance_pct (they sum to 100; all 0 for a model that
        gives everyone the same score).
    """
    step = max(1, -(-len(rows) // _MOST_ROWS))
    contributions = model.contributions(rows.iloc[::step][list(model.features)])
    effect = np.abs(contributions).mean(axis=0)
    total = effect.sum()
    share = 100 * effect / total if total > 0 else effect
    frame = pd.DataFrame({"feature": model.features, "importance_pct": share})
    return frame.sort_values("importance_pct", ascending=False, kind="stable", ignore_index=True)
