"""The segments: crossed, side by side, and how customers moved between them.

Stays out: the figures (`dashboard.queries.cuts`) and the markup (`templates/segments.html`).
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dashboard.dependencies import CurrentSnapshot, PageTemplates
from dashboard.links import customers_link
from dashboard.pages.cut_form import Asked, CutForm, cut_form, read_cut
from dashboard.pages.heat import HeatTable, heat_table
from dashboard.pages.measures import MEASURES, Measure
from dashboard.pages.movement import MovementTable, movement_table
from dashboard.queries.cube import DIMENSIONS
from dashboard.queries.cuts import Cuts, cuts, known_segments
from dashboard.queries.segments import Segment
from dashboard.queries.summary import About
from dashboard.terms import Term, dimension_label, term

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class SegmentRow:
    """A segment with its figures, its average order in reais, and the way to its customers."""

    segment: Segment
    term: Term
    average_order_brl: float | None
    active_share: float | None
    link: str


@dataclass(frozen=True)
class SegmentGroup:
    """The segments of one dimension."""

    dimension: str
    title: str
    rows: tuple[SegmentRow, ...]


@dataclass(frozen=True)
class SegmentsContext:
    """What `segments.html` shows."""

    about: About
    notices: tuple[str, ...]
    form: CutForm
    measure: Measure
    meaning: str
    heat: HeatTable | None
    groups: tuple[SegmentGroup, ...]
    compared_with: str | None
    movements: tuple[MovementTable, ...]


@router.get("/segments", response_class=HTMLResponse)
def read_segments(request: Request, snapshot: CurrentSnapshot, templates: PageTemplates) -> HTMLResponse:
    """The segments of the newest snapshot, crossed as the address asks."""
    asked = read_cut(request.query_params, known_segments(snapshot))
    answer = cuts(snapshot, asked.rows, asked.columns, asked.filters)
    context = segments_context(answer, asked)
    return templates.page(request, "segments.html", context, 400 if asked.has_unknown else 200)


def segments_context(answer: Cuts, asked: Asked) -> SegmentsContext:
    """Everything the page shows, from the same answer the API gives."""
    measure = MEASURES[asked.measure]
    return SegmentsContext(
        about=answer.about,
        notices=asked.notices,
        form=cut_form(asked, answer.cross.segments),
        measure=measure,
        meaning=measure.meaning(answer.about),
        heat=heat_table(answer.cross, measure) if answer.cross.total.customers else None,
        groups=tuple(_group(name, answer.segments[name]) for name in DIMENSIONS),
        compared_with=answer.compared_with,
        movements=_movements(answer),
    )


def _movements(answer: Cuts) -> tuple[MovementTable, ...]:
    if answer.compared_with is None:
        return ()
    return tuple(movement_table(one, answer.compared_with) for one in answer.movements)


def _group(dimension: str, segments: tuple[Segment, ...]) -> SegmentGroup:
    return SegmentGroup(dimension, dimension_label(dimension), tuple(_row(one) for one in segments))


def _row(segment: Segment) -> SegmentRow:
    return SegmentRow(
        segment=segment,
        term=term(segment.dimension, segment.segment),
        average_order_brl=segment.value_brl / segment.order_count if segment.order_count else None,
        active_share=segment.active_customers / segment.customers if segment.customers else None,
        link=customers_link(**{segment.dimension: segment.segment}),
    )
