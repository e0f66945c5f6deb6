"""What did earlier scores foretell, and what came?

Stays out: figures of a model before it served (`dashboard.queries.models`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from dashboard.tables import past_predictions


@dataclass(frozen=True)
class PastPrediction:
    """The scores of `scored_month` looked back on from `snapshot_month`, when their horizon had passed.

    `value` is the figure with its 95 % interval; of an error it is `predicted` over `seen` less 1. The return rate is a
    fraction, purchases are days with a purchase, value is in reais, discounted.
    """

    snapshot_month: str
    model: str
    metric: str
    scored_month: str
    model_version: str
    horizon_days: int
    value: float | None
    low: float | None
    high: float | None
    predicted: float | None
    seen: float | None
    evaluated_from: date
    evaluated_to: date


def past_predictions_of(connection: sa.Connection, limit: int) -> tuple[PastPrediction, ...]:
    """What the newest `limit` months that look back found, oldest first, models and metrics by name."""
    table = past_predictions.c
    newest = sa.select(table.snapshot_month).distinct().order_by(table.snapshot_month.desc()).limit(limit)
    query = (
        sa.select(past_predictions)
        .where(table.snapshot_month.in_(newest))
        .order_by(table.snapshot_month, table.model, table.metric)
    )
    return tuple(PastPrediction(**row) for row in connection.execute(query).mappings())
