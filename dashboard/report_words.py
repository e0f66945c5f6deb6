"""What the report of models and data says in sentences, in the language of the request.

Stays out: the words of single statements (`dashboard.statements`) and the layout (`dashboard.pages.models`).
"""

from __future__ import annotations

from dataclasses import replace

from dashboard.i18n import gettext
from dashboard.queries.checks import Check, FileLoad
from dashboard.queries.glossary import Column
from dashboard.queries.history import ModelHistory, ModelMonth
from dashboard.queries.model_report import ModelReport
from dashboard.statements import asked_of, said


def choice_reason(month: ModelMonth) -> str:
    """Why the version fitted in a month is what it is, or why there is none."""
    return said(month.reason_coded, month.reason)


def decision_reason(month: ModelMonth) -> str:
    """Why the version fitted in a month serves or does not; '' where none was fitted."""
    return said(month.decision_reason_coded, month.decision_reason)


def seen_by(check: Check) -> str:
    """What a check found."""
    return said(check.observed_coded, check.observed)


def note_on(load: FileLoad) -> str:
    """What was noticed while a file was read; '' for nothing."""
    return said(load.note_coded, load.note)


def column_in_words(column: Column) -> Column:
    """The column with its meaning and its unit in the language of the request."""
    return replace(
        column, meaning=gettext(column.meaning), unit=gettext(column.unit) if column.unit else column.unit
    )


def in_words(report: ModelReport) -> ModelReport:
    """The report with every sentence in the language of the request."""
    checks = report.checks
    warned = tuple(
        replace(check, meaning=asked_of(check), observed=seen_by(check)) for check in checks.first_warned
    )
    return replace(
        report,
        history=tuple(_history(history) for history in report.history),
        checks=replace(checks, first_warned=warned),
        files=tuple(replace(file, note=note_on(file)) for file in report.files),
    )


def _history(history: ModelHistory) -> ModelHistory:
    months = tuple(
        replace(
            month,
            reason=choice_reason(month),
            decision_reason=None if month.decision is None else decision_reason(month),
        )
        for month in history.months
    )
    return replace(history, months=months)
