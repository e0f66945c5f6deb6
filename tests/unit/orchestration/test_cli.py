"""The command line: help worth reading, exit codes, plain messages."""

from __future__ import annotations

import json
import re

import pytest
from typer.testing import CliRunner, Result

from dashboard.passwords import check_password
from dashboard.settings import read_settings
from orchestration.cli import app

HELP = {
    "run": (
        "--source",
        "--month",
        "--latest",
        "--history",
        "kaggle",
        "sample",
        "CRM_HISTORY_START",
        "snapshot",
    ),
    "serve": ("CRM_DASHBOARD_PORT", "snapshot"),
    "dashboard-password": ("CRM_DASHBOARD_USERS", "CRM_DASHBOARD_SECRET", "scrypt"),
    "dev": ("3000", "5000", "8000", "Ctrl-C"),
    "simulate": ("--customers", "--seed", "--out", "--format", "truth.json", "parquet"),
    "status": ("snapshot", "months", "model versions"),
    "tune": ("--trials", "--minutes", "challenger", "CRM_TUNE_TRIALS", "Ctrl-C"),
    "models": ("champion", "challenger", "promote", "rollback", "--name", "--superseded"),
}


def call(*arguments: str) -> Result:
    return CliRunner(env={"COLUMNS": "200", "TERM": "dumb"}).invoke(app, list(arguments))


def one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_the_overview_names_every_command_and_where_settings_come_from() -> None:
    shown = call("--help")

    assert shown.exit_code == 0
    assert all(f"{command} " in shown.output for command in HELP)
    assert "CRM_" in shown.output


@pytest.mark.parametrize("command", list(HELP))
def test_the_help_of_each_command_says_what_one_needs(command) -> None:
    shown = call(command, "--help")

    assert shown.exit_code == 0
    for word in HELP[command]:
        assert word in one_line(shown.output), word


@pytest.mark.parametrize(
    "arguments",
    [
        ("--bogus",),
        ("fly",),
        ("run", "--bogus"),
        ("run", "--month"),
        ("run", "2018-08"),
        ("simulate", "--customers", "many"),
        ("simulate", "--customers", "0"),
        ("simulate", "--seed", "-1"),
        ("simulate", "--format", "xlsx"),
        ("run", "--latest", "--history"),
        ("run", "--latest", "--month", "2018-08"),
    ],
)
def test_bad_usage_ends_with_2_and_says_why(arguments) -> None:
    done = call(*arguments)

    assert done.exit_code == 2
    assert len(done.output) > 20
    assert "Traceback" not in done.output


@pytest.mark.parametrize("month", ["2018-13", "2017-13", "2017-00", "2018-8", "august", "2018-08-01", ""])
def test_a_month_that_is_none_ends_with_2_and_is_named(month, clean_environment) -> None:
    done = call("run", "--month", month)

    assert done.exit_code == 2
    assert "--month" in done.output
    assert "month such as 2018-08" in one_line(done.output)
    assert not clean_environment.exists()


@pytest.mark.parametrize("month", ["2016-12", "2018-09", "2050-01"])
def test_a_month_outside_the_history_ends_with_2_and_names_its_bounds(month, clean_environment) -> None:
    done = call("run", "--month", month)

    assert done.exit_code == 2
    for word in (month, "2017-01", "2018-08", "CRM_HISTORY_START", "CRM_HISTORY_END"):
        assert word in done.output
    assert not clean_environment.exists()


@pytest.mark.parametrize("command", ["run", "status", "dev"])
@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("CRM_HORIZON_DAYS", "soon", "integer"),
        ("CRM_HISTORY_START", "2018-00", "month"),
        ("CRM_DEMOGRAPHICS", "yes", "simulated"),
        ("CRM_SOURC", "sample", "CRM_SOURCE"),
    ],
)
def test_a_wrong_setting_ends_with_2_and_is_named(command, name, value, hint, monkeypatch) -> None:
    monkeypatch.setenv(name, value)
    done = call(command)

    assert done.exit_code == 2
    assert name in done.output
    assert hint in one_line(done.output)
    assert "Traceback" not in done.output


@pytest.mark.parametrize("value", ["abc", "0", "70000"])
def test_a_wrong_setting_of_the_dashboard_ends_with_2_and_is_named(value, monkeypatch) -> None:
    monkeypatch.setenv("CRM_DASHBOARD_PORT", value)
    done = call("serve")

    assert done.exit_code == 2
    assert "CRM_DASHBOARD_PORT" in done.output


@pytest.mark.parametrize("name", ["CRM_DASHBOARD_PROT", "CRM_HORIZON_DAY"])
def test_serving_refuses_a_misspelt_setting_whosever_it_is(name, monkeypatch) -> None:
    monkeypatch.setenv(name, "1")
    done = call("serve")

    assert done.exit_code == 2
    assert f"{name} is not a setting" in one_line(done.output)


def test_a_dashboard_that_others_can_reach_is_not_served_without_a_login(monkeypatch) -> None:
    monkeypatch.setenv("CRM_DASHBOARD_HOST", "192.0.2.7")
    done = call("serve")

    assert done.exit_code == 2
    assert "missing: CRM_DASHBOARD_USERS and CRM_DASHBOARD_SECRET" in one_line(done.output)


def test_the_lines_of_a_password_are_settings_that_let_the_user_in(monkeypatch) -> None:
    shown = call("dashboard-password", "ana", "--password", "correct horse battery")
    lines = dict(re.findall(r"^(CRM_DASHBOARD_\w+)=(\S+)$", shown.output, re.MULTILINE))
    for variable, value in lines.items():
        monkeypatch.setenv(variable, value)
    settings = read_settings()

    assert shown.exit_code == 0
    assert check_password("correct horse battery", settings.accounts["ana"])
    assert "correct horse" not in shown.output


@pytest.mark.parametrize(
    ("name", "password", "words"), [("ana", "too short", "12 characters"), ("a:b", "x" * 12, "no name")]
)
def test_a_name_or_password_that_will_not_do_ends_with_2(name, password, words) -> None:
    done = call("dashboard-password", name, "--password", password)

    assert done.exit_code == 2
    assert words in one_line(done.output)
    assert "scrypt" not in done.output


def test_status_of_an_empty_home_ends_with_1_and_says_how_to_begin() -> None:
    done = call("status")

    assert done.exit_code == 1
    assert "crm run" in done.output


def test_simulate_writes_a_shop_and_says_what_comes_next(tmp_path) -> None:
    done = call(
        "simulate", "--customers", "300", "--seed", "3", "--out", str(tmp_path / "shop"), "--format", "csv.gz"
    )

    assert done.exit_code == 0, done.output
    assert json.loads((tmp_path / "shop" / "truth.json").read_text())["simulated"]
    assert (tmp_path / "shop" / "olist_orders_dataset.csv.gz").exists()
    assert f"crm run --source {tmp_path / 'shop'}" in one_line(done.output)


def test_the_same_seed_writes_the_same_shop(tmp_path) -> None:
    for name in ("one", "two"):
        assert (
            call("simulate", "--customers", "200", "--seed", "5", "--out", str(tmp_path / name)).exit_code
            == 0
        )

    one, two = (sorted((tmp_path / name).glob("*.csv")) for name in ("one", "two"))
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
    assert len(one) >= 9
