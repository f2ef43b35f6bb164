"""Settings: everything that is missing or malformed is named at once, and no secret is ever repeated."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import config
from bot.config import BadSettings, Settings

KEY = (
    rsa.generate_private_key(public_exponent=65537, key_size=2048)
    .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    .decode()
)
ACCOUNT = {"client_email": "bot@example.test", "private_key": KEY, "token_uri": "https://oauth2.googleapis.com/token"}
GOOD = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_APP_TOKEN": "xapp-1",
    "SALESFORCE_DOMAIN": "example.my.salesforce.com",
    "SALESFORCE_CLIENT_ID": "consumer",
    "SALESFORCE_CLIENT_SECRET": "consumer-secret",
    "GOOGLE_SERVICE_ACCOUNT_JSON": json.dumps(ACCOUNT),
    "RED_ACCOUNTS_SHEET_ID": "1a-B_c",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """No setting at all, and no .env."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


def load(environment: pytest.MonkeyPatch, **changed: str | None) -> Settings:
    for name, value in {**GOOD, **changed}.items():
        environment.delenv(name, raising=False) if value is None else environment.setenv(name, value)
    return config.load()


def complaints(environment: pytest.MonkeyPatch, **changed: str | None) -> list[str]:
    with pytest.raises(BadSettings) as error:
        load(environment, **changed)
    return str(error.value).splitlines()


def test_complete_settings_load_and_have_sensible_defaults(environment: pytest.MonkeyPatch) -> None:
    loaded = load(environment)
    assert loaded.google_service_account_json == ACCOUNT
    assert loaded.database_url == "sqlite:///var/touchpoint.db"
    assert loaded.slack_api_url is None


def test_all_that_is_missing_is_named_at_once(environment: pytest.MonkeyPatch) -> None:
    lines = complaints(environment, **dict.fromkeys(GOOD))
    assert {line.split()[0] for line in lines} == set(GOOD)
    assert all("is missing" in line for line in lines)


def test_an_empty_line_in_the_file_counts_as_missing(environment: pytest.MonkeyPatch) -> None:
    assert complaints(environment, SLACK_BOT_TOKEN="") == ["SLACK_BOT_TOKEN is missing"]
    assert load(environment, DATABASE_URL="").database_url == "sqlite:///var/touchpoint.db"
    assert config.load_database_url() == "sqlite:///var/touchpoint.db"


