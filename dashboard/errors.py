"""Friendly answers to what goes wrong: a page for people, JSON under `/api/`.

Stays out: logging of unforeseen errors (the server logs what is raised).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus

from fastapi import FastAPI
from fastapi.exception_handlers import request_validation_exception_handler
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dashboard.deadline import TooSlowError
from dashboard.i18n import N_, chosen_language, gettext, speaking
from dashboard.security import security_headers
from dashboard.snapshot import SnapshotError
from dashboard.store import NoSnapshotError


@dataclass(frozen=True)
class ErrorContext:
    """What an error page says: a heading, what happened, and optionally a command that mends it."""

    status: int
    heading: str
    explanation: str
    command: str | None = None


_FAILED = ErrorContext(
    500,
    N_("Something went wrong"),
    N_("The error has been written to the log of the dashboard. Trying again may help."),
)
_NO_SNAPSHOT = ErrorContext(
    503,
    N_("No snapshot yet"),
    N_(
        "The dashboard shows what the pipeline has published, and it has not published anything so far. "
        "Run the pipeline, then reload this page."
    ),
    "crm run",
)
_BROKEN_SNAPSHOT = ErrorContext(
    503,
    N_("The published snapshot cannot be read"),
    N_(
        "It is incomplete or was made by another version of the pipeline. Publish anew, then reload this page."
    ),
    "crm run",
)
_WRONG_VALUE = ErrorContext(
    422,
    N_("This address cannot be understood"),
    N_("A value in it is not one that the page takes. The address may be old or mistyped."),
)
_TOO_SLOW = ErrorContext(
    503,
    N_("This took too long"),
    N_(
        "The question was given up because its answer took too long. Narrow the filter, or try again in a moment."
    ),
)
TOO_MANY = ErrorContext(
    429,
    N_("Too many attempts"),
    N_("For safety, nothing more is accepted for a few minutes. Please wait and then try again."),
)
_REFUSED = {
    403: ErrorContext(
        403,
        N_("This change was not made"),
        N_("The page it came from was too old, or not of this dashboard. Open the page again and repeat it."),
    ),
    404: ErrorContext(404, N_("This page does not exist"), N_("The address may be old or mistyped.")),
    429: TOO_MANY,
}
_OTHER = ErrorContext(
    400, N_("This request cannot be answered"), N_("The dashboard did not understand what it was asked for.")
)


def add_error_pages(app: FastAPI) -> None:
    """Register the answers on an application."""

    def no_snapshot(request: Request, error: Exception) -> Response:
        return answer(request, _NO_SNAPSHOT, str(error))

    def broken_snapshot(request: Request, error: Exception) -> Response:
        return answer(request, _BROKEN_SNAPSHOT, str(error))

    def too_slow(request: Request, error: Exception) -> Response:
        return answer(request, _TOO_SLOW, gettext(_TOO_SLOW.explanation))

    def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        context = _REFUSED.get(error.status_code, replace(_OTHER, status=error.status_code))
        is_plain = error.detail == HTTPStatus(error.status_code).phrase
        return answer(request, context, None if is_plain else str(error.detail), error.headers)

    async def wrong_value(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        if _is_api(request):
            return await request_validation_exception_handler(request, error)
        return answer(request, _WRONG_VALUE)

    def failed(request: Request, error: Exception) -> Response:
        # Made outside all middleware, which would otherwise have chosen the language and added the headers.
        with speaking(chosen_language(request.headers)):
            response = answer(request, _FAILED)
        response.headers.update(security_headers(request.state.csp_nonce, request.url.scheme))
        return response

    app.add_exception_handler(NoSnapshotError, no_snapshot)
    app.add_exception_handler(SnapshotError, broken_snapshot)
    app.add_exception_handler(TooSlowError, too_slow)
    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(RequestValidationError, wrong_value)
    app.add_exception_handler(Exception, failed)


def answer(
    request: Request,
    context: ErrorContext,
    detail: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The page of an error, whose words are translated here; under `/api/` JSON with `detail`, else the heading."""
    if _is_api(request):
        body = {"detail": detail or context.heading}
        return JSONResponse(body, status_code=context.status, headers=dict(headers or {}))
    words = replace(context, heading=gettext(context.heading), explanation=gettext(context.explanation))
    response = request.app.state.templates.page(request, "error.html", words, context.status)
    response.headers.update(headers or {})
    return response


def _is_api(request: Request) -> bool:
    return request.url.path.startswith("/api/")
