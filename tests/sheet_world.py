"""The bot at the sheet alone: its real deliveries and its real look, against the stand-in; nothing goes to Slack."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from bot import app, config, policy
from bot.services import Services
from sandbox import company, settings
from sandbox.server import Sandbox


def move_in(sandbox: Sandbox) -> None:
    """The stand-ins as new."""

    def anew() -> None:
        for system in (sandbox.world.slack, sandbox.world.salesforce, sandbox.world.sheets):
            system.reset()
        sandbox.world.faults.switch_off()
        company.move_in(sandbox.world)

    sandbox.call(anew)


def bot(sandbox: Sandbox, database_url: str, clock: Callable[[], datetime]) -> Services:
    values = settings.environment(sandbox.url, database_url)
    loaded = config.load(_env_file=None, **{name.lower(): value for name, value in values.items()})
    rules: dict[str, Any] = policy.read(settings.POLICY).model_dump(mode="json")
    rules["writes"] = {"slack": "off", "salesforce": "off", "sheets": "on"}
    services = app.build_services(loaded, policy.parse(rules), clock=clock)
    object.__setattr__(services, "jitter", lambda: 0.5)
    return services


def calls(sandbox: Sandbox) -> list[str]:
    """What was asked of the sheet since they were last cleared."""
    return [call.name for call in sandbox.world.calls if call.system == "sheets" and call.name != "token"]
