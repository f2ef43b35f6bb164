"""The word of a person that an account is red: from its CE it is, from anybody else the CE is asked first."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.errors import InvalidTransition, UserError
from bot.models import Health, Person, RedAccount, Source, Status, SuggestionState
from bot.models.red_accounts import Words
from bot.policy import Policy
from bot.queries import people
from bot.queries import red_accounts as queries
from bot.queries.preferences import is_for
from bot.queries.red_accounts import NOUN
from bot.reminders import business_days, ledger
from bot.reminders.kinds import PROPOSAL
from bot.workflows import (
    health_changes,
    history,
    notices,
    posts,
    red_accounts,
    red_accounts_reminders,
    relapses,
    rights,
    suggestions,
)

PROPOSAL_BY = "proposal_by"  # the slot of what whoever proposed it sees


class AlreadyUnderWay(UserError):
    """The account is red (or proposed) already; carries the one there is."""

    def __init__(self, red: RedAccount) -> None:
        super().__init__(f"{red.account.name} is {red.status} already.")
        self.red_account_id = red.id  # the row itself is of no use once its transaction has ended


def mark(session: Session, account_id: int, words: Words, *, by: Person, now: datetime, policy: Policy) -> RedAccount:
    """A person says that an account is red. From its CE it is; from anybody else the CE is asked first.

    Raises `AlreadyUnderWay` with the one that is open or proposed, if there is one that this does not settle.
    """
    account = red_accounts.lock_account(session, account_id)
    relapses.must_be_free(session, account, policy)
    red = queries.under_way(session, account.id)
    decides = rights.may_mark(session, by, account, now=now, policy=policy)
    if red and (red.status == Status.OPEN or not decides):
        raise AlreadyUnderWay(red)
    if red:
        red_accounts.write_down(session, red, words, by=by, now=now)
        return confirm(session, red.id, by=by, now=now, policy=policy)
    red = red_accounts.begin(session, account, Source.PERSON, now=now, policy=policy)
    red.by_id, red.by = by.id, by
    red_accounts.write_down(session, red, words, by=by, now=now)
    if decides:
        red_accounts.open_now(session, red, by=by, now=now, policy=policy)
        health_changes.want(session, red, Health.RED, by=by, now=now)
    else:
        _propose(session, red, by=by, now=now, policy=policy)
    return red


def mark_suggested(session: Session, suggestion_id: int, *, by: Person, now: datetime, policy: Policy) -> RedAccount:
    """The figures are right, in their own words."""
    one = suggestions.lock(session, suggestion_id)
    suggestions.may_answer(session, one, by, now=now, policy=policy)
    return mark(session, one.account_id, suggestions.words(one, policy), by=by, now=now, policy=policy)


def confirm(session: Session, red_account_id: int, *, by: Person, now: datetime, policy: Policy) -> RedAccount:
    """The CE (or, once the CE had a working day, the lead) agrees with a proposal: now it is red."""
    red = red_accounts.lock(session, red_account_id)
    may_answer(session, red, by, now=now, policy=policy)
    red.fill_in_by_at, red.due_from_at = red_accounts.fill_in_by(now, red.account, policy), now
    red.confirmed_by_id, red.confirmed_by = by.id, by
    red_accounts.open_now(session, red, by=by, now=now, policy=policy)
    health_changes.want(session, red, Health.RED, by=by, now=now)
    if red.by and red.by.id not in (red.account.ce_id, red.account.ae_id):  # the thread's first reply mentions those
        _answer(session, red, f"{red.account.name} is red, says {by.name} too. Its card is up.", by=by, now=now)
    return red


def decline(
    session: Session, red_account_id: int, why: str, *, by: Person, now: datetime, policy: Policy
) -> RedAccount:
    """The CE does not think that it is red, and says why."""
    red = red_accounts.lock(session, red_account_id)
    may_answer(session, red, by, now=now, policy=policy)
    _end_proposal(session, red, Status.DECLINED, why, by=by, now=now, policy=policy)
    _answer(session, red, f"{red.account.name} is not red, says {by.name}: {why}", by=by, now=now)
    return red


def withdraw(session: Session, red_account_id: int, *, by: Person, now: datetime, policy: Policy) -> RedAccount:
    red = red_accounts.lock(session, red_account_id)
    if by.id != red.by_id:
        raise UserError(f"Only {red.by.name if red.by else 'whoever proposed it'} can withdraw this.")
    _end_proposal(session, red, Status.WITHDRAWN, None, by=by, now=now, policy=policy)
    return red


def nudge(session: Session, red_account_id: int, *, by: Person, now: datetime, policy: Policy) -> Person:
    """Remind the one it waits for, once a day. Answers who that is."""
    red = red_accounts.lock(session, red_account_id)
    asked = waits_for(session, red, now=now, policy=policy)
    if red.status != Status.PROPOSED or asked is None:
        raise UserError(f"{red_accounts.already(red, policy)} There is nothing to nudge.")
    if by.id != red.by_id:
        raise UserError(f"Only {red.by.name if red.by else 'whoever proposed it'} can nudge here.")
    if red.nudged_at and now - red.nudged_at < timedelta(hours=24):
        raise UserError(f"{asked.name} was reminded less than a day ago. I remind once a day at the most.")
    asked = _ask_again(session, red, asked, by=by, now=now)
    red.nudged_at = now
    posts.refresh(session, NOUN, red.id, now=now)
    history.record(session, NOUN, red.id, "nudged", by=by, now=now)
    return asked


def _ask_again(session: Session, red: RedAccount, asked: Person, *, by: Person, now: datetime) -> Person:
    """Whoever has the question by now hears it once more, also if they skipped it. Answers who that is."""
    rows = [row for row in ledger.of_subject(session, NOUN, red.id) if row.kind == PROPOSAL and row.recipient]
    row = max(rows, key=lambda row: row.step if red.is_with_lead(now) else -row.step, default=None)
    if row is None or row.recipient is None:
        raise UserError(f"{asked.name} cannot be reached in Slack. Talk to them.")
    if row.is_waiting:
        until = f"{row.wall[11:]} on {row.wall[:10]}"
        raise UserError(f"{row.recipient.name} hears of it at {until}, their time. There is nothing to nudge before.")
    ledger.again(row, f"nudged by {by.name}", now=now)
    return row.recipient


def waits_for(session: Session, red: RedAccount, *, now: datetime, policy: Policy) -> Person | None:
    """Who has to answer a proposal: the CE, or the lead where the CE is missing, has left or had their working day."""
    if red.account.ce and red.account.ce.can_be_asked and not red.is_with_lead(now):
        return red.account.ce
    return people.lead_of(session, red.account, policy)


def _propose(session: Session, red: RedAccount, *, by: Person, now: datetime, policy: Policy) -> None:
    region, days = policy.region(red.account.region), policy.red_accounts.confirm_business_days
    has_ce = red.account.ce is not None and red.account.ce.can_be_asked
    red.lead_from_at = business_days.after(now, days, region) if has_ce else now
    history.record(session, NOUN, red.id, "proposed", by=by, now=now, became=Status.PROPOSED, why=red.sentence)
    suggestions.settle(session, red.account, SuggestionState.OVER, by=by, now=now, policy=policy)
    if by.slack_id:
        posts.show(session, NOUN, red.id, PROPOSAL_BY, by.slack_id, now=now)
    red_accounts_reminders.keep(session, red, by=by, now=now, policy=policy)


def may_answer(session: Session, red: RedAccount, by: Person, *, now: datetime, policy: Policy) -> None:
    account = red.account
    if red.status != Status.PROPOSED:
        raise InvalidTransition(f"{red_accounts.already(red, policy)} Nothing changed.")
    if is_for(session, by, account.ce, now) or ledger.is_asked(session, by, NOUN, red.id, now=now):
        return
    asked = account.ce.name if account.ce else "the CE"
    if not rights.is_lead(session, by, account, now=now, policy=policy):
        raise UserError(f"Only {asked} ({account.name}'s CE) can answer this, or the CE lead after a working day.")
    if not red.is_with_lead(now):
        raise UserError(f"{asked} is asked first and has a working day. After that you can answer it here.")


def _end_proposal(
    session: Session, red: RedAccount, status: Status, why: str | None, *, by: Person, now: datetime, policy: Policy
) -> None:
    red.become(status)
    red.note, red.ended_at, red.ended_by_id, red.ended_by = why, now, by.id, by
    history.record(session, NOUN, red.id, status, by=by, now=now, was="proposed", became=status, why=why)
    red_accounts_reminders.keep(session, red, by=by, now=now, policy=policy)
    posts.refresh(session, NOUN, red.id, now=now)


def _answer(session: Session, red: RedAccount, sentence: str, *, by: Person, now: datetime) -> None:
    """An edit of the message that they have would ring nobody."""
    if red.by and red.by.id != by.id:
        notices.answer(session, sentence, to=red.by, key=f"{NOUN}:{red.id}", now=now)
