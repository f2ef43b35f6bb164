"""Ending a red account: its CE or the lead ends it, anybody else asks the CE to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.errors import InvalidTransition, UserError
from bot.models import Health, Outcome, Person, RedAccount, Resolution, ResolutionState, Status
from bot.policy import Policy
from bot.queries import red_accounts as queries
from bot.reminders import business_days, ledger
from bot.reminders.kinds import OFF_RED
from bot.workflows import health_changes, history, notices, posts, red_accounts, red_accounts_reminders, rights

NOUN = red_accounts_reminders.QUESTION
ASK_BY = "ask_by"  # the slot of what whoever asked sees
#: What is written into Salesforce. Where they leave, the field stays as it is.
HEALTH_AFTER = {Outcome.GREEN: Health.GREEN, Outcome.YELLOW: Health.YELLOW, Outcome.CHURNED_PARTLY: Health.YELLOW}


def resolve(
    session: Session,
    red_account_id: int,
    outcome: Outcome,
    note: str,
    *,
    evidence: str | None = None,
    health_before: str | None = None,
    by: Person,
    now: datetime,
    policy: Policy,
) -> RedAccount | Resolution:
    """Close it, or ask the CE where somebody else wants it closed. Answers the red account or the question.

    `health_before` is what the field gets back after a mistake, where nobody knew it before.
    """
    red = red_accounts.lock(session, red_account_id)
    if red.status != Status.OPEN:
        raise InvalidTransition(_too_late(red, policy))
    if outcome == Outcome.ERROR and health_before and not red.earlier_health:
        red.health_before = health_before
    if rights.may_decide(session, by, red.account, now=now, policy=policy):
        asked = queries.asked(session, red.id)
        if asked:
            _end(session, asked, ResolutionState.OVERTAKEN, by=by, now=now, policy=policy)
        return _close(session, red, outcome, note, evidence, by=by, now=now, policy=policy)
    rights.must_write(session, by, red, "resolve this", now=now, policy=policy)
    return _ask(session, red, outcome, note, evidence, by=by, now=now, policy=policy)


def agree(session: Session, resolution_id: int, *, by: Person, now: datetime, policy: Policy) -> RedAccount:
    """The CE says yes, with the outcome and the note as they were asked."""
    wish, red = _lock(session, resolution_id)
    may_answer(session, wish, by, now=now, policy=policy)
    _end(session, wish, ResolutionState.AGREED, by=by, now=now, policy=policy)
    return _close(session, red, wish.outcome, wish.note, wish.evidence, by=by, now=now, policy=policy)


def decline(session: Session, resolution_id: int, why: str, *, by: Person, now: datetime, policy: Policy) -> None:
    wish, red = _lock(session, resolution_id)
    may_answer(session, wish, by, now=now, policy=policy)
    wish.answer = why
    _end(session, wish, ResolutionState.DECLINED, by=by, now=now, policy=policy)
    if by.id != wish.by_id:  # an edit of the message that they have would ring nobody
        sentence = f"{red.account.name} stays red, says {by.name}: {why}"
        notices.answer(session, sentence, to=wish.by, key=f"{NOUN}:{wish.id}", now=now)
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
    is_asked = ledger.is_asked(session, by, queries.NOUN, red.id, now=now, kind=OFF_RED)
    if not is_asked and not rights.may_decide(session, by, red.account, now=now, policy=policy):
        raise UserError(f"Only {rights.who_can(session, red.account, policy)} can say that it is still red.")
    red.off_red_at = None
    health_changes.want(session, red, Health.RED, by=by, now=now)
    history.record(session, queries.NOUN, red.id, "still red", by=by, now=now, was=red.account.health, became="Red")
    red_accounts.changed(session, red, by=by, now=now, policy=policy)


def _close(
    session: Session,
    red: RedAccount,
    outcome: Outcome,
    note: str,
    evidence: str | None,
    *,
    by: Person,
    now: datetime,
    policy: Policy,
) -> RedAccount:
    wanted = red.earlier_health if outcome == Outcome.ERROR else HEALTH_AFTER.get(outcome)
    if wanted:
        health_changes.want(session, red, wanted, by=by, now=now)
    if outcome == Outcome.CHURNED:
        change = queries.pending_change(session, red.account_id)
        red.account.is_left_red = (change.wanted if change else red.account.health) == Health.RED
    red_accounts.close(session, red, outcome, note, by=by, now=now, policy=policy, evidence=evidence)
    return red


def _ask(
    session: Session,
    red: RedAccount,
    outcome: Outcome,
    note: str,
    evidence: str | None,
    *,
    by: Person,
    now: datetime,
    policy: Policy,
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
        evidence=evidence,
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
