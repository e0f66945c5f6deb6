"""How a model's quality is told: one figure, its interval, and the same for a naive baseline.

Stays out: computing the figures; each model does that beside its own evaluation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class ModelMetric:
    """One quality figure of a model beside that of a naive baseline.

    Attributes:
        metric: Name of the figure.
        value: The model's figure on held-out data.
        low: Lower end of its 95 % interval.
        high: Upper end of its 95 % interval.
        baseline: What the baseline is, in a few words; None where a baseline has no meaning.
        baseline_value: The baseline's figure on the same data; None where it is undefined.
        baseline_low: Lower end of its 95 % interval.
        baseline_high: Upper end of its 95 % interval.
    """

    metric: str
    value: float
    low: float
    high: float
    baseline: str | None = None
    baseline_value: float | None = None
    baseline_low: float | None = None
    baseline_high: float | None = None


def percentile_interval(replicates: np.ndarray, level: float = 0.95) -> tuple[float, float]:
    """Return the percentile bootstrap interval (Efron & Tibshirani 1993, chapter 13).

    Args:
        replicates: The figure in each bootstrap replicate, shape (replicates,).
        level: Share of the replicates between the two ends.
    """
    tail = 100 * (1 - level) / 2
    low, high = np.percentile(replicates, [tail, 100 - tail])
    return float(low), float(high)
