"""The overview of a snapshot in one answer: what the front page shows and what `/api/v1/summary` returns.

Stays out: wording and drawing (`dashboard.pages.overview`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dashboard.queries.alerts import Alerts, newest_alerts
from dashboard.queries.checks import Checks, Loads, checks_of_run, loads_of_run
from dashboard.queries.glossary import Meaning, meanings
from dashboard.queries.headline import Headline, headline
from dashboard.queries.models import ModelQuality, newest_model_quality
from dashboard.queries.months import Month, months_of_history
from dashboard.queries.segments import Segment, segments_of_month
from dashboard.snapshot import Manifest, RiskRule
from dashboard.store import Snapshot

ALERT_LIMIT = 5
CHECK_LIMIT = 5


@dataclass(frozen=True)
class About:
    """What the snapshot is made of, as far as a reader needs it.

    `as_of_date` begins with the midnight looked from; `observation_end`, the day before, is the last known.
    """

    snapshot_id: str
    snapshot_month: str
    as_of_date: date
    observation_end: date
    published_at: datetime
    months: tuple[str, ...]
    source: str
    is_simulated: bool
    demographics: str
    horizon_days: int
    cltv_horizon_days: int
    annual_discount_rate: float
    risk_rule: RiskRule | None
    data_fingerprint: str
    code_version: str
    model_versions: dict[str, str]


@dataclass(frozen=True)
class Summary:
    """Everything on the overview, from one snapshot. Segments are of the newest month, by dimension."""

    about: About
    headline: Headline
    segments: dict[str, tuple[Segment, ...]]
    months: tuple[Month, ...]
    alerts: Alerts
    models: tuple[ModelQuality, ...]
    checks: Checks
    loads: Loads
    meanings: dict[str, Meaning]


def summary(snapshot: Snapshot) -> Summary:
    """Ask a snapshot for its overview, once. Reads the prepared marts alone, never the customer table."""
    return snapshot.keep("summary", lambda: _summary(snapshot))


def _summary(snapshot: Snapshot) -> Summary:
    manifest = snapshot.manifest
    with snapshot.engine.connect() as connection:
        months = months_of_history(connection)
        return Summary(
            about=about(manifest),
            headline=headline(months, manifest.snapshot_month),
            segments=segments_of_month(connection, manifest.snapshot_month),
            months=months,
            alerts=newest_alerts(connection, ALERT_LIMIT),
            models=newest_model_quality(connection),
            checks=checks_of_run(connection, CHECK_LIMIT),
            loads=loads_of_run(connection),
            meanings=meanings(connection, "marts.segment_summary"),
        )


def about(manifest: Manifest) -> About:
    """The reader's part of a manifest."""
    return About(
        snapshot_id=manifest.snapshot_id,
        snapshot_month=manifest.snapshot_month,
        as_of_date=manifest.as_of_date,
        observation_end=manifest.as_of_date - timedelta(days=1),
        published_at=manifest.published_at,
        months=tuple(sorted(manifest.months)),
        source=manifest.source,
        is_simulated=manifest.is_simulated,
        demographics=manifest.demographics,
        horizon_days=manifest.horizon_days,
        cltv_horizon_days=manifest.cltv_horizon_days,
        annual_discount_rate=manifest.annual_discount_rate,
        risk_rule=manifest.risk_rule,
        data_fingerprint=manifest.data_fingerprint,
        code_version=manifest.code_version,
        model_versions=manifest.model_versions,
    )
