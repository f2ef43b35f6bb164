"""What people say in the threads of cards, and whether it is an update."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App

from bot.deliveries.threads import spoken
from bot.listeners.press import pressed, value_of
from bot.messages import replies as messages
from bot.services import Services
from bot.workflows import replies as workflow


def register(app: App) -> None:
    app.event("message")(said)
    app.action(messages.USE)(use)
    app.action(messages.REFUSE)(refuse)


def said(event: dict[str, Any], services: Services) -> None:
    """Every message of the channels that Touchpoint is in: most are no reply and end here."""
    reply = spoken(event, event["channel"])
    if reply:
        with services.transaction() as session:
            workflow.keep(session, reply, now=services.now(), policy=services.policy)


def changed(event: dict[str, Any], services: Services) -> None:
    """A reply was edited. Slack also says so of messages whose links it has unfurled, and of each edit of ours."""
    reply = spoken(event["message"], event["channel"])
    if reply:
        with services.transaction() as session:
            workflow.keep(session, reply, now=services.now(), policy=services.policy)


def deleted(event: dict[str, Any], services: Services) -> bool:
    """Whether what was deleted was a person's reply."""
    reply = spoken(event.get("previous_message", {}), event["channel"])
    if reply:
        with services.transaction() as session:
            workflow.delete(session, reply, now=services.now())
    return reply is not None


def use(ack: Ack, body: dict[str, Any], services: Services) -> None:
    with pressed(services, body) as (session, person):
        workflow.use(session, value_of(body), by=person, now=services.now(), policy=services.policy)
    ack()


def refuse(ack: Ack, body: dict[str, Any], services: Services) -> None:
    with pressed(services, body) as (session, person):
        workflow.refuse(session, value_of(body), by=person, now=services.now())
    ack()
