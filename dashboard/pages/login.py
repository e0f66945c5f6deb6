"""Signing in and out.

Stays out: checking passwords (`dashboard.login`), the cookie (`dashboard.visits`), the markup (`templates/login.html`).
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from dashboard.dependencies import PageTemplates
from dashboard.errors import TOO_MANY, answer
from dashboard.forms import FormFields, local_path
from dashboard.gate import LOGIN, SESSION_CHALLENGE
from dashboard.login import TooManyTriesError
from dashboard.visits import visit_of

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class LoginContext:
    """What `login.html` shows: where it leads to, and whether the last try was wrong, under which name."""

    next: str
    name: str
    was_wrong: bool


@router.get(LOGIN)
def read_login(request: Request, templates: PageTemplates, next: str = "/") -> Response:
    """The page that asks for name and password; `next` is the path to go to afterwards."""
    if not request.app.state.login.accounts.are_needed or visit_of(request).user is not None:
        return RedirectResponse(local_path(next), status_code=303)
    return templates.page(request, "login.html", LoginContext(local_path(next), "", False))


@router.post(LOGIN)
async def sign_in(request: Request, fields: FormFields, templates: PageTemplates) -> Response:
    """Check name and password and begin a visit."""
    name, password, to = (fields.get(field, [""])[0] for field in ("name", "password", "next"))
    address = request.client.host if request.client else ""
    try:
        is_right = await request.app.state.login.check(name, password, address)
    except TooManyTriesError as error:
        return answer(request, TOO_MANY, headers={"Retry-After": str(error.wait_seconds)})
    if not is_right:
        response: Response = templates.page(
            request, "login.html", LoginContext(local_path(to), name, True), 401
        )
        response.headers["WWW-Authenticate"] = SESSION_CHALLENGE
        return response
    response = RedirectResponse(local_path(to), status_code=303)
    visits = request.app.state.visits
    visits.write(response, visits.begin(name), request.url.scheme)
    return response


@router.post("/logout")
def sign_out(request: Request) -> Response:
    """End the visit; its cookie opens nothing any more."""
    visits, visit = request.app.state.visits, visit_of(request)
    visits.end(visit)
    response = RedirectResponse(LOGIN, status_code=303)
    visits.write(response, visits.nobody(), request.url.scheme)
    return response
