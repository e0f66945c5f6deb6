"""How well did the serving versions predict, point by point, on what they had not seen?

Stays out: drawing the points (`dashboard.pages.curves`).
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from dashboard.tables import model_curves

CALIBRATION, GAIN = "calibration", "gain"


@dataclass(frozen=True)
class CurvePoint:
    """A point: of a calibration x was predicted and y seen (95 % interval); of a gain y was found among the best x.

    `group_from` and `group_to` are the purchase days of the group of customers that a point of the lifetime value's
    calibration speaks of; the second is None where the group is open above.
    """

    x: float
    y: float | None
    low: float | None
    high: float | None
    baseline: float | None
    customers: int | None
    group_from: int | None
    group_to: int | None


@dataclass(frozen=True)
class ModelCurve:
    """A curve of a model's serving version, its points from left to right."""

    model: str
    model_version: str
    curve: str
    points: tuple[CurvePoint, ...]


_KEPT = tuple(CurvePoint.__dataclass_fields__)


def curves_of_models(connection: sa.Connection) -> tuple[ModelCurve, ...]:
    """The curves of the snapshot, by model and name; a version without held-out data has none."""
    table = model_curves.c
    query = sa.select(model_curves).order_by(table.model, table.curve, table.position)
    found: dict[tuple[str, str, str], list[CurvePoint]] = {}
    for row in connection.execute(query).mappings():
        key = (row["model"], row["model_version"], row["curve"])
        found.setdefault(key, []).append(CurvePoint(**{name: row[name] for name in _KEPT}))
    return tuple(ModelCurve(*key, tuple(points)) for key, points in found.items())
