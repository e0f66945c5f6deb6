"""What stands in the head of every page besides its navigation: the bell, who has signed in, the notice of news.

Stays out: the markup (`templates/partials/header_tools.html`).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import sqlalchemy as sa
from starlette.requests import Request

from dashboard.snapshot import SnapshotError
from dashboard.store import NoSnapshotError
from dashboard.visits import Visit

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class HeaderTools:
    """What the head of a page shows. `unseen` is None where it is not known; `may_enter` is False before signing in."""

    visit: Visit | None
    may_enter: bool
    unseen: int | None

    @property
    def user(self) -> str | None:
        """Who has signed in."""
        return self.visit.user if self.visit else None

    @property
    def csrf_token(self) -> str:
        """The token of a form on this page."""
        return self.visit.csrf_token if self.visit else ""


def header_tools(request: Request) -> HeaderTools:
    """The tools of a page; what cannot be found out is left out, since error pages have a head too."""
    visit: Visit | None = getattr(request.state, "visit", None)
    needs_login = request.app.state.login.accounts.are_needed
    may_enter = not needs_login or (visit is not None and visit.user is not None)
    return HeaderTools(visit, may_enter, _unseen(request) if may_enter else None)


def _unseen(request: Request) -> int | None:
    try:
        return request.app.state.unseen.of(request.app.state.store.current())
    except (NoSnapshotError, SnapshotError):
        return None
    except (sa.exc.SQLAlchemyError, OSError):
        _log.exception("the unseen alerts could not be counted")
        return None
