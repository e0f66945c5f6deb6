"""Tells open pages that a new snapshot has been published: server-sent events, on `/events`.

Stays out: what a page does with it (`static/js/live.js`): it asks its reader, and changes nothing by itself.

The stream (WHATWG HTML, section 9.2) names the snapshot soon after connecting, and again when another can be read. One
task of the process looks at the pointer, once a second at most and only while somebody listens; all wait for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from dashboard.snapshot import SnapshotError
from dashboard.store import NoSnapshotError, SnapshotStore

LOOK_SECONDS = 1.0
HEARTBEAT_SECONDS = 15.0
# A browser connects again by itself; whoever has signed out meanwhile is then turned away.
LONGEST_SECONDS = 300.0
MAX_LISTENERS = 200
_RETRY_MS = 3000
_HEARTBEAT = ": still here\n\n"

router = APIRouter(include_in_schema=False)


class _Bell:
    """Wakes whoever waits for it; whoever waits afterwards waits for the next time."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Wake everybody."""
        event, self._event = self._event, asyncio.Event()
        event.set()

    async def next(self, seconds: float) -> bool:
        """Wait for the next time; False when it did not come within that time."""
        try:
            await asyncio.wait_for(self._event.wait(), seconds)
        except TimeoutError:
            return False
        return True


class Live:
    """Follows the store on behalf of all listeners of this process."""

    def __init__(self, store: SnapshotStore, look_seconds: float = LOOK_SECONDS) -> None:
        self._store = store
        self._look_seconds = look_seconds
        self._snapshot_id: str | None = None
        self._looked = _Bell()
        self._closed = False
        self._watcher: asyncio.Task[None] | None = None
        self.listeners = 0

    @property
    def is_full(self) -> bool:
        """Whether there are as many listeners as this process takes."""
        return self.listeners >= MAX_LISTENERS

    async def events(self, heartbeat_seconds: float = HEARTBEAT_SECONDS) -> AsyncGenerator[str, None]:
        """The text of a stream, until it has lasted long enough or the process ends."""
        self.listeners += 1
        if self._watcher is None:
            self._watcher = asyncio.create_task(self._watch())
        try:
            yield f"retry: {_RETRY_MS}\n\n"
            async with contextlib.aclosing(self._changes(heartbeat_seconds)) as changes:
                async for snapshot_id in changes:
                    yield _event(snapshot_id) if snapshot_id else _HEARTBEAT
        finally:
            self._leave()

    def close(self) -> None:
        """End every stream: the process is about to stop."""
        self._closed = True
        self._looked.ring()

    async def _changes(self, heartbeat_seconds: float) -> AsyncGenerator[str | None, None]:
        """The snapshot's id after the first look from now on, and whenever it is another; None as a heartbeat."""
        now = asyncio.get_running_loop().time
        end, quiet_since, told = now() + LONGEST_SECONDS, now(), None
        while now() < end:
            await self._looked.next(heartbeat_seconds)
            if self._closed:
                return
            if self._snapshot_id not in (None, told):
                told, quiet_since = self._snapshot_id, now()
                yield told
            elif now() - quiet_since >= heartbeat_seconds:
                quiet_since = now()
                yield None

    def _leave(self) -> None:
        self.listeners -= 1
        if self.listeners == 0 and self._watcher is not None:
            self._watcher.cancel()
            self._watcher = None

    async def _watch(self) -> None:
        while True:
            await self._look()
            self._looked.ring()
            await asyncio.sleep(self._look_seconds)

    async def _look(self) -> None:
        """Ask the store, which looks at the pointer and opens a new snapshot; an unreadable one is not told of."""
        try:
            snapshot = await asyncio.to_thread(self._store.current)
        except (NoSnapshotError, SnapshotError, OSError):
            return
        self._snapshot_id = snapshot.manifest.snapshot_id


def _event(snapshot_id: str) -> str:
    return f"event: snapshot\ndata: {json.dumps({'snapshot_id': snapshot_id})}\n\n"


class EventStream(Response):
    """A response that lasts: ends with its events, or when its reader goes away."""

    media_type = "text/event-stream"

    def __init__(self, live: Live) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._live = live

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events as they come."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        writing = asyncio.create_task(self._write(send))
        leaving = asyncio.create_task(_gone(receive))
        try:
            await asyncio.wait({writing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (writing, leaving):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, OSError):
                    await task

    async def _write(self, send: Send) -> None:
        events = self._live.events()
        async with contextlib.aclosing(events):
            async for text in events:
                await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


@router.get("/events")
async def read_events(request: Request) -> Response:
    """A stream of server-sent events: `snapshot` with the id of the snapshot that pages are made from."""
    live: Live = request.app.state.live
    if live.is_full:
        problem = {"detail": "Too many pages are listening"}
        return JSONResponse(problem, status_code=503, headers={"Retry-After": "60"})
    return EventStream(live)
