"""Friendly answers to what goes wrong: a page for people, JSON under `/api/`.

Stays out: logging of unforeseen errors (the server logs what is raised).
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dashboard.deadline import TooSlowError
from dashboard.i18n import gettext
from dashboard.security import security_headers
from dashboard.snapshot import SnapshotError
from dashboard.store import NoSnapshotError


@dataclass(frozen=True)
class ErrorContext:
    """What an error page says: a heading, what happened, and optionally a command that mends it."""

    status: int
    heading: str
    explanation: str
    command: str | None


_NOT_FOUND = ErrorContext(404, "This page does not exist", "The address may be old or mistyped.", None)
_FAILED = ErrorContext(
    500,
    "Something went wrong",
    "The error has been written to the log of the dashboard. Trying again may help.",
    None,
)
_NO_SNAPSHOT = ErrorContext(
    503,
    "No snapshot yet",
    "The dashboard shows what the pipeline has published, and it has not published anything so far. "
    "Run the pipeline, then reload this page.",
    "crm run",
)
_BROKEN_SNAPSHOT = ErrorContext(
    503,
    "The published snapshot cannot be read",
    "It is incomplete or was made by another version of the pipeline. Publish anew, then reload this page.",
    "crm run",
)


def add_error_pages(app: FastAPI) -> None:
    """Register the answers on an application."""

    def no_snapshot(request: Request, error: Exception) -> Response:
        return _answer(request, _NO_SNAPSHOT, str(error))

    def broken_snapshot(request: Request, error: Exception) -> Response:
        return _answer(request, _BROKEN_SNAPSHOT, str(error))

    def too_slow(request: Request, error: Exception) -> Response:
        explanation = gettext(
            "The question was given up because its answer took too long. Narrow the filter, or try again in a moment."
        )
        context = ErrorContext(503, gettext("This took too long"), explanation, None)
        return _answer(request, context, explanation)

    def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 404:
            return _answer(request, _NOT_FOUND, _NOT_FOUND.heading)
        context = ErrorContext(error.status_code, str(error.detail), "The request was not understood.", None)
        return _answer(request, context, str(error.detail))

    def failed(request: Request, error: Exception) -> Response:
        response = _answer(request, _FAILED, _FAILED.heading)
        response.headers.update(security_headers(request.state.csp_nonce))
        return response

    app.add_exception_handler(NoSnapshotError, no_snapshot)
    app.add_exception_handler(SnapshotError, broken_snapshot)
    app.add_exception_handler(TooSlowError, too_slow)
    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(Exception, failed)


def _answer(request: Request, context: ErrorContext, detail: str) -> Response:
    if request.url.path.startswith("/api/"):
        return JSONResponse({"detail": detail}, status_code=context.status)
    return request.app.state.templates.page(request, "error.html", context, context.status)
