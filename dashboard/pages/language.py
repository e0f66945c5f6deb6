"""The switch of the language: remembers the choice in a cookie and returns to the page.

Stays out: which languages there are, and what they say (`dashboard.i18n`).
"""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse

from dashboard.forms import local_path
from dashboard.i18n import COOKIE, LANGUAGES

router = APIRouter(include_in_schema=False)
_YEAR_SECONDS = 365 * 24 * 3600


@router.get("/language/{code}")
def choose_language(request: Request, code: str, back: str = "/") -> RedirectResponse:
    """Speak another language from now on; `back` is the path to return to."""
    if code not in LANGUAGES:
        raise HTTPException(404)
    answer = RedirectResponse(local_path(back), status_code=303)
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, code, max_age=_YEAR_SECONDS, samesite="lax", httponly=True, secure=secure)
    return answer
