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

from bot.errors import DryRun, Gone, Misconfigured, Permanent, Retryable

EVENT_TYPE = "touchpoint"  # of our messages' metadata
CHANNEL_FACTS_LAST = 30  # seconds; Slack tells of a channel that becomes shared, but events can be late or lost
MOST_PAGES = 50  # of a channel's history, newest first
LOOK_BACK = 600  # seconds before the first attempt: Slack's clock is not ours

#: https://docs.slack.dev/reference/methods/chat.postMessage lists what each means.
GONE = {"message_not_found", "thread_not_found"}
NOT_DONE = {"ratelimited", "rate_limited", "message_limit_exceeded"}
AMBIGUOUS = {"fatal_error", "internal_error", "request_timeout", "service_unavailable", "team_added_to_org"}
TO_MEND = {
    "not_in_channel": "Touchpoint is not in the channel. Invite it there: /invite @Touchpoint",
    "is_archived": "The channel is archived. Unarchive it, or name another one in policy.toml",
    "channel_not_found": "There is no such channel, or Touchpoint may not see it. Check its id in policy.toml"
    " and invite Touchpoint",
    "invalid_auth": "Slack does not accept the bot token. Install the app again and set SLACK_BOT_TOKEN",
    "not_authed": "Slack got no bot token. Set SLACK_BOT_TOKEN",
    "account_inactive": "The bot token belongs to a removed app. Install the app again and set SLACK_BOT_TOKEN",
    "token_revoked": "The bot token was revoked. Install the app again and set SLACK_BOT_TOKEN",
    "token_expired": "The bot token has expired. Install the app again and set SLACK_BOT_TOKEN",
    "missing_scope": "The app lacks a scope. Update it from app.manifest.yml and install it again",
    "restricted_action": "Only some people may post in the channel. Let Touchpoint post there",
}

#: Slack's words for a person that no message reaches: https://docs.slack.dev/reference/methods/chat.postMessage
UNREACHABLE = {"user_not_found", "user_disabled", "cannot_dm_bot", "account_inactive", "channel_not_found"}


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
        if is_person(channel):
            channel = self._call(self.client.conversations_open, users=channel)["channel"]["id"]
        read: Callable[..., Any] = self.client.conversations_history
        place: dict[str, Any] = {"channel": channel, "oldest": f"{since.timestamp() - LOOK_BACK:.6f}"}
        if thread_ts:
            read, place = self.client.conversations_replies, {**place, "ts": thread_ts}
        cursor = ""
        while True:
            page = self._call(read, **place, include_all_metadata=True, limit=200, cursor=cursor or None)
            for message in page["messages"]:
                payload = message.get("metadata", {}).get("event_payload", {})
                if payload.get("id") == opaque_id and message.get("bot_id") == self.me().bot_id:
                    return Posted(channel, message["ts"])
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return None

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


def sorted_error(error: SlackApiError) -> Exception:
    """What Slack refused, as one of the errors of bot/errors.py."""
    response: Any = error.response
    status = getattr(response, "status_code", 0)
    answer = response.data if isinstance(getattr(response, "data", None), dict) else {}
    code = str(answer.get("error", ""))
    if status == 429 or code in NOT_DONE:
        retry_after = (getattr(response, "headers", None) or {}).get("Retry-After")
        wait = float(retry_after) if retry_after else 900.0 if code == "message_limit_exceeded" else 30.0
        return Retryable("Slack asks to wait", retry_after=wait, sent=False)
    if status >= 500 or code in AMBIGUOUS:
        return Retryable(f"Slack had trouble ({code or status})")
    if code in GONE:
        return Gone(f"The message is not there any more ({code})", code=code)
    if code in TO_MEND:
        scope = f" (needed: {answer['needed']})" if answer.get("needed") else ""
        return Misconfigured(TO_MEND[code] + scope, code=code)
    reasons = (answer.get("response_metadata") or {}).get("messages") or answer.get("errors") or []
    return Permanent(" ".join([f"Slack refused: {code or status}", *map(str, reasons)]), code=code)
