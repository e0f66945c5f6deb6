"""The template engine: filters of `dashboard.formatting`, autoescape, and typed contexts.

Stays out: what the pages hold (`dashboard.pages`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from dashboard import formatting, terms
from dashboard.settings import Settings

TEMPLATES = Path(__file__).parent / "templates"
_FILTERS = (
    "count",
    "number",
    "money",
    "money_compact",
    "share",
    "signed_share",
    "signed_points",
    "month",
    "month_short",
    "day",
    "instant",
    "short_digest",
)


@dataclass(frozen=True)
class Link:
    """An entry of the navigation."""

    label: str
    path: str


NAVIGATION = (Link("Overview", "/"), Link("API", "/api/v1/docs"))


class Templates:
    """Renders pages from a template and a context dataclass."""

    def __init__(self, settings: Settings, static: str) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update({name: getattr(formatting, name) for name in _FILTERS})
        self._environment.filters["plain"] = asdict
        self._environment.globals.update(
            static=static,
            navigation=NAVIGATION,
            mlflow_url=str(settings.mlflow_url) if settings.mlflow_url else None,
            dagster_url=str(settings.dagster_url) if settings.dagster_url else None,
            not_enough_data=formatting.NOT_ENOUGH_DATA,
            dimensions=terms.DIMENSIONS,
        )

    @property
    def environment(self) -> Environment:
        """The Jinja2 environment behind the pages."""
        return self._environment

    def page(self, request: Request, name: str, context: Any, status_code: int = 200) -> HTMLResponse:
        """The page `name` filled from the fields of the dataclass `context`."""
        values = {field.name: getattr(context, field.name) for field in fields(context)}
        nonce = request.state.csp_nonce
        text = self._environment.get_template(name).render(path=request.url.path, csp_nonce=nonce, **values)
        return HTMLResponse(text, status_code=status_code)
