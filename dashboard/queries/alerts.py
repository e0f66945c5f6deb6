"""What differs from the snapshot published before, and what is there to be warned of?

Stays out: how differences are found (`assets.publish.alerts`) and which were seen (`dashboard.alert_marks`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import sqlalchemy as sa

from dashboard.queries.rows import real
from dashboard.tables import alerts, customers

SEVERITIES = ("critical", "warning")
ALL_CUSTOMERS, ONE_CUSTOMER = "customers_turned_red", "customer_turned_red"
KINDS = (ALL_CUSTOMERS, "segment_jumped", "model_warning", "data_warning", ONE_CUSTOMER)


@dataclass(frozen=True)
class Alert:
    """One difference or warning; `dimension` is that of a segment, `value_before` of the snapshot `compared_with`."""

    alert_id: str
    kind: str
    severity: str
    dimension: str | None
    subject: str
    detail: str | None
    message: str
    value: float | None
    value_before: float | None
    compared_with: str | None

    @property
    def key(self) -> tuple[str, str]:
        """What a mark holds for: the matter, and what it was compared with, or what was found of a warning."""
        return self.alert_id, self.compared_with or self.detail or ""

    @property
    def name(self) -> str:
        """A short name of the key, for addresses and forms."""
        return hashlib.sha256("\0".join(self.key).encode()).hexdigest()[:20]


@dataclass(frozen=True)
class Worth:
    """What the customer of an alert is worth, and what is recommended."""

    value_brl: float | None
    cltv: float | None
    action: str | None


@dataclass(frozen=True)
class Alerts:
    """How many alerts there are, and the first of them."""

    total: int
    first: tuple[Alert, ...]


_COLUMNS = [alerts.c[name] for name in Alert.__dataclass_fields__]


def newest_alerts(connection: sa.Connection, limit: int) -> Alerts:
    """The number of alerts and at most `limit` of them: gravest first, those about one customer last."""
    total = connection.execute(sa.select(sa.func.count()).select_from(alerts)).scalar_one()
    order = (alerts.c.kind == ONE_CUSTOMER, _place(alerts.c.severity, SEVERITIES), alerts.c.subject)
    query = sa.select(*_COLUMNS).order_by(*order, alerts.c.alert_id).limit(limit)
    return Alerts(total, tuple(Alert(**row) for row in connection.execute(query).mappings()))


def alert_keys(connection: sa.Connection) -> frozenset[tuple[str, str]]:
    """The keys of all alerts."""
    return frozenset(Alert(**row).key for row in connection.execute(sa.select(*_COLUMNS)).mappings())


def all_alerts(connection: sa.Connection) -> tuple[tuple[Alert, Worth | None], ...]:
    """Every alert with the worth of its customer; by kind, then the gravest, the most valuable, the largest change.

    A publication writes at most a hundred about single customers, and one per segment, check and model besides.
    """
    is_customer = (alerts.c.kind == ONE_CUSTOMER) & (alerts.c.subject == customers.c.customer_unique_id)
    worth = (customers.c.value_brl, customers.c.cltv, customers.c.action)
    change = sa.func.abs(alerts.c.value - sa.func.coalesce(alerts.c.value_before, 0.0))
    query = (
        sa.select(
            *_COLUMNS, customers.c.customer_unique_id, *(column.label(f"_{column.name}") for column in worth)
        )
        .select_from(alerts.outerjoin(customers, is_customer))
        .order_by(
            _place(alerts.c.kind, KINDS),
            _place(alerts.c.severity, SEVERITIES),
            customers.c.cltv.desc().nulls_last(),
            change.desc().nulls_last(),
            alerts.c.subject,
            alerts.c.alert_id,
        )
    )
    return tuple((_alert(row), _worth(row)) for row in connection.execute(query).mappings())


def _alert(row: sa.RowMapping) -> Alert:
    return Alert(**{name: row[name] for name in Alert.__dataclass_fields__})


def _worth(row: sa.RowMapping) -> Worth | None:
    if row["customer_unique_id"] is None:
        return None
    return Worth(real(row["_value_brl"]), row["_cltv"], row["_action"])


def _place(column: sa.Column[str], order: tuple[str, ...]) -> sa.ColumnElement[int]:
    return sa.case({name: i for i, name in enumerate(order)}, value=column, else_=len(order))
