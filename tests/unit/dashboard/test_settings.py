"""The dashboard's settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.settings import SettingsError, read_settings


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HOME", "DASHBOARD_HOST", "DASHBOARD_PORT", "MLFLOW_URL", "DAGSTER_URL"):
        monkeypatch.delenv(f"CRM_{name}", raising=False)
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
