"""The pipeline's settings: environment variables with the prefix CRM_, or lines of `.env`.

Stays out: the dashboard's own settings (`dashboard.settings`).
"""

from __future__ import annotations

import difflib
import os
import re
import subprocess
from collections.abc import Iterable
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from dotenv import dotenv_values
from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from dashboard.settings import NAMES as DASHBOARD_NAMES

PREFIX = "CRM_"
ENV_FILE = ".env"
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


class SettingsError(ValueError):
    """A setting that cannot be used; the message names it and says what it takes."""


class Settings(BaseSettings):
    """Every setting of the pipeline, with its default and meaning."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=ENV_FILE, extra="ignore", frozen=True)

    home: Path = Field(Path(".crm"), description="The folder that holds all state.")
    source: str = Field("sample", description="A folder or zip of Olist's files, 'kaggle', or 'sample'.")
    history_start: str = Field("2017-01", description="The first snapshot month.")
    history_end: str = Field("2018-08", description="The last snapshot month; empty means until now.")
    max_reject_share: float = Field(
        0.01, ge=0, le=1, description="The share of a file's rows that may be rejected before a run stops."
    )
    demographics: Literal["", "simulated"] = Field(
        "", description="'simulated' draws ages from Brazil's census pyramid where the source has none."
    )
    horizon_days: int = Field(
        180, ge=1, le=730, description="The days ahead that churn and expected purchases speak of."
    )
    cltv_horizon_days: int = Field(365, ge=1, le=1825, description="The days ahead that cltv sums over.")
    annual_discount_rate: float = Field(
        0.10, ge=0, le=1, description="How much less spend a year ahead counts."
    )
    high_value_share: float = Field(
        0.2, gt=0, lt=1, description="The share of customers that are High Value."
    )
    green_lift: float = Field(2.0, gt=0, description="Green from this multiple of the base return rate on.")
    red_lift: float = Field(0.75, gt=0, description="Red below this multiple of the base return rate.")
    churn_cutoffs: int = Field(3, ge=1, le=24, description="How many past cutoffs churn is learned from.")
    churn_cutoff_step_days: int = Field(90, ge=1, description="The days between those cutoffs.")
    min_repeat_customers: int = Field(30, ge=1, description="Below this no CLTV model is fitted.")
    min_returns: int = Field(
        30, ge=1, description="Below this many returning customers no churn model is fitted."
    )
    leak_auc: float = Field(
        0.9, gt=0.5, le=1, description="A churn model with a higher ROC-AUC stops the run: a feature leaks."
    )
    tune_trials: int = Field(40, ge=1, description="How many trials a model search makes at most.")
    tune_minutes: float = Field(20, gt=0, description="How many minutes a model search takes at most.")
    alert_jump: float = Field(
        0.05, gt=0, le=1, description="The change of a segment's share that raises an alert."
    )
    keep_snapshots: int = Field(10, ge=2, description="How many published snapshots stay.")
    seed: int = Field(7, ge=0, description="The seed of every draw.")
    threads: int = Field(2, ge=1, description="The threads of the churn model.")
    memory_limit: str = Field(
        "1GB", pattern=r"^\d+(\.\d+)?\s?[KMGT]i?B$", description="DuckDB's memory limit."
    )
    schedule: str = Field("0 2 * * *", description="When the nightly job runs, as a cron line.")
    tune_schedule: str = Field("0 5 * * 0", description="When the weekly model search runs, as a cron line.")
    timezone: str = Field("America/Sao_Paulo", description="The time zone of both schedules.")
    mlflow_url: str = Field(
        "http://localhost:5000", description="The address of MLflow's UI, for links to it."
    )

    @field_validator("history_start", "history_end")
    @classmethod
    def _is_month(cls, value: str, info: ValidationInfo) -> str:
        is_open_end = value == "" and info.field_name == "history_end"
        if not is_open_end and not is_month(value):
            raise ValueError("must be a month such as 2018-08")
        return value

    @cached_property
    def home_path(self) -> Path:
        """The folder that holds all state, as an absolute path."""
        return self.home.expanduser().resolve()

    @property
    def warehouse_path(self) -> Path:
        """The warehouse's DuckDB file."""
        return self.home_path / "warehouse.duckdb"

    @property
    def mlflow_path(self) -> Path:
        """MLflow's SQLite file."""
        return self.home_path / "mlflow.db"

    @property
    def artifacts_path(self) -> Path:
        """MLflow's artifacts."""
        return self.home_path / "mlartifacts"

    @property
    def search_path(self) -> Path:
        """Optuna's SQLite file."""
        return self.home_path / "optuna.db"

    @property
    def dagster_path(self) -> Path:
        """DAGSTER_HOME."""
        return self.home_path / "dagster"

    @property
    def published_path(self) -> Path:
        """The published snapshots."""
        return self.home_path / "published"

    @property
    def workspace_path(self) -> Path:
        """What is unpacked or simulated."""
        return self.home_path / "sources"


def load_settings() -> Settings:
    """The settings of this process.

    Raises:
        SettingsError: a value cannot be used, or a variable's name is not a setting.
    """
    refuse_unknown_names()
    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = f"{PREFIX}{str(first['loc'][0]).upper()}"
        raise SettingsError(f"{name}={first['input']!r}: {first['msg']}") from None
    if settings.history_end and settings.history_end < settings.history_start:
        raise SettingsError(
            f"{PREFIX}HISTORY_END={settings.history_end!r} lies before {PREFIX}HISTORY_START={settings.history_start!r}"
        )
    if settings.red_lift > settings.green_lift:
        raise SettingsError(
            f"{PREFIX}RED_LIFT={settings.red_lift} is above {PREFIX}GREEN_LIFT={settings.green_lift}"
        )
    return settings


def code_version() -> str:
    """The commit that runs, with a mark where files differ from it; the package's version outside a checkout."""
    try:
        command = ["git", "describe", "--always", "--dirty", "--abbrev=10"]
        found = subprocess.run(
            command, cwd=Path(__file__).parent, capture_output=True, text=True, timeout=5, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return version("crm-pipeline")
    return found.stdout.strip()


def is_month(text: str) -> bool:
    """Whether a text is a month as YYYY-MM."""
    return _MONTH.fullmatch(text) is not None


def refuse_unknown_names() -> None:
    """Refuse every variable with the prefix, of the environment or `.env`, that no part of the project reads.

    Raises:
        SettingsError: for the first of them, with the nearest name that is a setting.
    """
    _refuse_unknown([*os.environ, *(name.upper() for name in dotenv_values(ENV_FILE))])


def _refuse_unknown(names: Iterable[str]) -> None:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | DASHBOARD_NAMES
    for name in names:
        if name.startswith(PREFIX) and name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f" Did you mean {close[0]}?" if close else ""
            raise SettingsError(f"{name} is not a setting.{hint} The README lists them all")
