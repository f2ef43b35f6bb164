"""Ending a red account: its CE or the lead ends it, anybody else asks the CE to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.errors import InvalidTransition, UserError
from bot.models import Health, Outcome, Person, RedAccount, Resolution, ResolutionState, Status
from bot.policy import Policy
from bot.queries import red_accounts as queries
from bot.reminders import business_days, ledger
from bot.workflows import health_changes, history, posts, red_accounts, red_accounts_reminders, rights

NOUN = red_accounts_reminders.QUESTION
ASK_BY = "ask_by"  # the slot of what whoever asked sees
HEALTH_AFTER = {Outcome.GREEN: Health.GREEN, Outcome.YELLOW: Health.YELLOW}


def resolve(
    session: Session, red_account_id: int, outcome: Outcome, note: str, *, by: Person, now: datetime, policy: Policy
) -> RedAccount | Resolution:
    """Close it, or ask the CE where somebody else wants it closed. Answers the red account or the question."""
    red = red_accounts.lock(session, red_account_id)
    if red.status != Status.OPEN:
        raise InvalidTransition(_too_late(red, policy))
    if rights.may_decide(session, by, red.account, now=now, policy=policy):
        asked = queries.asked(session, red.id)
        if asked:
            _end(session, asked, ResolutionState.OVERTAKEN, by=by, now=now, policy=policy)
        return _close(session, red, outcome, note, by=by, now=now, policy=policy)
    rights.must_write(session, by, red, "resolve this", now=now, policy=policy)
    return _ask(session, red, outcome, note, by=by, now=now, policy=policy)


def agree(session: Session, resolution_id: int, *, by: Person, now: datetime, policy: Policy) -> RedAccount:
    """The CE says yes, with the outcome and the note as they were asked."""
    wish, red = _lock(session, resolution_id)
    may_answer(session, wish, by, now=now, policy=policy)
    _end(session, wish, ResolutionState.AGREED, by=by, now=now, policy=policy)
    return _close(session, red, wish.outcome, wish.note, by=by, now=now, policy=policy)


def decline(session: Session, resolution_id: int, why: str, *, by: Person, now: datetime, policy: Policy) -> None:
    wish, red = _lock(session, resolution_id)
    may_answer(session, wish, by, now=now, policy=policy)
    wish.answer = why
    _end(session, wish, ResolutionState.DECLINED, by=by, now=now, policy=policy)
    red_accounts.changed(session, red, by=by, now=now, policy=policy)


def withdraw(session: Session, resolution_id: int, *, by: Person, now: datetime, policy: Policy) -> None:
    wish, red = _lock(session, resolution_id)
    if by.id != wish.by_id:
        raise UserError(f"Only {wish.by.name} can withdraw this.")
    _end(session, wish, ResolutionState.WITHDRAWN, by=by, now=now, policy=policy)
    red_accounts.changed(session, red, by=by, now=now, policy=policy)


def still_red(session: Session, red_account_id: int, *, by: Person, now: datetime, policy: Policy) -> None:
    """Somebody set the field to another value in Salesforce; its CE says that the account is red all the same."""
    red = red_accounts.lock(session, red_account_id)
    if red.status != Status.OPEN:
        raise InvalidTransition(_too_late(red, policy))
    if not rights.may_decide(session, by, red.account, now=now, policy=policy):
        raise UserError(f"Only {rights.who_can(session, red.account, policy)} can say that it is still red.")
    health_changes.want(session, red, Health.RED, by=by, now=now)
    history.record(session, queries.NOUN, red.id, "still red", by=by, now=now, was=red.account.health, became="Red")
    red_accounts.changed(session, red, by=by, now=now, policy=policy)


def _close(
    session: Session, red: RedAccount, outcome: Outcome, note: str, *, by: Person, now: datetime, policy: Policy
) -> RedAccount:
    health_changes.want(session, red, HEALTH_AFTER[outcome], by=by, now=now)
    red_accounts.close(session, red, outcome, note, by=by, now=now, policy=policy)
    return red


def _ask(
    session: Session, red: RedAccount, outcome: Outcome, note: str, *, by: Person, now: datetime, policy: Policy
) -> Resolution:
    earlier = queries.asked(session, red.id)
    if earlier:
        raise UserError(f"{earlier.by.name} has asked for this already; it waits for an answer.")
    ce = red.account.ce
    has_ce = ce is not None and ce.can_be_asked
    region = policy.region(red.account.region)
    days = policy.red_accounts.confirm_business_days
    wish = Resolution(
        red_account_id=red.id,
        red_account=red,
        outcome=outcome,
        note=note,
        by_id=by.id,
        by=by,
        state=ResolutionState.ASKED,
        created_at=now,
        lead_from_at=business_days.after(now, days, region) if has_ce else now,
    )
    session.add(wish)
    session.flush()
    history.record(session, queries.NOUN, red.id, "asked to resolve", by=by, now=now, became=outcome, why=note)
    if by.slack_id:
        posts.show(session, NOUN, wish.id, ASK_BY, by.slack_id, now=now)
    red_accounts.changed(session, red, by=by, now=now, policy=policy)
    return wish


def _lock(session: Session, resolution_id: int) -> tuple[Resolution, RedAccount]:
    wish = session.get(Resolution, resolution_id)
    if wish is None:
        raise UserError("This is not here any more. Nothing changed.")
    red = red_accounts.lock(session, wish.red_account_id)
    session.refresh(wish)
    return wish, red


def may_answer(session: Session, wish: Resolution, by: Person, *, now: datetime, policy: Policy) -> None:
    account = wish.red_account.account
    if wish.state != ResolutionState.ASKED:
        who = wish.ended_by.name if wish.ended_by else "Somebody"
        raise InvalidTransition(f"{who} did this before you. Nothing changed.")
    if not rights.may_decide(session, by, account, now=now, policy=policy) and not ledger.is_asked(
        session, by, NOUN, wish.id, now=now
    ):
        raise UserError(f"Only {rights.who_can(session, account, policy)} can answer this.")


def _end(
    session: Session, wish: Resolution, state: ResolutionState, *, by: Person, now: datetime, policy: Policy
) -> None:
    wish.become(state)
    wish.ended_at, wish.ended_by_id, wish.ended_by = now, by.id, by
    history.record(session, queries.NOUN, wish.red_account_id, f"asked to resolve: {state}", by=by, now=now,
                   why=wish.answer)  # fmt: skip
    red_accounts_reminders.keep_question(session, wish, by=by, now=now, policy=policy)
    posts.refresh(session, NOUN, wish.id, now=now)


def _too_late(red: RedAccount, policy: Policy) -> str:
    return f"{red_accounts.already(red, policy)} Nothing changed."
