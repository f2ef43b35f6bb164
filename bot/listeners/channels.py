"""What happens in channels: our messages are deleted, the channel is archived or shared, Touchpoint is let in again."""

from __future__ import annotations

from typing import Any

from slack_bolt import App

from bot.listeners import replies
from bot.services import Services
from bot.workflows import channels as workflow


def register(app: App) -> None:
    app.event({"type": "message", "subtype": "message_deleted"})(message_deleted)
    app.event({"type": "message", "subtype": "message_changed"})(message_changed)
    app.event("member_joined_channel")(joined)
    for kind in ("channel", "group"):  # a private channel is a group to Slack
        app.event(f"{kind}_archive")(archived)
        app.event(f"{kind}_unarchive")(unarchived)
    app.event("channel_shared")(shared)
    app.event("channel_unshared")(unshared)


def message_deleted(event: dict[str, Any], services: Services) -> None:
    if not replies.deleted(event, services):
        with services.transaction() as session:
            workflow.message_deleted(session, event["channel"], event["deleted_ts"], now=services.now())


def message_changed(event: dict[str, Any], services: Services) -> None:
    """A message with replies is not deleted but buried: Slack leaves a tombstone for its thread to hang on."""
    if event["message"].get("subtype") == "tombstone":
        with services.transaction() as session:
            workflow.message_deleted(session, event["channel"], event["message"]["ts"], now=services.now())
    else:
        replies.changed(event, services)


def joined(event: dict[str, Any], services: Services) -> None:
    if event["user"] == services.slack.me().user_id:
        _open_again(services, event["channel"])


def archived(event: dict[str, Any], services: Services) -> None:
    services.slack.forget_channel(event["channel"])


def unarchived(event: dict[str, Any], services: Services) -> None:
    _open_again(services, event["channel"])


def shared(event: dict[str, Any], services: Services) -> None:
    """From now on another company reads the channel: the next post finds out and stays away."""
    services.slack.forget_channel(event["channel"])


def unshared(event: dict[str, Any], services: Services) -> None:
    _open_again(services, event["channel"])


def _open_again(services: Services, channel: str) -> None:
    """What waited for the channel goes out."""
    services.slack.forget_channel(channel)
    with services.transaction() as session:
        workflow.usable_again(session, channel, now=services.now())
