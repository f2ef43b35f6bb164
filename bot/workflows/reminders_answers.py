"""What a person does with a reminder instead of what it asks for: later, to somebody else, or not at all."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from bot.errors import InvalidTransition, UserError
from bot.models import Person, Place, Reminder, ReminderState
from bot.policy import Policy
from bot.queries import people
from bot.queries.preferences import is_for
from bot.reminders import business_days, ledger, wall
from bot.reminders.hours import Hours
from bot.reminders.ledger import words
from bot.reminders.reach import Reach
from bot.workflows import history, posts, red_accounts_reminders

MONDAY = 0
_DAY = timedelta(days=1)
_FURTHEST = timedelta(days=366)


def in_an_hour(session: Session, reminder_id: int, *, by: Person, now: datetime, policy: Policy) -> Reminder:
    row = lock(session, reminder_id, by=by, now=now, policy=policy)
    zone = Reach(session, policy, now).hours(by).zone
    return _snooze(session, row, now + timedelta(hours=1), zone, by=by, now=now, keeps_wall=False)


def tomorrow(session: Session, reminder_id: int, *, by: Person, now: datetime, policy: Policy) -> Reminder:
    """The next morning on which they work."""
    row = lock(session, reminder_id, by=by, now=now, policy=policy)
    hours = Reach(session, policy, now).hours(by)
    return _snooze(session, row, _morning(_today(now, hours) + _DAY, hours), hours.zone, by=by, now=now)


def monday(session: Session, reminder_id: int, *, by: Person, now: datetime, policy: Policy) -> Reminder:
    """The next Monday, or the first morning after it on which they work."""
    row = lock(session, reminder_id, by=by, now=now, policy=policy)
    hours = Reach(session, policy, now).hours(by)
    day = _today(now, hours) + _DAY
    while day.weekday() != MONDAY:
        day += _DAY
    return _snooze(session, row, _morning(day, hours), hours.zone, by=by, now=now)


def on_day(session: Session, reminder_id: int, day: date, *, by: Person, now: datetime, policy: Policy) -> Reminder:
    """In the morning of a day that they picked themselves, whatever day that is."""
    row = lock(session, reminder_id, by=by, now=now, policy=policy)
    hours = Reach(session, policy, now).hours(by)
    at = wall.instant(day, hours.from_time, hours.zone)
    if at <= now or at > now + _FURTHEST:
        raise UserError("Pick a day from tomorrow on, within a year.")
    return _snooze(session, row, at, hours.zone, by=by, now=now)


def hand_to(session: Session, reminder_id: int, to: str, *, by: Person, now: datetime, policy: Policy) -> Reminder:
    """Somebody else is asked instead, and may do what it asks for. `to` is their Slack id."""
    row = lock(session, reminder_id, by=by, now=now, policy=policy)
    person = people.by_slack_id(session, to)
    if person is None or not person.can_be_asked:
        raise UserError("Pick a full member of this workspace: guests, bots and people from outside get nothing.")
    if person.id == row.recipient_id or ledger.is_theirs(session, person, row):
        raise UserError(f"{person.name} has it already. Pick somebody else.")
    if person.id == red_accounts_reminders.asked_by(session, row):
        raise UserError(f"{person.name} asked this. Pick somebody else to answer it.")
    row.become(ReminderState.PLANNED, now=now, why=f"handed to {person.name} by {by.name}")
    row.recipient_id, row.recipient, row.handed_by_id, row.handed_by = person.id, person, by.id, by
    row.told_to_id = row.told_to = None
    row.place, row.is_chosen = Place.DM, False  # it names somebody new: they hear of it at their next good hour
    ledger.postpone(row, now, person.zone, keeps_wall=False)
    _record(session, row, f"reminder handed to {person.name}", by=by, now=now)
    posts.refresh_reminder(session, row, now=now)
    return row


def skip(session: Session, reminder_id: int, why: str, *, by: Person, now: datetime, policy: Policy) -> Reminder:
    """This one is not needed. What it asks for stays open, and its next step comes all the same."""
    row = lock(session, reminder_id, by=by, now=now, policy=policy)
    row.become(ReminderState.SKIPPED, now=now, why=f"skipped by {by.name}: {' '.join(why.split())}")
    row.ended_at, row.ended_by_id, row.ended_by = now, by.id, by
    _record(session, row, "reminder skipped", by=by, now=now, why=why)
    posts.refresh_reminder(session, row, now=now)
    return row


def lock(session: Session, reminder_id: int, *, by: Person, now: datetime, policy: Policy) -> Reminder:
    """The row, for somebody who may act on it and while there is something to act on. Raises who can, or what was."""
    row = session.scalars(
        select(Reminder)
        .options(joinedload(Reminder.account))
        .where(Reminder.id == reminder_id)
        .with_for_update(of=Reminder)
        .execution_options(populate_existing=True)
    ).one()
    lead = people.lead_of(session, row.account, policy) if row.account else None
    asked = (row.recipient, lead)
    if row.handed_by_id == by.id and row.recipient_id != by.id:
        raise InvalidTransition(
            f"You handed this to {row.recipient.name if row.recipient else 'somebody'}. Nothing changed."
        )
    if not any(is_for(session, by, person, now) for person in asked):
        who = row.recipient.name if row.recipient else "whoever it is for"
        raise UserError(f"Only {who}, their cover or a lead can change this reminder.")
    if row.is_over:
        raise InvalidTransition(_was(row))
    return row


def _was(row: Reminder) -> str:
    """Who was first, and when: a stale button says so."""
    if row.ended_by and row.ended_at:
        at = wall.wall(row.ended_at, row.zone)
        return f"This reminder is {row.state}: {row.ended_by.name} did this {words(at)}. Nothing changed."
    return f"This reminder is {row.state} by now. Nothing changed."


def _snooze(
    session: Session, row: Reminder, at: datetime, zone: str, *, by: Person, now: datetime, keeps_wall: bool = True
) -> Reminder:
    """This occurrence only: no other reminder moves."""
    row.become(ReminderState.HELD, now=now, why=f"snoozed by {by.name} until {words(wall.wall(at, zone))}")
    row.is_chosen, row.told_to_id, row.told_to = True, by.id, by  # the time is theirs who chose it
    ledger.postpone(row, at, zone, keeps_wall=keeps_wall)
    posts.refresh_reminder(session, row, now=now)
    return row


def _today(now: datetime, hours: Hours) -> date:
    return wall.wall(now, hours.zone).date()


def _morning(day: date, hours: Hours) -> datetime:
    """The first morning from this day on on which they work."""
    while not business_days.is_business_day(day, hours.region) or any(a <= day <= b for a, b in hours.away):
        day += _DAY
    return wall.instant(day, hours.from_time, hours.zone)


def _record(session: Session, row: Reminder, what: str, *, by: Person, now: datetime, why: str | None = None) -> None:
    if row.noun == red_accounts_reminders.SUGGESTION:  # no red account yet, and perhaps never one
        history.record(session, row.noun, row.subject_id, what[:60], by=by, now=now, why=why)
        return
    red_account_id = red_accounts_reminders.red_account_of(session, row)
    history.record(session, red_accounts_reminders.RED_ACCOUNT, red_account_id, what[:60], by=by, now=now, why=why)
