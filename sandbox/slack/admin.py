"""What administrators do: archive, share, invite, deactivate, delete."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from sandbox.slack.people import BOT_USER, OTHER_TEAM, TEAM, User
from sandbox.slack.refusals import CannotDo
from sandbox.slack.rules import is_zone
from sandbox.slack.workspace import Workspace

if TYPE_CHECKING:
    from sandbox.slack.channels import Channel


class Admin(Workspace):
    def _channel(self, channel: str) -> Channel:
        if channel not in self.channels:
            raise CannotDo(f"There is no channel {channel}.")
        return self.channels[channel]

    async def archive(self, channel: str, by: str = "") -> None:
        await self._set_archived(channel, True, by)

    async def unarchive(self, channel: str, by: str = "") -> None:
        await self._set_archived(channel, False, by)

    async def _set_archived(self, channel: str, archived: bool, by: str) -> None:
        place = self._channel(channel)
        place.is_archived = archived
        noun = "group" if place.is_private else "channel"
        event = {"type": f"{noun}_{'archive' if archived else 'unarchive'}", "channel": channel, "user": by}
        self.events.emit(event, place)
        self.changed()

    async def share(self, channel: str) -> None:
        """The customer's company joins a channel; https://docs.slack.dev/reference/events/channel_shared"""
        place = self._channel(channel)
        place.is_ext_shared = True
        self.events.emit({"type": "channel_shared", "connected_team_id": OTHER_TEAM, "channel": channel}, place)
        self.changed()

    async def unshare(self, channel: str) -> None:
        """It leaves again; https://docs.slack.dev/reference/events/channel_unshared"""
        place = self._channel(channel)
        place.is_ext_shared = False
        event = {"type": "channel_unshared", "previously_connected_team_id": OTHER_TEAM, "channel": channel}
        self.events.emit(event | {"is_ext_shared": False}, place)
        self.changed()

    async def kick_bot(self, channel: str) -> None:
        place = self._channel(channel)
        if BOT_USER in place.members:
            noun = "group" if place.is_private else "channel"
            self.events.emit({"type": f"{noun}_left", "channel": channel}, place)
            place.members.remove(BOT_USER)
        self.changed()

    async def invite_bot(self, channel: str, by: str = "") -> None:
        await self.invite(channel, BOT_USER, by)

    async def invite(self, channel: str, user: str, by: str = "") -> None:
        """Somebody is added to a channel."""
        place = self._channel(channel)
        if user not in place.members:
            place.members.append(user)
            event = {"type": "member_joined_channel", "user": user, "channel": channel, "team": TEAM}
            event |= {"channel_type": "G" if place.is_private else "C", "inviter": by}
            self.events.emit(event, place)
        self.changed()

    async def hire(self, **details: Any) -> User:
        """Somebody joins the workspace; `details` are those of add_user."""
        user = self.add_user(**details)
        self.events.emit({"type": "team_join", "user": self.user_json(user)})
        return user

    async def deactivate(self, user: str) -> None:
        """Somebody leaves: user_change with deleted; https://docs.slack.dev/reference/events/user_change"""
        await self.change_user(user, deleted=True)

    async def reactivate(self, user: str) -> None:
        """Somebody who had left is back."""
        await self.change_user(user, deleted=False)

    async def change_user(self, user: str, **profile: Any) -> None:
        """Change name, real_name, email, tz, kind, title or deleted."""
        if user not in self.users:
            raise CannotDo(f"There is no person {user}.")
        person = self.users[user]
        unknown = set(profile) - {f.name for f in fields(User)} | ({"id", "updated", "left_zones"} & set(profile))
        if unknown:
            raise CannotDo(f"A person has no {', '.join(sorted(unknown))}.")
        if person.kind == "bot":
            raise CannotDo(f"{person.real_name} is a bot.")
        zone = profile.get("tz", person.tz)
        if not is_zone(zone):
            raise CannotDo(f"There is no time zone {zone!r}; they are called like Europe/London.")
        if zone != person.tz:
            person.left_zones.append((self.world.clock.seconds(), person.tz))
        for key, value in profile.items():
            setattr(person, key, value)
        person.updated = int(self.world.clock.seconds())
        self.events.emit({"type": "user_change", "user": self.user_json(person), "cache_ts": person.updated})
        self.changed()

    async def delete_bot_message(self, channel: str, ts: str) -> None:
        """An administrator deletes a message of the app."""
        place = self._channel(channel)
        if ts not in place.messages:
            raise CannotDo(f"There is no message {ts} in #{place.name}.")
        self.remove_message(place, place.messages[ts])

    def user_json(self, user: User) -> dict[str, Any]:
        """A person as the app may see them."""
        return user.as_json(self.world.clock.now(), with_email="users:read.email" in self.manifest.scopes)
