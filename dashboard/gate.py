"""Who may enter: finds the visit of each request and, where there are users, sends strangers to the login.

Stays out: the login itself (`dashboard.pages.login`) and what protects changes (`dashboard.forms`).

Everything is closed but the login, the switch of the language and the styles: a page that is added is closed too. A
program may send a name and password with a request of the API (HTTP Basic, RFC 7617); the same limits hold for it.
"""

from __future__ import annotations

import base64
import binascii
from urllib.parse import urlencode

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.errors import TOO_MANY, answer
from dashboard.login import Login, TooManyTriesError
from dashboard.visits import Visits

LOGIN = "/login"
_OPEN_BELOW = ("/language/", "/static/")
_BASIC = 'Basic realm="Customer base", charset="UTF-8"'
# A browser that is told of Basic would ask in a window of its own; one that has lost its session is told of our login.
SESSION_CHALLENGE = 'Session realm="Customer base"'


class Gate:
    """ASGI middleware: the visit in `request.state.visit`, its cookie on the response, strangers turned away."""

    def __init__(self, app: ASGIApp, visits: Visits, login: Login) -> None:
        self._app = app
        self._visits = visits
        self._login = login

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on if its visitor may enter."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        visit = self._visits.read(request.cookies, request.url.scheme)
        request.state.visit = visit

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and visit.is_new and visit.is_token_used:
                response = Response()
                self._visits.write(response, visit, request.url.scheme)
                MutableHeaders(scope=message).append("set-cookie", response.headers["set-cookie"])
            await send(message)

        refusal = await self._refusal(request)
        await (refusal or self._app)(scope, receive, send_with_cookie)

    async def _refusal(self, request: Request) -> Response | None:
        """The answer to somebody who may not enter; None for everybody else."""
        is_open = request.url.path == LOGIN or request.url.path.startswith(_OPEN_BELOW)
        if is_open or not self._login.accounts.are_needed or request.state.visit.user is not None:
            return None
        if not request.url.path.startswith("/api/"):
            return _to_login(request)
        try:
            return None if await self._is_known(request) else _unauthorised(request)
        except TooManyTriesError as error:
            return answer(request, TOO_MANY, headers={"Retry-After": str(error.wait_seconds)})

    async def _is_known(self, request: Request) -> bool:
        given = _basic(request.headers.get("authorization", ""))
        if given is None:
            return False
        address = request.client.host if request.client else ""
        if not await self._login.check(*given, address):
            return False
        request.state.visit.user = given[0]
        return True


def _to_login(request: Request) -> Response:
    if request.url.path == "/events":
        return PlainTextResponse("", status_code=401, headers={"WWW-Authenticate": SESSION_CHALLENGE})
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    back = here if request.method in ("GET", "HEAD") else "/"
    return RedirectResponse(LOGIN if back == "/" else f"{LOGIN}?{urlencode({'next': back})}", status_code=303)


def _unauthorised(request: Request) -> Response:
    challenge = SESSION_CHALLENGE if "sec-fetch-site" in request.headers else _BASIC
    return JSONResponse({"detail": "Sign in first"}, status_code=401, headers={"WWW-Authenticate": challenge})


def _basic(header: str) -> tuple[str, str] | None:
    kind, _, text = header.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        name, colon, password = base64.b64decode(text.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (name, password) if colon else None
