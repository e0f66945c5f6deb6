"""How good are the models, beside a naive baseline?

Stays out: which words a metric is given (`dashboard.terms`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from dashboard.tables import model_quality


@dataclass(frozen=True)
class Score:
    """A metric of a model and of its baseline, with 95 % intervals where they were measured."""

    metric: str
    value: float | None
    low: float | None
    high: float | None
    baseline: str | None
    baseline_value: float | None
    baseline_low: float | None
    baseline_high: float | None


@dataclass(frozen=True)
class ModelQuality:
    """A model's newest figures and the span of unseen purchases they were measured on."""

    model: str
    snapshot_month: str
    evaluated_from: date | None
    evaluated_to: date | None
    scores: tuple[Score, ...]


_KEPT = tuple(Score.__dataclass_fields__)


def newest_model_quality(connection: sa.Connection) -> tuple[ModelQuality, ...]:
    """The figures of each model's newest month that has any, models and metrics by name."""
    table = model_quality.c
    newest = (
        sa.select(table.model, sa.func.max(table.snapshot_month).label("snapshot_month"))
        .group_by(table.model)
        .subquery()
    )
    query = (
        sa.select(model_quality)
        .join(newest, (table.model == newest.c.model) & (table.snapshot_month == newest.c.snapshot_month))
        .order_by(table.model, table.metric)
    )
    by_model: dict[str, list[sa.RowMapping]] = {}
    for row in connection.execute(query).mappings():
        by_model.setdefault(row["model"], []).append(row)
    return tuple(_quality(model, rows) for model, rows in by_model.items())


def _quality(model: str, rows: list[sa.RowMapping]) -> ModelQuality:
    first = rows[0]
    scores = tuple(Score(**{name: row[name] for name in _KEPT}) for row in rows)
    return ModelQuality(
        model, first["snapshot_month"], first["evaluated_from"], first["evaluated_to"], scores
    )
