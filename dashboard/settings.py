"""The dashboard's settings, read from the environment (prefix ``CRM_``) or a file ``.env``.

Stays out: the settings of the pipeline (`orchestration.settings`).
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from dotenv import dotenv_values
from pydantic import Field, HttpUrl, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from dashboard.accounts import read_accounts

PREFIX = "CRM_"
OWN_PREFIX = "CRM_DASHBOARD_"
ENV_FILE = ".env"
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1", "[::1]")
SECRET_LENGTH = 32
_HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[?[0-9a-f:.]+\]?")


class SettingsError(ValueError):
    """A setting with a value that cannot be used; the message names it and says what it should be."""


class Settings(BaseSettings):
    """Where the published snapshots lie, where to listen, who may look, and which tools to link to."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=ENV_FILE, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    home: Path = Field(default=Path(".crm"), description="folder that holds all state")
    dashboard_host: str = Field(
        default="127.0.0.1", description="address the dashboard listens on; other than loopback needs a login"
    )
    dashboard_port: int = Field(default=8000, ge=1, le=65535, description="port the dashboard listens on")
    dashboard_allowed_hosts: str = Field(
        default="", description="names it is reached under by others, with commas between them; needs a login"
    )
    dashboard_users: SecretStr = Field(
        default=SecretStr(""), description="who may sign in: name:hash, name:hash; see crm dashboard-password"
    )
    dashboard_secret: SecretStr = Field(
        default=SecretStr(""), description="what sign-ins are signed with, at least 32 random characters"
    )
    dashboard_session_hours: float = Field(
        default=12, gt=0, le=720, description="hours after which one has to sign in again"
    )
    mlflow_url: HttpUrl | None = Field(default=None, description="address of the MLflow UI, to link to")
    dagster_url: HttpUrl | None = Field(default=None, description="address of the Dagster UI, to link to")

    @property
    def published(self) -> Path:
        """The folder of published snapshots."""
        return self.home / "published"

    @property
    def own_database(self) -> Path:
        """The dashboard's own SQLite file: what readers have marked."""
        return self.home / "dashboard.db"

    @property
    def accounts(self) -> dict[str, str]:
        """The hashes of the passwords by user; empty where nobody has to sign in."""
        return read_accounts(self.dashboard_users.get_secret_value())

    @property
    def allowed_hosts(self) -> tuple[str, ...]:
        """The names that a request may ask for."""
        own = (
            () if _is_any_address(self.dashboard_host) else (self.dashboard_host, f"[{self.dashboard_host}]")
        )
        return (*LOOPBACK_NAMES, *own, *_listed(self.dashboard_allowed_hosts))

    @field_validator("dashboard_allowed_hosts")
    @classmethod
    def _are_names(cls, value: str) -> str:
        for name in _listed(value):
            if not _HOST_NAME.fullmatch(name):
                raise ValueError(
                    "must be host names such as crm.shop.example, without port or address scheme"
                )
        return value

    @field_validator("dashboard_users")
    @classmethod
    def _are_accounts(cls, value: SecretStr) -> SecretStr:
        read_accounts(value.get_secret_value())
        return value

    @field_validator("dashboard_secret")
    @classmethod
    def _is_long(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < SECRET_LENGTH:
            raise ValueError(f"must have at least {SECRET_LENGTH} characters")
        return value

    @field_validator("mlflow_url", "dagster_url", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        """An empty line in ``.env`` means that the tool is not linked."""
        return None if value == "" else value

    @model_validator(mode="after")
    def _others_sign_in(self) -> Self:
        """Customers' data are shown: whoever is not on this machine has to sign in."""
        reason = self._reason_for_a_login()
        needed = {"USERS": self.dashboard_users, "SECRET": self.dashboard_secret}
        missing = [f"{OWN_PREFIX}{name}" for name, value in needed.items() if not value.get_secret_value()]
        if reason and missing:
            raise ValueError(f"{reason}, which needs a login; missing: {' and '.join(missing)}")
        if _is_any_address(self.dashboard_host) and not _listed(self.dashboard_allowed_hosts):
            raise ValueError(
                f"{OWN_PREFIX}HOST={self.dashboard_host!r} listens on every address; missing: "
                f"{OWN_PREFIX}ALLOWED_HOSTS, the names it is reached under"
            )
        return self

    def _reason_for_a_login(self) -> str:
        if not _is_loopback(self.dashboard_host):
            return f"{OWN_PREFIX}HOST={self.dashboard_host!r} is no loopback address"
        if _listed(self.dashboard_allowed_hosts):
            return f"{OWN_PREFIX}ALLOWED_HOSTS={self.dashboard_allowed_hosts!r} lets others in"
        return f"{OWN_PREFIX}USERS is set" if self.dashboard_users.get_secret_value() else ""


NAMES = frozenset(f"{PREFIX}{name.upper()}" for name in Settings.model_fields)


def read_settings() -> Settings:
    """The settings of this process; SettingsError with one line per wrong setting."""
    _refuse_unknown([*os.environ, *(name.upper() for name in dotenv_values(ENV_FILE))])
    try:
        return Settings()
    except ValidationError as error:
        lines = [_line(item["loc"], item["msg"], item.get("input")) for item in error.errors()]
        raise SettingsError("\n".join(lines)) from None


def _refuse_unknown(names: Iterable[str]) -> None:
    for name in names:
        if name.startswith(OWN_PREFIX) and name not in NAMES:
            close = difflib.get_close_matches(name, NAMES, n=1)
            hint = f" Did you mean {close[0]}?" if close else ""
            raise SettingsError(f"{name} is not a setting.{hint} The README lists them all")


def _line(location: tuple[int | str, ...], message: str, given: object) -> str:
    """One line about a wrong setting; what was given is shown unless it is, or may hold, a secret."""
    message = message.removeprefix("Value error, ")
    if not location:
        return message
    name = PREFIX + "_".join(str(part) for part in location).upper()
    is_secret = Settings.model_fields[str(location[0])].annotation is SecretStr
    return f"{name}: {message}" if is_secret else f"{name}={given!r}: {message}"


def _listed(text: str) -> tuple[str, ...]:
    return tuple(name.lower() for name in re.split(r"[,\s]+", text) if name)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_any_address(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return host == ""
