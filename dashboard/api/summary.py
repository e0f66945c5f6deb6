"""The JSON API of the summary, and whether the dashboard answers at all.

Stays out: the question itself (`dashboard.queries.summary`).
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter

from dashboard.api.problems import NO_SNAPSHOT
from dashboard.dependencies import CurrentSnapshot
from dashboard.queries.summary import Summary, summary

router = APIRouter(prefix="/api/v1", tags=["dashboard"])


@dataclass(frozen=True)
class Health:
    """The dashboard answers, and from this snapshot."""

    status: str
    snapshot_id: str


@router.get("/summary", responses=NO_SNAPSHOT)
def read_summary(snapshot: CurrentSnapshot) -> Summary:
    """Headline figures, segments, months, alerts, model quality and checks of the newest snapshot.

    Money is in reais, rates are fractions; a null is a figure for which there was not enough data.
    """
    return summary(snapshot)


@router.get("/healthz", responses=NO_SNAPSHOT)
def read_health(snapshot: CurrentSnapshot) -> Health:
    """Whether the dashboard has a snapshot to answer from, and which."""
    return Health("ok", snapshot.manifest.snapshot_id)
