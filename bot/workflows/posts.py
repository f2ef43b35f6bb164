"""Messages that Touchpoint has up: show one, bring all of a subject's up to date, say something once."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from bot import outbox
from bot.models import DigestLine, LostThread, Notice, Person, Post, Reminder

POST, NOTICE = "slack.post", "slack.notice"  # promise kinds
REMINDER = "reminder"  # the noun of a reminder's own messages; each slot is the number of one
_FOLLOWED = timedelta(days=14)  # how long a digest still follows what it listed


def show(
    session: Session, noun: str, subject_id: int, slot: str, recipient: str, *, now: datetime, under: str | None = None
) -> Post:
    """Have this message up and up to date. `recipient` is a channel's id or, for a direct message, a person's."""
    post = find(session, noun, subject_id, slot)
    if post is None:
        post = Post(opaque_id=str(uuid.uuid4()), noun=noun, subject_id=subject_id, slot=slot, recipient=recipient)
        post.under = under
        session.add(post)
        session.flush()
    _promise(session, post, now)
    return post


def show_reminders(session: Session, wanted: Sequence[tuple[int, int, str]], *, now: datetime) -> None:
    """Have many reminders up, each in a new message: (reminder's id, number of its message, recipient)."""
    if not wanted:
        return
    rows = [
        {"opaque_id": str(uuid.uuid4()), "noun": REMINDER, "subject_id": reminder_id, "slot": str(number),
         "recipient": recipient, "told_at": now}
        for reminder_id, number, recipient in wanted
    ]  # fmt: skip
    one = insert(Post.__table__).returning(Post.__table__.c.id, sort_by_parameter_order=True)  # type: ignore[arg-type]
    ids = session.connection().scalars(one, rows).all()
    for post_id, row in zip(ids, rows, strict=True):
        outbox.promise(session, POST, post_id, lane=f"slack:{row['recipient']}", now=now)


def refresh(session: Session, noun: str, *subject_ids: int, now: datetime) -> None:
    """Something about these subjects changed: every message about them follows, and one that was deleted comes back."""
    about = select(Reminder.id).where(Reminder.noun == noun, Reminder.subject_id.in_(subject_ids))
    own = and_(Post.noun == noun, Post.subject_id.in_(subject_ids))
    _refresh(session, or_(own, _reminding_of(about, now)), now)


def refresh_reminder(session: Session, reminder: Reminder, *, now: datetime) -> None:
    """Something about one reminder changed: every copy of it follows, in digests too."""
    _refresh(session, _reminding_of(select(Reminder.id).where(Reminder.id == reminder.id), now), now)


def _reminding_of(reminders: Select[int], now: datetime) -> ColumnElement[bool]:
    """The messages of these reminders, and the digests that listed them."""
    digests = (
        select(DigestLine.digest_id)
        .join(Reminder, Reminder.id == DigestLine.digest_id)
        .where(DigestLine.reminder_id.in_(reminders), Reminder.told_at > now - _FOLLOWED)
    )
    return and_(Post.noun == REMINDER, or_(Post.subject_id.in_(reminders), Post.subject_id.in_(digests)))


def _refresh(session: Session, which: ColumnElement[bool], now: datetime) -> None:
    for post in session.scalars(select(Post).where(which).order_by(Post.id)):
        _promise(session, post, now)


def find(session: Session, noun: str, subject_id: int, slot: str) -> Post | None:
    return session.scalars(
        select(Post).where(Post.noun == noun, Post.subject_id == subject_id, Post.slot == slot)
    ).first()


def deleted(session: Session, channel: str, ts: str, *, now: datetime) -> None:
    """Somebody deleted one of our messages in Slack: it is posted again."""
    post = session.scalars(select(Post).where(Post.channel == channel, Post.ts == ts)).first()
    if post:
        lose(session, post, now=now)


def lose(session: Session, post: Post, *, now: datetime) -> None:
    """The message is gone, and its thread with it. They come back as new ones, under new names to be found by."""
    under = select(Post).where(Post.noun == post.noun, Post.subject_id == post.subject_id, Post.under == post.slot)
    lost = session.scalars(under.order_by(Post.id)).all()
    if lost and post.channel and post.ts:
        session.add(LostThread(channel=post.channel, ts=post.ts, noun=post.noun, subject_id=post.subject_id))
    for one in [post, *lost]:
        one.ts, one.shown, one.opaque_id = None, None, str(uuid.uuid4())
        session.flush()
        _promise(session, one, now)


def posted(session: Session, post: Post, *, now: datetime) -> None:
    """A message is up: what stands in its thread can follow. It may have been tried in vain before."""
    replies = select(Post).where(
        Post.noun == post.noun, Post.subject_id == post.subject_id, Post.under == post.slot, Post.ts.is_(None)
    )
    for reply in session.scalars(replies.order_by(Post.id)):
        _promise(session, reply, now)
    for notice in session.scalars(
        select(Notice).where(Notice.under_id == post.id, Notice.ts.is_(None)).order_by(Notice.id)
    ):
        outbox.promise(session, NOTICE, notice.id, lane=f"slack:{notice.recipient}", now=now)


def say(
    session: Session,
    key: str,
    message: str,
    subject_id: int,
    *,
    to: Person | str | None,
    now: datetime,
    under: Post | None = None,
    **details: Any,
) -> bool:
    """Say something once, to a person, in a channel, or in the thread under a post of it.

    False if it was said before, or if nobody there can be reached.
    """
    recipient = to if isinstance(to, str) else to.slack_id if to and to.can_be_asked else None
    if recipient is None:
        return False
    insert = insert_sqlite if session.get_bind().dialect.name == "sqlite" else insert_postgresql
    notice_id = session.scalar(
        insert(Notice)
        .values(
            key=key,
            opaque_id=str(uuid.uuid4()),
            recipient=recipient,
            message=message,
            subject_id=subject_id,
            details=details,
            under_id=under.id if under else None,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=[Notice.key])
        .returning(Notice.id)
    )
    if notice_id is None:
        return False
    outbox.promise(session, NOTICE, notice_id, lane=f"slack:{recipient}", now=now)
    return True


def may_say_again(session: Session, keys: Collection[str]) -> None:
    """What was said under these keys is said anew the next time."""
    session.execute(
        update(Notice)
        .where(Notice.key.in_(keys))
        .values(key=Notice.key + ":" + cast(Notice.id, String))
        .execution_options(synchronize_session=False)
    )


def _promise(session: Session, post: Post, now: datetime) -> None:
    outbox.promise(session, POST, post.id, lane=f"slack:{post.recipient}", now=now)
