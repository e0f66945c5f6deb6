"""The template engine: filters of `dashboard.formatting`, autoescape, and typed contexts.

Stays out: what the pages hold (`dashboard.pages`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from dashboard import formatting, links, terms
from dashboard.i18n import LANGUAGES, N_, catalogue_plurals, catalogue_texts, gettext, language
from dashboard.pages.header import header_tools
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
    "day_short",
    "instant",
    "short_digest",
)


@dataclass(frozen=True)
class Link:
    """An entry of the navigation."""

    name: str
    path: str

    @property
    def label(self) -> str:
        """Its words in the language of the request."""
        return gettext(self.name)

    def is_current(self, path: str) -> bool:
        """Whether the page at `path` is this one, or lies below it."""
        return path == self.path or (self.path != "/" and path.startswith(f"{self.path}/"))


NAVIGATION = (
    Link(N_("Overview"), "/"),
    Link(N_("Customers"), "/customers"),
    Link(N_("Segments"), "/segments"),
    Link(N_("Actions"), "/actions"),
    Link(N_("Alerts"), "/alerts"),
    Link(N_("Models and data"), "/models"),
)


def _text(message: str, /, **values: object) -> Markup:
    """`_()` of the templates: the text in the language of the request with its values, which are escaped."""
    return _filled(catalogue_texts(message), values)


def _plural(singular: str, plural: str, n: int, /, **values: object) -> Markup:
    """`{% trans %}` with a plural: the text that fits n."""
    return _filled(catalogue_plurals(singular, plural, n), {"num": n, **values})


def _filled(text: str, values: dict[str, object]) -> Markup:
    return Markup(text) % values if "%" in text else Markup(text)


def drawn_once(rows: Iterable[Any], name: str, draw: Callable[[str, Any], Any]) -> dict[Any, Any]:
    """What `draw(name, value)` makes of each value in the field `name` of rows, called once for all that are alike."""
    return {value: draw(name, value) for value in {getattr(row, name) for row in rows}}


class Templates:
    """Renders pages from a template and a context dataclass."""

    def __init__(self, settings: Settings, static: str) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        self._environment.policies["ext.i18n.trimmed"] = True
        # The extension adds this method to the environment; what it installs costs three calls for each text.
        self._environment.install_gettext_callables(  # type: ignore[attr-defined]
            catalogue_texts, catalogue_plurals, newstyle=True
        )
        self._environment.globals.update(_=_text, gettext=_text, ngettext=_plural)
        self._environment.filters.update({name: getattr(formatting, name) for name in _FILTERS})
        self._environment.filters.update(plain=asdict, drawn_once=drawn_once)
        self._environment.globals.update(
            static=static,
            navigation=NAVIGATION,
            mlflow_url=str(settings.mlflow_url) if settings.mlflow_url else None,
            dagster_url=str(settings.dagster_url) if settings.dagster_url else None,
            languages=tuple(LANGUAGES.values()),
            language=language,
            not_enough_data=formatting.not_enough_data,
            customers_link=links.customers_link,
            profile_link=links.profile_link,
            term=terms.term,
            dimension_label=terms.dimension_label,
        )

    @property
    def environment(self) -> Environment:
        """The Jinja2 environment behind the pages."""
        return self._environment

    def load(self) -> None:
        """Translate every template into Python now, not when the first request asks for it."""
        for name in self._environment.list_templates(extensions=["html"]):
            self._environment.get_template(name)

    def page(
        self, request: Request, name: str, context: Any, status_code: int = 200, here: str | None = None
    ) -> HTMLResponse:
        """The page `name` filled from the fields of the dataclass `context`.

        `here` is the address that a switch of the language returns to, the page's own unless given.
        """
        values = {field.name: getattr(context, field.name) for field in fields(context)}
        own = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        frame = {
            "path": request.url.path,
            "here": own if here is None else here,
            "csp_nonce": request.state.csp_nonce,
            "status_code": status_code,
            "tools": header_tools(request),
        }
        text = self._environment.get_template(name).render(**frame, **values)
        return HTMLResponse(text, status_code=status_code)
