"""The dashboard's settings."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dashboard.passwords import Cost, hash_password
from dashboard.settings import SettingsError, read_settings

SECRET = "0123456789abcdef0123456789abcdef"
USERS = f"ana:{hash_password('correct horse battery', Cost(4, 8, 1))}"


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("CRM_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_defaults_listen_on_loopback_and_read_the_projects_state() -> None:
    settings = read_settings()
    assert (settings.dashboard_host, settings.dashboard_port) == ("127.0.0.1", 8000)
    assert settings.published == Path(".crm/published")
    assert settings.mlflow_url is None


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_HOME", "/data/crm")
    monkeypatch.setenv("CRM_DASHBOARD_PORT", "9000")
    monkeypatch.setenv("CRM_MLFLOW_URL", "http://localhost:5000")
    settings = read_settings()
    assert settings.published == Path("/data/crm/published")
    assert settings.dashboard_port == 9000
    assert str(settings.mlflow_url) == "http://localhost:5000/"


def test_a_file_of_settings_is_read_and_an_empty_link_is_none(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CRM_DASHBOARD_PORT=9001\nCRM_MLFLOW_URL=\n", encoding="utf-8")
    settings = read_settings()
    assert settings.dashboard_port == 9001
    assert settings.mlflow_url is None


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("CRM_DASHBOARD_PORT", "eight thousand", "integer"),
        ("CRM_DASHBOARD_PORT", "70000", "65535"),
        ("CRM_DASHBOARD_HOST", "0.0.0.0", "loopback"),
        ("CRM_DASHBOARD_HOST", "shop.example", "loopback"),
        ("CRM_MLFLOW_URL", "javascript:alert(1)", "http"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=words) as caught:
        read_settings()
    assert str(caught.value).startswith(f"{name}='{value}'")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.2", "::1"])
def test_every_loopback_address_is_accepted(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("CRM_DASHBOARD_HOST", host)
    assert read_settings().dashboard_host == host


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"HOST": "192.0.2.7"}, ["USERS", "SECRET"]),
        ({"HOST": "192.0.2.7", "USERS": USERS}, ["SECRET"]),
        ({"HOST": "192.0.2.7", "SECRET": SECRET}, ["USERS"]),
        ({"ALLOWED_HOSTS": "crm.example"}, ["USERS", "SECRET"]),
        ({"USERS": USERS}, ["SECRET"]),
        ({"HOST": "0.0.0.0", "USERS": USERS, "SECRET": SECRET}, ["ALLOWED_HOSTS"]),
        ({"HOST": "::", "USERS": USERS, "SECRET": SECRET}, ["ALLOWED_HOSTS"]),
    ],
)
def test_what_lets_others_in_needs_a_login_and_what_is_missing_is_named(monkeypatch, given, missing) -> None:
    for name, value in given.items():
        monkeypatch.setenv(f"CRM_DASHBOARD_{name}", value)
    with pytest.raises(SettingsError) as caught:
        read_settings()
    said = str(caught.value).split("missing: ")[1]
    assert [
        name for name in ("USERS", "SECRET", "ALLOWED_HOSTS") if f"CRM_DASHBOARD_{name}" in said
    ] == missing
    assert "\n" not in str(caught.value)


def test_with_a_login_others_may_be_served(monkeypatch) -> None:
    monkeypatch.setenv("CRM_DASHBOARD_HOST", "0.0.0.0")
    monkeypatch.setenv("CRM_DASHBOARD_ALLOWED_HOSTS", "CRM.example, 192.0.2.7")
    monkeypatch.setenv("CRM_DASHBOARD_USERS", USERS)
    monkeypatch.setenv("CRM_DASHBOARD_SECRET", SECRET)
    settings = read_settings()
    assert list(settings.accounts) == ["ana"]
    assert {"crm.example", "192.0.2.7", "localhost"} <= set(settings.allowed_hosts)
    assert "0.0.0.0" not in settings.allowed_hosts


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SECRET", "s3cret-and-short", "at least 32"),
        ("USERS", "ana:s3cret-and-short", "not a password's hash"),
        ("USERS", f"{USERS}, {USERS}", "given twice"),
        ("USERS", USERS.removeprefix("ana"), "no name"),
        ("USERS", "ana:scrypt.63.8.1." + "A" * 22 + "." + "A" * 43, "out of bounds"),
    ],
    ids=["short secret", "no hash", "twice", "no name", "out of bounds"],
)
def test_a_secret_that_cannot_be_used_is_named_but_never_shown(monkeypatch, name, value, words) -> None:
    monkeypatch.setenv(f"CRM_DASHBOARD_{name}", value)
    with pytest.raises(SettingsError, match=words) as caught:
        read_settings()
    assert str(caught.value).startswith(f"CRM_DASHBOARD_{name}: ")
    assert "s3cret" not in str(caught.value)
    assert "scrypt." not in str(caught.value)
    assert caught.value.__cause__ is None


def test_secrets_do_not_show_in_the_settings_own_text(monkeypatch) -> None:
    monkeypatch.setenv("CRM_DASHBOARD_USERS", USERS)
    monkeypatch.setenv("CRM_DASHBOARD_SECRET", SECRET)
    assert SECRET not in repr(read_settings())
    assert "scrypt" not in repr(read_settings())


@pytest.mark.parametrize("value", ["https://crm.example", "crm.example:443", "*", "*.example", "a/b"])
def test_an_allowed_host_is_a_plain_name(monkeypatch, value) -> None:
    monkeypatch.setenv("CRM_DASHBOARD_ALLOWED_HOSTS", value)
    with pytest.raises(SettingsError, match="host names"):
        read_settings()


def test_a_misspelt_setting_of_the_dashboard_is_refused_with_the_nearest_name(monkeypatch, tmp_path) -> None:
    (tmp_path / ".env").write_text("crm_dashboard_hots=localhost\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"CRM_DASHBOARD_HOTS.*Did you mean CRM_DASHBOARD_HOST\?"):
        read_settings()


@pytest.mark.parametrize(("value", "words"), [("0", "greater than 0"), ("721", "720"), ("long", "number")])
def test_a_login_lasts_hours_within_bounds(monkeypatch, value, words) -> None:
    monkeypatch.setenv("CRM_DASHBOARD_SESSION_HOURS", value)
    with pytest.raises(SettingsError, match=words):
        read_settings()
