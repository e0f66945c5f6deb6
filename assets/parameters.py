"""What the tables' SQL and the models are told: horizons, thresholds and seeds.

Stays out: where these come from (`orchestration.settings`).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from dagster import ConfigurableResource

from assets.months import SnapshotMonth


class Parameters(ConfigurableResource):
    """The pipeline's parameters, one value for a whole run; bound in SQL by their names.

    Attributes:
        horizon_days: the days ahead that churn and expected purchases speak of.
        cltv_horizon_days: the days ahead that cltv sums over.
        annual_discount_rate: the rate by which later spend counts less, a year.
        high_value_share: the share of customers with the highest cltv that are High Value.
        green_lift, red_lift: risk bands, as multiples of the base return rate.
        churn_cutoffs, churn_cutoff_step_days: the panel of past cutoffs that churn is learned from.
        min_repeat_customers, min_returns: below these a model is not fitted ("not enough data").
        alert_jump: the change of a segment's share that raises an alert.
        seed: of every draw.
    """

    horizon_days: int = 180
    cltv_horizon_days: int = 365
    annual_discount_rate: float = 0.10
    high_value_share: float = 0.2
    green_lift: float = 2.0
    red_lift: float = 0.75
    churn_cutoffs: int = 3
    churn_cutoff_step_days: int = 90
    min_repeat_customers: int = 30
    min_returns: int = 30
    alert_jump: float = 0.05
    seed: int = 7
    threads: int = 2
    code_version: str = "unknown"

    def of_month(self, month: SnapshotMonth) -> dict[str, Any]:
        """Every parameter that SQL may bind, for one month."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        dates = {key: value for key, value in asdict(month).items() if key != "key"}
        return {**values, **dates, "snapshot_month": month.key}
