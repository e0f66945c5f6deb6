"""What a route may ask for: the snapshot of this request, the templates.

Stays out: how they are made (`dashboard.app`).
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from dashboard.store import Snapshot, SnapshotStore
from dashboard.templating import Templates


async def current_snapshot(request: Request) -> Snapshot:
    """The snapshot that answers this request, the same one throughout it; only to open another one takes a thread."""
    store: SnapshotStore = request.app.state.store
    resting = store.resting()
    return resting if resting is not None else await run_in_threadpool(store.current)


async def templates(request: Request) -> Templates:
    """The application's templates."""
    return request.app.state.templates


CurrentSnapshot = Annotated[Snapshot, Depends(current_snapshot)]
PageTemplates = Annotated[Templates, Depends(templates)]
