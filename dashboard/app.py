"""The dashboard as a FastAPI application.

Stays out: pages, queries and settings, each in its own module.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from dashboard import api, api_models
from dashboard.errors import add_error_pages
from dashboard.i18n import LanguageOfRequest
from dashboard.pages import api_docs, language, models, overview
from dashboard.security import LOOPBACK_NAMES, SecurityHeaders
from dashboard.settings import Settings
from dashboard.static_files import BUILT, ImmutableFiles, static_address
from dashboard.store import SnapshotStore
from dashboard.templating import Templates


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    app.state.store.close()


def create_app(settings: Settings, built: Path = BUILT) -> FastAPI:
    """The application over the snapshots of `settings`, with the styles and scripts of the folder `built`.

    Raises:
        NotBuiltError: when the styles and scripts have not been built.
    """
    static = static_address(built)
    app = FastAPI(
        title="Customer base",
        version="1",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
    )
    app.state.store = SnapshotStore(settings.published)
    app.state.templates = Templates(settings, static)
    app.include_router(overview.router)
    app.include_router(models.router)
    app.include_router(api_docs.router)
    app.include_router(language.router)
    app.include_router(api.router)
    app.include_router(api_models.router)
    app.mount(static, ImmutableFiles(directory=built))
    add_error_pages(app)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*LOOPBACK_NAMES, settings.dashboard_host])
    app.add_middleware(LanguageOfRequest)
    app.add_middleware(GZipMiddleware, minimum_size=1024)
    app.add_middleware(SecurityHeaders)
    return app
