"""The settings of the lifetime-value model.

Stays out: where settings come from.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ClvConfig:
    """What training and scoring need to know beside the data; all times are in days.

    Attributes:
        families: Families fitted; BG/NBD is the default and must be among them.
        penalizers: L2 penalties tried, ascending. They act on the parameters with time in units of the oldest
            customer's age and spend in units of its mean, so they mean the same in any currency or time unit.
        horizon_days: Length of the holdout, and the horizon that is always shown.
        cltv_horizon_days: Days of expected spend that make up the lifetime value.
        annual_discount_rate: Discount over 365 days, as a share.
        prediction_horizons: Days ahead for which expected purchases are scored.
        min_repeat_customers: Fewest repeat customers (and purchases in the holdout) that can be believed.
        bootstrap_replicates: Replicates behind the intervals of the metrics.
        interval_draws: Draws of the parameters behind the intervals of scores and forecasts.
        seed: Seed of every draw.
    """

    families: tuple[str, ...] = ("BG/NBD", "MBG/NBD", "Pareto/NBD")
    penalizers: tuple[float, ...] = (0.0, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
    horizon_days: int = 180
    cltv_horizon_days: int = 365
    annual_discount_rate: float = 0.10
    prediction_horizons: tuple[int, ...] = (30, 90, 180, 365)
    min_repeat_customers: int = 30
    bootstrap_replicates: int = 200
    interval_draws: int = 200
    seed: int = 7
