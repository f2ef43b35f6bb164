"""What people do to get help from another team."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.listeners.press import once, pressed, value_of
from bot.messages import asks as messages
from bot.models import RedAccount
from bot.services import Services
from bot.workflows import asks as workflow


def register(app: App) -> None:
    app.action(messages.ASK)(open_form)
    app.view(messages.FORM)(submit)


def open_form(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    with pressed(services, body) as (session, person):
        red = session.get_one(RedAccount, value_of(body))
        workflow.may_ask(session, red, person, now=services.now(), policy=services.policy)
        view = messages.form(red)
    client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def submit(ack: Ack, body: dict[str, Any], services: Services) -> None:
    now = services.now()
    red_account_id, wish = messages.read(body["view"], now.date())
    with pressed(services, body) as (session, person):
        if once(session, body, services):
            workflow.ask(
                session,
                red_account_id,
                what=wish.what,
                of=wish.of,
                needed_on=wish.needed_on,
                why=wish.why,
                by=person,
                now=now,
                policy=services.policy,
            )
    ack()
