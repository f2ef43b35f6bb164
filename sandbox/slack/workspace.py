"""What the workspace holds and how it changes: people, channels, messages. No HTTP and no sockets here."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from sandbox.slack.blocks import Values, with_ids
from sandbox.slack.channels import Channel, Message
from sandbox.slack.events import Events
from sandbox.slack.files import File
from sandbox.slack.limits import Limits
from sandbox.slack.manifest import Manifest
from sandbox.slack.people import APP, BOT, BOT_USER, KINDS, TEAM, User
from sandbox.slack.refusals import CannotDo, Refused
from sandbox.slack.socket import Sockets
from sandbox.slack.surfaces import ResponseUrl, Surfaces, Triggers

if TYPE_CHECKING:
    from sandbox.world import World


class Workspace:
    """One invented workspace with one app installed."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.trigger_seconds = 3.0  # how long a trigger_id is good; raise it to debug
        self.ack_seconds = 3.0  # how long an acknowledgement may take
        self.manifest = Manifest.read()
        self.limits = Limits(world.clock)
        self.sockets, self.events = Sockets(self), Events(self)
        self.tasks: set[asyncio.Task[Any]] = set()
        self.reset()

    def reset(self) -> None:
        """Empty the workspace. Connections of the app stay open."""
        for task in list(self.tasks):
            task.cancel()
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.surfaces, self.triggers = Surfaces(), Triggers()
        self.response_urls: dict[str, ResponseUrl] = {}
        self.suggestions: dict[tuple[str, str, str], list[dict[str, Any]]] = {}  # what a typeahead offered last
        self.picks: dict[tuple[str, str], Values] = {}  # by person and message: what stands in its selects and lists
        self.files: dict[str, File] = {}
        self.limits.reset()
        self.events.reset()
        self._ids = itertools.count(1)
        self.add_user("USLACKBOT", name="slackbot", real_name="Slackbot", email="", tz="UTC", kind="bot")
        self.add_user(BOT_USER, name="touchpoint", real_name=self.manifest.name, email="", tz="UTC", kind="bot")

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run something beside the call that caused it; `reset` cancels it."""
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def changed(self) -> None:
        self.world.changed("slack")

    # People and channels

    def add_user(
        self,
        id: str | None = None,
        *,
        name: str,
        real_name: str,
        email: str,
        tz: str,
        kind: str = "member",
        title: str = "",
        deleted: bool = False,
    ) -> User:
        """Somebody who has always been there (no event); `hire` is for somebody who joins now."""
        if kind not in KINDS:
            raise ValueError(f"no kind of person {kind!r}; there are {', '.join(KINDS)}")
        id = id or f"U{next(self._ids):08d}"
        self.users[id] = User(id, name, real_name, email, tz, kind, title, deleted, int(self.world.clock.seconds()))
        self.changed()
        return self.users[id]

    def add_channel(
        self,
        id: str | None = None,
        *,
        name: str,
        members: list[str],
        is_private: bool = False,
        is_ext_shared: bool = False,
        is_archived: bool = False,
        topic: str = "",
    ) -> Channel:
        """A channel that has always been there. The bot is in it only if its id is among the members."""
        id = id or f"C{next(self._ids):08d}"
        created = int(self.world.clock.seconds())
        self.channels[id] = Channel(
            id, name, list(members), is_private, is_ext_shared, is_archived, topic, created=created
        )
        self.changed()
        return self.channels[id]

    def find_user(self, user: str) -> User:
        if user not in self.users:
            raise Refused("user_not_found", f"There is nobody with the id {user}.")
        return self.users[user]

    def find_channel(self, channel: str) -> Channel:
        """A channel that the app may know of: private ones and direct messages only from inside."""
        found = self.channels.get(channel)
        if found is None:
            raise Refused("channel_not_found", f"There is no channel {channel}.")
        if (found.is_private or found.is_im) and not found.has_bot:
            raise Refused("channel_not_found", f"#{found.name} is private and the app is not in it.")
        return found

    def find_message(self, channel: Channel, ts: str) -> Message:
        message = channel.messages.get(ts)
        if message is None or message.get("subtype") == "tombstone":
            raise Refused("message_not_found", f"There is no message {ts} in #{channel.name}.")
        return message

    def dm_with(self, user: str) -> Channel:
        """The direct message between the bot and a person, made if there is none."""
        person = self.find_user(user)
        if person.kind == "bot":
            raise Refused("cannot_dm_bot", f"{person.real_name} is a bot.")
        for channel in self.channels.values():
            if channel.with_user == user:
                return channel
        id = f"D{user[1:]}"  # the same after a restart, for apps that remember it
        now = int(self.world.clock.seconds())
        self.channels[id] = Channel(id, person.name, [user, BOT_USER], with_user=user, created=now)
        return self.channels[id]

    # Messages

    def bot_message(self, text: str, **more: Any) -> Message:
        """A message of the app, not yet posted anywhere."""
        profile = {"id": BOT, "app_id": APP, "user_id": BOT_USER, "name": self.manifest.name, "team_id": TEAM}
        message: Message = {"type": "message", "user": BOT_USER, "bot_id": BOT, "app_id": APP, "team": TEAM}
        message |= {"text": text, "bot_profile": {**profile, "deleted": False, "updated": 0}, **more}
        if message.get("blocks"):
            message["blocks"] = with_ids(message["blocks"])
        return message

    def post(self, channel: Channel, message: Message, *, thread_ts: str = "", broadcast: bool = False) -> Message:
        """Put a message into a channel and tell the app.

        A reply to a message that is gone becomes a top-level message, silently, as on Slack (slack-go#1571).
        """
        parent = channel.messages.get(thread_ts)
        message["ts"] = self.world.clock.next_ts()
        if parent is not None:
            message["thread_ts"] = parent.get("thread_ts", parent["ts"])
            message["parent_user_id"] = parent["user"]
            if broadcast:
                message |= {"subtype": "thread_broadcast", "root": channel.with_thread(parent, metadata=False)}
        channel.messages[message["ts"]] = message
        channel.first_texts[message["ts"]] = message.get("text", "")
        channel.read[message["user"]] = message["ts"]
        self._tell(channel, dict(message))
        self.changed()
        return message

    def edit_message(self, channel: Channel, message: Message, changes: Message, *, by: str, marked: bool) -> None:
        """Change a message in place; a value of None takes the key away."""
        before = channel.with_thread(message)
        for key, value in changes.items():
            if value is None:
                message.pop(key, None)
            else:
                message[key] = value
        if marked:
            message["edited"] = {"user": by, "ts": self.world.clock.next_ts()}
        self._tell_changed(channel, message, before)

    def remove_message(self, channel: Channel, message: Message) -> None:
        """Delete a message. One that has replies leaves a tombstone, and the app hears of a change, not a deletion."""
        before = channel.with_thread(message)
        if channel.replies(message["ts"]):
            grave = {"type": "message", "subtype": "tombstone", "user": "USLACKBOT", "hidden": True}
            grave |= {"text": "This message was deleted.", "ts": message["ts"], "thread_ts": message["ts"]}
            channel.messages[message["ts"]] = grave
            self._tell_changed(channel, grave, before)
            return
        del channel.messages[message["ts"]]
        event = {"subtype": "message_deleted", "hidden": True, "deleted_ts": message["ts"], "previous_message": before}
        self._tell(channel, event | {"type": "message", "ts": self.world.clock.next_ts()})
        self._bury_empty_thread(channel, message.get("thread_ts"))
        self.changed()

    def new_file(self, name: str, length: int) -> File:
        """A file that is announced: not uploaded yet, and shown to nobody."""
        file = File(f"F{next(self._ids):010d}", name, length, int(self.world.clock.seconds()))
        self.files[file.id] = file
        return file

    def whisper(self, channel: Channel, user: str, message: Message) -> Message:
        """An ephemeral message: one person sees it, and no history keeps it."""
        message |= {"ts": self.world.clock.next_ts(), "is_ephemeral": True}
        channel.ephemerals.setdefault(user, []).append(message)
        self.changed()
        return message

    def response_url(self, user: str, channel: Channel, message: Message | None = None) -> str:
        """An address that takes five messages in half an hour."""
        token = secrets.token_hex(12)
        now = self.world.clock.seconds()
        ts, ephemeral = (message["ts"], bool(message.get("is_ephemeral"))) if message else (None, False)
        self.response_urls[token] = ResponseUrl(user, channel.id, now, ts, ephemeral)
        return f"{self.world.base_url}/response/{token}"

    def _bury_empty_thread(self, channel: Channel, ts: str | None) -> None:
        """A tombstone goes with the last reply under it."""
        parent = channel.messages.get(ts or "")
        if parent and parent.get("subtype") == "tombstone" and not channel.replies(parent["ts"]):
            del channel.messages[parent["ts"]]

    def _tell_changed(self, channel: Channel, message: Message, before: Message) -> None:
        event = {"type": "message", "subtype": "message_changed", "hidden": True, "ts": self.world.clock.next_ts()}
        self._tell(channel, event | {"message": channel.with_thread(message), "previous_message": before})
        self.changed()

    def _tell(self, channel: Channel, event: dict[str, Any]) -> None:
        event = event | {"channel": channel.id, "channel_type": channel.event_kind, "event_ts": event["ts"]}
        self.events.emit(event, channel)

    def person(self, user: str) -> User:
        """Somebody who can act now."""
        person = self.users.get(user)
        if person is None or person.kind == "bot":
            raise CannotDo(f"There is no person {user}.")
        if person.deleted:
            raise CannotDo(f"{person.real_name}'s account is deactivated.")
        return person

    def place(self, channel: str, person: User) -> Channel:
        """A channel that this person can see."""
        found = self.channels.get(channel)
        guest = person.kind in ("guest", "external")
        if found is None or not found.seen_by(person.id, guest=guest):
            raise CannotDo(f"{person.real_name} sees no channel {channel}.")
        return found
