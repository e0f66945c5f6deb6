"""The risk band: how a return probability becomes green, yellow or red.

Stays out: the probability.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class RiskRule:
    """How a return probability becomes a risk band.

    Attributes:
        base_return_rate: Share of customers who returned within the horizon, at the validation cutoff.
        green_lift: Green from this multiple of the base rate on.
        red_lift: Red below this multiple of the base rate; yellow in between.
    """

    base_return_rate: float
    green_lift: float
    red_lift: float

    def __post_init__(self) -> None:
        if not 0 < self.base_return_rate <= 1:
            raise ValueError(f"base_return_rate must lie in (0, 1], not {self.base_return_rate}")
        if not 0 <= self.red_lift <= self.green_lift:
            raise ValueError(f"0 <= red_lift <= green_lift is broken: {self.red_lift}, {self.green_lift}")


def risk_band(churn_probability: np.ndarray, rule: RiskRule) -> np.ndarray:
    """Return 'green', 'yellow' or 'red' for each churn probability, shape (n,) of text.

    Green where the return probability is at least `green_lift` base rates, red where it is below `red_lift`
    base rates, yellow in between; compared on the side of churn, so that a probability given as 1 - x is not
    moved across a border by rounding.

    Raises:
        ValueError: A probability is missing or outside [0, 1].
    """
    churn = np.asarray(churn_probability, dtype=np.float64)
    outside = int(np.count_nonzero(~((churn >= 0) & (churn <= 1))))
    if outside:
        raise ValueError(
            f"churn_probability: {outside} of {churn.size} value(s) are missing or outside [0, 1]"
        )
    green = churn <= 1 - rule.green_lift * rule.base_return_rate
    red = churn > 1 - rule.red_lift * rule.base_return_rate
    return np.select([green, red], ["green", "red"], default="yellow")
