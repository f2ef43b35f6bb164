"""What people still do with a red account that is over: write down what was learnt, and say that it is still good."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.errors import InvalidTransition, UserError
from bot.models import NO_RETRO, Person, RedAccount, Reminder, ReminderState, Status
from bot.policy import Policy
from bot.queries.red_accounts import NOUN
from bot.reminders.kinds import WATCHES
from bot.workflows import history, posts, red_accounts, reminders_answers, rights


def may_add_retro(session: Session, red: RedAccount, by: Person, *, now: datetime, policy: Policy) -> None:
    if red.status != Status.CLOSED:
        raise InvalidTransition(f"{red.account.name} is {red.status}: a retro is for when it is over. Nothing changed.")
    rights.must_write(session, by, red, "add its retro", now=now, policy=policy)


def add_retro(
    session: Session, red_account_id: int, retro: str | None, why_none: str | None, *, by: Person, now: datetime,
    policy: Policy,
) -> RedAccount:  # fmt: skip
    """Where it is written down or what it says; or why there is none."""
    red = red_accounts.lock(session, red_account_id)
    may_add_retro(session, red, by, now=now, policy=policy)
    red.retro = retro or f"{NO_RETRO}{why_none}"
    what = "retro added" if retro else "no retro"
    history.record(session, NOUN, red.id, what, by=by, now=now, why=retro or why_none)
    red_accounts.changed(session, red, by=by, now=now, policy=policy)
    return red


def still_good(session: Session, reminder_id: int, *, by: Person, now: datetime, policy: Policy) -> RedAccount:
    """The answer to a watch: it holds. The next one comes all the same."""
    row = _lock(session, reminder_id, by=by, now=now, policy=policy)
    red = session.get_one(RedAccount, row.subject_id)
    row.become(ReminderState.ACTED, now=now, why=f"still good, says {by.name}")
    row.ended_at, row.ended_by_id, row.ended_by = now, by.id, by
    what = f"still good after {WATCHES[row.kind]} days"
    history.record(session, NOUN, red.id, what, by=by, now=now, became=red.outcome)
    posts.refresh_reminder(session, row, now=now)
    return red


def red_again(session: Session, reminder_id: int, *, by: Person, now: datetime, policy: Policy) -> RedAccount:
    """Somebody is about to mark it red again: the red account that was watched. Nothing changes before they do."""
    row = _lock(session, reminder_id, by=by, now=now, policy=policy)
    return session.get_one(RedAccount, row.subject_id)


def _lock(session: Session, reminder_id: int, *, by: Person, now: datetime, policy: Policy) -> Reminder:
    found = session.get_one(Reminder, reminder_id)
    if found.noun != NOUN or found.kind not in WATCHES:
        raise UserError("This is not here any more. Nothing changed.")
    red_accounts.lock(session, found.subject_id)
    return reminders_answers.lock(session, reminder_id, by=by, now=now, policy=policy)
