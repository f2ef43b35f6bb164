"""What people answer where figures say that an account may be red."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.listeners.press import once, pressed, value_of
from bot.messages import red_accounts_forms
from bot.messages import suggestions as messages
from bot.services import Services
from bot.workflows import suggestions as workflow


def register(app: App) -> None:
    app.action(messages.MARK)(open_mark)
    app.action(messages.NOT_RED)(open_decline)
    app.view(messages.DECLINE_FORM)(decline)


def open_mark(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    """The form that marks an account red, begun with what the figures say."""
    with pressed(services, body) as (session, person):
        one = workflow.lock(session, value_of(body))
        workflow.may_answer(session, one, person, now=services.now(), policy=services.policy)
        words = workflow.words(one, services.policy)
        view = red_accounts_forms.mark_form(one.account, services.policy, words=words)
    client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def open_decline(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    with pressed(services, body) as (session, person):
        one = workflow.lock(session, value_of(body))
        workflow.may_answer(session, one, person, now=services.now(), policy=services.policy)
        view = messages.decline_form(one)
    client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def decline(ack: Ack, body: dict[str, Any], services: Services) -> None:
    suggestion_id, why = messages.read_decline(body["view"])
    with pressed(services, body) as (session, person):
        if once(session, body, services):
            workflow.decline(session, suggestion_id, why, by=person, now=services.now(), policy=services.policy)
    ack()
