"""Events API: what happens in the workspace, told to the app if it subscribed, again if it did not acknowledge.

https://docs.slack.dev/apis/events-api
"""

from __future__ import annotations

import asyncio
import secrets
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
    attempt: int = 0
    due: float | None = None  # when the next attempt is, by the sandbox's clock; None while one is under way


class Events:
    def __init__(self, slack: Workspace) -> None:
        self.slack = slack
        self.pending: list[Pending] = []
        self.retry_seconds = RETRY_SECONDS
        self._timer: asyncio.TimerHandle | None = None

    def reset(self) -> None:
        """Forget what is still to be told."""
        self.pending.clear()
        self.retry_seconds = RETRY_SECONDS

    def emit(self, event: dict[str, Any], channel: Channel | None = None) -> None:
        """Tell the app, if its manifest subscribes to it and its bot is where it happened."""
        name = event["type"]
        subscription = f"message.{channel.scope_noun}" if name == "message" and channel else name
        if subscription not in self.slack.manifest.events or (channel and not channel.has_bot):
            return
        pending = Pending(self._payload(event, channel), name)
        self.pending.append(pending)
        self.slack.spawn(self._deliver(pending))

    def _payload(self, event: dict[str, Any], channel: Channel | None) -> dict[str, Any]:
        number = secrets.token_hex(5).upper()  # never the same again, also after a restart: apps remember them
        event.setdefault("event_ts", self.slack.world.clock.next_ts())
        person = event.get("user")
        return {
            "token": "sandbox",
            "team_id": person["team_id"] if isinstance(person, dict) else TEAM,  # of whom it is about, not ours
            "context_team_id": TEAM,
            "context_enterprise_id": None,
            "api_app_id": APP,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{number}",
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

    async def _deliver(self, pending: Pending) -> None:
        """Send it until it is acknowledged, its next attempt lies in the future, or Slack gives up."""
        pending.due = None
        while True:
            retry = {"retry_attempt": pending.attempt, "retry_reason": "timeout" if pending.attempt else ""}
            delivery = await self.slack.sockets.deliver(
                "events_api", pending.payload, name=f"event {pending.name}", more=retry
            )
            if delivery.acked:
                break
            if pending.attempt == len(self.retry_seconds):
                why = "Never acknowledged; Slack has given up on it."
                self.slack.world.called("slack", f"socket event {pending.name}", 0, "event_lost", why)
                break
            seconds = self.retry_seconds[pending.attempt]
            pending.attempt += 1
            if seconds:
                pending.due = self.slack.world.clock.seconds() + seconds
                self._watch()
                return
        if pending in self.pending:
            self.pending.remove(pending)

    def _watch(self) -> None:
        """Look at the sandbox's clock now and then: the time machine may move it at any moment."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(0.1, self._look)

    def _look(self) -> None:
        self._timer = None
        now = self.slack.world.clock.seconds()
        for pending in self.pending:
            if pending.due is not None and pending.due <= now:
                pending.due = None
                self.slack.spawn(self._deliver(pending))
        if any(pending.due is not None for pending in self.pending):
            self._watch()

    async def settled(self) -> None:
        """Return once no event is under way: each was acknowledged or waits for a later attempt."""
        while any(pending.due is None for pending in self.pending):
            await asyncio.sleep(0.005)
