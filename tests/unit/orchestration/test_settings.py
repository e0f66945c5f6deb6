"""A wrong setting stops the start with a line that names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.settings import Settings, SettingsError, code_version, load_settings

WRONG = [
    ("CRM_MAX_REJECT_SHARE", "many", "number"),
    ("CRM_MAX_REJECT_SHARE", "1.5", "less than or equal to 1"),
    ("CRM_HORIZON_DAYS", "0", "greater than or equal to 1"),
    ("CRM_HORIZON_DAYS", "1.5", "integer"),
    ("CRM_HISTORY_START", "2018-13", "month"),
    ("CRM_HISTORY_START", "May 2018", "month"),
    ("CRM_HISTORY_START", "", "month"),
    ("CRM_HISTORY_END", "2018-8", "month"),
    ("CRM_DEMOGRAPHICS", "real", "simulated"),
    ("CRM_HIGH_VALUE_SHARE", "1", "less than 1"),
    ("CRM_KEEP_SNAPSHOTS", "1", "greater than or equal to 2"),
    ("CRM_MEMORY_LIMIT", "lots", "pattern"),
    ("CRM_SEED", "-1", "greater than or equal to 0"),
    ("CRM_THREADS", "0", "greater than or equal to 1"),
]


@pytest.mark.parametrize(("name", "value", "wanted"), WRONG)
def test_a_wrong_value_is_refused_by_name_with_what_it_takes(name, value, wanted, monkeypatch) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError) as refused:
        load_settings()

    assert name in str(refused.value)
    assert repr(value) in str(refused.value)
    assert wanted in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_unknown_name_is_refused_with_the_nearest_one(monkeypatch) -> None:
    monkeypatch.setenv("CRM_HORIZON_DAY", "90")

    with pytest.raises(
        SettingsError, match=r"CRM_HORIZON_DAY is not a setting.*Did you mean CRM_HORIZON_DAYS"
    ):
        load_settings()


def test_an_unknown_name_near_none_is_refused_without_a_guess(monkeypatch) -> None:
    monkeypatch.setenv("CRM_ZZZZ", "1")

    with pytest.raises(SettingsError) as refused:
        load_settings()

    assert "Did you mean" not in str(refused.value)


def test_the_dashboards_settings_are_no_strangers(monkeypatch) -> None:
    monkeypatch.setenv("CRM_DASHBOARD_PORT", "8001")
    monkeypatch.setenv("CRM_DAGSTER_URL", "http://localhost:3000")

    assert load_settings().source == "sample"


@pytest.mark.parametrize("name", ["CRM_DASHBOARD_HOTS", "CRM_DASHBOARD_", "CRM_DAGSTER_URLS"])
def test_a_misspelt_setting_of_the_dashboard_is_refused_by_the_pipeline_too(name, monkeypatch) -> None:
    monkeypatch.setenv(name, "x")

    with pytest.raises(SettingsError, match=f"{name} is not a setting"):
        load_settings()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("CRM_HISTORY_START", "2018-06"), ("CRM_HISTORY_END", "2018-05")),
        (("CRM_RED_LIFT", "3"), ("CRM_GREEN_LIFT", "2")),
    ],
)
def test_two_settings_that_contradict_each_other_are_both_named(one, other, monkeypatch) -> None:
    monkeypatch.setenv(*one)
    monkeypatch.setenv(*other)

    with pytest.raises(SettingsError) as refused:
        load_settings()

    assert one[0] in str(refused.value)
    assert other[0] in str(refused.value)


@pytest.mark.parametrize("line", ["CRM_HORIZON_DAYS=90", "crm_horizon_days=90"])
def test_a_line_of_the_env_file_is_read(line, tmp_path) -> None:
    (tmp_path / ".env").write_text(f"{line}\n")

    assert load_settings().horizon_days == 90


def test_an_unknown_name_in_the_env_file_is_refused_like_one_of_the_environment(tmp_path) -> None:
    (tmp_path / ".env").write_text("CRM_HORIZON_DAY=90\n")

    with pytest.raises(SettingsError, match="CRM_HORIZON_DAYS"):
        load_settings()


def test_all_state_lies_in_one_folder(clean_environment) -> None:
    loaded = load_settings()
    paths = [getattr(loaded, name) for name in dir(Settings) if name.endswith("_path")]

    assert len(paths) == 8
    assert all(path == clean_environment or clean_environment in path.parents for path in paths)


def test_a_home_below_the_users_folder_is_found(monkeypatch) -> None:
    monkeypatch.setenv("CRM_HOME", "~/crm-state")

    assert load_settings().home_path == Path.home() / "crm-state"


def test_every_setting_says_what_it_means() -> None:
    assert all(len(field.description or "") > 10 for field in Settings.model_fields.values())


def test_the_code_version_is_a_commit_or_the_packages_version() -> None:
    assert len(code_version()) >= 5
