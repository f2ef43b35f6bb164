"""`/touchpoint`: when somebody is reminded, and why."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot.deliveries.links import permalink
from bot.errors import UserError
from bot.listeners.press import once, pressed, value_of
from bot.messages import answers
from bot.messages import touchpoint as messages
from bot.messages import touchpoint_settings as form
from bot.messages import touchpoint_why as why_messages
from bot.messages.blocks import plain, unescaped
from bot.messages.reminders import SETTINGS, WHY
from bot.models import Person, RedAccount, Reminder
from bot.queries import people
from bot.queries import reminders as queries
from bot.queries.digests import listed_in
from bot.reminders.choices import reached
from bot.reminders.reach import Reach
from bot.services import Services
from bot.workflows import digests
from bot.workflows import settings as settings_workflow
from bot.workflows import why as why_workflow

COMMAND = "/touchpoint"
LOOK_BACK = timedelta(days=14)
View = dict[str, Any]  # a modal
Answer = dict[str, Any]  # what an acknowledgement shows


def register(app: App) -> None:
    app.command(COMMAND)(ask)
    app.action(SETTINGS)(open_settings)
    app.view(form.FORM)(save_settings)
    app.action(WHY)(why_these)


def ask(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    typed = plain(unescaped(body.get("text", "")))
    word, _, rest = typed.partition(" ")
    answer = WORDS.get(word.casefold())
    if answer is None:
        is_help = word.casefold() in ("", "help")
        ack(messages.HELP if is_help else answers.unknown(COMMAND, typed, messages.HELP))
        return
    with services.transaction() as session:
        person = people.acting(session, body["user_id"])
        shown = answer(services, session, person, rest.strip())
    if shown.get("type") == "modal":
        client.views_open(trigger_id=body["trigger_id"], view=shown)
        ack()
    else:
        ack(**shown)


def open_settings(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    with pressed(services, body) as (session, person):
        view = settings_view(services, session, person)
    client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def save_settings(ack: Ack, body: dict[str, Any], services: Services) -> None:
    """What holds now takes the form's place: whoever chose it reads it there."""
    wanted, now, policy = form.read(body["view"]), services.now(), services.policy
    with pressed(services, body) as (session, person):
        if once(session, body, services):
            holds = settings_workflow.save(session, person, wanted, now=now, policy=policy)
        else:
            holds = reached(Reach(session, policy, now), person)
        view = messages.saved_view(holds, now, settings_workflow.left_alone(session, person, now))
    ack(response_action="update", view=view)


def why_these(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    """The button under a digest: why it came, and why each of its lines is in it."""
    with pressed(services, body) as (session, person):
        digest = queries.one(session, value_of(body))
        if digest is None or digest.recipient is None:
            raise UserError("This is not here any more. Nothing changed.")
        why_workflow.must_see(session, person, digest.recipient, now=services.now(), policy=services.policy)
        rows = [digest, *listed_in(session, digest.id)]
        view = _why_view(services, session, person, rows, len(rows), whose=digest.recipient.name)
    client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def settings_view(services: Services, session: Session, person: Person, _rest: str = "") -> View:
    now = services.now()
    return form.form(reached(Reach(session, services.policy, now), person), services.policy, now)


def today(services: Services, session: Session, person: Person, _rest: str = "") -> Answer:
    count = digests.ask(session, person, now=services.now())
    return {"text": messages.SENT.format(count=count) if count else messages.NOTHING_OPEN}


def why_view(services: Services, session: Session, person: Person, rest: str = "") -> View:
    """Of whom or what was typed; nothing typed means oneself."""
    now, policy = services.now(), services.policy
    about = why_workflow.meant(session, rest) if rest and rest.casefold() != "me" else person
    if isinstance(about, RedAccount):
        rows, count = queries.of_red_account(session, about, most=why_messages.MOST)
        is_open = any(not row.is_over for row in rows)
        intro = [f"{about.account.name}, red account {about.label}."]
        intro += [] if is_open else [why_workflow.nothing_open(about)]
        return _why_view(services, session, person, rows, count, whose=about.label, intro=intro)
    why_workflow.must_see(session, person, about, now=now, policy=policy)
    rows, count = queries.of_person(session, about, since=now - LOOK_BACK, most=why_messages.MOST)
    intro = messages.reached(reached(Reach(session, policy, now), about), now, by=person)
    if not rows:
        intro.append(why_messages.NOTHING)
    return _why_view(services, session, person, rows, count, whose=about.name, intro=intro)


def _why_view(
    services: Services,
    session: Session,
    reader: Person,
    rows: Collection[Reminder],
    count: int,
    *,
    whose: str,
    intro: Collection[str] = (),
) -> View:
    shown = list(rows)[: why_messages.MOST]
    listed = [(found, permalink(services, found.post)) for found in why_workflow.found(session, shown)]
    zone = reader.zone
    more = why_messages.more(count - len(shown), whose)
    return why_messages.view("Why", list(intro), listed, zone=zone, now=services.now(), more=more)


WORDS: dict[str, Callable[[Services, Session, Person, str], View | Answer]] = {
    "settings": settings_view,
    "today": today,
    "why": why_view,
}
