"""Slack in our words: post, edit and find messages, read members and channels.

`chat.postMessage` is not idempotent and the SDK's own retries repeat it, so there are none: what failed is sorted by
whether it may have been posted (`Retryable.sent`), and `find` looks for it by the opaque id in its metadata.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry import RetryHandler

from bot.errors import DryRun, Misconfigured, Permanent, Retryable
from bot.integrations import http as web
from bot.integrations.slack_errors import sorted_error

EVENT_TYPE = "touchpoint"  # of our messages' metadata
CHANNEL_FACTS_LAST = 30  # seconds; Slack tells of a channel that becomes shared, but events can be late or lost
FILES_HOST = "files.slack.com"  # takes what is uploaded: https://docs.slack.dev/messaging/working-with-files
MOST_PAGES = 50  # of a channel's history, newest first
LOOK_BACK = 600  # seconds before the first attempt: Slack's clock is not ours


@dataclass(frozen=True)
class Me:
    user_id: str
    bot_id: str
    team_id: str
    url: str  # https://….slack.com/


@dataclass(frozen=True)
class Posted:
    channel: str
    ts: str


@dataclass(frozen=True)
class Member:
    slack_id: str
    name: str
    email: str | None
    title: str
    time_zone: str | None
    is_member: bool  # full and active in this workspace, and no bot


@dataclass(frozen=True)
class Thread:
    """A message of a channel that has replies. `seen` is another word whenever a reply came or went."""

    ts: str
    seen: str


@dataclass(frozen=True)
class Channel:
    id: str
    name: str
    is_archived: bool
    has_bot: bool
    has_outsiders: bool  # shared with another company, or about to be


class Slack:
    def __init__(self, *, token: str, api_url: str | None = None, writes: str = "on", timeout: int = 10) -> None:
        self.client = make_client(token, api_url, timeout)
        self.files = web.session([FILES_HOST], url=api_url)
        self.writes = writes
        self._channels: dict[str, tuple[float, Channel]] = {}
        self._me: Me | None = None

    def me(self) -> Me:
        if self._me is None:
            found = self._call(self.client.auth_test)
            self._me = Me(found["user_id"], found["bot_id"], found["team_id"], found["url"])
        return self._me

    def post(
        self,
        channel: str,
        text: str,
        blocks: list[dict[str, Any]],
        *,
        opaque_id: str,
        thread_ts: str | None = None,
        broadcast: bool = False,
    ) -> Posted:
        """Post once. `channel` is a channel's id or, for a direct message, a person's."""
        self._check(channel, f"would post to {channel}: {text}")
        found = self._call(
            self.client.chat_postMessage,
            channel=channel,
            text=text,
            blocks=blocks,
            thread_ts=thread_ts,
            reply_broadcast=broadcast or None,
            unfurl_links=False,
            unfurl_media=False,
            metadata={"event_type": EVENT_TYPE, "event_payload": {"id": opaque_id}},
        )
        return Posted(found["channel"], found["ts"])

    def edit(self, channel: str, ts: str, text: str, blocks: list[dict[str, Any]], *, opaque_id: str) -> None:
        """Edit in place. Raises `Gone` where somebody deleted the message."""
        self._check(channel, f"would edit {ts} in {channel}: {text}")
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"id": opaque_id}}
        self._call(self.client.chat_update, channel=channel, ts=ts, text=text, blocks=blocks, metadata=metadata)

    def find(self, channel: str, opaque_id: str, *, since: datetime, thread_ts: str | None = None) -> Posted | None:
        """The message with this opaque id that we posted since then (or in that thread), if there is one."""

        def is_it(message: dict[str, Any]) -> bool:
            payload = message.get("metadata", {}).get("event_payload", {})
            return payload.get("id") == opaque_id and message.get("bot_id") == self.me().bot_id

        return self._search(channel, is_it, since=since, thread_ts=thread_ts)

    def upload(self, recipient: str, name: str, content: bytes) -> str:
        """Bring a file for somebody to Slack. Nobody sees it before it is shared; answers its id."""
        self._check(recipient, f"would send {recipient} the file {name}")
        place = self._call(self.client.files_getUploadURLExternal, filename=name, length=len(content))
        try:
            answer = self.files.post(place["upload_url"], data=content)
        except OSError as error:
            raise Retryable(f"Slack did not take the file ({type(error).__name__})", sent=False) from error
        if answer.status_code != 200:
            raise Retryable(f"Slack did not take the file ({answer.status_code})", sent=False)
        return str(place["file_id"])

    def share(self, person: str, file_id: str, title: str, text: str) -> str:
        """Show an uploaded file to a person, once, with a text. Answers the direct message's channel.

        https://docs.slack.dev/reference/methods/files.completeUploadExternal takes no person's id.
        """
        channel = self._direct(person)
        files = [{"id": file_id, "title": title}]
        self._call(self.client.files_completeUploadExternal, files=files, channel_id=channel, initial_comment=text)
        return channel

    def find_file(self, person: str, file_id: str, *, since: datetime) -> Posted | None:
        """The direct message with this file, if there is one: it has no metadata to be found by."""

        def is_it(message: dict[str, Any]) -> bool:
            return any(file.get("id") == file_id for file in message.get("files", []))

        return self._search(person, is_it, since=since)

    def _search(
        self, channel: str, is_it: Callable[[dict[str, Any]], bool], *, since: datetime, thread_ts: str | None = None
    ) -> Posted | None:
        """The message since then (or in that thread) that is the one, if there is one."""
        if is_person(channel):
            channel = self._direct(channel)
        read: Callable[..., Any] = self.client.conversations_history
        place: dict[str, Any] = {"channel": channel, "oldest": f"{since.timestamp() - LOOK_BACK:.6f}"}
        if thread_ts:
            read, place = self.client.conversations_replies, {**place, "ts": thread_ts}
        cursor = ""
        while True:
            page = self._call(read, **place, include_all_metadata=True, limit=200, cursor=cursor or None)
            for message in page["messages"]:
                if is_it(message):
                    return Posted(channel, message["ts"])
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return None

    def _direct(self, person: str) -> str:
        """The channel of the direct message with a person."""
        return str(self._call(self.client.conversations_open, users=person)["channel"]["id"])

    def threads(self, channel: str, *, oldest: str, cursor: str | None = None) -> tuple[list[Thread], str | None]:
        """A page of the threads that began since then, newest first, and the cursor of the next page."""
        place = {"channel": channel, "oldest": oldest, "inclusive": True, "limit": 200, "cursor": cursor}
        page = self._call(self.client.conversations_history, **place)
        found = [
            Thread(message["ts"], f"{message['latest_reply']} {message.get('reply_count', 0)}")
            for message in page["messages"]
            if message.get("latest_reply")
        ]
        return found, (page.get("response_metadata") or {}).get("next_cursor") or None

    def replies(self, channel: str, ts: str) -> list[dict[str, Any]]:
        """Everything in a thread, as Slack has it. Raises `Gone` where somebody deleted the thread."""
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = self._call(
                self.client.conversations_replies, channel=channel, ts=ts, limit=200, cursor=cursor or None
            )
            found += page["messages"]
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return found

    def own_messages(self, channel: str, *, oldest: str) -> tuple[set[str], str]:
        """ts of our own headlines in a channel, and from which ts on these are all of them. 200 a call."""
        found: set[str] = set()
        cursor, seen_to = "", oldest
        for _ in range(MOST_PAGES):
            page = self._call(
                self.client.conversations_history, channel=channel, oldest=oldest, inclusive=True, limit=200,
                cursor=cursor or None,
            )  # fmt: skip
            # What stands in the place of a deleted message with replies is not ours, though it has its ts.
            found |= {message["ts"] for message in page["messages"] if message.get("bot_id") == self.me().bot_id}
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return found, oldest
            seen_to = page["messages"][-1]["ts"]
        return found, seen_to

    def members(self, cursor: str | None = None) -> tuple[list[Member], str | None]:
        """A page of everybody that the workspace knows, with those who have left, and the cursor of the next page."""
        page = self._call(self.client.users_list, limit=200, cursor=cursor)
        found = [member(user, self.me().team_id) for user in page["members"]]
        return found, (page.get("response_metadata") or {}).get("next_cursor") or None

    def member_by_email(self, email: str) -> Member | None:
        try:
            user = self._call(self.client.users_lookupByEmail, email=email)["user"]
        except Permanent as error:
            if error.code == "users_not_found":
                return None
            raise
        return member(user, self.me().team_id)

    def channel(self, channel: str) -> Channel:
        """Facts about a channel, at most half a minute old."""
        at, known = self._channels.get(channel, (0.0, None))
        if known and time.monotonic() - at < CHANNEL_FACTS_LAST:
            return known
        found = self._call(self.client.conversations_info, channel=channel)["channel"]
        known = Channel(
            id=found["id"],
            name=found.get("name", ""),
            is_archived=bool(found.get("is_archived")),
            has_bot=bool(found.get("is_member")),
            has_outsiders=any(found.get(key) for key in ("is_ext_shared", "is_pending_ext_shared", "is_org_shared")),
        )
        self._channels[channel] = (time.monotonic(), known)
        return known

    def forget_channel(self, channel: str) -> None:
        """Something about the channel changed: read it again next time."""
        self._channels.pop(channel, None)

    def _check(self, channel: str, would: str) -> None:
        """Nothing internal goes where a customer can read it, and nothing at all while writes are dry."""
        if channel.startswith(("C", "G")) and self.channel(channel).has_outsiders:
            raise Misconfigured(
                f"#{self.channel(channel).name} is shared with another company, so nothing about accounts is posted"
                " there. Name an internal channel in policy.toml"
            )
        if self.writes == "dry":
            raise DryRun(would)

    def _call(self, method: Callable[..., Any], **arguments: Any) -> Any:
        try:
            return method(**{key: value for key, value in arguments.items() if value is not None}).data
        except SlackApiError as error:
            raise sorted_error(error) from error
        except (OSError, http.client.HTTPException) as error:  # time-outs and cut connections
            raise Retryable(f"Slack did not answer ({type(error).__name__})") from error


def make_client(token: str, api_url: str | None, timeout: int) -> WebClient:
    """A client without the SDK's retries. `timeout` is in seconds."""
    no_retries: list[RetryHandler] = []
    if api_url:
        return WebClient(token=token, base_url=api_url, timeout=timeout, retry_handlers=no_retries)
    return WebClient(token=token, timeout=timeout, retry_handlers=no_retries)


def is_person(recipient: str) -> bool:
    """Whether this is a person's id and no channel's: https://docs.slack.dev/reference/objects/user-object"""
    return recipient.startswith(("U", "W"))


def member(user: dict[str, Any], team_id: str) -> Member:
    """A user object of users.list or a user_change event: https://docs.slack.dev/reference/objects/user-object"""
    profile = user.get("profile", {})
    outside = any(user.get(key) for key in ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger"))
    return Member(
        slack_id=user["id"],
        name=profile.get("real_name") or user.get("real_name") or user.get("name", ""),
        email=(profile.get("email") or "").lower() or None,
        title=profile.get("title", ""),
        time_zone=user.get("tz"),
        is_member=not outside and user.get("team_id", team_id) == team_id and user["id"] != "USLACKBOT",
    )
