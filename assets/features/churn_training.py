"""The panel that churn is learned from: the features of customer_behaviour at past cutoffs, and what followed."""

from __future__ import annotations

from datetime import datetime, timedelta

from assets.catalog import table_sql
from assets.work import Built, Work
from ml.churn.features import FEATURES

_BEHAVIOUR = table_sql("features.customer_behaviour")
_LABELLED = f"""
    SELECT
        $snapshot_month AS snapshot_month, $cutoff::DATE AS cutoff_date, $split AS split,
        behaviour.customer_unique_id, {", ".join(FEATURES)},
        ahead.customer_unique_id IS NULL AS is_churned
    FROM ({_BEHAVIOUR.replace("$as_of", "$cutoff")}) AS behaviour
    LEFT JOIN (
        SELECT DISTINCT customer_unique_id FROM staging.purchases
        WHERE purchased_at >= $cutoff AND purchased_at < $label_end
    ) AS ahead ON behaviour.customer_unique_id = ahead.customer_unique_id
"""

QUERIES = {"labelled": _LABELLED}


def cutoffs(as_of: datetime, horizon_days: int, count: int, step_days: int) -> list[tuple[str, datetime]]:
    """The (split, cutoff) pairs of a month, newest first.

    The validation cutoff lies one horizon before the as-of date, so that its label period has just ended. The
    training cutoffs lie at least one horizon before that, so that no training label reaches past it.
    """
    validation = as_of - timedelta(days=horizon_days)
    newest = validation - timedelta(days=horizon_days)
    training = [newest - timedelta(days=step_days * step) for step in range(count)]
    return [("validation", validation), *(("training", cutoff) for cutoff in training)]


def build(work: Work) -> Built:
    """Compute the features at each cutoff with the SQL of customer_behaviour, and label them with what followed."""
    values = work.parameters
    horizon = timedelta(days=values["horizon_days"])
    panel = cutoffs(
        values["as_of"], values["horizon_days"], values["churn_cutoffs"], values["churn_cutoff_step_days"]
    )
    parts: list[str] = []
    bound: dict[str, datetime] = {}
    for number, (split, cutoff) in enumerate(panel):
        parts.append(
            _LABELLED.replace("$cutoff", f"$cutoff_{_LETTERS[number]}")
            .replace("$label_end", f"$label_end_{_LETTERS[number]}")
            .replace("$split", f"'{split}'")
        )
        bound |= {f"cutoff_{_LETTERS[number]}": cutoff, f"label_end_{_LETTERS[number]}": cutoff + horizon}
    rows = work.replace(f"{' UNION ALL '.join(parts)} ORDER BY cutoff_date, customer_unique_id", **bound)
    return Built(rows, facts={"cutoffs": ", ".join(str(cutoff.date()) for _, cutoff in panel)})


_LETTERS = "abcdefghijklmnopqrstuvwxyz"
