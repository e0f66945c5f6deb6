"""The API's documentation as a page, made from its OpenAPI document.

Stays out: the API itself (`dashboard.api`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dashboard.dependencies import PageTemplates

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Operation:
    """An address of the API, what it answers, and its answers by status."""

    method: str
    path: str
    summary: str
    description: str
    responses: dict[str, str]


@dataclass(frozen=True)
class Schema:
    """A type of the API with its fields and their types."""

    name: str
    description: str
    fields: dict[str, str]


@dataclass(frozen=True)
class ApiDocsContext:
    """What `api_docs.html` shows."""

    operations: tuple[Operation, ...]
    schemas: tuple[Schema, ...]
    openapi_path: str


@router.get("/api/v1/docs", response_class=HTMLResponse)
def read_api_docs(request: Request, templates: PageTemplates) -> HTMLResponse:
    """The addresses and types of the API."""
    document = request.app.openapi()
    context = ApiDocsContext(_operations(document), _schemas(document), request.app.openapi_url)
    return templates.page(request, "api_docs.html", context)


def _operations(document: dict[str, Any]) -> tuple[Operation, ...]:
    return tuple(
        Operation(
            method.upper(),
            path,
            item["summary"],
            item.get("description", ""),
            {status: response["description"] for status, response in item["responses"].items()},
        )
        for path, methods in document["paths"].items()
        for method, item in methods.items()
    )


def _schemas(document: dict[str, Any]) -> tuple[Schema, ...]:
    schemas = document.get("components", {}).get("schemas", {})
    return tuple(
        Schema(
            name,
            item.get("description", ""),
            {key: _kind(kind) for key, kind in item.get("properties", {}).items()},
        )
        for name, item in schemas.items()
    )


def _kind(schema: dict[str, Any]) -> str:
    """A JSON schema's type in short: `number or null`, `list of Alert`, `Segment by name`."""
    if "$ref" in schema:
        return schema["$ref"].rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " or ".join(_kind(part) for part in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"{_kind(schema['additionalProperties'])} by name"
    return str(schema.get("format") or schema.get("type", "any"))
