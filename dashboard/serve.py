"""Serves the dashboard.

Stays out: the command line (`orchestration.cli`).
"""

from __future__ import annotations

import contextlib
import gc
import socket

import uvicorn
from fastapi import FastAPI

from dashboard.app import create_app
from dashboard.queries.read_ahead import read_ahead
from dashboard.settings import Settings
from dashboard.snapshot import SnapshotError
from dashboard.store import NoSnapshotError

_PATIENCE_SECONDS = 10


class Server(uvicorn.Server):
    """A server that ends the streams of open pages before it waits for answers to be finished."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell every page's stream to end, then stop."""
        self.config.app.state.live.close()  # type: ignore[union-attr]
        await super().shutdown(sockets)


def server(app: FastAPI, host: str, port: int, log_level: str = "info") -> Server:
    """A server for the application `dashboard.app.create_app` made."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level=log_level,
        server_header=False,
        timeout_graceful_shutdown=_PATIENCE_SECONDS,
    )
    return Server(config)


def serve(settings: Settings) -> None:
    """Serve the dashboard until it is told to stop.

    Raises:
        NotBuiltError: when the styles and scripts have not been built.
    """
    app = create_app(settings)
    settle(app)
    with contextlib.suppress(KeyboardInterrupt):
        server(app, settings.dashboard_host, settings.dashboard_port).run()


def settle(app: FastAPI) -> None:
    """Do what would hold up a request later: read ahead, translate the templates, spare the garbage collector.

    Python looks through all objects now and then, in the middle of whatever request comes; those of the modules and
    templates, more than a hundred thousand, are never garbage. For the process that serves, not for one of many apps.
    """
    app.state.templates.load()
    app.state.store.prepare_with(read_ahead)
    with contextlib.suppress(NoSnapshotError, SnapshotError):  # the pages say what is wrong
        app.state.store.current()
    gc.collect()
    gc.freeze()
