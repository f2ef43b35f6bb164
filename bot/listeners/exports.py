"""All that is known of a red account, for whoever asks for it: from the card's menu or by command."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App
from sqlalchemy.orm import Session

from bot.listeners.press import once, pressed
from bot.messages import exports as messages
from bot.models import Person, RedAccount
from bot.services import Services
from bot.workflows import exports as workflow


def register(app: App) -> None:
    app.view(messages.FORM)(export)


def export_view(services: Services, session: Session, person: Person, red: RedAccount) -> dict[str, Any]:
    workflow.may_export(session, red, person, now=services.now(), policy=services.policy)
    return messages.form(red)


def export(ack: Ack, body: dict[str, Any], services: Services) -> None:
    red_account_id, form = messages.read(body["view"])
    now, policy = services.now(), services.policy
    with pressed(services, body) as (session, person):
        if once(session, body, services):
            red = session.get_one(RedAccount, red_account_id)
            workflow.send(session, red, form, body["view"]["id"], by=person, now=now, policy=policy)
    ack()
