"""How a model's quality is told: one figure, its interval, and the same for a naive baseline.

Stays out: computing the figures; each model does that beside its own evaluation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_IRRELEVANT_SHARE = 0.005


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


def distance_interval(value: float, replicates: np.ndarray) -> tuple[float, float]:
    """Return the 95 % interval of a distance, which noise can only enlarge.

    Noise adds to the square of a distance once, and to that of its replicates twice. The lower end is that of the
    basic bootstrap on squares, which takes the excess out (Davison & Hinkley 1997, equation 5.6); the upper that of
    the percentile bootstrap, which leaves it in. So the interval leans to holding the true distance too often, and
    it always holds the value.

    Args:
        value: The distance, not negative.
        replicates: It in each bootstrap replicate, shape (replicates,).
    """
    _, high = percentile_interval(replicates)
    high = max(high, value)
    return max(2 * value**2 - high**2, 0.0) ** 0.5, high


@dataclass(frozen=True)
class Comparison:
    """A challenger's figure beside the champion's on the same customers of the same held-out period.

    Attributes:
        metric: Name of the figure.
        challenger: The challenger's figure.
        champion: The champion's figure.
        difference: Challenger minus champion.
        low: Lower end of the 95 % paired bootstrap interval of the difference.
        high: Upper end of that interval.
        larger_is_better: Whether a larger figure is a better one.
    """

    metric: str
    challenger: float
    champion: float
    difference: float
    low: float
    high: float
    larger_is_better: bool

    @property
    def is_no_worse(self) -> bool:
        """Whether the challenger is not worse beyond noise, or by too little to matter.

        The interval reaches zero or better, or the difference is below half a percent of the champion's figure:
        two nearly equal models differ beyond noise in the fifth digit.
        """
        reaches_zero = self.high >= 0 if self.larger_is_better else self.low <= 0
        return reaches_zero or abs(self.difference) < _IRRELEVANT_SHARE * abs(self.champion)

    @property
    def is_better(self) -> bool:
        """Whether the challenger is better beyond noise: the interval lies wholly on the better side."""
        return self.low > 0 if self.larger_is_better else self.high < 0
