"""The dashboard as `crm serve` serves it, in a process of its own, and a reader that asks it over one connection.

Stays out: what is asked (`dashboard`).
"""

from __future__ import annotations

import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from tests.browser.conftest import STARTUP_SECONDS, free_port
from tests.conftest import crm_environment

_HEALTH = "/api/v1/healthz"
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Answer:
    """An answer: its body as the browser unpacks it, and the seconds until its last byte."""

    status: int
    body: bytes
    seconds: float

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


class Reader:
    """Asks one thing after another over a connection that stays open, as a browser does."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port)

    def get(self, address: str) -> Answer:
        """The whole answer; it is unpacked when the clock has stopped."""
        started = time.perf_counter()
        self._connection.request("GET", address, headers={"Accept-Encoding": "gzip"})
        response = self._connection.getresponse()
        body = response.read()
        seconds = time.perf_counter() - started
        if response.headers.get("Content-Encoding") == "gzip":
            body = zlib.decompress(body, wbits=31)
        return Answer(response.status, body, seconds)

    def first_bytes(self, address: str) -> float:
        """The seconds until the first byte; then the reader goes away, and comes back for the next answer."""
        started = time.perf_counter()
        self._connection.request("GET", address, headers={"Accept-Encoding": "gzip"})
        self._connection.getresponse().read(1)
        seconds = time.perf_counter() - started
        self._connection.close()
        return seconds

    def size(self, address: str) -> int:
        """The bytes of an answer that is too large to keep, asked for unpacked."""
        self._connection.request("GET", address, headers={"Accept-Encoding": "identity"})
        response = self._connection.getresponse()
        return sum(len(chunk) for chunk in iter(lambda: response.read(_CHUNK), b""))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


@contextmanager
def served(home: Path) -> Iterator[Reader]:
    """A reader of the dashboard over a home, from when it answers until the block ends."""
    port = free_port()
    environment = crm_environment(home, CRM_DASHBOARD_PORT=str(port))
    with (home / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "orchestration.cli", "serve"], env=environment, stdout=log, stderr=log
        )
    reader = Reader(port)
    try:
        _wait(reader, process, home / "serve.log")
        yield reader
    finally:
        reader.close()
        process.terminate()
        process.wait(STARTUP_SECONDS)


def _wait(reader: Reader, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + STARTUP_SECONDS
    while True:
        try:
            if reader.get(_HEALTH).status == 200:
                return
        except OSError:
            reader.close()
        if time.monotonic() > deadline or process.poll() is not None:
            raise RuntimeError(f"the dashboard did not start:\n{log.read_text()[-3000:]}")
        time.sleep(0.05)
