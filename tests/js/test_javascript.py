"""Foreign clients in JavaScript, unchanged, against the stand-ins: every script beside this file must end with 0."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.server import Sandbox
from sandbox.slack.people import BOT_USER

HERE = Path(__file__).parent
BUILD = HERE.parents[1] / "build" / "js"
SCRIPTS = sorted(HERE.glob("*.mjs"))

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def installed() -> Path:
    """The clients of package.json, in build/js; installed again only when package.json has changed."""
    wanted, done = (HERE / "package.json").read_text(), BUILD / "installed.json"
    BUILD.mkdir(parents=True, exist_ok=True)
    (BUILD / "package.json").write_text(wanted)
    if not done.exists() or done.read_text() != wanted:
        command = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
        subprocess.run(command, cwd=BUILD, check=True, timeout=300)
        done.write_text(wanted)
    return BUILD


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    running = Sandbox().start()
    running.call(_people, running)
    yield running
    running.stop()


def _people(running: Sandbox) -> None:
    slack = running.world.slack
    priya = slack.add_user(name="priya", real_name="Priya Nair", email="priya@office.example", tz="Europe/Berlin")
    slack.add_channel(name="red-accounts", members=[priya.id, BOT_USER])


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_foreign_client_works_unchanged(script: Path, installed: Path, sandbox: Sandbox) -> None:
    copy = shutil.copy(script, installed)  # node finds packages beside the script
    done = subprocess.run(
        ["node", str(copy)],
        env={**os.environ, "SANDBOX_URL": sandbox.url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    refused = [f"{call.name}: {call.error} {call.why}" for call in sandbox.world.calls if call.error]
    assert done.returncode == 0, "\n".join([done.stdout, done.stderr, *refused])
