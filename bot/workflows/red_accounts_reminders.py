"""What a red account and the questions about it promise: the anchors that their reminders count from, and to whom."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.models import (
    Account,
    ActionItem,
    Ask,
    ConflictState,
    Person,
    RedAccount,
    Reminder,
    Resolution,
    ResolutionState,
    Role,
    SheetConflict,
    Status,
    Suggestion,
    SuggestionState,
)
from bot.models.reminders import TOLD, WAITING
from bot.policy import Policy
from bot.queries import people
from bot.queries import red_accounts as queries
from bot.reminders import kinds, ledger
from bot.reminders.kinds import (
    AE,
    ASKED,
    CE,
    CONFLICT,
    FILL_IN,
    FILL_IN_BY,
    LEAD,
    LEADS_TURN,
    OFF_RED,
    OFF_RED_SINCE,
    PROPOSAL,
    RESOLUTION,
    WRITER,
)
from bot.reminders.ledger import Subject
from bot.workflows import (
    action_items_reminders,
    asks_reminders,
    closings_reminders,
    plans_reminders,
    posts,
    team,
    updates_reminders,
)

RED_ACCOUNT, QUESTION, SUGGESTION = queries.NOUN, "resolution", "suggestion"  # nouns
ACTION = action_items_reminders.NOUN
CONFLICT_NOUN = "sheet_conflict"
ANSWERED = (ResolutionState.AGREED, ResolutionState.DECLINED)


def keep(session: Session, red: RedAccount, *, by: Person | None, now: datetime, policy: Policy) -> None:
    """The ledger follows a red account, and the question that is asked about it."""
    if red.status == Status.PROPOSED and not _has_ce(red.account):
        red.lead_from_at = min(red.lead_from_at or now, now)  # nobody has a working day to answer in
    anchors: dict[str, datetime] = {}
    if red.status == Status.OPEN and red.has_card and not red.filled_in_at:
        anchors[FILL_IN_BY] = red.fill_in_by_at
    if red.status == Status.PROPOSED and red.lead_from_at:
        anchors |= {ASKED: red.red_at, LEADS_TURN: red.lead_from_at}
    anchors |= plans_reminders.anchors(red, policy) | team.anchors(red)
    done = {FILL_IN} if red.filled_in_at else set()
    done |= plans_reminders.done(red, now)
    if red.status not in (Status.PROPOSED, Status.WITHDRAWN):
        done.add(PROPOSAL)
    anchors |= closings_reminders.anchors(session, red, policy)
    done |= closings_reminders.done(session, red)
    if red.status == Status.OPEN and red.off_red_at:
        anchors[OFF_RED_SINCE] = red.off_red_at
    if by and OFF_RED_SINCE not in anchors:
        done.add(OFF_RED)
    not_asked = red.by if red.status == Status.PROPOSED else None
    whom = _people(session, red.account, policy, not_asked)
    deciders = updates_reminders.deciders(red, whom[LEAD])
    whom |= deciders
    whom |= plans_reminders.whom(red, {Role.CE: whom[CE], Role.AE: whom[AE]}) | team.newcomers(red)
    anchors |= updates_reminders.anchors(red, deciders.values(), policy)
    done |= updates_reminders.done(red, now)
    rounds = updates_reminders.rounds(red, policy)
    subject = Subject(queries.NOUN, red.id, red.account, anchors, whom, frozenset(done), rounds,
                      plans_reminders.asked_at(red) | team.handed_at(red))  # fmt: skip
    ledger.keep(session, subject, by=by, now=now, policy=policy)
    asks_reminders.keep_open_ones(session, red, by=by, now=now, policy=policy)
    action_items_reminders.keep_all(session, red, by=by, now=now, policy=policy)
    wish = queries.asked(session, red.id)
    if wish:
        keep_question(session, wish, by=by, now=now, policy=policy)


def keep_closed_ones(session: Session, account_ids: Collection[int], *, now: datetime, policy: Policy) -> None:
    """What is still asked of red accounts that are over is asked of whoever looks after these accounts by now."""
    if not account_ids:
        return
    asked = select(Reminder.subject_id).where(Reminder.noun == RED_ACCOUNT, Reminder.state.in_([*TOLD, *WAITING]))
    closed = select(RedAccount.account_id, RedAccount.id).where(
        RedAccount.id.in_(asked), RedAccount.status == Status.CLOSED
    )
    for account_id, red_account_id in sorted((row[0], row[1]) for row in session.execute(closed)):
        if account_id in account_ids:
            keep_by_id(session, RED_ACCOUNT, red_account_id, now=now, policy=policy)
            posts.refresh(session, RED_ACCOUNT, red_account_id, now=now)


def keep_question(session: Session, wish: Resolution, *, by: Person | None, now: datetime, policy: Policy) -> None:
    """The ledger follows the question whether a red account is over."""
    is_open = wish.state == ResolutionState.ASKED
    if is_open and not _has_ce(wish.red_account.account):
        wish.lead_from_at = min(wish.lead_from_at, now)
    anchors = {ASKED: wish.created_at, LEADS_TURN: wish.lead_from_at} if is_open else {}
    account = wish.red_account.account
    done = frozenset({RESOLUTION} if wish.state in ANSWERED else ())
    subject = Subject(QUESTION, wish.id, account, anchors, _people(session, account, policy, wish.by), done)
    ledger.keep(session, subject, by=by, now=now, policy=policy)


def keep_suggestion(session: Session, one: Suggestion, *, by: Person | None, now: datetime, policy: Policy) -> None:
    """The ledger follows the question whether an account is red that its figures ask."""
    is_open = one.state == SuggestionState.MADE
    anchors = {kinds.ASKING: one.made_at} if is_open else {}
    done = frozenset({kinds.SUGGESTION} if one.state in (SuggestionState.MARKED, SuggestionState.DECLINED) else ())
    subject = Subject(SUGGESTION, one.id, one.account, anchors, _people(session, one.account, policy, None), done)
    ledger.keep(session, subject, by=by, now=now, policy=policy)


def keep_conflict(
    session: Session, conflict: SheetConflict, *, by: Person | None, now: datetime, policy: Policy
) -> None:
    """The ledger follows the question which of two texts holds. Who wrote ours is asked, or else the CE or the lead."""
    account = session.get_one(RedAccount, conflict.red_account_id).account
    wrote = session.get(Person, conflict.by_id) if conflict.by_id else None
    whom = wrote if wrote and wrote.can_be_asked else _people(session, account, policy, None)[CE]
    is_open = conflict.state == ConflictState.ASKED
    anchors = {ASKED: conflict.asked_at} if is_open else {}
    answered = conflict.state in (ConflictState.SHEET, ConflictState.OURS)
    done = frozenset({CONFLICT} if answered else ())
    subject = Subject(CONFLICT_NOUN, conflict.id, account, anchors, {WRITER: whom}, done)
    ledger.keep(session, subject, by=by, now=now, policy=policy)


def keep_by_id(session: Session, noun: str, subject_id: int, *, now: datetime, policy: Policy) -> None:
    """For whoever knows only a row of the ledger."""
    KEEPERS[noun](session, subject_id, now, policy)


def asked_by(session: Session, row: Reminder) -> int | None:
    """Whoever asked the question that a reminder is about."""
    if row.noun == QUESTION:
        return session.get_one(Resolution, row.subject_id).by_id
    if row.noun == SUGGESTION:
        return None
    if row.noun == asks_reminders.NOUN:
        return session.get_one(Ask, row.subject_id).by_id
    if row.noun in (ACTION, CONFLICT_NOUN):
        return None
    red = session.get_one(RedAccount, row.subject_id)
    return red.by_id if red.status == Status.PROPOSED else None


def red_account_of(session: Session, row: Reminder) -> int:
    """The red account whose history and thread tell of a reminder."""
    if row.noun == ACTION:
        return session.get_one(ActionItem, row.subject_id).red_account_id
    if row.noun == asks_reminders.NOUN:
        return session.get_one(Ask, row.subject_id).red_account_id
    if row.noun == CONFLICT_NOUN:
        return session.get_one(SheetConflict, row.subject_id).red_account_id
    return session.get_one(Resolution, row.subject_id).red_account_id if row.noun == QUESTION else row.subject_id


def _has_ce(account: Account) -> bool:
    return account.ce is not None and account.ce.can_be_asked


def _people(session: Session, account: Account, policy: Policy, not_asked: Person | None) -> dict[str, Person | None]:
    """The lead stands in for a CE who is missing or has left.

    Nobody is asked what they said themselves, but for a lead who is the only one left to decide it.
    """
    lead = people.lead_of(session, account, policy)
    ce = account.ce if _has_ce(account) else lead
    if not_asked and lead and ce and not_asked.id == lead.id == ce.id:
        not_asked = None
    found = {CE: ce, AE: account.ae, LEAD: lead}
    return {role: None if person and not_asked and person.id == not_asked.id else person
            for role, person in found.items()}  # fmt: skip


def _keep_red_account(session: Session, subject_id: int, now: datetime, policy: Policy) -> None:
    red = queries.lock(session, subject_id)
    if red:
        keep(session, red, by=None, now=now, policy=policy)


def _keep_question(session: Session, subject_id: int, now: datetime, policy: Policy) -> None:
    wish = session.get_one(Resolution, subject_id)
    _lock(session, wish.red_account.account_id)
    session.refresh(wish)
    keep_question(session, wish, by=None, now=now, policy=policy)


def _keep_suggestion(session: Session, subject_id: int, now: datetime, policy: Policy) -> None:
    one = session.get_one(Suggestion, subject_id)
    _lock(session, one.account_id)
    session.refresh(one)
    keep_suggestion(session, one, by=None, now=now, policy=policy)


def _keep_conflict(session: Session, subject_id: int, now: datetime, policy: Policy) -> None:
    conflict = session.get_one(SheetConflict, subject_id)
    _lock(session, session.get_one(RedAccount, conflict.red_account_id).account_id)
    session.refresh(conflict)
    keep_conflict(session, conflict, by=None, now=now, policy=policy)


def _lock(session: Session, account_id: int) -> None:
    """The account first, as every press does."""
    session.execute(select(Account.id).where(Account.id == account_id).with_for_update())


KEEPERS: dict[str, Callable[[Session, int, datetime, Policy], None]] = {
    RED_ACCOUNT: _keep_red_account,
    QUESTION: _keep_question,
    SUGGESTION: _keep_suggestion,
    asks_reminders.NOUN: asks_reminders.keep_by_id,
    ACTION: action_items_reminders.keep_by_id,
    CONFLICT_NOUN: _keep_conflict,
}
