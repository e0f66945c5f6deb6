"""Changes come from forms of our own pages alone."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient
from starlette.routing import Mount

from dashboard.forms import MAX_BYTES, READING, is_from_here, local_path

ALERT = {
    "alert_id": "jump",
    "kind": "segment_jumped",
    "severity": "warning",
    "dimension": "risk_band",
    "subject": "red",
    "message": "m",
    "value": 0.3,
    "value_before": 0.2,
    "compared_with": "2018-07-x",
}


@pytest.fixture
def fields(client: TestClient, publish, rows) -> dict[str, str]:
    """The fields of the form that marks the one alert there is."""
    rows["alerts"] = [ALERT]
    publish(rows)
    text = client.get("/alerts").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', text)[1]
    return {"csrf_token": token, "alert": re.search(r'data-alert="([^"]+)"', text)[1], "back": "/alerts"}


def unseen(client: TestClient) -> int:
    return client.get("/api/v1/alerts").json()["unseen"]


def test_a_form_of_our_own_page_is_heard(client, fields) -> None:
    answer = client.post("/alerts/seen", data=fields, follow_redirects=False)
    assert (answer.status_code, unseen(client)) == (303, 0)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:9000"},
        {"origin": "https://localhost"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site", "origin": "http://localhost"},
    ],
)
def test_a_form_from_elsewhere_is_refused_although_its_token_is_right(client, fields, headers) -> None:
    answer = client.post("/alerts/seen", data=fields, headers=headers)
    assert (answer.status_code, unseen(client)) == (403, 1)
    assert "This change was not made" in answer.text


@pytest.mark.parametrize("headers", [{}, {"sec-fetch-site": "same-origin"}, {"origin": "http://localhost"}])
def test_a_form_without_the_right_token_is_refused_although_it_is_from_here(client, fields, headers) -> None:
    for token in ("", "0" * 64, "é", fields["csrf_token"][:-1]):
        answer = client.post("/alerts/seen", data=fields | {"csrf_token": token}, headers=headers)
        assert (answer.status_code, unseen(client)) == (403, 1)


def test_a_token_of_another_visit_does_not_fit(client, fields) -> None:
    client.cookies.clear()
    client.get("/alerts")
    assert client.post("/alerts/seen", data=fields).status_code == 403
    client.cookies.clear()
    assert client.post("/alerts/seen", data=fields).status_code == 403
    assert unseen(client) == 1


def test_another_kind_of_body_is_refused(client, fields) -> None:
    assert client.post("/alerts/seen", json=fields).status_code == 415
    assert client.post("/alerts/seen", files={"csrf_token": (None, fields["csrf_token"])}).status_code == 415
    assert client.post("/alerts/seen").status_code == 415


def test_a_form_that_is_too_large_or_does_not_read_is_refused(client, fields) -> None:
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/alerts/seen", content=b"a=" + b"x" * MAX_BYTES, headers=kind).status_code == 413
    assert client.post("/alerts/seen", content=b"\xff=\xff", headers=kind).status_code == 400
    assert client.post("/alerts/seen", content=b"a=1&" * 3000, headers=kind).status_code == 400


def test_every_route_that_changes_something_is_guarded(client, publish, rows) -> None:
    publish(rows)
    changing = [
        (method, route.path)
        for route in _routes(client.app)
        for method in sorted(route.methods - set(READING))
    ]
    assert {("POST", "/alerts/seen"), ("POST", "/login"), ("POST", "/logout")} <= set(changing)
    for method, path in changing:
        answer = client.request(method, path, data={"csrf_token": "x"})
        assert answer.status_code == 403, (method, path)


def _routes(app):
    found = []
    for route in app.routes:
        if isinstance(route, Mount):
            continue
        if hasattr(route, "methods"):
            found.append(route)
        elif hasattr(route, "original_router"):
            found += [one for one in route.original_router.routes if hasattr(one, "methods")]
    return found


def test_reading_sets_no_cookie_where_the_page_has_no_form(client, publish, rows) -> None:
    rows["alerts"] = [ALERT]
    publish(rows)
    assert "set-cookie" not in client.get("/").headers
    assert "set-cookie" in client.get("/alerts").headers


def test_where_the_browser_says_nothing_the_origin_counts() -> None:
    assert is_from_here({"host": "crm.example"}, "https")
    assert is_from_here({"host": "crm.example", "origin": "https://crm.example"}, "https")
    assert not is_from_here({"host": "crm.example", "origin": "http://crm.example"}, "https")
    assert is_from_here({"host": "a", "origin": "https://a", "sec-fetch-site": "same-origin"}, "http")


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/alerts?x=1", True),
        ("/", True),
        ("", False),
        ("//x", False),
        ("/\\x", False),
        ("/a\tb", False),
        ("a", False),
    ],
)
def test_a_way_back_is_a_path_of_this_site(path, kept) -> None:
    assert local_path(path, "/otherwise") == (path if kept else "/otherwise")
