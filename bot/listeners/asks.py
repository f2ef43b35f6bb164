"""What people do to get help from another team, and what those who are asked answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from slack_bolt import Ack, App
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot.deliveries.links import permalink
from bot.errors import InvalidForm, UserError
from bot.listeners.press import once, pressed, value_of
from bot.messages import answers
from bot.messages import asks as messages
from bot.messages import asks_forms as forms
from bot.models import Ask, Person, RedAccount
from bot.queries import red_accounts as queries
from bot.queries.said import as_read
from bot.services import Services
from bot.workflows import asks, posts
from bot.workflows import asks_answers as workflow

MAKE = "ask.make"  # the shortcut on a message
NO_THREAD = (
    "This makes an ask of a message in the thread of a red account's card. Say what you need there,"
    " or press Ask for help on the card."
)
View = dict[str, Any]


def register(app: App) -> None:
    app.action(messages.ASK)(open_form)
    app.shortcut(MAKE)(make)
    app.view(forms.FORM)(submit)
    app.action(messages.TAKE)(take)
    app.action(messages.DELIVER)(deliver)
    app.action(messages.CANNOT)(open_cannot)
    app.action(messages.COMPLETE)(open_edit)
    app.action(messages.HAND)(open_hand)
    app.action(messages.MENU)(choose)
    app.view(forms.EDIT_FORM)(edit)
    app.view(forms.CANNOT_FORM)(cannot)
    app.view(forms.DATE_FORM)(other_date)
    app.view(forms.HAND_FORM)(hand)
    app.view(forms.WITHDRAW_FORM)(withdraw)


def open_form(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    with pressed(services, body) as (session, person):
        red = session.get_one(RedAccount, value_of(body))
        workflow.may_ask(session, red, person, now=services.now(), policy=services.policy)
        view = forms.form(red, services.policy)
    client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def make(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    """The shortcut on a message in a card's thread: the form, with what the message says."""
    message, place = body["message"], f"{body['channel']['id']} {body['message']['ts']}"
    text = "" if message.get("bot_id") else message.get("text", "")
    with pressed(services, body) as (session, person):
        red = queries.of_thread(session, body["channel"]["id"], message.get("thread_ts") or message["ts"])
        if red is None:
            raise UserError(NO_THREAD)
        workflow.may_ask(session, red, person, now=services.now(), policy=services.policy)
        made = asks.made_of(red, place)
        if made:
            post = posts.find(session, queries.NOUN, red.id, f"{asks.IN_THREAD}{made.id}")
            view = answers.made_already(made.by, "an ask", made.what, red, permalink(services, post))
        else:
            what, why = forms.prefill(as_read(session, text))
            view = forms.form(red, services.policy, what=what, why=why, made_of=place)
    client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def submit(ack: Ack, body: dict[str, Any], services: Services) -> None:
    with _filled_in(services, body) as (session, given, today):
        red_account_id, wish = forms.read(body["view"], today)
        if once(session, body, services):
            workflow.ask(session, red_account_id, wish, **given)
    ack()


def take(ack: Ack, body: dict[str, Any], services: Services) -> None:
    with pressed(services, body) as (session, person):
        workflow.take(session, value_of(body), by=person, now=services.now(), policy=services.policy)
    ack()


def deliver(ack: Ack, body: dict[str, Any], services: Services) -> None:
    with pressed(services, body) as (session, person):
        workflow.deliver(session, value_of(body), by=person, now=services.now(), policy=services.policy)
    ack()


