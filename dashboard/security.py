"""What a browser is told to refuse: the Content-Security-Policy and the usual headers, on every response.

Stays out: who may ask (`dashboard.gate`) and for which host (`dashboard.app`).
"""

from __future__ import annotations

import secrets

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'nonce-{nonce}'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)
_HTTPS_ONLY = "max-age=31536000"


def security_headers(nonce: str, scheme: str) -> dict[str, str]:
    """The headers of a response; `nonce` admits the one style sheet that ApexCharts writes into the page.

    Over https the browser is told to stay there for a year (RFC 6797); over http that would be ignored, and wrong.
    """
    headers = {
        "Content-Security-Policy": "; ".join(_POLICY).format(nonce=nonce),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }
    return headers | ({"Strict-Transport-Security": _HTTPS_ONLY} if scheme == "https" else {})


class SecurityHeaders:
    """ASGI middleware: a nonce per request in `request.state.csp_nonce`, the headers on the response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a nonce and add the headers to the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["csp_nonce"] = nonce

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(security_headers(nonce, scope["scheme"]))
                headers.setdefault("Cache-Control", "no-cache")
            await send(message)

        await self._app(scope, receive, send_with_headers)
