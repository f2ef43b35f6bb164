"""Signing in, reactions, and Slack's own validator."""

from __future__ import annotations

from typing import Any

from sandbox.slack.api import Arguments, method
from sandbox.slack.limits import CONNECTIONS_TIER, TIERS
from sandbox.slack.people import APP, BOT, BOT_USER, DOMAIN, TEAM
from sandbox.slack.refusals import Refused
from sandbox.slack.rules import Problem
from sandbox.slack.state import Slack
from sandbox.slack.validator import block_problems, view_problems


@method("api.test", token="")
def api_test(slack: Slack, arguments: Arguments) -> dict[str, Any]:
    sent = {key: value for key, value in arguments.values.items() if key != "token"}
    if "error" in arguments:
        raise Refused(arguments.text("error"), "The caller asked for it.", args=sent)
    return {"args": sent}


@method("auth.test")
def auth_test(slack: Slack, arguments: Arguments) -> dict[str, Any]:
    return {
        "url": f"{slack.world.base_url}/",
        "team": DOMAIN,
        "user": slack.users[BOT_USER].name,
        "team_id": TEAM,
        "user_id": BOT_USER,
        "bot_id": BOT,
        "app_id": APP,
        "is_enterprise_install": False,
    }


@method("apps.connections.open", per_minute=CONNECTIONS_TIER, token="app")
def open_connection(slack: Slack, arguments: Arguments) -> dict[str, Any]:
    """A websocket's address, good for one connection."""
    if not slack.manifest.socket_mode:
        raise Refused("socket_mode_not_enabled", "app.manifest.yml does not enable Socket Mode.")
    base = slack.world.base_url.replace("http", "ws", 1)
    return {"url": f"{base}/link/?ticket={slack.sockets.ticket()}&app_id={APP}"}


@method("reactions.add", "reactions:write", per_minute=TIERS[3])
def add_reaction(slack: Slack, arguments: Arguments) -> dict[str, Any]:
    channel = slack.find_channel(arguments.need("channel"))
    message = slack.find_message(channel, arguments.need("timestamp"))
    if not channel.has_bot:
        raise Refused("not_in_channel", f"The app is not in #{channel.name}.")
    if not slack.set_reaction(BOT_USER, channel.id, message["ts"], arguments.need("name").strip(":"), True):
        raise Refused("already_reacted", "The app has this reaction on the message already.")
    return {}


@method("reactions.get", "reactions:read", per_minute=TIERS[3])
def get_reactions(slack: Slack, arguments: Arguments) -> dict[str, Any]:
    channel = slack.find_channel(arguments.need("channel"))
    message = slack.find_message(channel, arguments.need("timestamp"))
    return {"type": "message", "channel": channel.id, "message": channel.with_thread(message, metadata=False)}


@method("blocks.validate", token="")
def validate(slack: Slack, arguments: Arguments) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/blocks.validate: exactly one of blocks, message or view."""
    given = [name for name in ("blocks", "message", "view") if name in arguments]
    if len(given) != 1:
        raise arguments.wrong("exactly one of blocks, message, view is required")
    payload = arguments.decoded(given[0], "invalid_json")
    code = {"blocks": "invalid_blocks", "message": "invalid_message", "view": "invalid_view"}[given[0]]
    if given[0] == "view":
        problems = view_problems(payload, "")
    elif given[0] == "blocks":
        problems = block_problems(payload, "")
    elif isinstance(payload, dict):
        problems = block_problems(payload.get("blocks", []))
    else:
        problems = [Problem("/", "invalid_type", "must provide an object")]
    if problems:
        why = "; ".join(f"{problem.message} at {problem.pointer}" for problem in problems)
        raise Refused(code, why, errors=[problem.as_json() for problem in problems])
    return {}
