"""Whether spend per purchase goes with frequency among repeat customers; Gamma-Gamma assumes that it does not.

Stays out: what to do about it; the check informs, it does not refuse.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri, stdtr

from ml.clv.inputs import checked_spend

_LEVEL = 0.95
_WEAK = 0.1
_STRONG = 0.3
_FEWEST = 4


@dataclass(frozen=True)
class SpendCheck:
    """Spearman's correlation of frequency and mean spend among repeat customers.

    Attributes:
        customers: How many there are.
        correlation: The correlation; None where it is undefined.
        low: Lower end of its 95 % interval.
        high: Upper end.
        p_value: Two-sided probability of a correlation this far from 0 under independence.
        sentence: What that means for Gamma-Gamma, in plain words.
    """

    customers: int
    correlation: float | None
    low: float | None
    high: float | None
    p_value: float | None
    sentence: str


def check_spend(spend: pd.DataFrame) -> SpendCheck:
    """Check Gamma-Gamma's assumption on one row per repeat customer (frequency, monetary_value).

    The interval is Fisher's with the variance (1 + rho^2 / 2) / (n - 3) of Bonett & Wright (2000, eq. 4),
    the p-value that of Student's t with n - 2 degrees of freedom.
    """
    frequency, value, counts = checked_spend(spend, "spend")
    frequency, value = (np.repeat(column, counts.astype(np.int64)) for column in (frequency, value))
    number = len(value)
    if number < _FEWEST or len(np.unique(frequency)) == 1 or len(np.unique(value)) == 1:
        why = (
            f"{number} repeat customer(s), and {_FEWEST} are needed"
            if number < _FEWEST
            else "all repeat customers have the same frequency or the same spend"
        )
        return SpendCheck(number, None, None, None, None, f"Independence of spend cannot be checked: {why}.")
    rho = float(np.corrcoef(_ranks(frequency), _ranks(value))[0, 1])
    low, high = _interval(rho, number)
    p_value = _p_value(rho, number)
    return SpendCheck(number, rho, low, high, p_value, _sentence(rho, low, high, p_value))


def _ranks(values: np.ndarray) -> np.ndarray:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[place.ravel()]


def _interval(rho: float, number: int) -> tuple[float, float]:
    inside = min(max(rho, -1 + 1e-12), 1 - 1e-12)
    reach = ndtri((1 + _LEVEL) / 2) * np.sqrt((1 + inside**2 / 2) / (number - 3))
    low, high = np.tanh(np.arctanh(inside) - reach), np.tanh(np.arctanh(inside) + reach)
    return float(low), float(high)


def _p_value(rho: float, number: int) -> float:
    rest = 1 - rho**2
    if rest <= 0:
        return 0.0
    return float(2 * stdtr(number - 2, -abs(rho) * np.sqrt((number - 2) / rest)))


def _sentence(rho: float, low: float, high: float, p_value: float) -> str:
    figures = f"(Spearman {rho:+.2f}, 95 % interval {low:+.2f} to {high:+.2f}, p = {p_value:.2g})"
    if low <= 0 <= high:
        return f"Spend per purchase shows no dependence on frequency {figures}; Gamma-Gamma's assumption may stand."
    more = "more" if rho > 0 else "less"
    if abs(rho) < _WEAK:
        return f"Frequent customers spend slightly {more} per purchase {figures}; too little to matter."
    strength = "clearly" if abs(rho) >= _STRONG else "somewhat"
    direction = "too low" if rho > 0 else "too high"
    return (
        f"Frequent customers spend {strength} {more} per purchase {figures}; Gamma-Gamma assumes that they do "
        f"not, and values of frequent customers may be {direction}."
    )
