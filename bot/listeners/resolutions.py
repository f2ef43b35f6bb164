"""What people do to end a red account, or to keep it open."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.listeners.press import once, pressed, value_of
from bot.listeners.red_accounts import resolve_view
from bot.messages import red_accounts as red_messages
from bot.messages import resolutions as messages
from bot.messages import resolutions_forms as forms
from bot.messages.red_accounts_forms import read_decline
from bot.models import RedAccount, Resolution
from bot.services import Services
from bot.workflows import resolutions as workflow


def register(app: App) -> None:
    app.action(red_messages.RESOLVE)(open_resolve)
    app.view(forms.RESOLVE)(resolve)
    app.action(red_messages.STILL_RED)(still_red)
    app.action(messages.AGREE)(agree)
    app.action(messages.DECLINE)(open_decline)
    app.view(forms.DECLINE_RESOLUTION)(decline)
    app.action(messages.WITHDRAW)(withdraw)


def open_resolve(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    with pressed(services, body) as (session, person):
        view = resolve_view(services, session, person, session.get_one(RedAccount, value_of(body)))
    client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def resolve(ack: Ack, body: dict[str, Any], services: Services) -> None:
    red_account_id, ending = forms.read_resolve(body["view"])
    with pressed(services, body) as (session, person):
        if once(session, body, services):
            workflow.resolve(session, red_account_id, **ending, by=person, now=services.now(), policy=services.policy)
    ack()


def still_red(ack: Ack, body: dict[str, Any], services: Services) -> None:
    with pressed(services, body) as (session, person):
        workflow.still_red(session, value_of(body), by=person, now=services.now(), policy=services.policy)
    ack()


def agree(ack: Ack, body: dict[str, Any], services: Services) -> None:
    with pressed(services, body) as (session, person):
        workflow.agree(session, value_of(body), by=person, now=services.now(), policy=services.policy)
    ack()


def open_decline(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    with pressed(services, body) as (session, person):
        wish = session.get_one(Resolution, value_of(body))
        workflow.may_answer(session, wish, person, now=services.now(), policy=services.policy)
        view = forms.decline_resolution_form(wish)
    client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def decline(ack: Ack, body: dict[str, Any], services: Services) -> None:
    resolution_id, why = read_decline(body["view"])
    with pressed(services, body) as (session, person):
        if once(session, body, services):
            workflow.decline(session, resolution_id, why, by=person, now=services.now(), policy=services.policy)
    ack()


def withdraw(ack: Ack, body: dict[str, Any], services: Services) -> None:
    with pressed(services, body) as (session, person):
        workflow.withdraw(session, value_of(body), by=person, now=services.now(), policy=services.policy)
    ack()
