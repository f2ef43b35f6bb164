"""The bot's time in the sandbox: read from it, and kept while it does not answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import requests

from bot.integrations import clock
from sandbox.server import Sandbox


def test_without_a_first_reading_there_is_no_time_to_go_by() -> None:
    with pytest.raises(requests.ConnectionError):
        clock.clock_at("http://127.0.0.1:9/sandbox/clock")()


def test_the_last_reading_stands_while_the_sandbox_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "FRESH", -1)
    sandbox = Sandbox().start()
    sandbox.world.clock.move(timedelta(days=3))
    now = clock.clock_at(f"{sandbox.url}/sandbox/clock")
    assert now() > datetime.now(UTC) + timedelta(days=2)
    sandbox.stop()
    assert now() > datetime.now(UTC) + timedelta(days=2)
