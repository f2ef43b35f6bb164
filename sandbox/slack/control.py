"""Slack's part of the sandbox's control interface, under /sandbox/slack: act as a person, see what that person sees."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.slack.channels import Channel, Message
from sandbox.slack.people import BOT_USER, User
from sandbox.slack.refusals import CannotDo, Refused
from sandbox.slack.seen import Seen

if TYPE_CHECKING:
    from sandbox.slack.state import Slack

Answer = dict[str, Any]

#: What a person does: its name in the address, and which fields of the body it takes beside "as".
ACTIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "command": ("command", ("channel", "text")),
    "click": ("click", ("channel", "ts", "action_id", "value", "block_id")),
    "click_in_view": ("click_in_view", ("view_id", "action_id", "value", "values", "block_id")),
    "submit": ("submit", ("view_id", "values")),
    "close": ("close", ("view_id", "everything")),
    "say": ("say", ("channel", "text", "thread_ts")),
    "edit": ("edit", ("channel", "ts", "text")),
    "delete": ("delete", ("channel", "ts")),
    "react": ("react", ("channel", "ts", "name")),
    "unreact": ("unreact", ("channel", "ts", "name")),
    "shortcut": ("shortcut", ("callback_id", "channel", "ts")),
    "open_home": ("open_home", ()),
    "read": ("mark_read", ("channel",)),
    "suggest": ("suggest", ("view_id", "action_id", "text", "channel", "ts")),
}
#: What an administrator does: {"do": name, ...}.
ADMIN = {
    "archive": ("channel",),
    "unarchive": ("channel",),
    "share": ("channel",),
    "unshare": ("channel",),
    "kick_bot": ("channel",),
    "invite_bot": ("channel",),
    "invite": ("channel", "user"),
    "deactivate": ("user",),
    "reactivate": ("user",),
    "delete_bot_message": ("channel", "ts"),
    "change_user": (),
    "hire": (),
}


def routes(slack: Slack) -> list[web.RouteDef]:
    control = Control(slack)
    found: list[web.RouteDef] = []
    for name in ("state", "messages", "thread", "views", "home", "settings"):
        found.append(web.get(f"/sandbox/slack/{name}", control.guarded(getattr(control, name))))
    for name in ACTIONS:
        found.append(web.post(f"/sandbox/slack/{name}", control.guarded(control.acting(name))))
    for name in ("admin", "sockets", "settings"):
        found.append(web.post(f"/sandbox/slack/{name}", control.guarded(getattr(control, f"do_{name}"))))
    return found


class Control:
    def __init__(self, slack: Slack) -> None:
        self.slack = slack

    def guarded(self, handler: Callable[[web.Request], Awaitable[Answer]]) -> Callable[[web.Request], Any]:
        """Turn what cannot be done into a 4xx with a sentence."""

        async def handle(request: web.Request) -> web.Response:
            try:
                return web.json_response(await handler(request))
            except (CannotDo, Refused) as refusal:
                return web.json_response({"error": str(refusal)}, status=409)
            except (ValueError, KeyError, TypeError) as mistake:
                return web.json_response({"error": f"The request is not understood: {mistake}"}, status=400)

        return handle

    # Reading

    def _me(self, request: web.Request) -> User:
        return self.slack.person(request.query.get("as", ""))

    async def state(self, request: web.Request) -> Answer:
        """People, channels that this person sees, the app, its commands and shortcuts."""
        slack = self.slack
        me = slack.users.get(request.query.get("as", ""))
        guest = bool(me and me.kind in ("guest", "external"))
        seen = [c for c in slack.channels.values() if me is None or c.seen_by(me.id, guest=guest)]
        return {
            "me": me.id if me else None,
            "users": [self._user(user) for user in slack.users.values()],
            "channels": [self._channel(channel, me) for channel in seen if me or not channel.is_im],
            "bot": {
                "user_id": BOT_USER,
                "name": slack.manifest.name,
                "connections": len(slack.sockets.connections),
                "home_tab": slack.manifest.home_tab,
                "messages_tab_read_only": slack.manifest.messages_tab_read_only,
            },
            "commands": [
                {
                    "command": c["command"],
                    "description": c.get("description", ""),
                    "usage_hint": c.get("usage_hint", ""),
                }
                for c in slack.manifest.commands.values()
            ],
            "shortcuts": list(slack.manifest.shortcuts.values()),
        }

    def _user(self, user: User) -> Answer:
        keys = ("id", "name", "real_name", "title", "tz", "email", "kind", "deleted")
        return {key: getattr(user, key) for key in keys}

    def _channel(self, channel: Channel, me: User | None) -> Answer:
        read = float(channel.read.get(me.id, "0")) if me else 0.0
        shown = channel.top_level()
        return {
            "id": channel.id,
            "name": channel.name,
            "kind": channel.kind,
            "is_archived": channel.is_archived,
            "is_ext_shared": channel.is_ext_shared,
            "bot_is_member": channel.has_bot,
            "is_member": bool(me and me.id in channel.members),
            "members": channel.members,
            "with": BOT_USER if channel.is_im else "",
            "unread": sum(float(m["ts"]) > read for m in shown) if me else 0,
            "topic": channel.topic,
            "last_ts": shown[-1]["ts"] if shown else None,
        }

    def _visible(self, request: web.Request) -> tuple[Channel, User]:
        me = self._me(request)
        return self.slack.place(request.query.get("channel", ""), me), me

    async def messages(self, request: web.Request) -> Answer:
        """The newest `limit` messages of a channel, oldest first, with this person's ephemeral ones."""
        channel, me = self._visible(request)
        shown = channel.top_level() + [m for m in channel.ephemerals.get(me.id, []) if "thread_ts" not in m]
        shown.sort(key=lambda m: float(m["ts"]))
        newest = shown[-int(request.query.get("limit", "200")) :]
        return {"messages": [self._message(channel, m, me) for m in newest]}

    async def thread(self, request: web.Request) -> Answer:
        """A thread, its first message first, with this person's ephemeral ones."""
        channel, me = self._visible(request)
        ts = request.query.get("ts", "")
        parent = channel.messages.get(ts)
        if parent is None:
            raise CannotDo(f"There is no message {ts} in #{channel.name}.")
        whispered = [m for m in channel.ephemerals.get(me.id, []) if m.get("thread_ts") == ts]
        replies = sorted([*channel.replies(ts), *whispered], key=lambda m: float(m["ts"]))
        return {"messages": [self._message(channel, m, me) for m in [parent, *replies]]}

    def _message(self, channel: Channel, message: Message, me: User) -> Answer:
        link = f"{self.slack.world.base_url}/archives/{channel.id}/p{message['ts'].replace('.', '')}"
        extra: Answer = {"ephemeral": bool(message.get("is_ephemeral")), "permalink": link}
        if (me.id, message["ts"]) in self.slack.picks:
            extra["values"] = self.slack.picks[me.id, message["ts"]]
        return {"reply_count": 0, "reactions": []} | channel.with_thread(message) | extra

    async def views(self, request: web.Request) -> Answer:
        return {"views": [view.as_json() for view in self.slack.surfaces.stack(self._me(request).id)]}

    async def home(self, request: web.Request) -> Answer:
        view = self.slack.surfaces.homes.get(self._me(request).id)
        return {"view": view.as_json() if view else None}

    async def settings(self, request: web.Request) -> Answer:
        slack = self.slack
        return {
            "trigger_seconds": slack.trigger_seconds,
            "ack_seconds": slack.ack_seconds,
            "rate_limits": slack.limits.on,
        }

    # Acting

    def acting(self, name: str) -> Callable[[web.Request], Awaitable[Answer]]:
        method_name, fields = ACTIONS[name]

        async def act(request: web.Request) -> Answer:
            body = await self._body(request, {"as", *fields})
            arguments = {key: body[key] for key in fields if body.get(key) is not None}
            if name == "suggest":
                arguments = {"view_id": "", "text": ""} | arguments
            result = await getattr(self.slack, method_name)(body["as"], **arguments)
            if name == "suggest":
                return {"options": result}
            seen = result if isinstance(result, Seen) else Seen()
            return seen.as_json() | ({"ts": result} if name == "say" else {})

        return act

    async def _body(self, request: web.Request, known: set[str]) -> Answer:
        body = await request.json()
        if not isinstance(body, dict):
            raise TypeError("the body is not an object")
        unknown = set(body) - known
        if unknown:
            raise ValueError(f"unknown {', '.join(sorted(unknown))}")
        return body

    async def do_admin(self, request: web.Request) -> Answer:
        """{"do": "archive", "channel": …} | {"do": "reactivate", "user": …} | …

        change_user and hire take the person's fields beside: {"do": "change_user", "user": …, "tz": "Europe/London"}.
        """
        body = dict(await request.json())
        do = body.pop("do", "")
        if do not in ADMIN:
            raise CannotDo(f"An administrator cannot {do!r}; there are {', '.join(ADMIN)}.")
        unknown = set(body) - set(ADMIN[do]) - {"by"}
        if ADMIN[do] and unknown:
            raise ValueError(f"unknown {', '.join(sorted(unknown))}")
        result = getattr(self.slack, do)(**body)
        made = await result if inspect.isawaitable(result) else result
        return Seen().as_json() | ({"user": self._user(made)} if isinstance(made, User) else {})

    async def do_sockets(self, request: web.Request) -> Answer:
        """{"do": "warning" | "refresh_requested" | "link_disabled" | "cut"} to the app's connections."""
        do = (await self._body(request, {"do"})).get("do")
        if do == "cut":
            self.slack.sockets.cut()
        elif do in ("warning", "refresh_requested", "link_disabled"):
            await self.slack.sockets.disconnect(do)
        else:
            raise CannotDo(f"Connections cannot {do!r}.")
        return Seen().as_json()

    async def do_settings(self, request: web.Request) -> Answer:
        """{"trigger_seconds": n, "ack_seconds": n, "rate_limits": bool}"""
        body = await self._body(request, {"trigger_seconds", "ack_seconds", "rate_limits"})
        self.slack.trigger_seconds = float(body.get("trigger_seconds", self.slack.trigger_seconds))
        self.slack.ack_seconds = float(body.get("ack_seconds", self.slack.ack_seconds))
        self.slack.limits.on = bool(body.get("rate_limits", self.slack.limits.on))
        return await self.settings(request)
