"""What Slack says about its members: somebody joined, left, moved or changed their name."""

from __future__ import annotations

from typing import Any

from slack_bolt import App

from bot.integrations.slack import member
from bot.services import Services
from bot.workflows import people as workflow


def register(app: App) -> None:
    app.event("user_change")(changed)
    app.event("team_join")(changed)


def changed(event: dict[str, Any], services: Services) -> None:
    # The event's own team may be another company's: that of a person in a channel that we share.
    ours = services.slack.me().team_id
    with services.transaction() as session:
        workflow.take_members(session, [member(event["user"], ours)], now=services.now(), policy=services.policy)
