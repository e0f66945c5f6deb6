"""What a route may ask for: the snapshot of this request, the templates.

Stays out: how they are made (`dashboard.app`).
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from dashboard.store import Snapshot
from dashboard.templating import Templates


def current_snapshot(request: Request) -> Snapshot:
    """The snapshot that answers this request, the same one throughout it."""
    return request.app.state.store.current()


def templates(request: Request) -> Templates:
    """The application's templates."""
    return request.app.state.templates


CurrentSnapshot = Annotated[Snapshot, Depends(current_snapshot)]
PageTemplates = Annotated[Templates, Depends(templates)]
