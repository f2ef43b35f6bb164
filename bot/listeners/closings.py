"""What people do with a red account that is over."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.listeners.press import once, pressed, value_of
from bot.listeners.red_accounts import mark_again_view, retro_view
from bot.messages import closings as messages
from bot.models import RedAccount
from bot.services import Services
from bot.workflows import closings as workflow


def register(app: App) -> None:
    app.action(messages.RETRO)(open_retro)
    app.view(messages.RETRO_FORM)(add_retro)
    app.action(messages.STILL_GOOD)(still_good)
    app.action(messages.RED_AGAIN)(red_again)


def open_retro(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    with pressed(services, body) as (session, person):
        view = retro_view(services, session, person, session.get_one(RedAccount, value_of(body)))
    client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def add_retro(ack: Ack, body: dict[str, Any], services: Services) -> None:
    red_account_id, retro, why_none = messages.read_retro(body["view"])
    now, policy = services.now(), services.policy
    with pressed(services, body) as (session, person):
        if once(session, body, services):
            workflow.add_retro(session, red_account_id, retro, why_none, by=person, now=now, policy=policy)
    ack()


def still_good(ack: Ack, body: dict[str, Any], services: Services) -> None:
    with pressed(services, body) as (session, person):
        workflow.still_good(session, value_of(body), by=person, now=services.now(), policy=services.policy)
    ack()


def red_again(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    with pressed(services, body) as (session, person):
        red = workflow.red_again(session, value_of(body), by=person, now=services.now(), policy=services.policy)
        view = mark_again_view(services, session, person, red)
    client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()
