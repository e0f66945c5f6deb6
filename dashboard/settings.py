"""The dashboard's settings, read from the environment (prefix ``CRM_``) or a file ``.env``.

Stays out: the settings of the pipeline (`orchestration.settings`).
"""

from __future__ import annotations

import ipaddress
from pathlib import Path

from pydantic import Field, HttpUrl, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "CRM_"


class SettingsError(ValueError):
    """A setting with a value that cannot be used; the message names it and says what it should be."""


class Settings(BaseSettings):
    """Where the published snapshots lie, where to listen, and which tools to link to."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True)

    home: Path = Field(default=Path(".crm"), description="folder that holds all state")
    dashboard_host: str = Field(
        default="127.0.0.1", description="address the dashboard listens on; loopback only"
    )
    dashboard_port: int = Field(default=8000, ge=1, le=65535, description="port the dashboard listens on")
    mlflow_url: HttpUrl | None = Field(default=None, description="address of the MLflow UI, to link to")
    dagster_url: HttpUrl | None = Field(default=None, description="address of the Dagster UI, to link to")

    @property
    def published(self) -> Path:
        """The folder of published snapshots."""
        return self.home / "published"

    @field_validator("dashboard_host")
    @classmethod
    def _is_loopback(cls, host: str) -> str:
        """Customers' data is shown without a login, so nobody but this machine may ask for it."""
        if host != "localhost" and not _is_loopback_address(host):
            raise ValueError("must be a loopback address (127.0.0.1, ::1 or localhost): there is no login")
        return host

    @field_validator("mlflow_url", "dagster_url", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        """An empty line in ``.env`` means that the tool is not linked."""
        return None if value == "" else value


def read_settings() -> Settings:
    """The settings of this process; SettingsError with one line per wrong setting."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(
            "\n".join(_line(item["loc"], item["msg"], item["input"]) for item in error.errors())
        ) from error


def _line(location: tuple[int | str, ...], message: str, given: object) -> str:
    name = PREFIX + "_".join(str(part) for part in location).upper()
    return f"{name}={given!r}: {message.removeprefix('Value error, ')}"


def _is_loopback_address(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
