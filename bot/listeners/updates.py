"""What people do to say how a red account goes, and how it is to go on."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.listeners import plans, reminders
from bot.listeners.press import once, pressed, value_of
from bot.messages import still_red as questions
from bot.messages import updates as messages
from bot.messages import updates_forms as forms
from bot.models import RedAccount, Reminder, Update
from bot.queries import updates as queries
from bot.reminders import wall
from bot.services import Services
from bot.workflows import still_red
from bot.workflows import updates as workflow


def register(app: App) -> None:
    app.action(messages.POST)(open_form)
    app.view(forms.FORM)(submit)
    app.action(messages.MENU)(choose)
    app.view(forms.EDIT_FORM)(edit)
    app.action(questions.GO_ON)(go_on)
    app.action(questions.CHANGE_PLAN)(change_plan)
    app.action(questions.LATER)(other_answer)


def open_form(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    now, policy = services.now(), services.policy
    with pressed(services, body) as (session, person):
        red = session.get_one(RedAccount, value_of(body))
        workflow.may_post(session, red, person, now=now, policy=policy)
        view = forms.form(red, queries.newest(session, red.id), wall.wall(now, person.zone).date())
    client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def submit(ack: Ack, body: dict[str, Any], services: Services) -> None:
    now, policy = services.now(), services.policy
    with pressed(services, body) as (session, person):
        red_account_id, said = forms.read(body["view"], wall.wall(now, person.zone).date())
        if once(session, body, services):
            workflow.post(session, red_account_id, said, by=person, now=now, policy=policy)
    ack()


def choose(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    """An entry of the ⋯ menu of an update."""
    what, _, update_id = body["actions"][0]["selected_option"]["value"].partition(":")
    now, policy = services.now(), services.policy
    view = None
    with pressed(services, body) as (session, person):
        if what == messages.UNDO:
            workflow.take_back(session, int(update_id), by=person, now=now, policy=policy)
        else:
            update = session.get_one(Update, int(update_id))
            workflow.may_change(session, session.get_one(RedAccount, update.red_account_id), update, person, policy)
            view = forms.edit_form(update)
    if view:
        client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def edit(ack: Ack, body: dict[str, Any], services: Services) -> None:
    now, policy = services.now(), services.policy
    with pressed(services, body) as (session, person):
        update = session.get_one(Update, int(body["view"]["private_metadata"]))
        # A date that stood there before may be over by now.
        today = min(update.next_on or now.date(), wall.wall(now, person.zone).date())
        update_id, said = forms.read(body["view"], today)
        if once(session, body, services):
            workflow.edit(session, update_id, said, by=person, now=now, policy=policy)
    ack()


def go_on(ack: Ack, body: dict[str, Any], services: Services) -> None:
    with pressed(services, body) as (session, person):
        still_red.go_on(session, value_of(body), by=person, now=services.now(), policy=services.policy)
    ack()


def change_plan(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    """The click decides; closing the form that it opens loses nothing of that."""
    with pressed(services, body) as (session, person):
        still_red.change_plan(session, value_of(body), by=person, now=services.now(), policy=services.policy)
    plans.open_form(ack, body, client, services)


def other_answer(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    """An entry of the ⋯ menu under the question."""
    what, _, reminder_id = body["actions"][0]["selected_option"]["value"].partition(":")
    if what != questions.ESCALATE:
        reminders.choose(ack, body, client, services)
        return
    with pressed(services, body) as (session, person):
        row = session.get_one(Reminder, int(reminder_id))
        still_red.escalate(session, row.subject_id, None, by=person, now=services.now(), policy=services.policy)
    ack()
