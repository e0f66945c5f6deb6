"""The value of purchases: gamma-gamma draws in whole cents, and splitting a sum into parts.

Stays out: what the money is for.
"""

import numpy as np

from ml.simulate.arrays import Floats, Ints, position_in_group
from ml.simulate.config import SimulationConfig

SMALLEST_VALUE_CENTS = 100
_EVENNESS = 0.5


def draw_mean_spends(rng: np.random.Generator, config: SimulationConfig, size: int) -> Floats:
    """Draw each customer's mean value of a purchase, ``p / nu`` with ``nu ~ Gamma(q, rate gamma)``, in BRL.

    Fader & Hardie 2013, "The Gamma-Gamma Model of Monetary Value", assumptions (i) and (ii).
    """
    return config.p * config.gamma / rng.gamma(config.q, 1.0, size)


def draw_values(rng: np.random.Generator, config: SimulationConfig, mean_spend: Floats) -> Ints:
    """Draw the value of one purchase per row, gamma of shape ``p`` around the buyer's mean.

    Args:
        rng: Source of randomness.
        config: Settings.
        mean_spend: The buyer's mean value in BRL, shape ``(orders,)``.

    Returns:
        Whole cents, at least one BRL (so that every item can have a price), shape ``(orders,)``.
    """
    value = rng.gamma(config.p, 1.0, mean_spend.size) * mean_spend / config.p
    return np.maximum(np.rint(value * 100).astype(np.int64), SMALLEST_VALUE_CENTS)


def split_cents(rng: np.random.Generator, totals: Ints, counts: Ints) -> Ints:
    """Split each total into random parts of at least one cent that add up to it exactly.

    Args:
        rng: Source of randomness.
        totals: Cents to split, shape ``(groups,)``, each at least its count.
        counts: Number of parts of each total, shape ``(groups,)``, each at least 1.

    Returns:
        Parts in the order of the groups, shape ``(counts.sum(),)``.
    """
    weights = rng.random(int(counts.sum())) + _EVENNESS
    starts = np.cumsum(counts) - counts
    shares = weights / np.repeat(np.add.reduceat(weights, starts), counts) if counts.size else weights
    parts = 1 + np.floor(np.repeat(totals - counts, counts) * shares).astype(np.int64)
    missing = totals - np.add.reduceat(parts, starts) if counts.size else totals
    return parts + np.where(position_in_group(counts) == 0, np.repeat(missing, counts), 0)
