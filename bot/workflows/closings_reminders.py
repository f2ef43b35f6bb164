"""What a red account that is over still promises: a retro where much was lost, and a look back where it was saved."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.models import Outcome, RedAccount, Reminder, ReminderState, Status
from bot.policy import Policy
from bot.queries import red_accounts as queries
from bot.reminders.kinds import CLOSED, RETRO, WATCHES, watch_day

LOST = (Outcome.CHURNED, Outcome.CHURNED_PARTLY)
SAVED = (Outcome.GREEN, Outcome.YELLOW)


def anchors(session: Session, red: RedAccount, policy: Policy) -> dict[str, datetime]:
    if red.status != Status.CLOSED or red.ended_at is None:
        return {}
    if red.outcome in SAVED and not red.account.is_deleted and not queries.followed(session, red):
        answered = _answered(session, red)
        left = [days for kind, days in WATCHES.items() if kind not in answered]
        return {watch_day(days): red.ended_at + timedelta(days=days) for days in left}
    return {CLOSED: red.ended_at} if wants_retro(red, policy) and not red.retro else {}


def done(session: Session, red: RedAccount) -> set[str]:
    """Kinds that ended by an answer: a retro, or that it is red again."""
    if red.status != Status.CLOSED:
        return set()
    found = {RETRO} if red.retro else set()
    return found | set(WATCHES) if red.outcome in SAVED and queries.followed(session, red) else found


def _answered(session: Session, red: RedAccount) -> set[str]:
    """Watches that somebody has answered: whoever looks after the account by now is not asked again."""
    return set(session.scalars(select(Reminder.kind).where(
        Reminder.noun == queries.NOUN, Reminder.subject_id == red.id, Reminder.kind.in_(WATCHES),
        Reminder.state == ReminderState.ACTED,
    )))  # fmt: skip


def wants_retro(red: RedAccount, policy: Policy) -> bool:
    """Whether so much was lost that it is worth a page."""
    return red.outcome in LOST and (red.arr_at_end or 0) > policy.red_accounts.retro_above_arr
