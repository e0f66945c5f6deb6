"""The documents say what the code does: settings with their defaults, every table, every command."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from assets.catalog import catalog
from dashboard.settings import Settings as DashboardSettings
from dashboard.settings import read_settings
from orchestration.settings import Settings, load_settings

ROOT = Path(__file__).parent.parent.parent
README = ROOT / "README.md"
ENV_EXAMPLE = ROOT / ".env.example"
TABLES = ROOT / "docs" / "tables.md"


def defaults() -> dict[str, str]:
    """Every setting by its variable, with its default as one would write it; of one that both have, the pipeline's."""
    found = {}
    for model in (DashboardSettings, Settings):
        for name, field in model.model_fields.items():
            found[f"CRM_{name.upper()}"] = "" if field.default in (None, "") else str(field.default)
    return found


def readme_settings() -> dict[str, tuple[str, str]]:
    """Default and meaning by variable, from the table below the heading Settings."""
    section = README.read_text(encoding="utf-8").split("\n## Settings", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\|\s*`(CRM_\w+)`\s*\|([^|]*)\|([^|]*)\|", section, re.MULTILINE)
    return {name: (default.strip().strip("`"), meaning.strip()) for name, default, meaning in rows}


def env_lines() -> dict[str, str]:
    """Values by variable in `.env.example`, whether or not the line is commented out."""
    rows = re.findall(r"^#?\s*(CRM_\w+)=(.*)$", ENV_EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE)
    return {name: re.sub(r"\s+#.*$", "", value).strip().strip("\"'") for name, value in rows}


def same(written: str, default: str) -> bool:
    """Whether a written default means the code's: numbers by value, an empty one also as empty, none or a dash."""
    if default == "":
        return written.lower() in ("", "empty", "(empty)", "none", "-", "–", "unset")
    try:
        return float(written) == float(default)
    except ValueError:
        return written == default


def test_the_readme_lists_every_setting_and_no_other() -> None:
    assert set(readme_settings()) == set(defaults())


@pytest.mark.parametrize("name", list(defaults()))
def test_the_readme_gives_each_settings_default_and_meaning(name) -> None:
    written, meaning = readme_settings()[name]

    assert same(written, defaults()[name]), (
        f"{name}: the README says {written!r}, the code {defaults()[name]!r}"
    )
    assert len(meaning) > 10


def test_the_example_lists_every_setting_with_its_default() -> None:
    lines = env_lines()

    assert set(lines) == set(defaults())
    assert {name: value for name, value in lines.items() if not same(value, defaults()[name])} == {}


def test_the_example_copied_to_env_changes_nothing(tmp_path, monkeypatch) -> None:
    for name in list(os.environ):
        if name.startswith("CRM_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    shutil.copy(ENV_EXAMPLE, tmp_path / ".env")

    assert load_settings() == Settings(_env_file=None)
    assert read_settings().dashboard_port == DashboardSettings(_env_file=None).dashboard_port


@pytest.mark.parametrize("name", list(catalog()))
def test_the_tables_document_explains_each_table_and_column(name) -> None:
    text = TABLES.read_text(encoding="utf-8")
    contract = catalog()[name].contract

    assert re.search(rf"\b{re.escape(name)}\b", text), f"{name} is not in {TABLES.name}"
    assert contract.grain in text
    for column in contract.columns:
        assert f"`{column}`" in text, f"{name}.{column} is not in {TABLES.name}"


def test_the_tables_document_names_no_table_that_is_not_there() -> None:
    layers = {name.split(".")[0] for name in catalog()}
    named = re.findall(
        rf"^#+\s+`?((?:{'|'.join(layers)})\.\w+)`?", TABLES.read_text(encoding="utf-8"), re.MULTILINE
    )

    assert set(named) <= set(catalog())


@pytest.mark.parametrize("command", ["run", "serve", "dashboard-password", "dev", "simulate", "status"])
def test_the_readme_shows_every_command(command) -> None:
    assert f"crm {command}" in README.read_text(encoding="utf-8")


def test_make_targets_that_the_readme_names_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"`make (\w+)`", README.read_text(encoding="utf-8")))

    assert {"run", "test", "dev", "bench", "lint"} <= named
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in named)
