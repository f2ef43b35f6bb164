"""What people do with messages: say, edit, delete, react, read; and open the app's Home."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sandbox.slack.people import User
from sandbox.slack.refusals import CannotDo
from sandbox.slack.seen import Seen
from sandbox.slack.workspace import Workspace

if TYPE_CHECKING:
    from sandbox.slack.channels import Channel, Message


class Messaging(Workspace):
    async def say(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> str:
        """Type a message; the answer is its ts."""
        person = self.person(user)
        place = self.where_to_type(person, channel)
        if not text.strip():
            raise CannotDo("There is nothing to send.")
        message: Message = {"type": "message", "user": user, "team": person.team_id, "text": self.as_typed(text)}
        return str(self.post(place, message, thread_ts=thread_ts or "")["ts"])

    def where_to_type(self, person: User, channel: str) -> Channel:
        """The channel, if it offers this person a line to type messages and commands into."""
        place = self.place(channel, person)
        if place.is_archived:
            raise CannotDo(f"#{place.name} is archived.")
        if person.id not in place.members:
            raise CannotDo(f"{person.real_name} is not in #{place.name}.")
        if place.is_im and self.manifest.messages_tab_read_only:
            raise CannotDo("Sending messages to this app has been turned off.")
        return place

    def as_typed(self, text: str) -> str:
        """What Slack makes of typed text: &, < and > are escaped, except in mentions of somebody; links are marked.

        https://docs.slack.dev/messaging/formatting-message-text#escaping
        """
        parts = re.split(r"(<@[A-Z0-9]+>|<#[A-Z0-9]+>|https?://[^\s<>|]+)", text)
        done = []
        for part in parts:
            if part.startswith("<@") and part[2:-1] in self.users:
                done.append(part)
            elif part.startswith("<#") and part[2:-1] in self.channels:
                done.append(f"<#{part[2:-1]}|{self.channels[part[2:-1]].name}>")
            else:
                escaped = part.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
                done.append(f"<{escaped}>" if part.startswith(("http://", "https://")) else escaped)
        return "".join(done)

    def _own_message(self, user: str, channel: str, ts: str) -> tuple[Channel, Message]:
        place = self.place(channel, self.person(user))
        message = place.messages.get(ts)
        if message is None or message["user"] != user:
            raise CannotDo("Only one's own messages can be changed.")
        return place, message

    async def edit(self, user: str, channel: str, ts: str, text: str) -> None:
        place, message = self._own_message(user, channel, ts)
        self.edit_message(place, message, {"text": self.as_typed(text)}, by=user, marked=True)

    async def delete(self, user: str, channel: str, ts: str) -> None:
        place, message = self._own_message(user, channel, ts)
        self.remove_message(place, message)

    async def react(self, user: str, channel: str, ts: str, name: str) -> None:
        self.person(user)
        self.set_reaction(user, channel, ts, name.strip(":"), True)

    async def unreact(self, user: str, channel: str, ts: str, name: str) -> None:
        self.person(user)
        self.set_reaction(user, channel, ts, name.strip(":"), False)

    def set_reaction(self, user: str, channel: str, ts: str, name: str, there: bool) -> bool:
        """Add or take off a reaction; False if nothing changed."""
        place = self.channels.get(channel)
        message = place.messages.get(ts) if place else None
        if place is None or message is None:
            raise CannotDo(f"There is no message {ts} in {channel}.")
        reactions: dict[str, list[str]] = {r["name"]: r["users"] for r in message.get("reactions", [])}
        users = reactions.setdefault(name, [])
        if (user in users) == there:
            return False
        (users.append if there else users.remove)(user)
        message["reactions"] = [{"name": n, "users": us, "count": len(us)} for n, us in reactions.items() if us]
        if not message["reactions"]:
            del message["reactions"]
        event: dict[str, Any] = {"type": "reaction_added" if there else "reaction_removed", "user": user}
        event |= {"reaction": name, "item_user": message["user"]}
        self.events.emit(event | {"item": {"type": "message", "channel": channel, "ts": ts}}, place)
        self.changed()
        return True

    async def mark_read(self, user: str, channel: str) -> None:
        """The person has read the channel to its end."""
        place = self.place(channel, self.person(user))
        place.read[user] = next(reversed(place.messages), "0")
        self.changed()

    async def open_home(self, user: str) -> Seen:
        """Open the app's Home tab, or its Messages tab where the app has no Home."""
        self.person(user)
        home = self.surfaces.homes.get(user)
        event: dict[str, Any] = {"type": "app_home_opened", "user": user, "channel": self.dm_with(user).id}
        event |= {"tab": "home" if self.manifest.home_tab else "messages"}
        if home:
            event["view"] = home.as_json()
        self.events.emit(event)
        await self.events.settled()
        home = self.surfaces.homes.get(user)
        return Seen(view=home.as_json() if home else None)
