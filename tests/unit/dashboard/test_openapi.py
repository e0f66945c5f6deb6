"""Whatever is asked of the API within its own document, it answers as the document says, and never with a 500.

Stays out: what the answers say (`test_api_*`).
"""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from dashboard.app import create_app
from dashboard.settings import Settings

HOST = {"Host": "localhost"}
CHECKS = [not_a_server_error, status_code_conformance, response_schema_conformance]
EXAMPLES = settings(
    max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture
def document(publish, rows, published, built):
    """The API over a tiny snapshot, as its own document describes it."""
    publish(rows)
    app = create_app(Settings(home=published.parent, _env_file=None), built)
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", app, headers=HOST)


def test_every_operation_answers_as_its_document_says(document, subtests) -> None:
    asked = []
    for found in document.get_all_operations():
        operation = found.ok()

        @EXAMPLES
        @given(case=operation.as_strategy())
        def ask(case) -> None:
            case.call_and_validate(checks=CHECKS, headers=HOST)

        with subtests.test(operation.label):
            ask()
        asked.append(operation.label)
    assert "GET /api/v1/summary" in asked
