"""Training of the churn model: grow, stop on other customers, judge on a later cutoff, refit to serve.

Stays out: the rules of the split (`panel`), the figures (`evaluation`), and keeping the result.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ml.churn.baseline import fit_baseline
from ml.churn.config import ChurnConfig
from ml.churn.evaluation import churn_metrics
from ml.churn.features import CATEGORICAL, FEATURES, feature_frame
from ml.churn.model import ChurnModel, RiskRule
from ml.churn.panel import PanelSplit, split_panel
from ml.metrics import ModelMetric

if TYPE_CHECKING:
    from catboost import CatBoostClassifier


@dataclass(frozen=True, eq=False)
class ChurnTraining:
    """What training found.

    Attributes:
        model: The model to score with, refitted on training and validation cutoffs together.
        metrics: Figures on the validation cutoff of the model that had not seen it, beside the baseline.
        reason: What was trained on what, in words.
        validation: One row per customer of the validation cutoff: customer_unique_id, is_returned,
            return_probability and baseline_return_probability.
        importance: One row per feature: feature, importance_pct (CatBoost's PredictionValuesChange of the
            model to score with; sums to 100).
    """

    model: ChurnModel
    metrics: tuple[ModelMetric, ...]
    reason: str
    validation: pd.DataFrame
    importance: pd.DataFrame


def train(panel: pd.DataFrame, validation_cutoff: dt.date, config: ChurnConfig) -> ChurnTraining:
    """Train the churn model.

    Trees are grown on the training cutoffs, whose label periods end by the validation cutoff; how many is
    decided on customers kept apart from growing; the figures are those of this model at the validation
    cutoff. Then a model of as many trees is grown on all rows, to serve. Classes are not re-weighted, which
    would bend the probabilities.

    Args:
        panel: One row per cutoff_date and customer_unique_id: the features, and is_churned (bool: no purchase
            in [cutoff, cutoff + horizon)).
        validation_cutoff: The cutoff to report on.
        config: Settings.

    Raises:
        InvalidInputError: The panel breaks a rule, such as a training label that reaches past the cutoff.
        NotEnoughDataError: Too few customers return in training or in validation.
    """
    split = split_panel(panel, validation_cutoff, config)
    judged = _grow(split.growing, config.iterations, config, split.stopping)
    validation = _predict_validation(judged, split)
    metrics = churn_metrics(
        validation["is_returned"].to_numpy(),
        validation["return_probability"].to_numpy(),
        validation["baseline_return_probability"].to_numpy(),
        config,
    )
    served = _grow(split.everything, judged.tree_count_, config)
    base_rate = float(validation["is_returned"].mean())
    model = ChurnModel(
        classifier=served,
        features=FEATURES,
        rule=RiskRule(base_rate, config.green_lift, config.red_lift),
        tree_count=served.tree_count_,
        validation_cutoff=validation_cutoff,
        horizon_days=config.horizon_days,
    )
    return ChurnTraining(model, metrics, _reason(split, model, config), validation, _importance(served))


def _grow(
    rows: pd.DataFrame, iterations: int, config: ChurnConfig, stopping: pd.DataFrame | None = None
) -> CatBoostClassifier:
    """Grow trees on rows; with `stopping`, keep as many as were best on it. Class 1 is a return.

    The first guess is the base rate, not one half: few trees then still give calibrated probabilities.
    """
    from catboost import CatBoostClassifier

    classifier = CatBoostClassifier(
        iterations=iterations,
        learning_rate=config.learning_rate,
        depth=config.depth,
        one_hot_max_size=config.one_hot_max_size,
        max_ctr_complexity=config.max_ctr_complexity,
        boost_from_average=True,
        cat_features=list(CATEGORICAL),
        random_seed=config.seed,
        thread_count=config.threads,
        allow_writing_files=False,
        verbose=False,
    )
    if stopping is None:
        return classifier.fit(*_features_and_label(rows))
    return classifier.fit(
        *_features_and_label(rows),
        eval_set=_features_and_label(stopping),
        early_stopping_rounds=config.early_stopping_rounds,
        use_best_model=True,
    )


def _features_and_label(rows: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    return feature_frame(rows, "panel"), (~rows["is_churned"]).to_numpy().astype(np.int64)


def _predict_validation(classifier: CatBoostClassifier, split: PanelSplit) -> pd.DataFrame:
    training, rows = split.training, split.validation
    recency = training["recency_days"].to_numpy(dtype=np.float64)
    baseline = fit_baseline(recency, (~training["is_churned"]).to_numpy())
    return pd.DataFrame(
        {
            "customer_unique_id": rows["customer_unique_id"].to_numpy(),
            "is_returned": (~rows["is_churned"]).to_numpy(),
            "return_probability": classifier.predict_proba(feature_frame(rows, "panel"))[:, 1],
            "baseline_return_probability": baseline.predict(rows["recency_days"].to_numpy(dtype=np.float64)),
        }
    )


def _importance(classifier: CatBoostClassifier) -> pd.DataFrame:
    importance = np.asarray(classifier.get_feature_importance(), dtype=np.float64)
    frame = pd.DataFrame({"feature": FEATURES, "importance_pct": importance})
    return frame.sort_values("importance_pct", ascending=False, kind="stable", ignore_index=True)


def _reason(split: PanelSplit, model: ChurnModel, config: ChurnConfig) -> str:
    training, validation = split.training, split.validation
    cutoffs = ", ".join(str(cutoff) for cutoff in sorted(training["cutoff_date"].unique()))
    return (
        f"Trees were grown on {len(split.growing)} rows of the cutoffs {cutoffs} and stopped at "
        f"{model.tree_count} on {len(split.stopping)} rows of other customers; judged on {len(validation)} "
        f"customers at {model.validation_cutoff}, of whom {model.rule.base_return_rate:.2%} returned within "
        f"{config.horizon_days} days; then as many trees were grown on all "
        f"{len(training) + len(validation)} rows."
    )
