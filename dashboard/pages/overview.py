"""The front page: where the customer base stands.

Stays out: the figures (`dashboard.queries.summary`) and the markup (`templates/overview.html`).
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dashboard.alert_words import alert_words, severity_name
from dashboard.dependencies import CurrentSnapshot, PageTemplates
from dashboard.formatting import number
from dashboard.i18n import N_, gettext
from dashboard.links import customers_link
from dashboard.pages.cards import Card, cards
from dashboard.pages.charts import Donut, Trend, cltv_chart, cltv_mean_chart, donut, risk_chart
from dashboard.queries.alerts import Alert, Alerts
from dashboard.queries.checks import Checks, Loads
from dashboard.queries.headline import Headline
from dashboard.queries.segments import Segment
from dashboard.queries.summary import About, Summary, summary
from dashboard.terms import HIGH_VALUE, Term, action_meaning, dimension_label, term

router = APIRouter(include_in_schema=False)

_TABLES = ("value_tier", "age_band", "rfm_segment")
_COLUMNS = {
    "customers": N_("Customers"),
    "value_brl": N_("Spent so far"),
    "cltv_total": N_("Expected revenue"),
    "cltv_mean": N_("CLTV per customer"),
    "repurchase_rate": N_("Repurchase rate"),
    "churn_probability_mean": N_("Churn probability"),
    "churn_sensitivity_30d": N_("Churn sensitivity"),
}


@dataclass(frozen=True)
class SegmentRow:
    """A row of the segment table: the figures, how the segment is shown, and its customers' address."""

    segment: Segment
    term: Term
    link: str


@dataclass(frozen=True)
class SegmentGroup:
    """The rows of one dimension."""

    title: str
    rows: tuple[SegmentRow, ...]


@dataclass(frozen=True)
class ColumnMeaning:
    """A column of the segment table in words."""

    label: str
    meaning: str


@dataclass(frozen=True)
class ActionRow:
    """A recommended action, what it means, and the customers it is recommended for."""

    segment: Segment
    term: Term
    meaning: str
    link: str


@dataclass(frozen=True)
class AlertRow:
    """An alert in words; `subject` is data: what it is about where the heading does not say it."""

    heading: str
    subject: str
    severity: str
    is_grave: bool
    text: str


@dataclass(frozen=True)
class Trust:
    """In one line each: how fresh and how sound the numbers are."""

    checks: Checks
    loads: Loads
    ranking: str


@dataclass(frozen=True)
class OverviewContext:
    """What `overview.html` shows."""

    about: About
    headline: Headline
    cards: tuple[Card, ...]
    trust: Trust
    donuts: tuple[Donut, ...]
    high_value_share: float | None
    cltv: Trend
    cltv_mean: Trend
    risk: Trend
    segment_groups: tuple[SegmentGroup, ...]
    columns: tuple[ColumnMeaning, ...]
    actions: tuple[ActionRow, ...]
    alerts: Alerts
    alert_rows: tuple[AlertRow, ...]


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
        trust=Trust(summary.checks, summary.loads, _ranking(summary)),
        donuts=_donuts(summary),
        high_value_share=_high_value_share(summary),
        cltv=cltv_chart(summary.months, about.cltv_horizon_days),
        cltv_mean=cltv_mean_chart(summary.months, about.cltv_horizon_days),
        risk=risk_chart(summary.months),
        segment_groups=tuple(_group(name, summary.segments.get(name, ())) for name in _TABLES),
        columns=_columns(summary),
        actions=_actions(summary.segments.get("action", ())),
        alerts=summary.alerts,
        alert_rows=tuple(_alert(alert, about.horizon_days) for alert in summary.alerts.first),
    )


def _alert(alert: Alert, horizon_days: int) -> AlertRow:
    words = alert_words(alert, horizon_days)
    return AlertRow(
        words.title, words.subject, severity_name(alert.severity), alert.severity == "critical", words.text
    )


def _ranking(summary: Summary) -> str:
    """How well the churn model ranks, in a sentence; '' where it was not judged."""
    found = [
        score
        for model in summary.models
        if model.model == "churn_model"
        for score in model.scores
        if score.metric == "roc_auc" and score.value is not None
    ]
    if not found:
        return ""
    score = found[0]
    if score.baseline_value is None:
        return gettext("Ranking by churn risk: ROC AUC %(value)s", value=number(score.value))
    return gettext(
        "Ranking by churn risk: ROC AUC %(value)s, naive baseline %(baseline)s",
        value=number(score.value),
        baseline=number(score.baseline_value),
    )


def _donuts(summary: Summary) -> tuple[Donut, ...]:
    cltv, churn = summary.about.cltv_horizon_days, summary.about.horizon_days
    questions = {
        "value_tier": gettext("Who brings the revenue of the next %(days)s days?", days=cltv),
        "risk_band": gettext("Who is unlikely to buy again within %(days)s days?", days=churn),
        "age_band": gettext("How old are the customers?"),
        "rfm_segment": gettext("How recently, how often, for how much?"),
    }
    return tuple(donut(name, text, summary.segments.get(name, ())) for name, text in questions.items())


def _high_value_share(summary: Summary) -> float | None:
    """The part of the expected revenue that High Value customers bring."""
    whole = summary.headline.expected_revenue_brl.value
    tiers = {row.segment: row.cltv_total for row in summary.segments.get("value_tier", ())}
    high = tiers.get(HIGH_VALUE)
    return high / whole if high is not None and whole else None


def _group(dimension: str, segments: tuple[Segment, ...]) -> SegmentGroup:
    rows = tuple(
        SegmentRow(row, term(dimension, row.segment), customers_link(**{dimension: row.segment}))
        for row in segments
    )
    return SegmentGroup(dimension_label(dimension), rows)


def _columns(summary: Summary) -> tuple[ColumnMeaning, ...]:
    return tuple(
        ColumnMeaning(gettext(label), gettext(summary.meanings[name].meaning))
        for name, label in _COLUMNS.items()
        if name in summary.meanings
    )


def _actions(segments: tuple[Segment, ...]) -> tuple[ActionRow, ...]:
    """Actions by the revenue expected of their customers, the largest first."""
    ordered = sorted(segments, key=lambda row: (-(row.cltv_total or 0.0), row.segment))
    return tuple(
        ActionRow(
            row,
            term("action", row.segment),
            action_meaning(row.segment),
            customers_link(action=row.segment),
        )
        for row in ordered
    )
