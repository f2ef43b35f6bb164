"""Starting and stopping, as somebody types it: sentences and exit codes, and never a traceback for a mistake."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from bot import migrating
from bot.config import Settings
from sandbox import company, settings
from sandbox.server import Sandbox

ROOT = Path(__file__).parent.parent
PATIENCE = 60  # seconds for what takes two on a quiet machine
TO_STOP = 15  # seconds from SIGTERM to the end; what restarts a service waits no longer

Command = Callable[..., subprocess.Popen[str]]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    running = Sandbox().start()
    running.call(company.move_in, running.world)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("database") / "migrated.db"
    migrating.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def environment(sandbox: Sandbox, migrated: Path, tmp_path: Path) -> dict[str, str]:
    """Complete settings, with a database of its own."""
    shutil.copy(migrated, tmp_path / "touchpoint.db")
    return settings.environment(sandbox.url, f"sqlite:///{tmp_path / 'touchpoint.db'}")


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Command]:
    """command("bot", "run", SLACK_BOT_TOKEN=…): `python -m bot run` in an empty folder, with these settings alone."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: str, **values: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **values},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Its exit code and what it said, when it has ended by itself."""
    said, complained = process.communicate(timeout=PATIENCE)
    assert "Traceback" not in complained, complained
    return process.returncode, said + complained


def read_until(process: subprocess.Popen[str], words: str) -> str:
    """What the process says up to the line with these words."""
    lines = []
    stream = process.stderr if words == "ready" else process.stdout
    assert stream
    for line in stream:
        lines.append(line)
        if words in line:
            return "".join(lines)
    raise AssertionError(f"it ended without saying {words}: {''.join(lines)}")


def test_the_bot_starts_refuses_a_second_one_and_stops(command: Command, environment: dict[str, str]) -> None:
    first = command("bot", "run", **environment)
    read_until(first, "ready")
    code, said = ended(command("bot", "run", **environment))
    assert code == 2
    assert re.search(r"^Touchpoint is running on .*touchpoint\.db already\.", said, re.MULTILINE), said
    assert first.poll() is None
    asked_at = time.monotonic()
    first.send_signal(signal.SIGTERM)
    code, said = ended(first)
    assert code == 0
    assert time.monotonic() - asked_at < TO_STOP
    assert "stopping" in said


def test_all_missing_settings_are_named_at_once(command: Command) -> None:
    code, said = ended(command("bot", "run"))
    assert code == 2
    needed = {name.upper() for name, field in Settings.model_fields.items() if field.is_required()}
    assert len(needed) > 5
    assert {name for name in needed if f"{name} is missing" not in said} == set()
    assert "SALESFORCE_CLIENT_SECRET is missing" in said
    assert ".env.example explains every setting." in said


def test_a_malformed_setting_is_named_and_its_value_is_not_shown(command: Command, environment: dict[str, str]) -> None:
    changed = {
        "SLACK_BOT_TOKEN": "hunter2",
        "GOOGLE_SERVICE_ACCOUNT_JSON": "/no/such/file",
        "SALESFORCE_URL": "nowhere",
    }
    code, said = ended(command("bot", "run", **environment | changed))
    assert code == 2
    assert {name for name in changed if name not in said} == set()
    assert "hunter2" not in said


def test_a_database_without_tables_says_what_to_run(
    command: Command, environment: dict[str, str], tmp_path: Path
) -> None:
    environment["DATABASE_URL"] = f"sqlite:///{tmp_path / 'new.db'}"
    code, said = ended(command("bot", "run", **environment))
    assert code == 2
    assert "touchpoint migrate" in said
    assert ended(command("bot", "migrate", **environment))[0] == 0
    running = command("bot", "run", **environment)
    read_until(running, "ready")


@pytest.mark.parametrize("words", [[], ["dance"]], ids=["no command", "an unknown one"])
def test_without_a_known_command_there_is_help(command: Command, words: list[str]) -> None:
    code, said = ended(command("bot", *words))
    assert code == 2
    assert "usage: touchpoint" in said
    assert "migrate" in said


def test_the_sandbox_prints_one_address_and_serves(command: Command) -> None:
    process = command("sandbox", "--headless", "--port", "0")
    [address] = re.findall(r"http://\S+", read_until(process, "http://"))
    assert address.startswith("http://127.0.0.1:")
    assert "Touchpoint sandbox" in requests.get(address, timeout=5).text
    assert len(requests.get(f"{address}/sandbox/slack/state", timeout=5).json()["users"]) > 10
    process.send_signal(signal.SIGTERM)
    assert ended(process)[0] == 0


def test_a_sandbox_that_is_stopped_while_it_starts_leaves_no_bot_behind(command: Command, tmp_path: Path) -> None:
    process = command("sandbox", "--port", "0", "--folder", "here")
    read_until(process, "Replaying")
    log = tmp_path / "here" / "bot.log"
    until = time.monotonic() + PATIENCE
    while not (log.exists() and "ready" in log.read_text()):
        assert time.monotonic() < until
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    code, said = ended(process)
    assert (code, said) == (0, "Stopped.\n")
    assert "stopping" in log.read_text()


def test_a_port_in_use_is_a_sentence(command: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = ended(command("sandbox", "--headless", "--port", str(port)))
    assert code == 2
    assert said == f"Port {port} cannot be used (address already in use). Choose another one: --port 0\n"
