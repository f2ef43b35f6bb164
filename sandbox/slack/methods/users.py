"""users.* and usergroups.*: who there is. https://docs.slack.dev/reference/methods?family=users"""

from __future__ import annotations

from typing import Any

from sandbox.slack.api import Arguments, method
from sandbox.slack.limits import TIERS
from sandbox.slack.methods.conversations import page
from sandbox.slack.refusals import Refused
from sandbox.slack.state import Slack


@method("users.list", "users:read", per_minute=TIERS[2])
def list_users(slack: Slack, arguments: Arguments) -> dict[str, Any]:
    """Everybody, also the deactivated, the bots (Slackbot says it is none) and people of other companies."""
    everybody = [slack.user_json(user) for user in slack.users.values()]
    found, more = page(everybody, arguments, usual=1000, most=1000)
    return {"members": found, "cache_ts": int(slack.world.clock.seconds()), "response_metadata": more}


@method("users.info", "users:read", per_minute=TIERS[4])
def info(slack: Slack, arguments: Arguments) -> dict[str, Any]:
    return {"user": slack.user_json(slack.find_user(arguments.need("user")))}


@method("users.lookupByEmail", "users:read.email", per_minute=TIERS[3])
def lookup_by_email(slack: Slack, arguments: Arguments) -> dict[str, Any]:
    email = arguments.need("email").casefold()
    for user in slack.users.values():
        if user.email.casefold() == email and not user.deleted and user.kind != "bot":
            return {"user": slack.user_json(user)}
    raise Refused("users_not_found", "Nobody has this email address.")


@method("usergroups.list", "usergroups:read", per_minute=TIERS[2])
def list_groups(slack: Slack, arguments: Arguments) -> dict[str, Any]:
    return {"usergroups": []}
