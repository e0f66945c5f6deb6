"""What differs from the snapshot published before, and what is there to be warned of?

Stays out: how differences are found (`assets.publish.alerts`).
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from dashboard.tables import alerts

_SEVERITIES = ("critical", "warning")
_ONE_CUSTOMER = "customer_turned_red"


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


@dataclass(frozen=True)
class Alerts:
    """How many alerts there are, and the first of them."""

    total: int
    first: tuple[Alert, ...]


def newest_alerts(connection: sa.Connection, limit: int) -> Alerts:
    """The number of alerts and at most `limit` of them: gravest first, those about one customer last."""
    total = connection.execute(sa.select(sa.func.count()).select_from(alerts)).scalar_one()
    grave = sa.case(
        {name: i for i, name in enumerate(_SEVERITIES)}, value=alerts.c.severity, else_=len(_SEVERITIES)
    )
    order = (alerts.c.kind == _ONE_CUSTOMER, grave, alerts.c.subject, alerts.c.alert_id)
    query = sa.select(alerts).order_by(*order).limit(limit)
    return Alerts(total, tuple(Alert(**row) for row in connection.execute(query).mappings()))
