"""What Salesforce answered to a change of an account's health: it has it, or it refused."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.models import ChangeState, Health, HealthChange, Outcome, RedAccount, Status
from bot.queries import red_accounts as queries
from bot.workflows import history, posts, red_accounts

REFUSED = "health_change.refused"  # notice


def written(session: Session, change_id: int, *, now: datetime) -> None:
    """Salesforce has it."""
    change = session.get_one(HealthChange, change_id, with_for_update={"of": HealthChange})
    if change.state != ChangeState.PENDING:
        return
    change.become(ChangeState.WRITTEN, now=now)
    change.account.health = change.wanted
    history.record(session, queries.NOUN, change.red_account_id, "in Salesforce", by=change.by, now=now,
                   was=change.seen, became=change.wanted)  # fmt: skip
    red_accounts.changed(session, session.get_one(RedAccount, change.red_account_id), now=now)


def refused(
    session: Session, change_id: int, answer: str, *, now: datetime, channel: str, current: str | None = None
) -> None:
    """Salesforce said no, or somebody set another value meanwhile. What it meant is put back, and they are told."""
    change = session.get_one(HealthChange, change_id, with_for_update={"of": HealthChange})
    if change.state != ChangeState.PENDING:
        return
    change.become(ChangeState.REFUSED, now=now, answer=answer)
    if current is not None:
        change.account.health = current
    history.record(session, queries.NOUN, change.red_account_id, "refused by Salesforce", by=None, now=now,
                   was=change.seen, became=change.wanted, why=answer)  # fmt: skip
    _drop_followers(session, change, answer, now=now)
    red = session.get_one(RedAccount, change.red_account_id)
    key = f"{REFUSED}:{change.id}"
    posts.say(session, f"{key}:by", REFUSED, change.id, to=change.by, now=now)
    card = queries.card_post(session, red.id)
    if card:
        posts.say(session, f"{key}:thread", REFUSED, change.id, to=channel, now=now, under=card)
    _put_back(session, red, change, answer, now=now)


def _put_back(session: Session, red: RedAccount, change: HealthChange, answer: str, *, now: datetime) -> None:
    if change.account.health == Health.RED:
        # It is red in Salesforce, whoever set it: whatever was closed is open again, and what is open stays.
        if red.status == Status.CLOSED and queries.under_way(session, red.account_id) is None:
            red_accounts.reopen_refused(session, red, answer, now=now)
        return
    if red.status == Status.OPEN and change.wanted == Health.RED:
        red_accounts.close(session, red, Outcome.NOT_SET, answer, by=None, now=now)
    elif red.status == Status.CLOSED and red.outcome in (Outcome.GREEN, Outcome.YELLOW):
        red.outcome = Outcome.GREEN if change.account.health == Health.GREEN else Outcome.YELLOW
        red_accounts.changed(session, red, now=now)


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
