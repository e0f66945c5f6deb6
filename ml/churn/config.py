"""The settings of the churn models.

Stays out: where settings come from, and what belongs to one model class (`recipe`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ChurnConfig:
    """What training needs to know beside the data.

    Attributes:
        horizon_days: Days without a purchase that count as churn.
        iterations: Most trees that a booster of the default recipes grows.
        early_stopping_rounds: Trees without progress on the customers held out for it that end the growth.
        threads: Threads of CatBoost. Results are equal for equal threads.
        seed: Seed of the models, of the sampled contributions and of the bootstrap.
        early_stopping_percent: Share of the training customers held out for early stopping.
        min_returns: Fewest returning (and fewest staying away) customers in training and in validation.
        green_lift: Return probability, in units of the base rate, from which a customer is green.
        red_lift: Return probability, in units of the base rate, below which a customer is red.
        bootstrap_replicates: Replicates behind the intervals of the metrics.
    """

    horizon_days: int = 180
    iterations: int = 300
    early_stopping_rounds: int = 30
    threads: int = 2
    seed: int = 7
    early_stopping_percent: int = 20
    min_returns: int = 30
    green_lift: float = 2.0
    red_lift: float = 0.75
    bootstrap_replicates: int = 200
