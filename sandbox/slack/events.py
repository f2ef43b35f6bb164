"""Events API: what happens in the workspace, told to the app if it subscribed, again if it did not acknowledge.

https://docs.slack.dev/apis/events-api
"""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.slack.channels import Channel
from sandbox.slack.people import APP, BOT_USER, TEAM

if TYPE_CHECKING:
    from sandbox.slack.workspace import Workspace

RETRY_SECONDS = (0.0, 60.0, 300.0)  # almost at once, after a minute, after five; then the event is lost


@dataclass(eq=False)
class Pending:
    """An event that the app has not acknowledged yet."""

    payload: dict[str, Any]
    name: str
    waits: bool = False  # for its next attempt to be due


class Events:
    def __init__(self, slack: Workspace) -> None:
        self.slack = slack
        self.pending: list[Pending] = []
        self.retry_seconds = RETRY_SECONDS
        self._ids = itertools.count(1)

    def emit(self, event: dict[str, Any], channel: Channel | None = None) -> None:
        """Tell the app, if its manifest subscribes to it and its bot is where it happened."""
        name = event["type"]
        subscription = f"message.{channel.scope_noun}" if name == "message" and channel else name
        if subscription not in self.slack.manifest.events or (channel and not channel.has_bot):
            return
        pending = Pending(self._payload(event, channel), name)
        self.pending.append(pending)
        self.slack.spawn(self._send(pending))

    def _payload(self, event: dict[str, Any], channel: Channel | None) -> dict[str, Any]:
        number = next(self._ids)
        event.setdefault("event_ts", self.slack.world.clock.next_ts())
        return {
            "token": "sandbox",
            "team_id": TEAM,
            "context_team_id": TEAM,
            "context_enterprise_id": None,
            "api_app_id": APP,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{number:09d}",
            "event_time": int(self.slack.world.clock.seconds()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": TEAM,
                    "user_id": BOT_USER,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": bool(channel and channel.is_ext_shared),
            "event_context": f"4-sandbox-{number}",
        }

    async def _send(self, pending: Pending) -> None:
        for attempt in range(len(self.retry_seconds) + 1):
            retry = {"retry_attempt": attempt, "retry_reason": "timeout" if attempt else ""}
            delivery = await self.slack.sockets.deliver(
                "events_api", pending.payload, name=f"event {pending.name}", more=retry
            )
            if delivery.acked:
                break
            if attempt < len(self.retry_seconds):
                await self._pause(pending, self.retry_seconds[attempt])
        else:
            why = "Never acknowledged; Slack has given up on it."
            self.slack.world.called("slack", f"socket event {pending.name}", 0, "event_lost", why)
        if pending in self.pending:
            self.pending.remove(pending)

    async def _pause(self, pending: Pending, seconds: float) -> None:
        """Wait on the sandbox's clock, which the time machine may move."""
        due = self.slack.world.clock.seconds() + seconds
        pending.waits = True
        while (left := due - self.slack.world.clock.seconds()) > 0:
            await asyncio.sleep(min(left, 0.1))
        pending.waits = False

    async def settled(self) -> None:
        """Return once no event is under way: each was acknowledged or waits for a later attempt."""
        while any(not pending.waits for pending in self.pending):
            await asyncio.sleep(0.005)
