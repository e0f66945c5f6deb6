"""The alerts as JSON: the same answer that the page `/alerts` shows.

Stays out: marking them, which takes a form of the page (`dashboard.pages.alerts`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Request

from dashboard.alert_list import MAX_LIMIT, AlertFilter, AlertList, MarkedAlert, Status, alert_list
from dashboard.alert_words import alert_words
from dashboard.api.problems import NO_SNAPSHOT
from dashboard.dependencies import CurrentSnapshot
from dashboard.statements import asked_of

router = APIRouter(prefix="/api/v1", tags=["dashboard"])
_PAGE = 50


@router.get("/alerts", responses=NO_SNAPSHOT)
def read_alerts(
    request: Request,
    snapshot: CurrentSnapshot,
    kind: Annotated[
        list[str], Query(description="Of any of these kinds; all if left out.", examples=["segment_jumped"])
    ] = [],  # noqa: B006 - FastAPI copies it
    severity: Annotated[
        list[str], Query(description="Of any of these severities; all if left out.", examples=["critical"])
    ] = [],  # noqa: B006
    status: Annotated[Status, Query(description="Empty for both.", examples=["unseen"])] = "",
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="At most so many.")] = _PAGE,
    after: Annotated[
        str | None, Query(description="Go on behind this alert: `after` of the answer before.", max_length=64)
    ] = None,
) -> AlertList:
    """Alerts of the newest snapshot with their marks: those about one customer last, the most valuable first.

    `counts` says how many alerts each choice of a filter would show. Values are probabilities or shares as fractions;
    of `customers_turned_red` a number of customers. `message`, `meaning` and `detail` are in the language of the
    request; what ends in `_coded` says the same as codes and values, in JSON.
    """
    chosen = AlertFilter(tuple(kind), tuple(severity), status)
    found = alert_list(snapshot, request.app.state.marks, chosen, limit, after)
    days = snapshot.manifest.horizon_days
    return replace(found, alerts=tuple(_in_words(item, days) for item in found.alerts))


def _in_words(item: MarkedAlert, horizon_days: int) -> MarkedAlert:
    alert = item.alert
    words = alert_words(alert, horizon_days)
    in_words = replace(
        alert,
        message=alert.message if words.text == alert.message else f"{words.title}. {words.text}",
        meaning=asked_of(alert) if alert.expectation else None,
        detail=words.detail or None,
    )
    return replace(item, alert=in_words)
