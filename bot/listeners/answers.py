"""What people do with an answer that they got: ask whoever may do what they may not."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.errors import UserError
from bot.listeners.errors import TITLE
from bot.listeners.press import pressed
from bot.messages import answers
from bot.models import Person, RedAccount
from bot.services import Services
from bot.workflows import notices


def register(app: App) -> None:
    app.action(answers.ASK_THEM)(ask_them)


def ask_them(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    red_account_id, person_id, to_do = answers.read_ask(body["actions"][0]["value"])
    with pressed(services, body) as (session, person):
        red, whom = session.get_one(RedAccount, red_account_id), session.get_one(Person, person_id)
        if not red.is_under_way:
            raise UserError(f"{red.label} is over by now. Nothing is needed any more.")
        if not whom.can_be_asked:
            raise UserError(f"{whom.name} cannot be reached in Slack. Talk to them.")
        is_first = notices.ask_them(session, whom, red, to_do, by=person, now=services.now())
    said = f"I asked {whom.name}." if is_first else f"I asked {whom.name} for you today already."
    client.views_update(view_id=body["view"]["id"], view=answers.sentence_view(TITLE, said))
    ack()
