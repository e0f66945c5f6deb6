"""Who is asking: a signed cookie with an id, and the user if one has signed in.

Stays out: passwords (`dashboard.accounts`) and which pages need a user (`dashboard.gate`).

The cookie is signed (HMAC-SHA256, itsdangerous) and not encrypted; it holds a random id, the user's name and a digest
that changes with the password. It ends with the password, at the hour set, and by signing out, which this process
remembers until that hour. Without users there is no secret to configure: a random one of the process serves.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import Response

from dashboard.accounts import Accounts

COOKIE = "crm_session"


@dataclass
class Visit:
    """One browser's visit. `user` is None until somebody has signed in."""

    id: str
    user: str | None
    csrf_key: bytes = field(repr=False)
    is_new: bool = False
    is_token_used: bool = False

    @property
    def csrf_token(self) -> str:
        """What a form of this visit carries, and a page of another site cannot know."""
        self.is_token_used = True
        return hmac.new(self.csrf_key, self.id.encode(), hashlib.sha256).hexdigest()


class Visits:
    """Reads and writes the cookie."""

    def __init__(self, secret: str, accounts: Accounts, hours: float) -> None:
        secret = secret or secrets.token_urlsafe(32)
        options = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
        self._signer = URLSafeTimedSerializer(secret, salt="dashboard visit", signer_kwargs=options)
        self._csrf_key = hmac.digest(secret.encode(), b"dashboard form", "sha256")
        self._accounts = accounts
        self._lifetime = timedelta(hours=hours)
        self._lock = threading.Lock()
        self._ended: dict[str, datetime] = {}

    def read(self, cookies: dict[str, str], scheme: str) -> Visit:
        """The visit of a request's cookies; a new one where there is none that holds."""
        cookie = cookies.get(cookie_name(scheme), "")
        try:
            stored, signed_at = self._signer.loads(cookie, return_timestamp=True)
            visit_id, user, mark = str(stored["id"]), stored["user"], stored["mark"]
        except (BadSignature, KeyError, TypeError):
            return self._new(None)
        if user is None:
            return Visit(visit_id, None, self._csrf_key)
        is_over = datetime.now(UTC) - signed_at > self._lifetime or visit_id in self._ended
        if is_over or mark != self._accounts.mark(user):
            return self._new(None)
        return Visit(visit_id, user, self._csrf_key)

    def begin(self, user: str) -> Visit:
        """The visit of a user who has just signed in: a new id, so that one planted before is worth nothing."""
        return self._new(user)

    def nobody(self) -> Visit:
        """A new visit of nobody in particular."""
        return self._new(None)

    def end(self, visit: Visit) -> None:
        """Refuse this visit's cookie from now on."""
        now = datetime.now(UTC)
        with self._lock:
            self._ended = {one: until for one, until in self._ended.items() if until > now}
            self._ended[visit.id] = now + self._lifetime

    def write(self, response: Response, visit: Visit, scheme: str) -> None:
        """Put the visit's cookie on a response."""
        mark = self._accounts.mark(visit.user) if visit.user is not None else None
        response.set_cookie(
            cookie_name(scheme),
            self._signer.dumps({"id": visit.id, "user": visit.user, "mark": mark}),
            max_age=int(self._lifetime.total_seconds()) if visit.user is not None else None,
            httponly=True,
            samesite="lax",
            secure=scheme == "https",
        )

    def _new(self, user: str | None) -> Visit:
        return Visit(secrets.token_urlsafe(16), user, self._csrf_key, is_new=True)


def cookie_name(scheme: str) -> str:
    """The cookie's name; over https one that browsers take from this very host alone (RFC 6265bis, `__Host-`)."""
    return f"__Host-{COOKIE}" if scheme == "https" else COOKIE


def visit_of(request: Request) -> Visit:
    """The visit that `dashboard.gate` found for this request."""
    return request.state.visit
