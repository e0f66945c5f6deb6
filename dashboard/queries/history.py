"""Which version of each model served which month, since when, and what was decided on the others?

Stays out: how good they are (`dashboard.queries.models`).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile

import sqlalchemy as sa

from dashboard.tables import model_history


@dataclass(frozen=True)
class ModelMonth:
    """A month of a model: the version that served it, the one fitted in it, and what became of that.

    `status` is fitted, kept, held back or not enough data; `decision` promoted, held or None where nothing was fitted.
    The reasons are English sentences, `_coded` the same as codes and values in JSON.
    """

    snapshot_month: str
    model: str
    model_version: str | None
    choice: str | None
    trained_version: str | None
    status: str
    reason: str
    reason_coded: str | None
    decision: str | None
    decision_reason: str | None
    decision_reason_coded: str | None


@dataclass(frozen=True)
class ModelHistory:
    """The version of a model that serves now, its first month of doing so, and the newest months, newest first.

    `serving` and `since` are None where no version serves. `months_total` counts all months of the snapshot.
    """

    model: str
    serving: str | None
    choice: str | None
    since: str | None
    months_total: int
    months: tuple[ModelMonth, ...]


def history_of_models(connection: sa.Connection, limit: int) -> tuple[ModelHistory, ...]:
    """The history of every model, by name, with at most `limit` months of each."""
    table = model_history.c
    query = sa.select(model_history).order_by(table.model, table.snapshot_month.desc())
    by_model: dict[str, list[ModelMonth]] = {}
    for row in connection.execute(query).mappings():
        by_model.setdefault(row["model"], []).append(ModelMonth(**row))
    return tuple(_history(model, months, limit) for model, months in by_model.items())


def _history(model: str, months: list[ModelMonth], limit: int) -> ModelHistory:
    newest = months[0]
    if newest.model_version is None:
        return ModelHistory(model, None, None, None, len(months), tuple(months[:limit]))
    served = list(takewhile(lambda month: month.model_version == newest.model_version, months))
    since = served[-1].snapshot_month
    return ModelHistory(model, newest.model_version, newest.choice, since, len(months), tuple(months[:limit]))
