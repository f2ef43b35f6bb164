"""What people did to the rows of the sheet, and what follows from it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.policy import Policy
from bot.queries import red_accounts as queries
from bot.queries.red_accounts import NOUN
from bot.workflows import history, notices, posts, red_accounts

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


def row_deleted(session: Session, red_account_id: int, *, now: datetime) -> None:
    """Somebody deleted the row, and it is theirs to delete. The thread of the card is told once."""
    card = queries.card_post(session, red_account_id)
    if card:
        key = f"{ROW_DELETED}:{red_account_id}"
        posts.say(session, key, ROW_DELETED, red_account_id, to=card.recipient, now=now, under=card)


def mixed_up(session: Session, sentence: str, *, now: datetime, policy: Policy) -> None:
    """Keys stand in the rows of other accounts. One cause and one mend for all of them: the leads are told once."""
    notices.trouble(session, sentence, about="sheet_rows", now=now, policy=policy)
