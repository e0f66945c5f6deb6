"""The dashboard as a FastAPI application.

Stays out: pages, queries and settings, each in its own module.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import Depends, FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from dashboard import live
from dashboard.accounts import Accounts
from dashboard.alert_list import UnseenCount
from dashboard.alert_marks import AlertMarks
from dashboard.api import actions as actions_api
from dashboard.api import alerts as alerts_api
from dashboard.api import customers as customers_api
from dashboard.api import models as models_api
from dashboard.api import profile as profile_api
from dashboard.api import segments as segments_api
from dashboard.api import summary as summary_api
from dashboard.errors import add_error_pages
from dashboard.forms import refuse_foreign_changes
from dashboard.gate import Gate
from dashboard.i18n import LanguageOfRequest
from dashboard.login import Login
from dashboard.pages import (
    actions,
    alerts,
    api_docs,
    customers,
    customers_csv,
    language,
    login,
    models,
    overview,
    profile,
    segments,
)
from dashboard.security import SecurityHeaders
from dashboard.settings import Settings
from dashboard.static_files import BUILT, ImmutableFiles, static_address
from dashboard.store import SnapshotStore
from dashboard.templating import Templates
from dashboard.visits import Visits

_PAGES = (
    overview,
    customers,
    customers_csv,
    profile,
    segments,
    actions,
    alerts,
    models,
    api_docs,
    language,
    login,
    live,
)
_API = (summary_api, customers_api, profile_api, segments_api, actions_api, alerts_api, models_api)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    app.state.live.close()
    app.state.marks.close()
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
        dependencies=[Depends(refuse_foreign_changes)],
    )
    app.state.store = SnapshotStore(settings.published)
    app.state.marks = AlertMarks(settings.own_database)
    app.state.unseen = UnseenCount(app.state.marks)
    app.state.live = live.Live(app.state.store)
    app.state.templates = Templates(settings, static)
    app.state.login = Login(Accounts(settings.accounts))
    app.state.visits = Visits(
        settings.dashboard_secret.get_secret_value(),
        app.state.login.accounts,
        settings.dashboard_session_hours,
    )
    for part in _PAGES + _API:
        app.include_router(part.router)
    app.mount(static, ImmutableFiles(directory=built))
    add_error_pages(app)
    app.add_middleware(Gate, visits=app.state.visits, login=app.state.login)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(settings.allowed_hosts))
    app.add_middleware(LanguageOfRequest)
    app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=4)
    app.add_middleware(SecurityHeaders)
    return app
