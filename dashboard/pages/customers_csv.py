"""The customers that fit a filter as a CSV file: every column, in the order of the list, written while it is read.

One more column, `action_reason`, says in the language of the request why an action is recommended.

Stays out: which customers fit (`dashboard.queries.customers`).

The file is UTF-8 with a byte order mark: without one Excel shows the dash of an age band as three odd characters, and
pandas, DuckDB and R skip it. A text that a spreadsheet would take for a formula gets an apostrophe before it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from dashboard.action_reasons import action_reason
from dashboard.dependencies import CurrentSnapshot, PageTemplates
from dashboard.pages.customers import EXPORT, customers_page
from dashboard.queries.customers import EVERYTHING, batches, read_request
from dashboard.queries.summary import about
from dashboard.snapshot import TABLES, Manifest

router = APIRouter(include_in_schema=False)

_MARK = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_REASON, _SIMULATED = "action_reason", "is_simulated"
_COLUMNS = tuple(column.name for column in EVERYTHING)
_CODE, _VALUE = _COLUMNS.index("action_reason_code"), _COLUMNS.index("action_reason_value")
_TEXTS = tuple(number for number, name in enumerate(_COLUMNS) if TABLES["customers"][name] == "VARCHAR")


@router.get(EXPORT)
def export_customers(request: Request, snapshot: CurrentSnapshot, templates: PageTemplates) -> Response:
    """Exactly the customers that the list of the same address shows, from one snapshot throughout."""
    asked = read_request(snapshot, request.query_params.multi_items())
    if asked.problems:
        return customers_page(request, snapshot, templates, asked)
    rows = batches(snapshot, asked.selection, asked.sort)
    first = next(rows, [])  # before the answer begins, so that an error still is one
    is_simulated = snapshot.manifest.is_simulated
    headers = {
        "Content-Disposition": f'attachment; filename="{_file_name(snapshot.manifest)}"',
        "Cache-Control": "no-store",
        "X-Data-Simulated": str(is_simulated).lower(),
    }
    lines = csv_lines(chain([first], rows), is_simulated)
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


def csv_lines(parts: Iterator[list[tuple[Any, ...]]], is_simulated: bool) -> Iterator[str]:
    """The lines of the file, a part at a time; simulated data have one more column that says so on every line."""
    mark = ["true"] if is_simulated else []
    reason = cache(action_reason)
    yield _MARK + _text([[*_COLUMNS, _REASON, *([_SIMULATED] if is_simulated else [])]])
    for rows in parts:
        yield _text([[*_inert(row), reason(row[_CODE], row[_VALUE]), *mark] for row in rows])


def _inert(row: tuple[Any, ...]) -> list[Any]:
    values = list(row)
    for number in _TEXTS:
        value = values[number]
        if value is not None and value.startswith(_FORMULA):
            values[number] = f"'{value}"
    return values


def _text(rows: list[list[Any]]) -> str:
    stream = io.StringIO()
    csv.writer(stream).writerows(rows)
    return stream.getvalue()


def _file_name(manifest: Manifest) -> str:
    """Snapshot and last day of the data, for example `customers-2018-08-1f2e3d4c5b6a-data-to-2018-08-31.csv`."""
    simulated = "-simulated" if manifest.is_simulated else ""
    return f"customers-{manifest.snapshot_id}-data-to-{about(manifest).observation_end}{simulated}.csv"
