"""What the tables' SQL and the models are told: horizons, thresholds and seeds.

Stays out: where these come from (`orchestration.settings`).
"""

from __future__ import annotations

from typing import Any

from dagster import ConfigurableResource

from assets.months import SnapshotMonth


class Parameters(ConfigurableResource):
    """The pipeline's parameters, the same for a whole run; SQL binds them by their names.

    Attributes:
        horizon_days: the days ahead that churn and expected purchases speak of.
        cltv_horizon_days: the days ahead that cltv sums over.
        annual_discount_rate: the rate by which later spend counts less, a year.
        high_value_share: the share of customers with the highest cltv that are High Value.
        green_lift: green is at least this multiple of the base return rate.
        red_lift: red is below this multiple of the base return rate.
        churn_cutoffs: how many past cutoffs churn is learned from.
        churn_cutoff_step_days: the days between those cutoffs.
        min_repeat_customers: below this no CLTV model is fitted ("not enough data").
        min_returns: below this many returning customers no churn model is fitted.
        leak_auc: above this ROC-AUC a churn model is taken for leaking and stops the run.
        tune_trials: the most trials of a model search.
        tune_minutes: the most minutes of a model search.
        alert_jump: the change of a segment's share that raises an alert.
        published: the folder of published snapshots.
        keep_snapshots: how many of them stay.
        seed: the seed of every draw.
        threads: the threads of the churn model.
        code_version: the version of the code, for the record.
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
    leak_auc: float = 0.9
    tune_trials: int = 40
    tune_minutes: float = 20
    alert_jump: float = 0.05
    published: str = ""
    keep_snapshots: int = 10
    seed: int = 7
    threads: int = 2
    code_version: str = "unknown"

    def of_month(self, month: SnapshotMonth) -> dict[str, Any]:
        """Every value that the SQL of a monthly table may bind."""
        return {
            **self.values(),
            "snapshot_month": month.key,
            "observation_end": month.observation_end,
            "as_of": month.as_of,
        }

    def values(self) -> dict[str, Any]:
        """Every parameter by its name."""
        return {name: getattr(self, name) for name in type(self).model_fields}
