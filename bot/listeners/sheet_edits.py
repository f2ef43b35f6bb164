"""What people answer in Slack about the sheet."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.deliveries.views import red_view
from bot.listeners.press import once, pressed, value_of
from bot.messages import sheet_edits as messages
from bot.services import Services
from bot.workflows import sheet_conflicts, sheet_rows
from bot.workflows import sheet_edits as workflow


def register(app: App) -> None:
    app.action(messages.KEEP)(keep)
    app.action(messages.USE_MINE)(use_mine)
    app.action(messages.OPEN)(open_form)
    app.view(messages.FORM)(submit)
    app.action(messages.ADD_ROW)(add_row)


def keep(ack: Ack, body: dict[str, Any], services: Services) -> None:
    _answer(body, services, keep_sheet=True)
    ack()


def use_mine(ack: Ack, body: dict[str, Any], services: Services) -> None:
    _answer(body, services, keep_sheet=False)
    ack()


def _answer(body: dict[str, Any], services: Services, *, keep_sheet: bool) -> None:
    now, policy = services.now(), services.policy
    with pressed(services, body) as (session, person):
        workflow.answer(session, value_of(body), keep_sheet=keep_sheet, by=person, now=now, policy=policy)


def open_form(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    now, policy = services.now(), services.policy
    with pressed(services, body) as (session, person):
        conflict, red = sheet_conflicts.lock(session, value_of(body))
        sheet_conflicts.may_answer(session, conflict, red, person, now=now, policy=policy)
        view = messages.conflict_form(red_view(services, session, red.id), conflict)
    client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def submit(ack: Ack, body: dict[str, Any], services: Services) -> None:
    conflict_id, keep_sheet = messages.read_conflict(body["view"])
    now, policy = services.now(), services.policy
    with pressed(services, body) as (session, person):
        if once(session, body, services):
            workflow.answer(session, conflict_id, keep_sheet=keep_sheet, by=person, now=now, policy=policy)
    ack()


def add_row(ack: Ack, body: dict[str, Any], services: Services) -> None:
    with pressed(services, body) as (session, person):
        sheet_rows.add_again(session, value_of(body), by=person, now=services.now(), policy=services.policy)
    ack()
