"""The settings of the churn model.

Stays out: where settings come from.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ChurnConfig:
    """What training needs to know beside the data.

    Attributes:
        horizon_days: Days without a purchase that count as churn.
        iterations: Most trees that are grown.
        early_stopping_rounds: Trees without progress on the customers held out for it that end the growth.
        learning_rate: Shrinkage of each tree.
        depth: Depth of each tree.
        one_hot_max_size: Categories up to which a column is one-hot encoded; above it, target statistics.
        max_ctr_complexity: Categorical columns that may be combined into one; 1 means no combinations.
        threads: Threads of CatBoost. Results are equal for equal threads.
        seed: Seed of CatBoost and of the bootstrap.
        early_stopping_percent: Share of the training customers held out for early stopping.
        min_returns: Fewest returning (and fewest staying away) customers in training and in validation.
        green_lift: Return probability, in units of the base rate, from which a customer is green.
        red_lift: Return probability, in units of the base rate, below which a customer is red.
        bootstrap_replicates: Replicates behind the intervals of the metrics.
    """

    horizon_days: int = 180
    iterations: int = 300
    early_stopping_rounds: int = 30
    learning_rate: float = 0.06
    depth: int = 4
    one_hot_max_size: int = 32
    max_ctr_complexity: int = 1
    threads: int = 2
    seed: int = 7
    early_stopping_percent: int = 20
    min_returns: int = 30
    green_lift: float = 2.0
    red_lift: float = 0.75
    bootstrap_replicates: int = 200
