"""A cell that was changed in the sheet and in Slack: whoever wrote it in Slack is asked which of the two holds."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.errors import InvalidTransition
from bot.models import ConflictState, Person, RedAccount, SheetConflict
from bot.policy import Policy
from bot.queries import sheet_rows as found
from bot.queries.red_accounts import NOUN as RED_ACCOUNT
from bot.workflows import history, posts, red_accounts, red_accounts_reminders, rights

NOUN = red_accounts_reminders.CONFLICT_NOUN


def ask(
    session: Session, red: RedAccount, column: str, theirs: str, ours: str, *, now: datetime, policy: Policy
) -> None:
    """Ask once for each cell; while it is open, the question follows what the two sides say."""
    conflict = found.asked(session, [red.id]).get((red.id, column))
    if conflict and (conflict.sheet_says, conflict.we_say) == (theirs, ours):
        return
    by = found.writer(session, red, column)
    if conflict is None:
        conflict = SheetConflict(red_account_id=red.id, column=column, state=ConflictState.ASKED, asked_at=now)
        session.add(conflict)
    conflict.sheet_says, conflict.we_say, conflict.by_id = theirs, ours, by.id if by else None
    session.flush()
    why = f"{policy.sheet.header(column)}: the sheet says “{theirs}”, Slack says “{ours}”"
    history.record(session, RED_ACCOUNT, red.id, "changed in the sheet too", by=None, now=now, why=why)
    _follow(session, conflict, by=None, now=now, policy=policy)


def over(session: Session, red_account_id: int, column: str, *, now: datetime, policy: Policy) -> None:
    """Both sides agree again, or one of them has taken its change back: there is nothing to ask any more."""
    red_accounts.lock(session, red_account_id)
    conflict = found.asked(session, [red_account_id]).get((red_account_id, column))
    if conflict:
        _end(session, conflict, ConflictState.OVER, by=None, now=now, policy=policy)


def lock(session: Session, conflict_id: int) -> tuple[SheetConflict, RedAccount]:
    conflict = session.get_one(SheetConflict, conflict_id)
    red = red_accounts.lock(session, conflict.red_account_id)
    session.refresh(conflict)
    return conflict, red


def end(
    session: Session,
    conflict: SheetConflict,
    red: RedAccount,
    state: ConflictState,
    *,
    by: Person | None,
    now: datetime,
    policy: Policy,
) -> None:
    """Somebody says which side holds, or nobody has for too long."""
    may_answer(session, conflict, red, by, now=now, policy=policy)
    given_up = conflict.we_say if state == ConflictState.SHEET else conflict.sheet_says
    why = f"{policy.sheet.header(conflict.column)}: not “{given_up}”"
    kept = "the sheet's" if state == ConflictState.SHEET else "Slack's"
    history.record(session, RED_ACCOUNT, red.id, f"kept {kept}", by=by, now=now, why=why)
    _end(session, conflict, state, by=by, now=now, policy=policy)


def may_answer(
    session: Session, conflict: SheetConflict, red: RedAccount, by: Person | None, *, now: datetime, policy: Policy
) -> None:
    if conflict.state != ConflictState.ASKED:
        raise InvalidTransition(TOO_LATE[conflict.state])
    if by and by.id != conflict.by_id:
        rights.must_write(session, by, red, "say which text of the sheet holds", now=now, policy=policy)


def unanswered(session: Session, *, now: datetime, policy: Policy) -> list[int]:
    """Those whose time is over, counted from when the question reached somebody; all, once the red account is over."""
    return found.unanswered(session, NOUN, now - timedelta(days=policy.sheet.answer_days))


TOO_LATE = {
    ConflictState.SHEET: "The sheet's was kept before. Nothing changed.",
    ConflictState.OURS: "What stands in Slack was kept before. Nothing changed.",
    ConflictState.OVER: "Both say the same by now. Nothing changed.",
}


def _end(
    session: Session, conflict: SheetConflict, state: ConflictState, *, by: Person | None, now: datetime, policy: Policy
) -> None:
    conflict.become(state)
    conflict.ended_at, conflict.ended_by_id = now, by.id if by else None
    _follow(session, conflict, by=by, now=now, policy=policy)


def _follow(session: Session, conflict: SheetConflict, *, by: Person | None, now: datetime, policy: Policy) -> None:
    session.flush()
    red_accounts_reminders.keep_conflict(session, conflict, by=by, now=now, policy=policy)
    posts.refresh(session, NOUN, conflict.id, now=now)
