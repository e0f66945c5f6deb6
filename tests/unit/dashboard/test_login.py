"""Signing in: who may enter, for how long, and how often one may guess."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from fastapi.testclient import TestClient

from dashboard import login as limits
from dashboard.app import create_app
from dashboard.passwords import Cost, hash_password
from dashboard.settings import Settings

PASSWORD = "correct horse battery"
HASHES = {name: hash_password(PASSWORD, Cost(4, 8, 1)) for name in ("ana", "bob")}
SECRET = "0123456789abcdef0123456789abcdef"
Opened = Callable[..., TestClient]


@pytest.fixture
def opened(published, publish, rows, built) -> Iterator[Opened]:
    """Opens a client of a dashboard with users, over a published snapshot."""
    publish(rows)
    with ExitStack() as stack:

        def build(base_url: str = "http://localhost", **changes: object) -> TestClient:
            values = {
                "home": published.parent,
                "dashboard_users": ",".join(f"{name}:{stored}" for name, stored in HASHES.items()),
                "dashboard_secret": SECRET,
                "dashboard_allowed_hosts": "crm.example",
            }
            app = create_app(Settings(_env_file=None, **(values | changes)), built)
            client = TestClient(app, base_url=base_url, follow_redirects=False, raise_server_exceptions=False)
            return stack.enter_context(client)

        yield build


@pytest.fixture
def guarded(opened: Opened) -> TestClient:
    return opened()


def token(client: TestClient, path: str = "/login") -> str:
    found = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', client.get(path).text)
    assert found
    return found[1]


def sign_in(client: TestClient, name: str = "ana", password: str = PASSWORD, to: str = "/alerts"):
    fields = {"csrf_token": token(client), "name": name, "password": password, "next": to}
    return client.post("/login", data=fields)


def test_a_page_leads_to_the_login_and_from_there_back(guarded) -> None:
    refused = guarded.get("/alerts?status=unseen")
    assert (refused.status_code, refused.headers["location"]) == (
        303,
        "/login?next=%2Falerts%3Fstatus%3Dunseen",
    )
    assert 'value="/alerts?status=unseen"' in guarded.get(refused.headers["location"]).text
    answer = sign_in(guarded, to="/alerts?status=unseen")
    assert (answer.status_code, answer.headers["location"]) == (303, "/alerts?status=unseen")
    page = guarded.get("/alerts")
    assert page.status_code == 200
    assert "Signed in as ana" in page.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 303),
        ("/nowhere", 303),
        ("/loginx", 303),
        ("/customers/export", 303),
        ("/events", 401),
        ("/api/v1/summary", 401),
        ("/api/v1/docs", 401),
        ("/api/v1/openapi.json", 401),
        ("/api/v1/nowhere", 401),
        ("/login", 200),
        ("/language/pt", 303),
    ],
)
def test_everything_is_closed_but_the_login_and_the_language(guarded, path, status) -> None:
    answer = guarded.get(path)
    assert answer.status_code == status
    assert "expected to spend" not in answer.text
    if path.startswith("/api/"):
        assert answer.json() == {"detail": "Sign in first"}


def test_styles_are_open_and_the_login_shows_no_figure_and_no_navigation(guarded) -> None:
    text = guarded.get("/login").text
    assert guarded.get(re.search(r'href="(/static/[^"]+\.css)"', text)[1]).status_code == 200
    assert 'href="/customers"' not in text
    assert "data-bell" not in text
    assert "data-live" not in text


@pytest.mark.parametrize(
    ("name", "password"), [("ana", "a guess of 17"), ("eve", PASSWORD), ("", ""), ("ana", "x" * 5000)]
)
def test_a_wrong_pair_is_told_kindly_and_opens_nothing(guarded, name, password) -> None:
    answer = sign_in(guarded, name, password)
    assert answer.status_code == 401
    assert "Name and password do not belong together" in answer.text
    assert password == "" or password not in answer.text
    assert guarded.get("/").status_code == 303


@pytest.mark.parametrize(
    "to", ["https://evil.example", "//evil.example", "/\\evil.example", "\\/evil", "x", "/a\nb"]
)
def test_the_way_back_stays_on_this_site(guarded, to) -> None:
    assert sign_in(guarded, to=to).headers["location"] == "/"
    assert guarded.get("/login", params={"next": to}).headers["location"] == "/"


def test_the_cookie_is_closed_to_scripts_and_other_sites(guarded) -> None:
    cookie = sign_in(guarded).headers["set-cookie"]
    assert cookie.startswith("crm_session=")
    assert re.search(r"HttpOnly; Max-Age=43200; Path=/; SameSite=lax$", cookie)
    assert "Domain" not in cookie
    assert PASSWORD not in cookie


def test_over_https_the_cookie_is_secure_and_of_this_host_alone(opened) -> None:
    client = opened("https://crm.example")
    cookie = sign_in(client).headers["set-cookie"]
    assert cookie.startswith("__Host-crm_session=")
    assert "; Secure" in cookie
    assert client.get("/").status_code == 200
    assert client.get("/").headers["strict-transport-security"] == "max-age=31536000"


def test_over_http_nothing_is_said_about_https(guarded) -> None:
    assert "strict-transport-security" not in guarded.get("/login").headers


def test_a_cookie_that_was_tampered_with_or_signed_by_another_is_none(guarded, opened) -> None:
    sign_in(guarded)
    cookie = guarded.cookies["crm_session"]
    body, stamp, signature = cookie.rsplit(".", 2)
    other = opened(dashboard_secret=SECRET[::-1])
    sign_in(other)
    for forged in (
        f"{body}x.{stamp}.{signature}",
        f"{body}.{stamp}.{signature[:-2]}AA",
        other.cookies["crm_session"],
        "x",
    ):
        guarded.cookies.clear()
        assert guarded.get("/", headers={"cookie": f"crm_session={forged}"}).status_code == 303
    assert guarded.get("/", headers={"cookie": f"crm_session={cookie}"}).status_code == 200


@pytest.mark.parametrize(("seconds_ago", "status"), [(1750, 200), (1850, 303)])
def test_a_login_ends_at_its_hour(opened, monkeypatch, seconds_ago, status) -> None:
    client, now = opened(dashboard_session_hours=0.5), time.time()
    with monkeypatch.context() as earlier:
        earlier.setattr("itsdangerous.timed.time.time", lambda: now - seconds_ago)
        signed_in = sign_in(client)
    cookie = signed_in.headers["set-cookie"].partition(";")[0]
    client.cookies.clear()
    assert "Max-Age=1800" in signed_in.headers["set-cookie"]
    assert client.get("/", headers={"cookie": cookie}).status_code == status


def test_a_login_ends_with_the_password(opened) -> None:
    before = opened()
    sign_in(before)
    cookie = {"cookie": f"crm_session={before.cookies['crm_session']}"}
    assert opened().get("/", headers=cookie).status_code == 200
    changed = f"ana:{hash_password('another one entirely', Cost(4, 8, 1))}"
    assert opened(dashboard_users=changed).get("/", headers=cookie).status_code == 303
    assert opened(dashboard_users=f"bob:{HASHES['bob']}").get("/", headers=cookie).status_code == 303


def test_signing_out_ends_the_visit_even_for_a_copied_cookie(guarded) -> None:
    sign_in(guarded)
    copied = {"cookie": f"crm_session={guarded.cookies['crm_session']}"}
    answer = guarded.post("/logout", data={"csrf_token": token(guarded, "/")})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert guarded.get("/").status_code == 303
    assert guarded.get("/", headers=copied).status_code == 303


def test_signing_in_begins_a_new_visit_so_that_a_planted_cookie_is_worthless(guarded) -> None:
    guarded.get("/login")
    planted = guarded.cookies["crm_session"]
    sign_in(guarded)
    assert guarded.cookies["crm_session"] != planted
    assert guarded.get("/", headers={"cookie": f"crm_session={planted}"}).status_code == 303


def test_guessing_one_users_password_has_to_wait(guarded) -> None:
    answers = [sign_in(guarded, "ana", f"wrong {i}").status_code for i in range(limits.TRIES_PER_USER)]
    assert set(answers) == {401}
    refused = sign_in(guarded)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= limits.WINDOW_SECONDS
    assert "Too many attempts" in refused.text
    assert sign_in(guarded, "bob").status_code == 303


def test_guessing_many_names_from_one_address_has_to_wait(guarded) -> None:
    for i in range(limits.TRIES_PER_ADDRESS):
        sign_in(guarded, f"name{i}", "wrong")
    assert sign_in(guarded, "ana").status_code == 429


def test_right_passwords_do_not_count(guarded) -> None:
    for _ in range(limits.TRIES_PER_USER + 1):
        assert sign_in(guarded).status_code == 303
        guarded.cookies.clear()


def test_a_program_gives_name_and_password_with_its_request(guarded) -> None:
    refused = guarded.get("/api/v1/healthz")
    assert refused.headers["www-authenticate"] == 'Basic realm="Customer base", charset="UTF-8"'
    assert guarded.get("/api/v1/healthz", auth=("ana", PASSWORD)).json()["status"] == "ok"
    assert guarded.get("/api/v1/healthz", auth=("ana", "wrong")).status_code == 401
    assert guarded.get("/", auth=("ana", PASSWORD)).status_code == 303


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic YW5h", "Bearer abc", "Basic /////w==", ""])
def test_a_header_that_does_not_read_is_as_none(guarded, header) -> None:
    assert guarded.get("/api/v1/healthz", headers={"authorization": header}).status_code == 401


def test_a_program_is_limited_like_a_person_and_with_it(guarded) -> None:
    for i in range(limits.TRIES_PER_USER):
        guarded.get("/api/v1/healthz", auth=("ana", f"wrong {i}"))
    refused = guarded.get("/api/v1/healthz", auth=("ana", PASSWORD))
    assert (refused.status_code, refused.json()) == (429, {"detail": "Too many attempts"})
    assert int(refused.headers["retry-after"]) >= 1
    assert sign_in(guarded).status_code == 429


def test_a_page_whose_login_has_ended_is_not_asked_by_a_window_of_the_browser(guarded) -> None:
    answer = guarded.get("/api/v1/summary", headers={"sec-fetch-site": "same-origin"})
    assert answer.headers["www-authenticate"].startswith("Session ")


def test_credentials_that_were_right_are_known_for_a_while(opened, monkeypatch) -> None:
    client = opened()
    asked = []
    check = client.app.state.login.accounts.check
    monkeypatch.setattr(
        client.app.state.login.accounts, "check", lambda *given: asked.append(given) or check(*given)
    )
    for _ in range(3):
        assert client.get("/api/v1/healthz", auth=("ana", PASSWORD)).status_code == 200
    assert len(asked) == 1
    monkeypatch.setattr(client.app.state.login, "_clock", lambda: time.monotonic() + limits.KNOWN_SECONDS)
    assert client.get("/api/v1/healthz", auth=("ana", PASSWORD)).status_code == 200
    assert len(asked) == 2


def test_only_allowed_host_names_are_answered(opened) -> None:
    client = opened()
    assert client.get("/login", headers={"host": "crm.example"}).status_code == 200
    assert client.get("/login", headers={"host": "CRM.example:8443"}).status_code == 200
    for name in ("evil.example", "crm.example.evil.example", "0.0.0.0", ""):
        assert client.get("/login", headers={"host": name}).status_code == 400


def test_without_users_nobody_is_asked(client, publish, rows) -> None:
    publish(rows)
    assert client.get("/").status_code == 200
    answer = client.get("/login", params={"next": "/alerts"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/alerts")
