"""What people do with reminders in Slack."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot.deliveries import reminders as drawing
from bot.errors import InvalidForm, UserError
from bot.listeners.press import once, pressed, value_of
from bot.messages import reminders as messages
from bot.messages import reminders_forms as forms
from bot.messages.blocks import unescaped
from bot.messages.reminders_forms import Later
from bot.models import Person, Reminder, Resolution
from bot.models.reminders import TOLD
from bot.queries import digests as queries
from bot.reminders import wall
from bot.reminders.kinds import ASK_UNANSWERED, PROPOSAL, RESOLUTION, STILL_RED, SUGGESTION
from bot.reminders.reach import Reach
from bot.services import Services
from bot.workflows import asks_answers, red_accounts, red_accounts_proposals, resolutions, still_red, suggestions
from bot.workflows import reminders_answers as workflow


def register(app: App) -> None:
    app.action(messages.LATER)(choose)
    app.action(messages.DIGEST_LATER)(open_later)
    app.view(forms.LATER_FORM)(later)
    app.view(forms.SKIP_FORM)(skip)
    app.action(forms.ANSWER)(open_answer)
    app.view(forms.ANSWER_FORM)(answer)


def choose(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    """An entry of the ⋯ menu under a reminder."""
    what, _, reminder_id = body["actions"][0]["selected_option"]["value"].partition(":")
    with pressed(services, body) as (session, person):
        row = workflow.lock(session, int(reminder_id), by=person, now=services.now(), policy=services.policy)
        view = None
        if what == messages.OTHER:
            view = _later_form(services, session, person, [row], what=what)
        elif what == messages.SKIP:
            view = forms.skip_form(row, _line(services, session, person, row))
        else:
            _do(services, session, person, Later(row.id, what))
    if view:
        client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def open_later(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    """The button under a digest: another time or person for one of its lines."""
    with pressed(services, body) as (session, person):
        rows = [row for row in queries.listed_in(session, value_of(body)) if row.state in TOLD]
        if not rows:
            raise UserError("Everything in this digest is done or moved. Nothing is left to change.")
        view = _later_form(services, session, person, rows)
    client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def later(ack: Ack, body: dict[str, Any], services: Services) -> None:
    _save(ack, body, services, forms.read_later(body["view"]))


def skip(ack: Ack, body: dict[str, Any], services: Services) -> None:
    _save(ack, body, services, forms.read_skip(body["view"]))


def open_answer(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    with pressed(services, body) as (session, person):
        row = session.get_one(Reminder, value_of(body))
        QUESTIONS[row.kind].may_answer(services, session, person, row)
        view = drawing.answer_form(services, session, row)
    client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def answer(ack: Ack, body: dict[str, Any], services: Services) -> None:
    reminder_id, is_yes, why = forms.read_answer(body["view"])
    now, policy = services.now(), services.policy
    with pressed(services, body) as (session, person):
        row = session.get_one(Reminder, reminder_id)
        if once(session, body, services):
            question = QUESTIONS[row.kind]
            if is_yes:
                question.yes(session, row.subject_id, by=person, now=now, policy=policy)
            else:
                question.no(session, row.subject_id, why, by=person, now=now, policy=policy)
    ack()


def _may_answer_proposal(services: Services, session: Session, person: Person, row: Reminder) -> None:
    red = red_accounts.lock(session, row.subject_id)
    red_accounts_proposals.may_answer(session, red, person, now=services.now(), policy=services.policy)


def _may_answer_wish(services: Services, session: Session, person: Person, row: Reminder) -> None:
    wish = session.get_one(Resolution, row.subject_id)
    resolutions.may_answer(session, wish, person, now=services.now(), policy=services.policy)


def _may_answer_suggestion(services: Services, session: Session, person: Person, row: Reminder) -> None:
    one = suggestions.lock(session, row.subject_id)
    suggestions.may_answer(session, one, person, now=services.now(), policy=services.policy)


def _may_answer_ask(services: Services, session: Session, person: Person, row: Reminder) -> None:
    ask, red = asks_answers.lock(session, row.subject_id, services.policy)
    asks_answers.may_decline(session, ask, red, person, now=services.now(), policy=services.policy)


def _may_decide(services: Services, session: Session, person: Person, row: Reminder) -> None:
    red = red_accounts.lock(session, row.subject_id)
    still_red.may_decide(session, red, person, now=services.now(), policy=services.policy)


def _save(ack: Ack, body: dict[str, Any], services: Services, wanted: Later) -> None:
    with pressed(services, body) as (session, person):
        if once(session, body, services):
            try:
                _do(services, session, person, wanted)
            except UserError as error:
                field = {messages.OTHER: forms.DAY, forms.HAND: forms.WHOM}.get(wanted.what)
                if field is None:
                    raise
                raise InvalidForm({field: str(error)}) from error
    ack()


def _do(services: Services, session: Session, person: Person, wanted: Later) -> None:
    given: dict[str, Any] = {"by": person, "now": services.now(), "policy": services.policy}
    if wanted.day is not None:
        workflow.on_day(session, wanted.reminder_id, wanted.day, **given)
    elif wanted.whom is not None:
        workflow.hand_to(session, wanted.reminder_id, wanted.whom, **given)
    elif wanted.what == messages.SKIP:
        workflow.skip(session, wanted.reminder_id, wanted.why or "", **given)
    else:
        AT_ONCE[wanted.what](session, wanted.reminder_id, **given)


def _later_form(
    services: Services, session: Session, person: Person, rows: list[Reminder], what: str = messages.TOMORROW
) -> dict[str, Any]:
    items = [(row.id, unescaped(_line(services, session, person, row).replace("*", ""))) for row in rows]
    morning = Reach(session, services.policy, services.now()).hours(person).from_time
    return forms.later_form(items, morning=messages.clock(morning), what=what)


def _line(services: Services, session: Session, person: Person, row: Reminder) -> str:
    today: date = wall.wall(services.now(), Reach(session, services.policy, services.now()).hours(person).zone).date()
    return drawing.line(services, session, row, today).text


AT_ONCE: dict[str, Callable[..., Reminder]] = {
    messages.HOUR: workflow.in_an_hour,
    messages.TOMORROW: workflow.tomorrow,
    messages.MONDAY: workflow.monday,
}


@dataclass(frozen=True)
class Question:
    """What answers a kind of reminder that is a question."""

    may_answer: Callable[[Services, Session, Person, Reminder], None]
    yes: Callable[..., object]
    no: Callable[..., object]


QUESTIONS: dict[str, Question] = {
    PROPOSAL: Question(_may_answer_proposal, red_accounts_proposals.confirm, red_accounts_proposals.decline),
    RESOLUTION: Question(_may_answer_wish, resolutions.agree, resolutions.decline),
    SUGGESTION: Question(_may_answer_suggestion, red_accounts_proposals.mark_suggested, suggestions.decline),
    ASK_UNANSWERED: Question(_may_answer_ask, asks_answers.take, asks_answers.decline),
    STILL_RED: Question(_may_decide, still_red.go_on, still_red.escalate),
}
