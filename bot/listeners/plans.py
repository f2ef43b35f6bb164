"""What people do with a red account's plan: edit it, and agree to it."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot.errors import InvalidForm, UserError
from bot.listeners.press import once, pressed, value_of
from bot.messages import answers
from bot.messages import plans as messages
from bot.messages import plans_forms as forms
from bot.messages.forms import fits_an_ack
from bot.models import Person, RedAccount, Status
from bot.models.red_accounts import Words
from bot.queries import red_accounts as queries
from bot.services import Services
from bot.workflows import agreements, plans, red_accounts, rights


def register(app: App) -> None:
    app.action(messages.EDIT)(open_form)
    app.view(forms.PLAN)(submit)
    app.action(messages.AGREE)(agree)
    app.action(messages.TAKE_BACK)(take_back)


def open_form(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    with pressed(services, body) as (session, person):
        view = plan_view(services, session, person, session.get_one(RedAccount, value_of(body)))
    client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def plan_view(services: Services, session: Session, person: Person, red: RedAccount) -> dict[str, Any]:
    """The form, for somebody who may write it. Raises who can, or that it is over."""
    if red.status != Status.OPEN:
        raise UserError(f"{red_accounts.already(red, services.policy)} There is no plan to edit.")
    rights.must_write(session, person, red, "edit this plan", now=services.now(), policy=services.policy)
    return forms.plan_form(red, services.policy, seen=queries.newest_history_id(session, red.id))


def submit(ack: Ack, body: dict[str, Any], services: Services) -> None:
    red_account_id, words, seen = forms.read_plan(body["view"])
    try:
        with pressed(services, body) as (session, person):
            if once(session, body, services):
                red_accounts.fill_in(
                    session, red_account_id, words, seen=seen, by=person, now=services.now(), policy=services.policy
                )
    except plans.UnknownSponsor as unknown:
        raise InvalidForm({forms.SPONSOR: str(unknown)}) from unknown
    except red_accounts.ChangedMeanwhile as meanwhile:
        _show_both(ack, services, meanwhile.red_account_id, words)
        return
    ack()


def agree(ack: Ack, body: dict[str, Any], services: Services) -> None:
    with pressed(services, body) as (session, person):
        agreements.agree(session, value_of(body), by=person, now=services.now(), policy=services.policy)
    ack()


def take_back(ack: Ack, body: dict[str, Any], services: Services) -> None:
    with pressed(services, body) as (session, person):
        agreements.take_back(session, value_of(body), by=person, now=services.now(), policy=services.policy)
    ack()


def undo_agreement(services: Services, session: Session, person: Person, red: RedAccount) -> None:
    agreements.take_back(session, red.id, by=person, now=services.now(), policy=services.policy)


def _show_both(ack: Ack, services: Services, red_account_id: int, words: Words) -> None:
    """Somebody was faster: both texts, to be put in order; laid over the form where they are too long for an answer."""
    with services.transaction() as session:
        red = session.get_one(RedAccount, red_account_id)
        seen = queries.newest_history_id(session, red.id)
        intro = f"{answers.CHANGED_MEANWHILE} Both texts are here; put them in order."
        view = forms.plan_form(red, services.policy, seen=seen, intro=intro, added=words)
        if fits_an_ack(view):
            ack(response_action="update", view=view)
        else:
            small = answers.still_underneath("Changed meanwhile", answers.CHANGED_MEANWHILE, red, None)
            ack(response_action="push", view=small)
