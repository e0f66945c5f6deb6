"""The JSON API of the segments: the answer that the page `/segments` shows.

Stays out: the question itself (`dashboard.queries.cuts`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from dashboard.api.problems import NO_SNAPSHOT
from dashboard.dependencies import CurrentSnapshot
from dashboard.queries.cuts import Cuts, cuts

router = APIRouter(prefix="/api/v1", tags=["segments"])

Dimension = Literal["value_tier", "age_band", "risk_band", "rfm_segment"]
ValueTier = Literal["High Value", "Low Value", "Unknown"]
AgeBand = Literal["Child 0–12", "Teen 13–19", "Adult 20–64", "Elderly 65+", "Unknown"]
RiskBand = Literal["red", "yellow", "green", "unknown"]
RfmSegment = Literal[
    "Champions", "Loyal", "Promising", "New", "Needs attention", "At risk", "Hibernating", "Lost"
]


@router.get("/segments", responses=NO_SNAPSHOT)
def read_segments(
    snapshot: CurrentSnapshot,
    rows: Annotated[
        Dimension, Query(description="What the rows are", examples=["rfm_segment"])
    ] = "rfm_segment",
    columns: Annotated[
        Dimension, Query(description="What the columns are", examples=["risk_band"])
    ] = "risk_band",
    value_tier: Annotated[
        list[ValueTier] | None, Query(description="Only these value tiers", examples=[["High Value"]])
    ] = None,
    age_band: Annotated[
        list[AgeBand] | None, Query(description="Only these age bands", examples=[["Adult 20–64"]])
    ] = None,
    risk_band: Annotated[
        list[RiskBand] | None, Query(description="Only these risk bands", examples=[["red", "yellow"]])
    ] = None,
    rfm_segment: Annotated[
        list[RfmSegment] | None, Query(description="Only these RFM segments", examples=[["Champions"]])
    ] = None,
) -> Cuts:
    """Two dimensions crossed, every segment's figures, and who moved since the month before.

    The filters narrow the cross table alone. Money is in reais, rates are fractions; a null is a figure for which
    there was not enough data.
    """
    filters: dict[str, Sequence[str]] = {
        "value_tier": value_tier or [],
        "age_band": age_band or [],
        "risk_band": risk_band or [],
        "rfm_segment": rfm_segment or [],
    }
    return cuts(snapshot, rows, columns, filters)
