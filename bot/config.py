"""Secrets and endpoints from the environment and `.env`. The only file that reads the environment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class Settings(BaseSettings):
    """Each field is the environment variable of the same name in capitals; `.env.example` has a line for each."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", env_ignore_empty=True, frozen=True)

    slack_bot_token: str = Field(pattern=r"^xoxb-")
    slack_app_token: str = Field(pattern=r"^xapp-")
    slack_signing_secret: str | None = None
    slack_api_url: str | None = None

    salesforce_domain: str
    salesforce_client_id: str
    salesforce_username: str | None = None
    salesforce_private_key: str | None = None
    salesforce_client_secret: str | None = Field(default=None, validate_default=True)
    salesforce_url: str | None = None

    google_service_account_json: Annotated[dict[str, Any], NoDecode]
    red_accounts_sheet_id: str
    google_sheets_url: str | None = None

    license_signing_key: str | None = None
    license_server_url: str | None = None
    license_server_token: str | None = None

    database_url: str = "sqlite:///var/touchpoint.db"
    policy_file: Path = Path("policy.toml")
    clock_url: str | None = None

    @field_validator("salesforce_private_key", "license_signing_key", mode="before")
    @classmethod
    def pem_or_its_path(cls, value: Any) -> Any:
        if not value or "-----BEGIN" in str(value):
            return value
        return _read(Path(str(value)), "a PEM key")

    @field_validator("google_service_account_json", mode="before")
    @classmethod
    def json_or_its_path(cls, value: Any) -> Any:
        if value is None or isinstance(value, dict):
            return value
        text = str(value)
        if not text.lstrip().startswith("{"):
            text = _read(Path(text), "a service account's JSON")
        try:
            found = json.loads(text)
        except ValueError:
            raise ValueError("is not JSON; paste the service account's key file or give its path") from None
        missing = {"client_email", "private_key", "token_uri"} - set(found)
        if missing:
            raise ValueError(f"has no {', '.join(sorted(missing))}; download the key file again")
        return found

    @field_validator("salesforce_client_secret", mode="after")
    @classmethod
    def one_way_to_sign_in(cls, value: str | None, info: ValidationInfo) -> str | None:
        if not value and not (info.data.get("salesforce_username") and info.data.get("salesforce_private_key")):
            raise ValueError(
                "is missing (or, to sign in with a certificate, SALESFORCE_USERNAME and SALESFORCE_PRIVATE_KEY)"
            )
        return value

    @field_validator("clock_url", mode="after")
    @classmethod
    def only_the_sandbox_moves_the_clock(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value and not all(_loopback(url) for url in (value, info.data.get("slack_api_url"))):
            raise ValueError("moves the clock and is for the sandbox alone: it and SLACK_API_URL must both be local")
        return value


class BadSettings(Exception):
    """What is missing or malformed, all of it at once."""


def load(**overrides: Any) -> Settings:
    """Read the settings. Raises `BadSettings` that names every missing or malformed one."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise BadSettings("\n".join(_sentence(problem) for problem in error.errors())) from None


def load_database_url() -> str:
    """The database alone, for commands that need no other system (migrate, outbox)."""
    return _DatabaseOnly().database_url


class _DatabaseOnly(BaseSettings):
    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore")
    database_url: str = "sqlite:///var/touchpoint.db"


def _sentence(problem: Any) -> str:
    """One line for one problem. Never the value itself: most of them are secrets."""
    name = ".".join(str(part) for part in problem["loc"]).upper()
    message = {
        "missing": "is missing",
        "string_type": "is missing",
        "dict_type": "is missing",
        "string_pattern_mismatch": "does not look like such a token (it starts with {pattern})",
    }.get(problem["type"], str(problem["msg"]).removeprefix("Value error, "))
    if "{pattern}" in message:
        message = message.format(pattern=problem["ctx"]["pattern"].lstrip("^"))
    return f"{name} {message}" if name else message


def _read(path: Path, what: str) -> str:
    try:
        return path.expanduser().read_text(encoding="utf-8")
    except OSError as error:
        raise ValueError(f"is neither {what} nor a file that can be read ({error.strerror})") from None


def _loopback(url: str | None) -> bool:
    return bool(url) and urlsplit(url).hostname in LOOPBACK
