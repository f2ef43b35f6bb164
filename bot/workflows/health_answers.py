"""What Salesforce answered to a change of an account's health: it has it, or it refused."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.models import ChangeState, Health, HealthChange, Outcome, RedAccount, Source, Status
from bot.policy import Policy
from bot.queries import red_accounts as queries
from bot.workflows import history, off_red, posts, red_accounts

REFUSED = "health_change.refused"  # notice


def written(session: Session, change_id: int, *, now: datetime, policy: Policy) -> None:
    """Salesforce has it."""
    change, red = _lock(session, change_id)
    if change.state != ChangeState.PENDING:
        return
    change.become(ChangeState.WRITTEN, now=now)
    change.account.health = change.wanted
    history.record(session, queries.NOUN, change.red_account_id, "in Salesforce", by=change.by, now=now,
                   was=change.seen, became=change.wanted)  # fmt: skip
    red_accounts.changed(session, red, by=change.by, now=now, policy=policy)


def refused(
    session: Session, change_id: int, answer: str, *, now: datetime, policy: Policy, current: str | None = None
) -> None:
    """Salesforce said no, or somebody set another value meanwhile. What it meant is put back, and they are told."""
    change, red = _lock(session, change_id)
    if change.state != ChangeState.PENDING:
        return
    change.become(ChangeState.REFUSED, now=now, answer=answer)
    if current is not None:
        change.account.health = current
    history.record(session, queries.NOUN, change.red_account_id, "refused by Salesforce", by=None, now=now,
                   was=change.seen, became=change.wanted, why=answer)  # fmt: skip
    _drop_followers(session, change, answer, now=now)
    key = f"{REFUSED}:{change.id}"
    posts.say(session, f"{key}:by", REFUSED, change.id, to=change.by, now=now)
    card = queries.card_post(session, red.id)
    if card:
        posts.say(session, f"{key}:thread", REFUSED, change.id, to=card.recipient, now=now, under=card)
    _put_back(session, red, change, answer, now=now, policy=policy)


def account_gone(session: Session, change_id: int, answer: str, *, in_bin: bool, now: datetime, policy: Policy) -> None:
    """The account is not in Salesforce any more: there is nothing to write, and nothing left to be red.

    What lies in the recycle bin may have been merged into another one: the next poll reads that, and goes by it.
    """
    change, _red = _lock(session, change_id)
    if change.state == ChangeState.PENDING:
        change.become(ChangeState.REFUSED, now=now, answer=answer)
    if in_bin:
        return
    change.account.is_deleted = True
    red_accounts.account_left(session, change.account, merged=False, now=now, policy=policy)


def _put_back(
    session: Session, red: RedAccount, change: HealthChange, answer: str, *, now: datetime, policy: Policy
) -> None:
    if change.account.health == Health.RED:
        # It is red in Salesforce, whoever set it: whatever was closed is open again, and what is open stays. Who has
        # left has left, whatever the field says.
        is_over = red.status == Status.CLOSED and red.outcome != Outcome.CHURNED
        if is_over and queries.under_way(session, red.account_id) is None:
            red_accounts.reopen_refused(session, red, answer, now=now, policy=policy)
        return
    change.account.is_left_red = False  # the field never came to be Red, so there is nothing for it to leave
    if red.status == Status.OPEN and change.wanted == Health.RED and _opened_it(session, change, red):
        red_accounts.close(session, red, Outcome.NOT_SET, answer, by=None, now=now, policy=policy)
    elif red.status == Status.CLOSED and red.outcome in (Outcome.GREEN, Outcome.YELLOW):
        was = red.outcome
        red.outcome = Outcome.GREEN if change.account.health == Health.GREEN else Outcome.YELLOW
        history.record(session, queries.NOUN, red.id, "outcome", by=None, now=now, was=was, became=red.outcome)
        red_accounts.changed(session, red, by=None, now=now, policy=policy)
    else:
        if red.status == Status.OPEN:
            off_red.follow(red, since=now)  # it is asked again whether it is over
        red_accounts.changed(session, red, by=None, now=now, policy=policy)


def _opened_it(session: Session, change: HealthChange, red: RedAccount) -> bool:
    """Whether the red account stands on this change alone: a person opened it, and Salesforce never had it red."""
    if red.source != Source.PERSON:
        return False
    earlier = select(HealthChange.id).where(
        HealthChange.red_account_id == red.id,
        HealthChange.wanted == Health.RED,
        HealthChange.state == ChangeState.WRITTEN,
    )
    return session.scalar(earlier.limit(1)) is None


def _lock(session: Session, change_id: int) -> tuple[HealthChange, RedAccount]:
    change = session.get_one(HealthChange, change_id)
    red = red_accounts.lock(session, change.red_account_id)
    session.refresh(change)
    return change, red


def _drop_followers(session: Session, refused: HealthChange, answer: str, *, now: datetime) -> None:
    """Later changes of the account built on the refused one: they fall with it."""
    later = session.scalars(
        select(HealthChange).where(
            HealthChange.account_id == refused.account_id,
            HealthChange.state == ChangeState.PENDING,
            HealthChange.id > refused.id,
        )
    )
    for change in later:
        change.become(ChangeState.REFUSED, now=now, answer=answer)
