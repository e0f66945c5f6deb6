"""What the tests of the wiring share: a process environment without settings, and definitions of four months."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from orchestration.build import build_definitions
from orchestration.settings import Settings


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No setting of the machine's; a home, a DAGSTER_HOME and a current folder of the test's own."""
    for name in list(os.environ):
        if name.startswith(("CRM_", "DAGSTER_")):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    monkeypatch.setenv("CRM_HOME", str(home))
    monkeypatch.setenv("DAGSTER_HOME", str(home / "dagster"))
    monkeypatch.setenv("DAGSTER_DISABLE_TELEMETRY", "1")
    monkeypatch.setenv("CRM_SOURCE", "sample")
    monkeypatch.chdir(tmp_path)
    return home


@pytest.fixture(scope="session")
def definitions() -> dg.Definitions:
    """All definitions with the default settings, column lineage included."""
    return build_definitions(Settings(_env_file=None))


@pytest.fixture
def settings(clean_environment: Path) -> Callable[..., Settings]:
    """Settings of the test's home: `settings(history_start="2018-05")`."""
    return lambda **values: Settings(_env_file=None, home=clean_environment, **values)
