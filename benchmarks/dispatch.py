"""How fast a slash command passes through Bolt and our listener, against a Bolt app that only says hello."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from slack_bolt import Ack, App, BoltRequest

from benchmarks.figure import Figure, per_second
from bot import app, config, migrating, policy
from sandbox import company, settings
from sandbox.server import Sandbox

COUNT = 1000


def run() -> Iterator[Figure]:
    sandbox = Sandbox().start()
    sandbox.call(company.move_in, sandbox.world)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        migrating.upgrade(url)
        values = settings.environment(sandbox.url, url)
        loaded = config.load(_env_file=None, **{name.lower(): value for name, value in values.items()})
        services = app.build_services(loaded, policy.read(settings.POLICY), clock=sandbox.world.clock.now)
        ours = _dispatches(app.build_bolt(loaded, services), "/red-account")
        peer = _dispatches(_hello(loaded, services), "/hello")
        services.database.engine.dispose()
    sandbox.stop()
    yield Figure("dispatch: /red-account help", ours, "a second", 0.5, peer, "bare Bolt saying hello")


def _hello(loaded: config.Settings, services: Any) -> App:
    bare = App(client=services.slack.client, token=loaded.slack_bot_token, process_before_response=True)

    @bare.command("/hello")
    def hello(ack: Ack) -> None:
        ack("hello")

    return bare


def _dispatches(bolt: App, command: str) -> float:
    body = {
        "token": "x",
        "team_id": "T0TOUCH",
        "channel_id": company.CE,
        "user_id": company.PRIYA.slack_id,
        "command": command,
        "text": "help",
        "api_app_id": "A0TOUCHPT",
        "trigger_id": "1.2.3",
        "response_url": "http://127.0.0.1/response",
    }

    def work() -> None:
        for _ in range(COUNT):
            answer = bolt.dispatch(BoltRequest(mode="socket_mode", body=dict(body)))
            assert answer.status == 200, answer.body

    return per_second(COUNT, work)
