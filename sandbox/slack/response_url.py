"""response_url: an address that lets the app answer one interaction, five times in half an hour, without a token.

https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.slack.blocks import with_ids
from sandbox.slack.people import BOT_USER
from sandbox.slack.refusals import Refused
from sandbox.slack.surfaces import RESPONSE_SECONDS, RESPONSE_USES, ResponseUrl
from sandbox.slack.validator import check_message

if TYPE_CHECKING:
    from sandbox.slack.state import Slack


async def answer(slack: Slack, request: web.Request) -> web.Response:
    try:
        url = _use(slack, request.match_info["token"])
        try:
            sent = json.loads(await request.text())
        except ValueError:
            raise Refused("invalid_json", "The body is not JSON.") from None
        _act(slack, url, sent if isinstance(sent, dict) else {})
    except Refused as refusal:
        status = 404 if refusal.code in ("used_url", "expired_url", "invalid_url") else 400
        slack.world.called("slack", "response_url", status, refusal.code, refusal.why)
        return web.json_response({"ok": False, "error": refusal.code}, status=status)
    slack.world.called("slack", "response_url", 200)
    return web.json_response({"ok": True})


def _use(slack: Slack, token: str) -> ResponseUrl:
    url = slack.response_urls.get(token)
    if url is None:
        raise Refused("invalid_url", "No such response_url was handed out.")
    if slack.world.clock.seconds() - url.at > RESPONSE_SECONDS:
        raise Refused("expired_url", "A response_url is good for half an hour.")
    if url.uses >= RESPONSE_USES:
        raise Refused("used_url", f"A response_url takes {RESPONSE_USES} messages.")
    url.uses += 1
    return url


def _act(slack: Slack, url: ResponseUrl, sent: dict[str, Any]) -> None:
    """Replace or delete the message that was pressed, or say something new, ephemeral unless it asks for in_channel."""
    channel = slack.channels[url.channel]
    if not (sent.get("replace_original") or sent.get("delete_original")) or url.message_ts is None:
        slack.answer(url.user, channel, sent)
        return
    whispers = channel.ephemerals.get(url.user, [])
    message = next((m for m in whispers if m["ts"] == url.message_ts), None) or channel.messages.get(url.message_ts)
    if message is None:
        raise Refused("message_not_found", "The message is gone.")
    if sent.get("delete_original"):
        if message in whispers:
            whispers.remove(message)
            slack.changed()
        else:
            slack.remove_message(channel, message)
        return
    content = check_message(sent)
    changes = {"text": content.get("text", ""), "blocks": with_ids(content["blocks"]) if "blocks" in content else None}
    if message in whispers:
        message.update({key: value for key, value in changes.items() if value is not None})
        slack.changed()
    else:
        slack.edit_message(channel, message, changes, by=BOT_USER, marked=False)
