"""The word of a person that an account is red: from its CE it is, from anybody else the CE is asked first."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import InvalidTransition, UserError
from bot.models import Account, Health, Person, RedAccount, Source, Status
from bot.models.red_accounts import Words
from bot.policy import Policy
from bot.queries import people
from bot.queries import red_accounts as queries
from bot.queries.red_accounts import NOUN
from bot.reminders import business_days
from bot.workflows import health_changes, history, posts, red_accounts

PROPOSAL_CE, PROPOSAL_BY, PROPOSAL_LEAD = "proposal_ce", "proposal_by", "proposal_lead"  # slots


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
    red = queries.under_way(session, account.id)
    decides = may_mark(by, account, policy)
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


def confirm(session: Session, red_account_id: int, *, by: Person, now: datetime, policy: Policy) -> RedAccount:
    """The CE (or, once the CE had a working day, the lead) agrees with a proposal: now it is red."""
    red = red_accounts.lock(session, red_account_id)
    may_answer(red, by, now, policy)
    red.fill_in_by_at, red.due_from_at = red_accounts.fill_in_by(now, red.account, policy), now
    red.confirmed_by_id, red.confirmed_by = by.id, by
    red_accounts.open_now(session, red, by=by, now=now, policy=policy)
    health_changes.want(session, red, Health.RED, by=by, now=now)
    return red


def decline(
    session: Session, red_account_id: int, why: str, *, by: Person, now: datetime, policy: Policy
) -> RedAccount:
    """The CE does not think that it is red, and says why."""
    red = red_accounts.lock(session, red_account_id)
    may_answer(red, by, now, policy)
    _end_proposal(session, red, Status.DECLINED, why, by=by, now=now)
    return red


def withdraw(session: Session, red_account_id: int, *, by: Person, now: datetime) -> RedAccount:
    red = red_accounts.lock(session, red_account_id)
    if by.id != red.by_id:
        raise UserError(f"Only {red.by.name if red.by else 'whoever proposed it'} can withdraw this.")
    _end_proposal(session, red, Status.WITHDRAWN, None, by=by, now=now)
    return red


def nudge(session: Session, red_account_id: int, *, by: Person, now: datetime, policy: Policy) -> Person:
    """Remind the one it waits for, once a day. Answers who that is."""
    red = red_accounts.lock(session, red_account_id)
    asked = waits_for(session, red, policy)
    if red.status != Status.PROPOSED or asked is None:
        raise UserError(f"{red_accounts.already(red, policy)} There is nothing to nudge.")
    if by.id != red.by_id:
        raise UserError(f"Only {red.by.name if red.by else 'whoever proposed it'} can nudge here.")
    if red.nudged_at and now - red.nudged_at < timedelta(hours=24):
        raise UserError(f"{asked.name} was reminded less than a day ago. I remind once a day at the most.")
    red.nudged_at = now
    posts.refresh(session, NOUN, red.id, now=now)
    posts.say(session, f"{NOUN}.nudge:{red.id}:{now.date()}", f"{NOUN}.nudge", red.id, to=asked, now=now)
    history.record(session, NOUN, red.id, "nudged", by=by, now=now)
    return asked


def ce_left(session: Session, person: Person, *, now: datetime) -> None:
    """Proposals that wait for somebody who has left wait for the lead from now on."""
    waiting = (
        select(RedAccount)
        .join(RedAccount.account)
        .where(RedAccount.status == Status.PROPOSED, Account.ce_id == person.id, RedAccount.lead_told.is_(False))
    )
    for red in session.scalars(waiting):
        red.lead_from_at = now


def tell_leads(session: Session, *, now: datetime, policy: Policy) -> None:
    """Proposals that their CE has left for a working day: from now on the lead may answer, and is told so."""
    waiting = session.scalars(
        select(RedAccount).where(
            RedAccount.status == Status.PROPOSED, RedAccount.lead_told.is_(False), RedAccount.lead_from_at <= now
        )
    )
    for red_account_id in [red.id for red in waiting]:
        red = red_accounts.lock(session, red_account_id)
        if red.status != Status.PROPOSED or red.lead_told:
            continue
        red.lead_told = True
        lead = people.lead_of(session, red.account, policy)
        if lead and lead.can_be_asked and lead.slack_id and lead.id != red.by_id:
            posts.show(session, NOUN, red.id, PROPOSAL_LEAD, lead.slack_id, now=now)
        posts.refresh(session, NOUN, red.id, now=now)


def waits_for(session: Session, red: RedAccount, policy: Policy) -> Person | None:
    """Who has to answer a proposal: the CE, or the lead where the CE is missing or cannot be reached."""
    if red.account.ce and red.account.ce.can_be_asked and not red.lead_told:
        return red.account.ce
    return people.lead_of(session, red.account, policy)


def may_mark(person: Person, account: Account, policy: Policy) -> bool:
    """Only the CE writes the field; where an account has none that can be asked, its lead does."""
    if account.ce and account.ce.can_be_asked:
        return person.id == account.ce_id
    return people.is_lead(person, account, policy)


def _propose(session: Session, red: RedAccount, *, by: Person, now: datetime, policy: Policy) -> None:
    region = policy.region(red.account.region)
    days = policy.red_accounts.confirm_business_days
    red.lead_from_at = business_days.after(now, days, region)
    red.lead_told = not (red.account.ce and red.account.ce.can_be_asked)
    if red.lead_told:
        red.lead_from_at = now
    history.record(session, NOUN, red.id, "proposed", by=by, now=now, became=Status.PROPOSED, why=red.sentence)
    asked = waits_for(session, red, policy)
    if asked and asked.slack_id and asked.can_be_asked:
        slot = PROPOSAL_LEAD if red.lead_told else PROPOSAL_CE
        posts.show(session, NOUN, red.id, slot, asked.slack_id, now=now)
    if by.slack_id:
        posts.show(session, NOUN, red.id, PROPOSAL_BY, by.slack_id, now=now)


def may_answer(red: RedAccount, by: Person, now: datetime, policy: Policy) -> None:
    account = red.account
    if red.status != Status.PROPOSED:
        raise InvalidTransition(f"{red_accounts.already(red, policy)} Nothing changed.")
    if by.id == account.ce_id:
        return
    asked = account.ce.name if account.ce else "the CE"
    if not people.is_lead(by, account, policy):
        raise UserError(f"Only {asked} ({account.name}'s CE) can answer this, or the CE lead after a working day.")
    if red.lead_from_at and now < red.lead_from_at:
        raise UserError(f"{asked} is asked first and has a working day. After that you can answer it here.")


def _end_proposal(
    session: Session, red: RedAccount, status: Status, why: str | None, *, by: Person, now: datetime
) -> None:
    red.become(status)
    red.note, red.ended_at, red.ended_by_id, red.ended_by = why, now, by.id, by
    history.record(session, NOUN, red.id, status, by=by, now=now, was="proposed", became=status, why=why)
    posts.refresh(session, NOUN, red.id, now=now)
