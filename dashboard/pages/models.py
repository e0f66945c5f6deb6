"""The page of the models and the data: which serve, how far to trust them, and what the numbers stand on.

Stays out: the figures (`dashboard.queries.model_report`) and the markup (`templates/models.html`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from dashboard.dependencies import CurrentSnapshot, PageTemplates
from dashboard.formatting import month, share
from dashboard.glossary_terms import GlossaryTerm, glossary_terms
from dashboard.i18n import gettext
from dashboard.model_names import choice_label
from dashboard.pages.charts import Trend, between
from dashboard.pages.curves import (
    Curve,
    calibration_columns,
    calibration_curve,
    found_among_best,
    gain_curve,
)
from dashboard.pages.model_parts import (
    DriftRow,
    HistoryRow,
    PastView,
    churn_honesty,
    cltv_honesty,
    drift_rows,
    history_rows,
    outcome,
    past_ranking,
    past_views,
    score_of,
    why,
)
from dashboard.pages.quality import Model, models
from dashboard.queries.checks import Check, Checks, FileLoad, Loads
from dashboard.queries.curves import CALIBRATION, GAIN, ModelCurve
from dashboard.queries.glossary import FEATURES, Column, Meaning, columns_of_results, meanings
from dashboard.queries.history import ModelHistory
from dashboard.queries.model_report import ModelReport, model_report
from dashboard.queries.models import ModelQuality
from dashboard.queries.summary import About
from dashboard.report_words import choice_reason, column_in_words, note_on, seen_by
from dashboard.statements import asked_of
from dashboard.store import Snapshot
from dashboard.terms import MODELS, model_label

router = APIRouter(include_in_schema=False)

CHURN, CLTV = "churn_model", "cltv_model"
_MONTHS = 60
_BEST = 0.1


@dataclass(frozen=True)
class Serving:
    """The version of a model that serves, since when, and why; empty texts where there is none."""

    version: str
    choice: str
    since: str
    outcome: str
    why: str
    choice_reason: str


@dataclass(frozen=True)
class ModelView:
    """A model as shown: what serves, what it means, its figures, curves, past and history."""

    name: str
    title: str
    answers: str
    serving: Serving
    honesty: tuple[str, ...]
    quality: Model | None
    calibration: Curve | Trend | None
    gain: Curve | None
    gain_in_short: str
    past: tuple[PastView, ...]
    past_ranking: str
    history: tuple[HistoryRow, ...]


@dataclass(frozen=True)
class Coverage:
    """How many intervals held what they promise, in words; '' where it was not measured."""

    share: str
    interval: str


@dataclass(frozen=True)
class CheckRow:
    """A check that warned: where, its name, what it asks for, and what was seen."""

    place: str
    name: str
    words: str
    observed: str


@dataclass(frozen=True)
class FileRow:
    """A source file, and what was noticed while it was read, in words."""

    load: FileLoad
    note: str


@dataclass(frozen=True)
class GlossaryRow:
    """A term or a column in words; `is_hidden` where it does not hold the text looked for."""

    name: str
    unit: str
    meaning: str
    is_hidden: bool


@dataclass(frozen=True)
class ModelsContext:
    """What `models.html` shows."""

    about: About
    views: tuple[ModelView, ...]
    drift: tuple[DriftRow, ...]
    has_moved: bool
    coverage: Coverage
    loads: Loads
    files: tuple[FileRow, ...]
    checks: Checks
    check_rows: tuple[CheckRow, ...]
    q: str
    terms: tuple[GlossaryRow, ...]
    columns: tuple[GlossaryRow, ...]
    found: int


@router.get("/models", response_class=HTMLResponse)
def read_models(
    request: Request,
    snapshot: CurrentSnapshot,
    templates: PageTemplates,
    q: Annotated[str, Query(max_length=100)] = "",
) -> HTMLResponse:
    """The models and the data of the newest snapshot; `q` looks something up in the glossary."""
    report = model_report(snapshot, _MONTHS)
    columns, features = snapshot.keep("columns and features in words", lambda: _in_words(snapshot))
    drift = drift_rows(report.drift, features)
    return templates.page(request, "models.html", models_context(report, drift, columns, q.strip()))


def _in_words(snapshot: Snapshot) -> tuple[tuple[Column, ...], dict[str, Meaning]]:
    with snapshot.engine.connect() as connection:
        return columns_of_results(connection), meanings(connection, FEATURES)


def models_context(
    report: ModelReport, drift: tuple[DriftRow, ...], columns: tuple[Column, ...], q: str
) -> ModelsContext:
    """Everything the page shows, from the same answer the API gives."""
    terms = tuple(_term(term, q) for term in glossary_terms(report.about))
    rows = tuple(_column(column, q) for column in columns)
    return ModelsContext(
        about=report.about,
        views=tuple(_view(report, name) for name in MODELS),
        drift=drift,
        has_moved=any(row.tone == "bad" for row in drift),
        coverage=_coverage(_quality(report, CLTV)),
        loads=report.loads,
        files=tuple(_file(file) for file in report.files),
        checks=report.checks,
        check_rows=tuple(_check(check) for check in report.checks.first_warned),
        q=q,
        terms=terms,
        columns=rows,
        found=sum(not row.is_hidden for row in (*terms, *rows)),
    )


def _view(report: ModelReport, name: str) -> ModelView:
    quality, history = _quality(report, name), _history(report, name)
    curves = {curve.curve: curve for curve in report.curves if curve.model == name}
    is_churn = name == CHURN
    return ModelView(
        name=name,
        title=model_label(name),
        answers=_answers(report.about, is_churn),
        serving=_serving(history),
        honesty=churn_honesty(quality) if is_churn else cltv_honesty(quality),
        quality=models((quality,))[0] if quality else None,
        calibration=_calibration(curves.get(CALIBRATION), is_churn),
        gain=_gain(curves.get(GAIN), is_churn),
        gain_in_short=_gain_in_short(curves.get(GAIN), is_churn),
        past=past_views(report.past, name),
        past_ranking=past_ranking(report.past) if is_churn else "",
        history=history_rows(history) if history else (),
    )


def _answers(about: About, is_churn: bool) -> str:
    if is_churn:
        return gettext(
            "The chance of every customer to buy again within %(days)s days.", days=about.horizon_days
        )
    return gettext(
        "What every customer is expected to spend in the next %(days)s days, discounted at %(rate)s a year.",
        days=about.cltv_horizon_days,
        rate=share(about.annual_discount_rate),
    )


def _serving(history: ModelHistory | None) -> Serving:
    if history is None:
        return Serving("", "", "", "", "", "")
    newest = history.months[0]
    return Serving(
        version=history.serving or "",
        choice=choice_label(history.choice or ""),
        since=month(history.since) if history.since else "",
        outcome=outcome(newest),
        why=why(newest),
        choice_reason="" if newest.decision is None else choice_reason(newest),
    )


def _calibration(curve: ModelCurve | None, is_churn: bool) -> Curve | Trend | None:
    if curve is None:
        return None
    return calibration_curve(curve) if is_churn else calibration_columns(curve)


def _gain(curve: ModelCurve | None, is_churn: bool) -> Curve | None:
    if curve is None:
        return None
    found = gettext("Share of all who came back") if is_churn else gettext("Share of all later spend")
    return gain_curve(curve, found)


def _gain_in_short(curve: ModelCurve | None, is_churn: bool) -> str:
    found = found_among_best(curve, _BEST)
    if found is None:
        return ""
    if is_churn:
        return gettext(
            "Among the best-ranked %(best)s of customers were %(found)s of all who came back.",
            best=share(_BEST, 0),
            found=share(found),
        )
    return gettext(
        "The %(best)s of customers predicted to be worth most brought %(found)s of what was spent later.",
        best=share(_BEST, 0),
        found=share(found),
    )


def _coverage(quality: ModelQuality | None) -> Coverage:
    score = score_of(quality, "interval_coverage_80")
    if score is None:
        return Coverage("", "")
    is_known = score.low is not None and score.high is not None
    return Coverage(
        share(score.value, 0), between(share(score.low, 0), share(score.high, 0)) if is_known else ""
    )


def _quality(report: ModelReport, name: str) -> ModelQuality | None:
    return next((quality for quality in report.quality if quality.model == name), None)


def _history(report: ModelReport, name: str) -> ModelHistory | None:
    return next((history for history in report.history if history.model == name), None)


def _check(check: Check) -> CheckRow:
    """A check with what it asks for and what was found."""
    place = f"{check.table_name}.{check.column_name}" if check.column_name else check.table_name
    return CheckRow(place, check.expectation, asked_of(check), seen_by(check))


def _file(load: FileLoad) -> FileRow:
    return FileRow(load, note_on(load))


def _term(term: GlossaryTerm, q: str) -> GlossaryRow:
    return GlossaryRow(term.name, "", term.meaning, not _holds(q, term.name, term.meaning))


def _column(column: Column, q: str) -> GlossaryRow:
    said = column_in_words(column)
    return GlossaryRow(said.name, said.unit or "", said.meaning, not said.mentions(q))


def _holds(q: str, *texts: str) -> bool:
    return any(q.casefold() in text.casefold() for text in texts)