def test_the_env_file_is_read(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("".join(f"{name}='{value}'\n" for name, value in GOOD.items()), encoding="utf-8")
    for name in GOOD:
        environment.delenv(name, raising=False)
    assert config.load().slack_bot_token == "xoxb-1"


def test_the_malformed_and_the_missing_are_named_together(environment: pytest.MonkeyPatch) -> None:
    assert complaints(
        environment,
        SLACK_BOT_TOKEN="xoxp-of-a-person",
        SLACK_APP_TOKEN=None,
        SALESFORCE_DOMAIN="login.salesforce.com",
        RED_ACCOUNTS_SHEET_ID="https://docs.google.com/spreadsheets/d/1aB/edit",
        SLACK_API_URL="localhost",
        DATABASE_URL="mysql://bot:hunter2@host/tp",
        GOOGLE_SERVICE_ACCOUNT_JSON='{"client_email": "bot@example.test"}',
    ) == [
        "DATABASE_URL is neither sqlite:///a/file.db nor postgresql://user@host/database",
        "SLACK_API_URL is no address such as http://127.0.0.1:8000",
        "SLACK_BOT_TOKEN does not look like such a token (it starts with xoxb-)",
        "SLACK_APP_TOKEN is missing",
        "SALESFORCE_DOMAIN must be the org's own domain, such as example.my.salesforce.com",
        "GOOGLE_SERVICE_ACCOUNT_JSON has no private_key, token_uri; download the key file again",
        "RED_ACCOUNTS_SHEET_ID is no sheet's id: take the part of its address between /d/ and /edit",
    ]


def test_a_key_is_given_inline_on_one_line_or_as_a_file(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_text(KEY, encoding="utf-8")
    for given_as in (KEY, KEY.replace("\n", "\\n"), str(file)):
        loaded = load(
            environment,
            SALESFORCE_CLIENT_SECRET=None,
            SALESFORCE_USERNAME="bot@example.test",
            SALESFORCE_PRIVATE_KEY=given_as,
        )
        assert loaded.salesforce_private_key == KEY


def test_the_service_account_is_given_inline_or_as_a_file(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "account.json"
    file.write_text(json.dumps(ACCOUNT), encoding="utf-8")
    assert load(environment, GOOGLE_SERVICE_ACCOUNT_JSON=str(file)).google_service_account_json == ACCOUNT


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "neither a service account's JSON nor a file that can be read (No such file or directory)"),
        (b"[1, 2]", "has no client_email, private_key, token_uri"),
        (b"no json", "is not JSON"),
        (b"\xff\xfe\x00", "neither a service account's JSON nor a file that can be read"),
        (json.dumps(ACCOUNT | {"private_key": "gone"}).encode(), "has a private_key that is no key"),
    ],
)
def test_a_file_that_is_no_service_account(
    environment: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    file = tmp_path / "account.json"
    if content is not None:
        file.write_bytes(content)
    [line] = complaints(environment, GOOGLE_SERVICE_ACCOUNT_JSON=str(file))
    assert line.startswith("GOOGLE_SERVICE_ACCOUNT_JSON ")
    assert sentence in line


@pytest.mark.parametrize("value", ["~nobody-of-that-name/key.pem", "/no/such/key.pem", "a" * 5000, "/tmp"])
def test_a_key_that_is_neither_pem_nor_a_file(environment: pytest.MonkeyPatch, value: str) -> None:
    [line] = complaints(environment, LICENSE_SIGNING_KEY=value)
    assert line.startswith("LICENSE_SIGNING_KEY is neither a PEM key nor a file that can be read")


def test_a_way_to_sign_in_to_salesforce_is_needed_and_one_is_enough(environment: pytest.MonkeyPatch) -> None:
    for given_too in ({}, {"SALESFORCE_USERNAME": "bot@example.test"}):
        [line] = complaints(environment, SALESFORCE_CLIENT_SECRET=None, **given_too)
        assert line.startswith("SALESFORCE_CLIENT_SECRET is missing (or, to sign in with a certificate")


@pytest.mark.parametrize(
    ("clock", "slack"),
    [
        ("http://127.0.0.1:8765/sandbox/clock", None),
        ("http://127.0.0.1:8765/sandbox/clock", "https://slack.com/api/"),
        ("http://time.example.test/", "http://127.0.0.1:8765/api/"),
        ("http://127.0.0.1.example.test/", "http://127.0.0.1:8765/api/"),
    ],
)
def test_the_clock_moves_in_the_sandbox_alone(environment: pytest.MonkeyPatch, clock: str, slack: str | None) -> None:
    [line] = complaints(environment, CLOCK_URL=clock, SLACK_API_URL=slack)
    assert line.startswith("CLOCK_URL moves the clock and is for the sandbox alone")


def test_the_clock_moves_in_the_sandbox(environment: pytest.MonkeyPatch) -> None:
    at = "http://127.0.0.1:8765"
    assert load(environment, CLOCK_URL=f"{at}/sandbox/clock", SLACK_API_URL=f"{at}/api/").clock_url


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_value_is_ever_repeated(environment: pytest.MonkeyPatch, data: st.DataObject) -> None:
    """Whatever somebody put behind a name may be a secret that belongs behind another one."""
    secret = "S3CR3T" + data.draw(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40))
    names = [name.upper() for name in Settings.model_fields if name not in ("policy_file", "database_url")]
    values: dict[str, Any] = {name: secret for name in names if data.draw(st.booleans())}
    if not values:
        return
    shown = ""
    try:
        load(environment, **values)
    except BadSettings as error:
        shown = f"{error} {error.__cause__}"
    for name in names:
        environment.delenv(name, raising=False)
    assert "S3CR3T" not in shown
