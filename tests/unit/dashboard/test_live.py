"""The stream that tells open pages of a new snapshot."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest

from dashboard import live as module
from dashboard.live import EventStream, Live
from dashboard.store import SnapshotStore

FIRST, SECOND = "2018-08-aaaaaaaaaaaa", "2018-08-bbbbbbbbbbbb"
LOOK = 0.02
Result = TypeVar("Result")


def finished(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """What a coroutine gives, run in a thread of its own: the browser's tests keep a loop running in this one."""
    with ThreadPoolExecutor(1) as beside:
        return beside.submit(asyncio.run, coroutine).result()


class CountingStore(SnapshotStore):
    looks = 0

    def current(self):
        self.looks += 1
        return super().current()


@pytest.fixture
def store(published) -> CountingStore:
    return CountingStore(published)


async def told(events: AsyncIterator[str]) -> str:
    """The next snapshot that a stream names."""
    async with asyncio.timeout(5):
        async for text in events:
            if text.startswith("event: snapshot\n"):
                assert text.endswith("\n\n")
                return json.loads(text.splitlines()[1].removeprefix("data: "))["snapshot_id"]
    raise AssertionError("the stream ended")


@contextlib.asynccontextmanager
async def listening(live: Live, **options: float):
    async with contextlib.aclosing(live.events(**options)) as events:
        yield events


def test_a_stream_names_the_snapshot_and_then_the_next(store, publish, rows) -> None:
    publish(rows)

    async def run() -> None:
        async with listening(Live(store, LOOK)) as events:
            assert await anext(events) == "retry: 3000\n\n"
            assert await told(events) == FIRST
            publish(rows, SECOND)
            assert await told(events) == SECOND

    finished(run())


def test_before_the_first_snapshot_a_stream_waits(store, publish, rows) -> None:
    async def run() -> None:
        async with listening(Live(store, LOOK), heartbeat_seconds=0.1) as events:
            assert (await anext(events)).startswith("retry")
            assert await anext(events) == ": still here\n\n"
            publish(rows)
            assert await told(events) == FIRST

    finished(run())


def test_a_snapshot_that_cannot_be_read_is_not_told_of(store, publish, rows) -> None:
    publish(rows)

    async def run() -> None:
        async with listening(Live(store, LOOK), heartbeat_seconds=0.15) as events:
            assert await told(events) == FIRST
            publish(rows, SECOND, schema_version=99)
            assert await anext(events) == ": still here\n\n"
            publish(rows, "2018-08-cccccccccccc")
            assert await told(events) == "2018-08-cccccccccccc"

    finished(run())


def test_a_resting_snapshot_is_named_once_and_heartbeats_follow(store, publish, rows) -> None:
    publish(rows)

    async def run() -> None:
        async with listening(Live(store, LOOK), heartbeat_seconds=0.1) as events:
            await told(events)
            assert [await anext(events) for _ in range(3)] == [": still here\n\n"] * 3

    finished(run())


def test_all_listeners_share_one_look(store, publish, rows) -> None:
    publish(rows)

    async def run() -> tuple[int, float]:
        live = Live(store, look_seconds=0.2)
        async with contextlib.AsyncExitStack() as stack:
            streams = [await stack.enter_async_context(listening(live)) for _ in range(50)]
            assert await asyncio.gather(*(told(events) for events in streams)) == [FIRST] * 50
            assert live.listeners == 50
            before, began = store.looks, time.monotonic()
            while store.looks < before + 3:
                await asyncio.sleep(0.02)
            return store.looks - before, time.monotonic() - began

    looks, seconds = finished(run())
    assert looks <= 1 + seconds / 0.2


def test_nobody_looks_while_nobody_listens(store, publish, rows) -> None:
    publish(rows)

    async def run() -> None:
        live = Live(store, LOOK)
        async with listening(live) as events:
            await told(events)
        before = store.looks
        await asyncio.sleep(5 * LOOK)
        assert (live.listeners, store.looks) == (0, before)
        publish(rows, SECOND)
        async with listening(live) as events:
            assert await told(events) == SECOND

    finished(run())


def test_closing_ends_every_stream_at_once(store, publish, rows) -> None:
    publish(rows)

    async def run() -> None:
        live = Live(store, look_seconds=60)
        async with listening(live) as one, listening(live) as other:
            await told(one)
            waiting = [asyncio.create_task(anext(events, "end")) for events in (one, other)]
            await asyncio.sleep(0.05)
            live.close()
            assert "end" in await asyncio.wait_for(asyncio.gather(*waiting), 1)

    finished(run())


def test_a_stream_does_not_last_for_ever(store, publish, rows, monkeypatch) -> None:
    publish(rows)
    monkeypatch.setattr(module, "LONGEST_SECONDS", 0.1)

    async def run() -> list[str]:
        async with listening(Live(store, LOOK)) as events:
            return [text async for text in events]

    assert len(finished(asyncio.wait_for(run(), 5))) == 2


def test_a_reader_who_leaves_is_let_go(store, publish, rows) -> None:
    publish(rows)
    sent: list[dict] = []

    async def run() -> None:
        live, left = Live(store, LOOK), asyncio.Event()

        async def receive() -> dict:
            await left.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict) -> None:
            sent.append(message)
            if b"snapshot" in message.get("body", b""):
                left.set()

        await asyncio.wait_for(EventStream(live)({"type": "http"}, receive, send), 5)
        assert live.listeners == 0

    finished(run())
    headers = dict(sent[0]["headers"])
    assert headers[b"content-type"].startswith(b"text/event-stream")
    assert headers[b"cache-control"] == b"no-store"
    assert b"content-length" not in headers
    assert FIRST.encode() in sent[2]["body"]


def test_beyond_its_limit_the_process_takes_no_more_listeners(client, publish, rows) -> None:
    publish(rows)
    client.app.state.live.listeners = module.MAX_LISTENERS
    answer = client.get("/events")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
