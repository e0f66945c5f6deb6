"""What differs from the snapshot published before, and what is there to be warned of?

Stays out: how differences are found (`assets.publish.alerts`) and which were seen (`dashboard.alert_marks`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import sqlalchemy as sa

from dashboard.queries.rows import real
from dashboard.tables import alerts, customers, data_checks

SEVERITIES = ("critical", "warning")
ALL_CUSTOMERS, ONE_CUSTOMER = "customers_turned_red", "customer_turned_red"
KINDS = (ALL_CUSTOMERS, "segment_jumped", "model_warning", "data_warning", ONE_CUSTOMER)


@dataclass(frozen=True)
class Alert:
    """One difference or warning; `dimension` is that of a segment, `value_before` of the snapshot `compared_with`.

    `expectation` names the check of a data warning and `meaning` says what it asks for; `_coded` is the same as codes
    and values.
    """

    alert_id: str
    kind: str
    severity: str
    dimension: str | None
    subject: str
    expectation: str | None
    detail: str | None
    detail_coded: str | None
    meaning: str | None
    meaning_coded: str | None
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


# What each check asks for; one that failed for several columns asks the same of each.
_ASKED = (
    sa.select(
        data_checks.c.table_name,
        data_checks.c.expectation,
        sa.func.min(data_checks.c.meaning).label("meaning"),
        sa.func.min(data_checks.c.meaning_coded).label("meaning_coded"),
    )
    .group_by(data_checks.c.table_name, data_checks.c.expectation)
    .subquery("asked")
)
_MEANINGS = ("meaning", "meaning_coded")
_QUERY = sa.select(
    *((_ASKED if name in _MEANINGS else alerts).c[name] for name in Alert.__dataclass_fields__)
).outerjoin_from(
    alerts,
    _ASKED,
    sa.and_(alerts.c.subject == _ASKED.c.table_name, alerts.c.expectation == _ASKED.c.expectation),
)


def newest_alerts(connection: sa.Connection, limit: int) -> Alerts:
    """The number of alerts and at most `limit` of them: gravest first, those about one customer last."""
    total = connection.execute(sa.select(sa.func.count()).select_from(alerts)).scalar_one()
    grave = sa.case(
        {name: _rank(SEVERITIES, name) for name in SEVERITIES}, value=alerts.c.severity, else_=len(SEVERITIES)
    )
    order = (alerts.c.kind == ONE_CUSTOMER, grave, alerts.c.subject, alerts.c.alert_id)
    query = _QUERY.order_by(*order).limit(limit)
    return Alerts(total, tuple(Alert(**row) for row in connection.execute(query).mappings()))


def alert_keys(connection: sa.Connection) -> frozenset[tuple[str, str]]:
    """The keys of all alerts."""
    return frozenset(Alert(**row).key for row in connection.execute(_QUERY).mappings())


def all_alerts(connection: sa.Connection) -> tuple[tuple[Alert, Worth | None], ...]:
    """Every alert with the worth of its customer; by kind, then the gravest, the most valuable, the largest change.

    A publication writes at most a hundred about single customers, and one per segment, check and model besides. The
    customers are asked for by their ids, which the index answers; a join would read the whole table.
    """
    found = [Alert(**row) for row in connection.execute(_QUERY).mappings()]
    worths = _worths(connection, [alert.subject for alert in found if alert.kind == ONE_CUSTOMER])

    def place(item: tuple[Alert, Worth | None]) -> tuple[int, int, float, float, str, str]:
        alert, worth = item
        cltv = worth.cltv if worth and worth.cltv is not None else -1.0
        change = abs((alert.value or 0.0) - (alert.value_before or 0.0))
        grave = _rank(SEVERITIES, alert.severity)
        return _rank(KINDS, alert.kind), grave, -cltv, -change, alert.subject, alert.alert_id

    listed = ((alert, worths.get(alert.subject) if alert.kind == ONE_CUSTOMER else None) for alert in found)
    return tuple(sorted(listed, key=place))


def _worths(connection: sa.Connection, ids: list[str]) -> dict[str, Worth]:
    table = customers.c
    query = sa.select(table.customer_unique_id, table.value_brl, table.cltv, table.action)
    rows = connection.execute(query.where(table.customer_unique_id.in_(ids))).all() if ids else []
    return {row.customer_unique_id: Worth(real(row.value_brl), row.cltv, row.action) for row in rows}


def _rank(order: tuple[str, ...], name: str) -> int:
    return order.index(name) if name in order else len(order)
