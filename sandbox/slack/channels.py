"""Channels and direct messages, and the messages in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox.slack.people import BOT_USER, OTHER_TEAM, TEAM

Message = dict[str, Any]  # as Slack returns it; "metadata" is always stored and taken out where it was not asked for


@dataclass
class Channel:
    id: str
    name: str
    members: list[str]
    is_private: bool = False
    is_ext_shared: bool = False
    is_archived: bool = False
    topic: str = ""
    with_user: str = ""  # the person, if this is a direct message with the bot
    created: int = 0
    messages: dict[str, Message] = field(default_factory=dict)  # by ts, oldest first
    ephemerals: dict[str, list[Message]] = field(default_factory=dict)  # by user
    read: dict[str, str] = field(default_factory=dict)  # user -> ts read up to
    first_texts: dict[str, str] = field(default_factory=dict)  # by ts: what a phone showed, whatever it says by now

    @property
    def is_im(self) -> bool:
        return bool(self.with_user)

    @property
    def kind(self) -> str:
        """As the sandbox's page calls it."""
        return "im" if self.is_im else "private" if self.is_private else "channel"

    @property
    def scope_noun(self) -> str:
        """The noun in the scopes that guard it: `channels:read`, `groups:history`, `im:write`."""
        return "im" if self.is_im else "groups" if self.is_private else "channels"

    @property
    def event_kind(self) -> str:
        """`channel_type` of its message events."""
        return {"im": "im", "groups": "group", "channels": "channel"}[self.scope_noun]

    @property
    def has_bot(self) -> bool:
        return BOT_USER in self.members

    def seen_by(self, user: str, *, guest: bool = False) -> bool:
        return user in self.members or not (self.is_private or self.is_im or guest)

    def replies(self, ts: str) -> list[Message]:
        return [m for m in self.messages.values() if m.get("thread_ts") == ts and m["ts"] != ts]

    def top_level(self) -> list[Message]:
        """What the channel itself shows: no replies, except those also sent to it."""
        return [
            m
            for m in self.messages.values()
            if m.get("thread_ts", m["ts"]) == m["ts"] or m.get("subtype") == "thread_broadcast"
        ]

    def with_thread(self, message: Message, *, metadata: bool = True) -> Message:
        """The message as `conversations.history` shows it, with what its thread adds."""
        shown = {key: value for key, value in message.items() if metadata or key != "metadata"}
        replies = self.replies(message["ts"])
        if replies:
            users = list(dict.fromkeys(reply["user"] for reply in replies))
            shown |= {
                "thread_ts": message["ts"],
                "reply_count": len(replies),
                "reply_users_count": len(users),
                "latest_reply": replies[-1]["ts"],
                "reply_users": users[:5],
                "is_locked": False,
                "subscribed": False,
            }
        return shown

    def as_json(self) -> dict[str, Any]:
        """https://docs.slack.dev/reference/objects/conversation-object"""
        if self.is_im:
            return {
                "id": self.id,
                "created": self.created,
                "is_im": True,
                "is_archived": False,
                "is_org_shared": False,
                "user": self.with_user,
                "is_user_deleted": False,
                "context_team_id": TEAM,
                "priority": 0,
            }
        return {
            "id": self.id,
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": not self.is_private,
            "is_group": self.is_private,
            "is_im": False,
            "is_mpim": False,
            "is_private": self.is_private,
            "created": self.created,
            "is_archived": self.is_archived,
            "is_general": False,
            "unlinked": 0,
            "is_shared": self.is_ext_shared,
            "is_org_shared": False,
            "is_ext_shared": self.is_ext_shared,
            "is_pending_ext_shared": False,
            "pending_shared": [],
            "shared_team_ids": [TEAM, OTHER_TEAM] if self.is_ext_shared else [TEAM],
            "context_team_id": TEAM,
            "creator": self.members[0] if self.members else "",
            "is_member": self.has_bot,
            "topic": {"value": self.topic, "creator": "", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
            "previous_names": [],
            "num_members": len(self.members),
        }
