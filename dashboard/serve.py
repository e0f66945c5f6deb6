"""Serves the dashboard.

Stays out: the command line (`orchestration.cli`).
"""

from __future__ import annotations

import uvicorn

from dashboard.app import create_app
from dashboard.settings import Settings


def serve(settings: Settings) -> None:
    """Serve the dashboard until it is told to stop.

    Raises:
        NotBuiltError: when the styles and scripts have not been built.
    """
    uvicorn.run(
        create_app(settings),
        host=settings.dashboard_host,
        port=settings.dashboard_port,
        log_level="info",
        server_header=False,
    )
