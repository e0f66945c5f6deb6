"""Changes are made by forms of our own pages alone: the fields of a form, once it is shown to be one.

Stays out: what a form changes (`dashboard.pages`).

A browser sends its cookies along whoever made it send the request, so a page of another site could post a form here in
a reader's name (cross-site request forgery). Two independent things hold it off, on every request that is no mere
reading:

1. Where from. Browsers say it themselves: `Sec-Fetch-Site` must be `same-origin`. Where it is not sent (plain http to
   another machine, older browsers), `Origin` must be this very host. A page on another port of localhost is
   `same-site` and refused, although it shares our cookies.
2. A token. Each form carries an HMAC of its visit's id; another site can neither read it nor compute it, and one of
   another visit does not fit. This also stops a program that sends neither header.

The cookie is `SameSite=Lax` besides. Where nobody has to sign in there is a visit all the same, since a page elsewhere
must not be able to mark alerts on a marketer's own machine either.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from fastapi import Depends, HTTPException, Request

from dashboard.visits import visit_of

TOKEN_FIELD = "csrf_token"
READING = ("GET", "HEAD", "OPTIONS")
MAX_BYTES = 256 * 1024
_Fields = dict[str, list[str]]


class ForeignFormError(HTTPException):
    """The request did not come from a form of this dashboard, or the form is too old."""

    def __init__(self) -> None:
        super().__init__(403, "The form is not of this dashboard, or it is too old")


async def refuse_foreign_changes(request: Request) -> None:
    """A dependency of the whole application: lets reading pass, and a change only with both proofs.

    Raises:
        ForeignFormError: when one of the proofs is missing.
        HTTPException: 413 for a form that is larger than any of ours, 415 for another kind of body.
    """
    if request.method in READING:
        return
    if not is_from_here(request.headers, request.url.scheme):
        raise ForeignFormError
    token = (await _read(request)).get(TOKEN_FIELD, [""])[0]
    if not hmac.compare_digest(token.encode(), visit_of(request).csrf_token.encode()):
        raise ForeignFormError


def is_from_here(headers: Mapping[str, str], scheme: str) -> bool:
    """Whether a request comes from a page of this site, or says nothing about it."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site == "same-origin"
    if origin is None:
        return True
    parts = urlsplit(origin)
    return parts.scheme == scheme and parts.netloc == headers.get("host")


async def fields(request: Request) -> _Fields:
    """The fields of the form, each with all its values; `refuse_foreign_changes` has looked at it before."""
    return await _read(request)


FormFields = Annotated[_Fields, Depends(fields)]


def local_path(path: str, otherwise: str = "/") -> str:
    """The path if it is one of this site: one slash, no backslash and no control character."""
    is_local = path.startswith("/") and not path.startswith("//") and path.isprintable()
    return path if is_local and "\\" not in path else otherwise


async def _read(request: Request) -> _Fields:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise HTTPException(415, "A form is needed")
    if not hasattr(request.state, "form_fields"):
        request.state.form_fields = _parsed(await _body(request))
    return request.state.form_fields


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BYTES:
            raise HTTPException(413, "The form is too large")
    return bytes(body)


def _parsed(body: bytes) -> _Fields:
    try:
        return parse_qs(body.decode(), keep_blank_values=True, strict_parsing=bool(body), max_num_fields=2000)
    except ValueError as error:
        raise HTTPException(400, "The form does not read") from error
