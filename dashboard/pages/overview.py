"""The front page: where the customer base stands.

Stays out: the figures (`dashboard.queries.summary`) and the markup (`templates/overview.html`).
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dashboard.dependencies import CurrentSnapshot, PageTemplates
from dashboard.pages.cards import Card, cards
from dashboard.pages.charts import Donut, Trend, cltv_chart, cltv_mean_chart, donut, risk_chart
from dashboard.pages.quality import Model, models
from dashboard.queries.alerts import Alerts
from dashboard.queries.checks import Checks, Loads
from dashboard.queries.glossary import Meaning
from dashboard.queries.headline import Headline
from dashboard.queries.segments import Segment
from dashboard.queries.summary import About, Summary, summary
from dashboard.terms import HIGH_VALUE, Term, action_meaning, dimension_label, term

router = APIRouter(include_in_schema=False)

_QUESTIONS = {
    "value_tier": "Who brings the revenue of the next {cltv} days?",
    "risk_band": "Who is unlikely to buy again within {churn} days?",
    "age_band": "How old are the customers?",
    "rfm_segment": "How recently, how often, for how much?",
}
_TABLES = ("value_tier", "age_band", "rfm_segment")
_COLUMNS = (
    "customers",
    "value_brl",
    "cltv_total",
    "cltv_mean",
    "repurchase_rate",
    "churn_probability_mean",
    "churn_sensitivity_30d",
)


@dataclass(frozen=True)
class SegmentRow:
    """A row of the segment table: the figures and how the segment is shown."""

    segment: Segment
    term: Term


@dataclass(frozen=True)
class SegmentGroup:
    """The rows of one dimension."""

    title: str
    rows: tuple[SegmentRow, ...]


@dataclass(frozen=True)
class ActionRow:
    """A recommended action, what it means, and the customers it is recommended for."""

    segment: Segment
    meaning: str


@dataclass(frozen=True)
class OverviewContext:
    """What `overview.html` shows."""

    about: About
    headline: Headline
    cards: tuple[Card, ...]
    donuts: tuple[Donut, ...]
    high_value_share: float | None
    cltv: Trend
    cltv_mean: Trend
    risk: Trend
    segment_groups: tuple[SegmentGroup, ...]
    column_meanings: tuple[Meaning, ...]
    actions: tuple[ActionRow, ...]
    alerts: Alerts
    models: tuple[Model, ...]
    checks: Checks
    loads: Loads


@router.get("/", response_class=HTMLResponse)
def read_overview(request: Request, snapshot: CurrentSnapshot, templates: PageTemplates) -> HTMLResponse:
    """The overview of the newest snapshot."""
    return templates.page(request, "overview.html", overview_context(summary(snapshot)))


def overview_context(summary: Summary) -> OverviewContext:
    """Everything the page shows, from the same answer the API gives."""
    about = summary.about
    return OverviewContext(
        about=about,
        headline=summary.headline,
        cards=cards(summary),
        donuts=_donuts(summary),
        high_value_share=_high_value_share(summary),
        cltv=cltv_chart(summary.months, about.cltv_horizon_days),
        cltv_mean=cltv_mean_chart(summary.months, about.cltv_horizon_days),
        risk=risk_chart(summary.months),
        segment_groups=tuple(_group(name, summary.segments.get(name, ())) for name in _TABLES),
        column_meanings=tuple(summary.meanings[name] for name in _COLUMNS if name in summary.meanings),
        actions=_actions(summary.segments.get("action", ())),
        alerts=summary.alerts,
        models=models(summary.models),
        checks=summary.checks,
        loads=summary.loads,
    )


def _donuts(summary: Summary) -> tuple[Donut, ...]:
    days = {"cltv": summary.about.cltv_horizon_days, "churn": summary.about.horizon_days}
    return tuple(
        donut(name, question.format(**days), summary.segments.get(name, ()))
        for name, question in _QUESTIONS.items()
    )


def _high_value_share(summary: Summary) -> float | None:
    """The part of the expected revenue that High Value customers bring."""
    whole = summary.headline.expected_revenue_brl.value
    tiers = {row.segment: row.cltv_total for row in summary.segments.get("value_tier", ())}
    high = tiers.get(HIGH_VALUE)
    return high / whole if high is not None and whole else None


def _group(dimension: str, segments: tuple[Segment, ...]) -> SegmentGroup:
    rows = tuple(SegmentRow(row, term(dimension, row.segment)) for row in segments)
    return SegmentGroup(dimension_label(dimension), rows)


def _actions(segments: tuple[Segment, ...]) -> tuple[ActionRow, ...]:
    """Actions by the revenue expected of their customers, the largest first."""
    ordered = sorted(segments, key=lambda row: (-(row.cltv_total or 0.0), row.segment))
    return tuple(ActionRow(row, action_meaning(row.segment)) for row in ordered)