def open_cannot(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    _open(ack, body, client, services, messages.CANT, value_of(body))


def open_edit(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    _open(ack, body, client, services, messages.EDIT, value_of(body))


def open_hand(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    _open(ack, body, client, services, messages.WHOM, value_of(body))


def choose(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    """An entry of the ⋯ menu under an ask."""
    what, _, ask_id = body["actions"][0]["selected_option"]["value"].partition(":")
    if what != messages.UNDO:
        _open(ack, body, client, services, what, int(ask_id))
        return
    with pressed(services, body) as (session, person):
        workflow.undo(session, int(ask_id), by=person, now=services.now(), policy=services.policy)
    ack()


def edit(ack: Ack, body: dict[str, Any], services: Services) -> None:
    with _filled_in(services, body) as (session, given, today):
        before = session.get_one(Ask, int(body["view"]["private_metadata"]))
        ask_id, wish = forms.read(body["view"], today, was=before.needed_on)
        if once(session, body, services):
            workflow.edit(session, ask_id, wish, **given)
    ack()


def cannot(ack: Ack, body: dict[str, Any], services: Services) -> None:
    with _filled_in(services, body) as (session, given, _):
        ask_id, why = forms.read_cannot(body["view"])
        if once(session, body, services):
            workflow.decline(session, ask_id, why, **given)
    ack()


def other_date(ack: Ack, body: dict[str, Any], services: Services) -> None:
    with _filled_in(services, body) as (session, given, today):
        ask_id, day = forms.read_date(body["view"], today)
        if once(session, body, services):
            workflow.move(session, ask_id, day, **given)
    ack()


def hand(ack: Ack, body: dict[str, Any], services: Services) -> None:
    with _filled_in(services, body) as (session, given, _):
        ask_id, whom = forms.read_hand(body["view"])
        if once(session, body, services):
            workflow.hand(session, ask_id, whom, **given)
    ack()


def withdraw(ack: Ack, body: dict[str, Any], services: Services) -> None:
    with _filled_in(services, body) as (session, given, _):
        ask_id, why = forms.read_withdraw(body["view"])
        if once(session, body, services):
            workflow.withdraw(session, ask_id, why, **given)
    ack()


@contextmanager
def _filled_in(services: Services, body: dict[str, Any]) -> Iterator[tuple[Session, dict[str, Any], date]]:
    """What a workflow is given of whoever hands a form in, and their today. A person who gets nothing is a mistake."""
    now = services.now()
    with pressed(services, body) as (session, person):
        try:
            given = {"by": person, "now": now, "policy": services.policy}
            yield session, given, now.astimezone(ZoneInfo(person.zone)).date()
        except asks.NobodyToAsk as error:
            raise InvalidForm({forms.WHOM: str(error)}) from error


def _open(ack: Ack, body: dict[str, Any], client: WebClient, services: Services, what: str, ask_id: int) -> None:
    with pressed(services, body) as (session, person):
        view = VIEWS[what](services, session, person, ask_id)
    client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def _cannot_view(services: Services, session: Session, person: Person, ask_id: int) -> View:
    ask, red = workflow.lock(session, ask_id, services.policy)
    workflow.may_decline(session, ask, red, person, now=services.now(), policy=services.policy)
    return forms.cannot_form(ask)


def _hand_view(services: Services, session: Session, person: Person, ask_id: int) -> View:
    ask, red = workflow.lock(session, ask_id, services.policy)
    workflow.may_hand(session, ask, red, person, now=services.now(), policy=services.policy)
    return forms.hand_form(ask)


def _date_view(services: Services, session: Session, person: Person, ask_id: int) -> View:
    return forms.date_form(_to_change(services, session, person, ask_id, "change its date")[0])


def _edit_view(services: Services, session: Session, person: Person, ask_id: int) -> View:
    ask, red = _to_change(services, session, person, ask_id, "change this")
    return forms.edit_form(ask, red, services.policy)


def _withdraw_view(services: Services, session: Session, person: Person, ask_id: int) -> View:
    return forms.withdraw_form(_to_change(services, session, person, ask_id, "withdraw this")[0])


def _to_change(services: Services, session: Session, person: Person, ask_id: int, to_do: str) -> tuple[Ask, RedAccount]:
    ask, red = workflow.lock(session, ask_id, services.policy)
    workflow.may_change(session, ask, red, person, to_do, now=services.now(), policy=services.policy)
    return ask, red


VIEWS: dict[str, Callable[[Services, Session, Person, int], View]] = {
    messages.CANT: _cannot_view,
    messages.WHOM: _hand_view,
    messages.DATE: _date_view,
    messages.EDIT: _edit_view,
    messages.WITHDRAW: _withdraw_view,
}
