"""Pages of what goes wrong: friendly, in the reader's language, with every header; JSON under the API."""

from __future__ import annotations

import re

import pytest
from fastapi import HTTPException
from fastapi.testclient import TestClient

from dashboard.i18n import PSEUDO

STATUSES = {
    403: "This change was not made",
    404: "This page does not exist",
    405: "This request cannot be answered",
    413: "This request cannot be answered",
    429: "Too many attempts",
    500: "Something went wrong",
}


@pytest.fixture
def failing(client: TestClient) -> TestClient:
    """The client, with a page and an address of the API that end as their path says."""

    def fail(status: int) -> None:
        if status == 500:
            raise RuntimeError("an inner secret")
        raise HTTPException(status, headers={"Retry-After": "7"} if status == 429 else None)

    client.app.add_api_route("/fail/{status}", fail)
    client.app.add_api_route("/api/v1/fail/{status}", fail)
    return client


@pytest.mark.parametrize("status", list(STATUSES))
def test_a_page_says_kindly_what_happened(failing, status) -> None:
    answer = failing.get(f"/fail/{status}")
    assert answer.status_code == status
    assert f"Error {status}" in answer.text
    assert STATUSES[status] in answer.text
    assert "To the overview" in answer.text
    assert "an inner secret" not in answer.text
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("status", list(STATUSES))
def test_the_api_says_it_as_json(failing, status) -> None:
    answer = failing.get(f"/api/v1/fail/{status}")
    assert (answer.status_code, answer.json()) == (status, {"detail": STATUSES[status]})


def test_headers_of_a_refusal_are_kept(failing) -> None:
    for path in ("/fail/429", "/api/v1/fail/429"):
        assert failing.get(path).headers["retry-after"] == "7"


@pytest.mark.parametrize("status", [*STATUSES, 422, 503])
def test_every_word_of_an_error_page_is_translated(failing, status, monkeypatch) -> None:
    for module in ("i18n", "errors"):
        monkeypatch.setattr(f"dashboard.{module}.chosen_language", lambda headers: PSEUDO)
    path = {422: "/fail/x", 503: "/"}.get(status, f"/fail/{status}")
    answer = failing.get(path)
    main = re.search(r"<main.*?</main>", answer.text, re.DOTALL)[0]
    bare = re.sub(r"⟦[^⟧]*⟧", "", re.sub(r'<pre[^>]*translate="no".*?</pre>', "", main, flags=re.DOTALL))
    assert answer.status_code == status
    assert "⟦" in main
    assert re.findall(r"[A-Za-z]{3,}", re.sub(r"<[^>]+>", " ", bare)) == []


def test_a_method_that_is_not_there_is_a_page_too(client, publish, rows) -> None:
    publish(rows)
    answer = client.get("/alerts/seen")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert "<!doctype html>" in answer.text
