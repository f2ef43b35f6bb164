"""What people did to the rows of the sheet, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import outbox
from bot.errors import InvalidTransition
from bot.models import Person, Promise, PromiseState, SheetRow, Status
from bot.policy import Policy
from bot.queries import red_accounts as queries
from bot.queries.red_accounts import NOUN
from bot.workflows import history, notices, posts, red_accounts, rights

ROW_DELETED = f"{NOUN}.row_deleted"  # notice
FIRST_DAY = date(2000, 1, 1)  # a small number in a column of dates is a day about 1900, and no account's


def red_since(session: Session, red_account_id: int, day: date, *, now: datetime, policy: Policy) -> None:
    """The row that people kept says since when it is red: an earlier day than ours is nowhere else to be found."""
    red = red_accounts.lock(session, red_account_id)
    zone = ZoneInfo(policy.region(red.account.region).time_zone)
    was = red.red_at.astimezone(zone).date()
    if not FIRST_DAY <= day < was:
        return
    red.red_at = datetime.combine(day, time(), zone).astimezone(UTC)
    history.record(session, NOUN, red.id, "red since", by=None, now=now, was=str(was), became=str(day),
                   why="The row that was there in the sheet says so.")  # fmt: skip
    posts.refresh(session, NOUN, red.id, now=now)


def look_again(session: Session, red_account_ids: Iterable[int], *, now: datetime) -> None:
    """People changed these rows: the sheet's own lane reads them again, merges and writes. Once is enough."""
    waiting = set(
        session.scalars(
            select(Promise.subject_id).where(
                Promise.lane == red_accounts.SHEET_LANE, Promise.state == PromiseState.PENDING
            )
        )
    )
    for red_account_id in red_account_ids:
        if red_account_id not in waiting:
            outbox.promise(session, red_accounts.SHEET, red_account_id, lane=red_accounts.SHEET_LANE, now=now)


def row_deleted(session: Session, red_account_id: int, *, quietly: bool = False, now: datetime) -> None:
    """Somebody deleted the row, and it is theirs to delete. The thread of the card is told once."""
    red = red_accounts.lock(session, red_account_id)
    row = session.get_one(SheetRow, red_account_id, populate_existing=True)
    if row.is_missing or not row.synced:  # somebody has just asked for another one
        return
    row.is_missing = True
    history.record(session, NOUN, red.id, "row deleted in the sheet", by=None, now=now)
    card = queries.card_post(session, red_account_id)
    if card and red.status == Status.OPEN and not quietly:
        key = f"{ROW_DELETED}:{red_account_id}:{int(now.timestamp())}"
        posts.say(session, key, ROW_DELETED, red_account_id, to=card.recipient, now=now, under=card)


def add_again(session: Session, red_account_id: int, *, by: Person, now: datetime, policy: Policy) -> None:
    """Somebody wants the row back that was deleted."""
    red = red_accounts.lock(session, red_account_id)
    rights.must_write(session, by, red, "add the sheet row again", now=now, policy=policy)
    row = session.get(SheetRow, red.id)
    if row is None or not row.is_missing:
        raise InvalidTransition(f"The row of {red.account.name} is in the sheet again. Nothing changed.")
    row.is_missing, row.synced, row.writing, row.left = False, {}, {}, {}
    row.times_added += 1
    history.record(session, NOUN, red.id, "row added again", by=by, now=now)
    red_accounts.changed(session, red, by=by, now=now, policy=policy)


def trouble(session: Session, sentence: str, *, about: str = "rows", now: datetime, policy: Policy) -> None:
    """One cause and one mend for many rows: the leads are told once a day."""
    notices.trouble(session, sentence, about=f"sheet_{about}", now=now, policy=policy)
