"""What a red account and the questions about it promise: the anchors that their reminders count from, and to whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from bot.models import Account, Person, RedAccount, Resolution, ResolutionState, Status
from bot.policy import Policy
from bot.queries import people
from bot.queries import red_accounts as queries
from bot.reminders import ledger
from bot.reminders.kinds import AE, ASKED, CE, FILL_IN, FILL_IN_BY, LEAD, LEADS_TURN, PROPOSAL, RESOLUTION
from bot.reminders.ledger import Subject

QUESTION = "resolution"  # noun
ANSWERED = (ResolutionState.AGREED, ResolutionState.DECLINED)


def keep(session: Session, red: RedAccount, *, by: Person | None, now: datetime, policy: Policy) -> None:
    """The ledger follows a red account, and the question that is asked about it."""
    anchors: dict[str, datetime] = {}
    if red.status == Status.OPEN and red.has_card and not red.filled_in_at:
        anchors[FILL_IN_BY] = red.fill_in_by_at
    if red.status == Status.PROPOSED and red.lead_from_at:
        anchors |= {ASKED: red.red_at, LEADS_TURN: red.lead_from_at}
    done = {FILL_IN} if red.filled_in_at else set()
    if red.status not in (Status.PROPOSED, Status.WITHDRAWN):
        done.add(PROPOSAL)
    not_asked = red.by if red.status == Status.PROPOSED else None
    whom = _people(session, red.account, policy, not_asked)
    subject = Subject(queries.NOUN, red.id, red.account, anchors, whom, frozenset(done))
    ledger.keep(session, subject, by=by, now=now, policy=policy)
    wish = queries.asked(session, red.id)
    if wish:
        keep_question(session, wish, by=by, now=now, policy=policy)


def keep_question(session: Session, wish: Resolution, *, by: Person | None, now: datetime, policy: Policy) -> None:
    """The ledger follows the question whether a red account is over."""
    is_open = wish.state == ResolutionState.ASKED
    anchors = {ASKED: wish.created_at, LEADS_TURN: wish.lead_from_at} if is_open else {}
    account = wish.red_account.account
    done = frozenset({RESOLUTION} if wish.state in ANSWERED else ())
    subject = Subject(QUESTION, wish.id, account, anchors, _people(session, account, policy, wish.by), done)
    ledger.keep(session, subject, by=by, now=now, policy=policy)


def keep_by_id(session: Session, noun: str, subject_id: int, *, now: datetime, policy: Policy) -> None:
    """For whoever knows only a row of the ledger."""
    KEEPERS[noun](session, subject_id, now, policy)


def _people(session: Session, account: Account, policy: Policy, not_asked: Person | None) -> dict[str, Person | None]:
    """The lead stands in for a CE who is missing or has left. Nobody is asked what they said themselves."""
    lead = people.lead_of(session, account, policy)
    ce = account.ce if account.ce and account.ce.can_be_asked else lead
    found = {CE: ce, AE: account.ae, LEAD: lead}
    return {role: None if person and not_asked and person.id == not_asked.id else person
            for role, person in found.items()}  # fmt: skip


def _keep_red_account(session: Session, subject_id: int, now: datetime, policy: Policy) -> None:
    keep(session, session.get_one(RedAccount, subject_id), by=None, now=now, policy=policy)


def _keep_question(session: Session, subject_id: int, now: datetime, policy: Policy) -> None:
    keep_question(session, session.get_one(Resolution, subject_id), by=None, now=now, policy=policy)


KEEPERS: dict[str, Callable[[Session, int, datetime, Policy], None]] = {
    queries.NOUN: _keep_red_account,
    QUESTION: _keep_question,
}
