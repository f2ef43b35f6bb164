"""Secrets and endpoints from the environment and `.env`. The only file that reads the environment."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


FROM_ENVIRONMENT = SettingsConfigDict(
    env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", frozen=True
)


class Local(BaseSettings):
    """What a command needs that talks to no outside system."""

    model_config = FROM_ENVIRONMENT

    database_url: str = "sqlite:///var/touchpoint.db"
    policy_file: Path = Path("policy.toml")
    slack_api_url: str | None = None
    clock_url: str | None = None

    @field_validator("database_url", mode="after")
    @classmethod
    def a_database_that_we_know(cls, value: str) -> str:
        if not re.match(r"(sqlite:///.|postgres(ql)?(\+psycopg)?://.)", value):
            raise ValueError("is neither sqlite:///a/file.db nor postgresql://user@host/database")
        return value

    @field_validator("slack_api_url", "clock_url", mode="after")
    @classmethod
    def an_address(cls, value: str | None) -> str | None:
        return _address(value)

    @field_validator("clock_url", mode="after")
    @classmethod
    def only_the_sandbox_moves_the_clock(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value and not all(_loopback(url) for url in (value, info.data.get("slack_api_url"))):
            raise ValueError("moves the clock and is for the sandbox alone: it and SLACK_API_URL must both be local")
        return value


class Settings(Local):
    """Each field is the environment variable of the same name in capitals; `.env.example` has a line for each."""

    model_config = FROM_ENVIRONMENT

    slack_bot_token: str = Field(pattern=r"^xoxb-")
    slack_app_token: str = Field(pattern=r"^xapp-")
    slack_signing_secret: str | None = None

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

    @field_validator("salesforce_private_key", "license_signing_key", mode="before")
    @classmethod
    def pem_or_its_path(cls, value: Any) -> Any:
        if not value:
            return value
        text = str(value).replace("\\n", "\n")  # as some tools write a line's end in an environment variable
        if "-----BEGIN" not in text:
            text = _read(text, "a PEM key")
        _check_key(text, "is no private key in PEM form")
        return text

    @field_validator("google_service_account_json", mode="before")
    @classmethod
    def json_or_its_path(cls, value: Any) -> Any:
        if value is None or isinstance(value, dict):
            return value
        text = str(value)
        if not text.lstrip().startswith("{"):
            text = _read(text, "a service account's JSON")
        try:
            found = json.loads(text)
        except ValueError:
            raise ValueError("is not JSON; paste the service account's key file or give its path") from None
        missing = {"client_email", "private_key", "token_uri"} - set(found if isinstance(found, dict) else ())
        if missing:
            raise ValueError(f"has no {', '.join(sorted(missing))}; download the key file again")
        _check_key(str(found["private_key"]), "has a private_key that is no key; download the key file again")
        return found

    @field_validator("salesforce_domain", mode="after")
    @classmethod
    def the_orgs_own_domain(cls, value: str) -> str:
        name = value.strip().removeprefix("https://").rstrip("/").removesuffix(".salesforce.com")
        if name in ("", "login", "test") or not re.fullmatch(r"[A-Za-z0-9.-]+", name):
            raise ValueError("must be the org's own domain, such as example.my.salesforce.com")
        return value

    @field_validator("red_accounts_sheet_id", mode="after")
    @classmethod
    def an_id_and_no_address(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9_-]+", value):
            raise ValueError("is no sheet's id: take the part of its address between /d/ and /edit")
        return value

    @field_validator("salesforce_url", "google_sheets_url", "license_server_url", mode="after")
    @classmethod
    def an_address_of_theirs(cls, value: str | None) -> str | None:
        return _address(value)

    @field_validator("salesforce_client_secret", mode="after")
    @classmethod
    def one_way_to_sign_in(cls, value: str | None, info: ValidationInfo) -> str | None:
        if not value and not (info.data.get("salesforce_username") and info.data.get("salesforce_private_key")):
            raise ValueError(
                "is missing (or, to sign in with a certificate, SALESFORCE_USERNAME and SALESFORCE_PRIVATE_KEY)"
            )
        return value


class BadSettings(Exception):
    """What is missing or malformed, all of it at once."""


def load(**overrides: Any) -> Settings:
    """Read the settings. Raises `BadSettings` that names every missing or malformed one."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise _bad(error) from None


def load_local() -> Local:
    """For commands that need no outside system (migrate, outbox, and the doctor where others are missing)."""
    try:
        return Local()
    except ValidationError as error:
        raise _bad(error) from None


def load_database_url() -> str:
    return load_local().database_url


def _bad(error: ValidationError) -> BadSettings:
    return BadSettings("\n".join(_sentence(problem) for problem in error.errors()))


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


def _read(path: str, what: str) -> str:
    try:
        return Path(path).expanduser().read_text(encoding="utf-8")
    except OSError as error:
        raise ValueError(f"is neither {what} nor a file that can be read ({error.strerror})") from None
    except (ValueError, RuntimeError):  # bytes that are no text, or ~somebody whom nobody knows
        raise ValueError(f"is neither {what} nor a file that can be read") from None


def _check_key(pem: str, otherwise: str) -> None:
    from cryptography.exceptions import UnsupportedAlgorithm  # slow to load, and not every command has a key to check
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError(otherwise) from None


def _address(value: str | None) -> str | None:
    if value and (urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname):
        raise ValueError("is no address such as http://127.0.0.1:8000")
    return value


def _loopback(url: str | None) -> bool:
    return bool(url) and urlsplit(url).hostname in LOOPBACK
