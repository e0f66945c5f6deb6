"""The alerts: what differs from the snapshot before and what is warned of, to be looked at and put aside.

Stays out: the alerts (`dashboard.alert_list`), their words (`dashboard.alert_words`), the markup (`alerts.html`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from starlette.responses import JSONResponse, RedirectResponse, Response

from dashboard.alert_list import (
    MAX_LIMIT,
    AlertFilter,
    AlertList,
    MarkedAlert,
    Status,
    alert_list,
    marked_alerts,
)
from dashboard.alert_words import AlertWords, alert_words, kind_name, severity_name
from dashboard.dependencies import CurrentSnapshot, PageTemplates
from dashboard.forms import FormFields, local_path
from dashboard.i18n import gettext, ngettext
from dashboard.queries.alerts import ALL_CUSTOMERS, KINDS, ONE_CUSTOMER, SEVERITIES
from dashboard.queries.summary import About, about
from dashboard.visits import visit_of

router = APIRouter(include_in_schema=False)
ALERTS = "/alerts"
CUSTOMERS = (ALL_CUSTOMERS, ONE_CUSTOMER)


@dataclass(frozen=True)
class Choice:
    """A choice of a filter: what it shows, how many alerts, its address, and whether it is taken."""

    label: str
    count: int
    link: str
    is_chosen: bool


@dataclass(frozen=True)
class ChoiceGroup:
    """The choices of one filter."""

    name: str
    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Row:
    """An alert as shown."""

    item: MarkedAlert
    severity: str
    words: AlertWords


@dataclass(frozen=True)
class Group:
    """The alerts of one topic."""

    name: str
    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class AlertsContext:
    """What `alerts.html` shows."""

    about: About
    found: AlertList
    is_filtered: bool
    filters: tuple[ChoiceGroup, ...]
    groups: tuple[Group, ...]
    customers: tuple[Row, ...]
    unseen_shown: tuple[str, ...]
    more_link: str
    back: str


@router.get(ALERTS, response_class=HTMLResponse)
def read_alerts(
    request: Request,
    snapshot: CurrentSnapshot,
    templates: PageTemplates,
    kind: Annotated[list[str], Query()] = [],  # noqa: B006 - FastAPI copies it
    severity: Annotated[list[str], Query()] = [],  # noqa: B006
    status: Status = "",
    after: str | None = None,
) -> HTMLResponse:
    """The alerts of the newest snapshot, of the kinds, severities and status asked for."""
    chosen = AlertFilter(tuple(kind), tuple(severity), status)
    found = alert_list(snapshot, request.app.state.marks, chosen, MAX_LIMIT, after)
    context = alerts_context(about(snapshot.manifest), found, chosen, after)
    return templates.page(request, "alerts.html", context)


@router.post(f"{ALERTS}/seen")
def mark_seen(request: Request, snapshot: CurrentSnapshot, fields: FormFields) -> Response:
    """Mark the alerts named in the form as seen."""
    user = visit_of(request).user

    def mark(keys: list[tuple[str, str]]) -> None:
        request.app.state.marks.mark(keys, user, datetime.now(UTC))

    return _marked(request, snapshot, fields, mark, _said_seen)


@router.post(f"{ALERTS}/unseen")
def mark_unseen(request: Request, snapshot: CurrentSnapshot, fields: FormFields) -> Response:
    """Mark the alerts named in the form as unseen again."""
    return _marked(request, snapshot, fields, request.app.state.marks.unmark, _said_unseen)


def _marked(
    request: Request,
    snapshot: CurrentSnapshot,
    fields: dict[str, list[str]],
    change: Callable[[Any], None],
    said: Callable[[int], str],
) -> Response:
    """Change the marks of the alerts that the snapshot has; back to the page, or what was done for a script."""
    names = set(fields.get("alert", []))
    keys = [item.alert.key for item in marked_alerts(snapshot, request.app.state.marks) if item.name in names]
    change(keys)
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"said": said(len(keys))})
    return RedirectResponse(local_path(fields.get("back", [""])[0], ALERTS), status_code=303)


def _said_seen(n: int) -> str:
    return ngettext("%(n)s alert marked as seen", "%(n)s alerts marked as seen", n)


def _said_unseen(n: int) -> str:
    return ngettext("%(n)s alert marked as unseen", "%(n)s alerts marked as unseen", n)


def alerts_context(about: About, found: AlertList, chosen: AlertFilter, after: str | None) -> AlertsContext:
    """Everything the page shows, from the same answer the API gives."""
    rows = tuple(_row(item, about.horizon_days) for item in found.alerts)
    return AlertsContext(
        about=about,
        found=found,
        is_filtered=chosen != AlertFilter(),
        filters=_filters(found, chosen),
        groups=_groups(rows),
        customers=tuple(row for row in rows if row.item.alert.kind == ONE_CUSTOMER),
        unseen_shown=tuple(item.name for item in found.alerts if item.is_unseen),
        more_link=alerts_link(chosen, found.after) if found.after else "",
        back=alerts_link(chosen, after),
    )


def alerts_link(chosen: AlertFilter, after: str | None = None) -> str:
    """The address of the alerts that a filter lets through."""
    pairs = [("kind", kind) for kind in chosen.kinds]
    pairs += [("severity", severity) for severity in chosen.severities]
    pairs += [(name, value) for name, value in (("status", chosen.status), ("after", after)) if value]
    return f"{ALERTS}?{urlencode(pairs)}" if pairs else ALERTS


def _filters(found: AlertList, chosen: AlertFilter) -> tuple[ChoiceGroup, ...]:
    severities = [
        _choice(severity_name(one), found.counts.severities, "severities", (one,), chosen)
        for one in _known(SEVERITIES, found.counts.severities, chosen.severities)
    ]
    topics = [
        _choice(kind_name(kinds[-1]), found.counts.kinds, "kinds", kinds, chosen)
        for kinds in _topics(_known(KINDS, found.counts.kinds, chosen.kinds))
    ]
    return (
        ChoiceGroup("status", gettext("Status"), tuple(_statuses(found, chosen))),
        ChoiceGroup("severity", gettext("Severity"), tuple(severities)),
        ChoiceGroup("kind", gettext("What it is about"), tuple(topics)),
    )


def _choice(
    label: str, counted: dict[str, int], field: str, values: tuple[str, ...], chosen: AlertFilter
) -> Choice:
    """The choice that takes these values into the filter, or out of it where it has them all."""
    taken: tuple[str, ...] = getattr(chosen, field)
    rest = tuple(one for one in taken if one not in values)
    is_chosen = set(values) <= set(taken)
    toggled = replace(chosen, **{field: rest if is_chosen else (*rest, *values)})  # type: ignore[arg-type]
    return Choice(label, sum(counted.get(one, 0) for one in values), alerts_link(toggled), is_chosen)


def _statuses(found: AlertList, chosen: AlertFilter) -> list[Choice]:
    counts = {"": sum(found.counts.status.values()), **found.counts.status}
    names: dict[Status, str] = {"": gettext("All"), "unseen": gettext("Unseen"), "seen": gettext("Seen")}
    return [
        Choice(name, counts[status], alerts_link(replace(chosen, status=status)), chosen.status == status)
        for status, name in names.items()
    ]


def _known(order: tuple[str, ...], counted: dict[str, int], chosen: tuple[str, ...]) -> list[str]:
    """The known ones in their order, then those only found in the data; none that would show nothing."""
    names = [*order, *sorted(set(counted) - set(order))]
    return [name for name in names if counted.get(name) or name in chosen]


def _topics(kinds: list[str]) -> list[tuple[str, ...]]:
    """The kinds, with the one of all customers that turned red beside that of single ones."""
    customers = tuple(kind for kind in CUSTOMERS if kind in kinds)
    others: list[tuple[str, ...]] = [(kind,) for kind in kinds if kind not in CUSTOMERS]
    return [customers, *others] if customers else others


def _groups(rows: tuple[Row, ...]) -> tuple[Group, ...]:
    kinds = dict.fromkeys(row.item.alert.kind for row in rows)
    return tuple(
        Group(kind, kind_name(kind), tuple(row for row in rows if row.item.alert.kind == kind))
        for kind in kinds
        if kind != ONE_CUSTOMER
    )


def _row(item: MarkedAlert, days: int) -> Row:
    return Row(item, severity_name(item.alert.severity), alert_words(item.alert, days))
