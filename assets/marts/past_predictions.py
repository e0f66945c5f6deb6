"""What the scores of an earlier month foretold, against what happened since.

Stays out: figures of a model before it served (`marts.model_quality` has both side by side).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from assets.work import Built, Work
from ml.bootstrap import poisson_weights
from ml.churn.evaluation import Judged, figure_interval, figures

_REPLICATES = 200
_SCORED_DAYS = (30, 90, 180, 365)
QUERIES = {
    "churn_month": """
        SELECT snapshot_month, as_of_date, model_version FROM models.churn_model
        WHERE snapshot_month < $snapshot_month AND as_of_date + $days::INTEGER <= $as_of
            AND evaluated_to - evaluated_from + 1 = $days
            AND snapshot_month IN (SELECT snapshot_month FROM scores.customer_churn WHERE churn_probability IS NOT NULL)
        ORDER BY snapshot_month DESC
        LIMIT 1
    """,
    "cltv_month": """
        SELECT snapshot_month, as_of_date, model_version FROM models.cltv_model
        WHERE snapshot_month < $snapshot_month AND as_of_date + $days::INTEGER <= $as_of
            AND snapshot_month IN (SELECT snapshot_month FROM scores.customer_cltv WHERE cltv IS NOT NULL)
        ORDER BY snapshot_month DESC
        LIMIT 1
    """,
    "returns": """
        WITH
        scored AS (SELECT * FROM scores.customer_churn WHERE snapshot_month = $scored_month),
        later AS (SELECT * FROM staging.purchases WHERE purchased_at >= $first_day AND purchased_at < $end)
        SELECT
            1 - scored.churn_probability AS predicted,
            scored.customer_unique_id IN (SELECT customer_unique_id FROM later) AS seen
        FROM scored
        ORDER BY scored.customer_unique_id
    """,
    "purchases": """
        WITH
        scored AS (SELECT * FROM scores.customer_cltv WHERE snapshot_month = $scored_month),
        later AS (SELECT * FROM staging.purchases WHERE purchased_at >= $first_day AND purchased_at < $end),
        bought AS (
            SELECT customer_unique_id, count(DISTINCT purchased_at::DATE) AS purchase_days FROM later
            GROUP BY customer_unique_id
        )
        SELECT
            CASE $days
                WHEN 30 THEN scored.expected_purchases_30d
                WHEN 90 THEN scored.expected_purchases_90d
                WHEN 180 THEN scored.expected_purchases_180d
                WHEN 365 THEN scored.expected_purchases_365d
            END AS predicted,
            coalesce(bought.purchase_days, 0) AS seen
        FROM scored
        LEFT JOIN bought ON scored.customer_unique_id = bought.customer_unique_id
        ORDER BY scored.customer_unique_id
    """,
    "value": """
        WITH
        scored AS (SELECT * FROM scores.customer_cltv WHERE snapshot_month = $scored_month),
        later AS (SELECT * FROM staging.purchases WHERE purchased_at >= $first_day AND purchased_at < $end),
        bought AS (
            SELECT
                customer_unique_id,
                exact_sum(value_brl / (1 + $annual_discount_rate) ** (days_ahead / 365)) AS value_brl
            FROM (SELECT *, purchased_at::DATE - $first_day AS days_ahead FROM later)
            GROUP BY customer_unique_id
        )
        SELECT scored.cltv AS predicted, coalesce(bought.value_brl, 0) AS seen
        FROM scored
        LEFT JOIN bought ON scored.customer_unique_id = bought.customer_unique_id
        ORDER BY scored.customer_unique_id
    """,
}
Row = dict[str, Any]


@dataclass(frozen=True)
class Past:
    """What a model said at an earlier month, of the days from `first_day` on.

    Attributes:
        model: the model's table.
        month: the month that was scored.
        version: the version that scored it.
        first_day: the first day that the scores spoke of.
        days: how many days they spoke of.
        customers: per customer what was `predicted` and what was `seen`.
    """

    model: str
    month: str
    version: str
    first_day: date
    days: int
    customers: pd.DataFrame

    @property
    def predicted(self) -> np.ndarray:
        """What was predicted of each customer, shape (n,)."""
        return self.customers["predicted"].to_numpy(dtype=np.float64)

    @property
    def seen(self) -> np.ndarray:
        """What was seen of each customer, shape (n,)."""
        return self.customers["seen"].to_numpy(dtype=np.float64)

    def row(
        self, metric: str, interval: tuple[float, float, float], amounts: tuple[float, float] | None
    ) -> Row:
        """A row of the table: the figure with its interval, and the amounts where it compares two."""
        value, low, high = interval
        predicted, seen = amounts or (None, None)
        return {
            "model": self.model,
            "metric": metric,
            "scored_month": self.month,
            "model_version": self.version,
            "horizon_days": self.days,
            "value": value,
            "low": low,
            "high": high,
            "predicted": predicted,
            "seen": seen,
            "evaluated_from": self.first_day,
            "evaluated_to": self.first_day + timedelta(days=self.days - 1),
        }


def build(work: Work) -> Built:
    """Judge the newest earlier scores whose horizon has passed; where too few returned, nothing is judged."""
    horizon, cltv_horizon = work.parameters["horizon_days"], work.parameters["cltv_horizon_days"]
    scored_days = max((days for days in _SCORED_DAYS if days <= horizon), default=None)
    rows = [*_judge_churn(work, _past(work, "churn", "returns", horizon))]
    if scored_days is not None:
        rows += _judge_total(work, "purchases_error", _past(work, "cltv", "purchases", scored_days))
    rows += _judge_total(work, "value_error", _past(work, "cltv", "value", cltv_horizon))
    frame = pd.DataFrame(rows, columns=[name for name in work.contract.columns if name != "snapshot_month"])
    written = work.replace(frame.assign(snapshot_month=work.month))
    judged = {f"{row['metric']} of {row['scored_month']}": row["value"] for row in rows}
    return Built(written, facts=judged or {"judged": "no earlier scores whose horizon has passed"})


def _past(work: Work, model: str, outcome: str, days: int) -> Past | None:
    """The newest earlier scores of `days` ahead that have passed by the as-of date, with what was seen."""
    found = work.query(QUERIES[f"{model}_month"], days=days)
    if found.empty:
        return None
    month, version = found.loc[0, "snapshot_month"], found.loc[0, "model_version"]
    first_day = found.loc[0, "as_of_date"].date()
    more = {"scored_month": month, "first_day": first_day, "end": first_day + timedelta(days=days)}
    named = {**more, "days": days} if outcome == "purchases" else more
    return Past(f"{model}_model", month, version, first_day, days, work.query(QUERIES[outcome], **named))


def _judge_churn(work: Work, past: Past | None) -> Iterator[Row]:
    if past is None or not _can_judge(work, past):
        return
    judged = Judged.of(past.seen > 0, past.predicted)

    def measure(weights: np.ndarray) -> Mapping[str, float]:
        found = figures(judged, weights)
        return {name: found[name] for name in ("roc_auc", "expected_calibration_error")}

    for metric, interval in _with_intervals(measure, len(past.seen), work.parameters["seed"]).items():
        yield past.row(metric, interval, None)
    yield from _judge_total(work, "return_rate_error", past, per_customer=True)


def _judge_total(work: Work, metric: str, past: Past | None, per_customer: bool = False) -> Iterator[Row]:
    """The signed error of a total, or of the rate per customer: predicted over seen, less 1."""
    if past is None or not _can_judge(work, past):
        return
    predicted, seen = past.predicted, past.seen

    def measure(weights: np.ndarray) -> Mapping[str, float]:
        return {metric: float((weights * predicted).sum() / (weights * seen).sum() - 1)}

    interval = _with_intervals(measure, len(seen), work.parameters["seed"])[metric]
    count = len(seen) if per_customer else 1
    yield past.row(metric, interval, (float(predicted.sum()) / count, float(seen.sum()) / count))


def _can_judge(work: Work, past: Past) -> bool:
    """Whether as many customers returned, and as many stayed away, as a model needs to be judged by."""
    returned = int((past.seen > 0).sum())
    return min(returned, len(past.seen) - returned) >= work.parameters["min_returns"]


def _with_intervals(
    measure: Callable[[np.ndarray], Mapping[str, float]], size: int, seed: int
) -> dict[str, tuple[float, float, float]]:
    """Each figure of a measure of weights, shape (size,), with its 95 % bootstrap interval over customers."""
    replicates = [measure(weights) for weights in poisson_weights(size, _REPLICATES, seed)]
    return {
        name: (value, *figure_interval(name, value, np.array([row[name] for row in replicates])))
        for name, value in measure(np.ones(size)).items()
    }
