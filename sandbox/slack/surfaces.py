"""What a person has open: modals (a stack of three), the Home tab; and the tokens that let an app answer a person."""

from __future__ import annotations

import copy
import itertools
import secrets
from dataclasses import dataclass, field
from typing import Any

from sandbox.slack.blocks import Values, state_of, with_ids
from sandbox.slack.people import APP, BOT, TEAM
from sandbox.slack.refusals import Refused

STACK = 3
RESPONSE_USES, RESPONSE_SECONDS = 5, 30 * 60
_numbers = itertools.count(1)


@dataclass(eq=False)
class View:
    """A modal or Home tab in front of one person."""

    user: str
    body: dict[str, Any]  # as the app sent it, ids filled in
    hash: str
    id: str = field(default_factory=lambda: f"V{secrets.token_hex(5).upper()}")
    previous: str | None = None
    root: str = ""
    values: Values = field(default_factory=dict)

    def fill(self, body: dict[str, Any], hash: str) -> None:
        """Take a new content; what was typed stays where block_id and action_id do."""
        self.body = body | {"blocks": with_ids(body["blocks"])}
        self.values = state_of(self.body["blocks"], self.values)
        self.hash = hash

    def as_json(self) -> dict[str, Any]:
        """https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload"""
        body = self.body
        return {
            "id": self.id,
            "team_id": TEAM,
            "type": body["type"],
            "blocks": body["blocks"],
            "private_metadata": body.get("private_metadata", ""),
            "callback_id": body.get("callback_id", ""),
            "state": {"values": copy.deepcopy(self.values)},
            "hash": self.hash,
            "title": body.get("title") or {"type": "plain_text", "text": "View Title", "emoji": True},
            "clear_on_close": bool(body.get("clear_on_close")),
            "notify_on_close": bool(body.get("notify_on_close")),
            "close": body.get("close"),
            "submit": body.get("submit"),
            "previous_view_id": self.previous,
            "root_view_id": self.root or self.id,
            "app_id": APP,
            "external_id": body.get("external_id", ""),
            "app_installed_team_id": TEAM,
            "bot_id": BOT,
        }


@dataclass
class Trigger:
    user: str
    at: float
    view: str | None = None  # the modal it came from
    used: bool = False


@dataclass
class ResponseUrl:
    """https://docs.slack.dev/interactivity/handling-user-interaction#message_responses"""

    user: str
    channel: str
    at: float
    message_ts: str | None = None
    ephemeral: bool = False
    uses: int = 0


class Triggers:
    """trigger_ids: good once, for a few seconds."""

    def __init__(self) -> None:
        self.known: dict[str, Trigger] = {}

    def issue(self, user: str, now: float, view: str | None = None) -> str:
        trigger_id = f"{next(_numbers)}.{int(now * 1000)}.{secrets.token_hex(16)}"
        self.known[trigger_id] = Trigger(user, now, view)
        return trigger_id

    def exchange(self, trigger_id: str, now: float, seconds: float) -> Trigger:
        trigger = self.known.get(trigger_id)
        if trigger is None:
            raise Refused("invalid_trigger_id", "No such trigger_id was ever handed out.")
        if trigger.used:
            raise Refused("exchanged_trigger_id", "This trigger_id opened something already; each is good once.")
        if now - trigger.at > seconds:
            raise Refused(
                "expired_trigger_id", f"A trigger_id is good for {seconds:g} s; {now - trigger.at:.1f} passed."
            )
        trigger.used = True
        return trigger


class Surfaces:
    """Who has which views open."""

    def __init__(self) -> None:
        self.stacks: dict[str, list[View]] = {}  # by user, bottom first
        self.homes: dict[str, View] = {}

    def stack(self, user: str) -> list[View]:
        return self.stacks.setdefault(user, [])

    def top(self, user: str) -> View | None:
        stack = self.stack(user)
        return stack[-1] if stack else None

    def find(self, *, view_id: str = "", external_id: str = "") -> View:
        for view in itertools.chain(self.homes.values(), *self.stacks.values()):
            if (view_id and view.id == view_id) or (external_id and view.body.get("external_id") == external_id):
                return view
        raise Refused("not_found", "The view is not open any more, or never was.")

    def open(self, user: str, body: dict[str, Any], hash: str) -> View:
        """A modal on an empty stack: whatever this app had open for the person is gone."""
        self.check_external_id(body, user=user)
        view = View(user, {}, "")
        view.fill(body, hash)
        self.stacks[user] = [view]
        return view

    def push(self, user: str, body: dict[str, Any], hash: str) -> View:
        stack = self.stack(user)
        if not stack:
            raise Refused("not_found", "views.push needs a modal that is open; this person has none.")
        if len(stack) >= STACK:
            raise Refused("push_limit_reached", f"At most {STACK} views can be stacked.")
        self.check_external_id(body)
        view = View(user, {}, "", previous=stack[-1].id, root=stack[0].id)
        view.fill(body, hash)
        stack.append(view)
        return view

    def check_external_id(self, body: dict[str, Any], *, user: str = "", view: View | None = None) -> None:
        wanted = body.get("external_id")
        for other in itertools.chain(self.homes.values(), *(s for u, s in self.stacks.items() if u != user)):
            if wanted and other is not view and other.body.get("external_id") == wanted:
                raise Refused("duplicate_external_id", f"Another open view has the external_id {wanted}.")
