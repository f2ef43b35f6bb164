"""views.*: modals and the Home tab. https://docs.slack.dev/reference/methods?family=views"""

from __future__ import annotations

from typing import Any

from sandbox.slack.api import Arguments, method
from sandbox.slack.limits import TIERS
from sandbox.slack.refusals import Refused
from sandbox.slack.state import Slack
from sandbox.slack.surfaces import Trigger, View
from sandbox.slack.validator import check_view


def _view(arguments: Arguments, kind: str) -> dict[str, Any]:
    if "view" not in arguments:
        raise arguments.wrong("missing required field: view")
    return check_view(arguments.decoded("view", "invalid_arguments"), kind=kind)


def _exchange(slack: Slack, arguments: Arguments) -> Trigger:
    trigger_id = arguments.need("trigger_id")
    return slack.triggers.exchange(trigger_id, slack.world.clock.seconds(), slack.trigger_seconds)


def _answer(slack: Slack, view: View) -> dict[str, Any]:
    slack.changed()
    return {"view": view.as_json()}


@method("views.open", per_minute=TIERS[4])
def open_view(slack: Slack, arguments: Arguments) -> dict[str, Any]:
    body = _view(arguments, "modal")
    trigger = _exchange(slack, arguments)
    return _answer(slack, slack.surfaces.open(trigger.user, body, slack.new_hash()))


@method("views.push", per_minute=TIERS[4])
def push(slack: Slack, arguments: Arguments) -> dict[str, Any]:
    """Put a view on top of the modal that the trigger came from."""
    body = _view(arguments, "modal")
    trigger = _exchange(slack, arguments)
    if trigger.view not in [view.id for view in slack.surfaces.stack(trigger.user)]:
        raise Refused("not_found", "views.push needs a trigger_id that came from a modal which is still open.")
    return _answer(slack, slack.surfaces.push(trigger.user, body, slack.new_hash()))


@method("views.update", per_minute=TIERS[4])
def update(slack: Slack, arguments: Arguments) -> dict[str, Any]:
    """Change an open view, if its hash is still the one that the app knew."""
    body = _view(arguments, "")
    if "view_id" not in arguments and "external_id" not in arguments:
        raise arguments.wrong("missing required field: view_id or external_id")
    view = slack.surfaces.find(view_id=arguments.text("view_id"), external_id=arguments.text("external_id"))
    if body["type"] != view.body["type"]:
        raise arguments.wrong("a view keeps its type")
    _check_hash(arguments, view)
    slack.surfaces.check_external_id(body, view=view)
    view.fill(body, slack.new_hash())
    return _answer(slack, view)


@method("views.publish", per_minute=TIERS[4])
def publish(slack: Slack, arguments: Arguments) -> dict[str, Any]:
    """Show a Home tab to one person."""
    if not slack.manifest.home_tab:
        raise Refused("not_enabled", "app.manifest.yml does not enable the Home tab.")
    user = slack.find_user(arguments.need("user_id"))
    body = _view(arguments, "home")
    view = slack.surfaces.homes.get(user.id)
    if view:
        _check_hash(arguments, view)
    view = view or View(user.id, {}, "")
    slack.surfaces.check_external_id(body, view=view)
    view.fill(body, slack.new_hash())
    slack.surfaces.homes[user.id] = view
    return _answer(slack, view)


def _check_hash(arguments: Arguments, view: View) -> None:
    if "hash" in arguments and arguments.text("hash") != view.hash:
        raise Refused("hash_conflict", "The view has changed since the app saw this hash.")
