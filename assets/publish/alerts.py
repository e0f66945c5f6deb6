"""Differences against the snapshot published before, and what the data and the models warn of."""

from __future__ import annotations

from pathlib import Path

from assets.catalog import ROOT
from assets.work import Built, Work
from dashboard.snapshot import DATABASE, published_manifests, query_digest

_CUSTOMERS = (ROOT / "publish" / "snapshot" / "customers.sql").read_text(encoding="utf-8")
_DIFFERENCES = (ROOT / "publish" / "differences.sql").read_text(encoding="utf-8")
_WARNINGS = (ROOT / "publish" / "warnings.sql").read_text(encoding="utf-8")
QUERIES = {
    "customers": _CUSTOMERS,
    "differences": _DIFFERENCES,
    "warnings": _WARNINGS,
    "everything_checked_before": """
        FROM marts.cltv_trend, marts.model_quality, marts.population_drift,
            raw.loads, raw.rejected_lines, raw.geolocation, raw.sellers
    """,
}


def build(work: Work) -> Built:
    """Compare with the newest published snapshot of other customers or scores; a rerun compares with the same one."""
    before = _published_before(work)
    if before is None:
        return Built(
            work.replace(_WARNINGS, compared_with=None), facts={"compared_with": "no earlier snapshot"}
        )
    work.connection.execute(f"ATTACH '{before / DATABASE}' AS before (READ_ONLY)")
    try:
        both = f"({_DIFFERENCES}) UNION ALL ({_WARNINGS})"
        rows = work.replace(both, compared_with=before.name)
    finally:
        work.connection.execute("DETACH before")
    return Built(rows, facts={"compared_with": before.name})


def _published_before(work: Work) -> Path | None:
    digest = query_digest(work.connection, _CUSTOMERS, {"snapshot_month": work.month})
    published = Path(work.parameters["published"])
    for manifest in published_manifests(published):
        if manifest.content_digests["customers"] != digest and manifest.snapshot_month <= work.month:
            return published / manifest.snapshot_id
    return None
