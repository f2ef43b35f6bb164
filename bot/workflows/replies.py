"""What people say in the threads of cards is kept; a reply of the CE or AE becomes an update with one click."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from bot.errors import InvalidTransition, UserError
from bot.models import Person, Post, RedAccount, Reply, Status, System, SystemName, Update
from bot.models.updates import News
from bot.policy import Policy
from bot.queries import people
from bot.queries import red_accounts as queries
from bot.queries import updates as made
from bot.queries.said import as_read
from bot.reminders import cadence, wall
from bot.workflows import posts, red_accounts, updates
from bot.workflows.keys import without_keys

NOUN, OFFER = updates.REPLY, "offer"
LONGEST = 2900  # characters that an update takes over; the reply itself is kept whole
_MINUTE = timedelta(minutes=1)
_READ_ON = timedelta(days=14)  # so long the thread of a card is read after it was closed
FRESH = timedelta(hours=1)  # what was said longer ago, while Touchpoint was away, is kept and not asked about


@dataclass(frozen=True)
class Said:
    """A reply as Slack has it."""

    channel: str
    thread_ts: str
    ts: str
    by: str  # a Slack id
    text: str  # mrkdwn
    edited_ts: str | None = None
    files: tuple[str, ...] = ()  # their names


@dataclass(frozen=True)
class Thread:
    """The thread of a card, and how far it goes, as Slack counts it."""

    red_account_id: int
    channel: str
    ts: str
    seen: str


def keep(session: Session, said: Said, *, now: datetime, policy: Policy) -> None:
    """Keep what somebody said or edited, if it stands under a card. What is known already changes nothing."""
    red, by = _under(session, said), people.by_slack_id(session, said.by)
    if red is None or by is None or not by.is_member:  # guests, bots and other companies' people are not kept
        return
    said_and_sent = (as_read(session, said.text), *(f"[file: {name}]" for name in said.files))
    text = without_keys("\n".join(part for part in said_and_sent if part))
    red = red_accounts.lock(session, red.id)  # before the reply, as everybody locks them
    if _insert(session, said, red, by, text):
        _offer(session, red, by, said, now=now, policy=policy)
        return
    reply = _find(session, said.channel, said.ts)
    edited_at = _moment(said.edited_ts) if said.edited_ts else None
    if reply and edited_at and reply.deleted_at is None and (reply.edited_at is None or edited_at > reply.edited_at):
        update, was = made.made_from(session, reply.id), reply.text
        reply.text, reply.edited_at = text, edited_at
        if update and update.changed == _as_update(was):
            _edit(session, red, update, _as_update(text), by=by, now=now, policy=policy)
        posts.refresh(session, NOUN, reply.id, now=now)


def delete(session: Session, said: Said, *, now: datetime) -> None:
    """Somebody deleted their reply: what it said is gone here too, also where we hear of the reply only later."""
    red, by = _under(session, said), people.by_slack_id(session, said.by)
    if red is None or by is None or not by.is_member:
        return
    _insert(session, said, red, by, "")
    reply = _find(session, said.channel, said.ts)
    if reply and reply.deleted_at is None:
        reply.text, reply.deleted_at = "", now
        posts.refresh(session, NOUN, reply.id, now=now)


def read_again(session: Session) -> None:
    """At a start: nobody knows what was said while no Touchpoint listened."""
    session.get_one(System, SystemName.SLACK).threads_read_at = None


def to_read(session: Session, channel: str, seen: Mapping[str, str], *, now: datetime) -> list[Thread]:
    """Which of these threads (ts → as Slack counts it) are those of cards, and have changed since they were read."""
    return [
        Thread(red_account_id, channel, ts, seen[ts])
        for red_account_id, ts, was in session.execute(_cards(channel, now))
        if ts and ts in seen and seen[ts] != was
    ]


def oldest_card(session: Session, channel: str, *, now: datetime) -> str | None:
    """Where a reading of the channel has to begin."""
    return session.scalars(_cards(channel, now).with_only_columns(Post.ts).order_by(Post.ts).limit(1)).first()


def take_thread(
    session: Session, thread: Thread, found: Iterable[Said], *, began_at: datetime, now: datetime, policy: Policy
) -> None:
    """A whole thread was read anew. What we have and Slack had not any more was deleted meanwhile."""
    there = {said.ts: said for said in found}
    for said in there.values():
        keep(session, said, now=now, policy=policy)
    kept = select(Reply).where(
        Reply.red_account_id == thread.red_account_id, Reply.channel == thread.channel, Reply.ts > thread.ts,
        Reply.deleted_at.is_(None), Reply.said_at < began_at - _MINUTE,
        or_(Reply.thread_ts == thread.ts, Reply.thread_ts.is_(None)),  # not known of what was kept long ago
    )  # fmt: skip
    for reply in session.scalars(kept.order_by(Reply.id)):
        if reply.ts not in there:
            reply.text, reply.deleted_at = "", now
            posts.refresh(session, NOUN, reply.id, now=now)
    session.get_one(RedAccount, thread.red_account_id).thread_seen = thread.seen


def _cards(channel: str, now: datetime) -> Select[int, str | None, str | None]:
    """Of what is open, and of what was closed not long ago: people go on talking."""
    is_read = or_(RedAccount.status == Status.OPEN, RedAccount.ended_at > now - _READ_ON)
    return (
        select(RedAccount.id, Post.ts, RedAccount.thread_seen)
        .join(Post, and_(Post.noun == queries.NOUN, Post.subject_id == RedAccount.id, Post.slot == queries.CARD))
        .where(is_read, Post.channel == channel, Post.ts.is_not(None))
        .order_by(Post.ts)
    )


def use(session: Session, reply_id: int, *, by: Person, now: datetime, policy: Policy) -> None:
    """The reply is the update. Its words can be put better afterwards, like those of any update."""
    reply = _lock(session, reply_id, by=by)
    newest = made.newest(session, reply.red_account_id)
    if newest and newest.created_at > reply.said_at:
        raise InvalidTransition("There is a newer update than this reply. Nothing changed.")
    news = News(_as_update(reply.text))
    updates.post(session, reply.red_account_id, news, by=by, now=now, policy=policy, reply=reply)
    posts.refresh(session, NOUN, reply.id, now=now)


def refuse(session: Session, reply_id: int, *, by: Person, now: datetime) -> None:
    """It was only talk."""
    reply = _lock(session, reply_id, by=by)
    reply.refused_at = now
    posts.refresh(session, NOUN, reply.id, now=now)


def _as_update(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST].rstrip() + "…"


def _edit(
    session: Session, red: RedAccount, update: Update, words: str, *, by: Person, now: datetime, policy: Policy
) -> None:
    """The update says what the reply says, as long as an update can be changed."""
    newest = made.newest(session, red.id)
    if words.strip() and red.status == Status.OPEN and newest and newest.id == update.id:
        news = News(words, update.blocker, update.next_step, update.next_on, update.mood)
        updates.edit(session, update.id, news, by=by, now=now, policy=policy)


def _offer(session: Session, red: RedAccount, by: Person, said: Said, *, now: datetime, policy: Policy) -> None:
    """Ask the CE or AE whether it is the update that is due: once a day, and only about what was just said."""
    reply = _find(session, said.channel, said.ts)
    is_theirs = by.id in (red.account.ce_id, red.account.ae_id)
    if reply is None or not said.text.strip() or not is_theirs or by.slack_id is None or now - reply.said_at > FRESH:
        return
    if red.status != Status.OPEN or not red.has_card or not cadence.is_update_due(red, policy, now):
        return
    red_accounts.lock(session, red.id)  # of two replies at once only one is asked about
    offered = select(Reply.offered_at).where(
        Reply.red_account_id == red.id, Reply.by_id == by.id, Reply.offered_at > now - timedelta(days=2)
    )
    today = wall.wall(now, by.zone).date()
    if any(at and wall.wall(at, by.zone).date() == today for at in session.scalars(offered)):
        return
    reply.offered_at = now
    posts.show(session, NOUN, reply.id, OFFER, by.slack_id, now=now)


def _insert(session: Session, said: Said, red: RedAccount, by: Person, text: str) -> bool:
    """False where it is kept already: Slack tells everything at least once."""
    insert = insert_sqlite if session.get_bind().dialect.name == "sqlite" else insert_postgresql
    values = {
        "red_account_id": red.id, "channel": said.channel, "ts": said.ts, "thread_ts": said.thread_ts,
        "by_id": by.id, "text": text, "said_at": _moment(said.ts),
        "edited_at": _moment(said.edited_ts) if said.edited_ts else None,
    }  # fmt: skip
    added = insert(Reply).values(values).on_conflict_do_nothing(index_elements=[Reply.channel, Reply.ts])
    return session.scalar(added.returning(Reply.id)) is not None


def _lock(session: Session, reply_id: int, *, by: Person) -> Reply:
    reply = session.get(Reply, reply_id)
    if reply is None:
        raise UserError("This is not here any more. Nothing changed.")
    if by.id != reply.by_id:
        raise UserError(f"Only {reply.by.name} can answer this.")
    red_accounts.lock(session, reply.red_account_id)
    session.refresh(reply)
    if reply.deleted_at:
        raise InvalidTransition("You deleted that reply. Nothing changed.")
    if made.made_from(session, reply.id):
        raise InvalidTransition("It is an update already. Nothing changed.")
    return reply


def _under(session: Session, said: Said) -> RedAccount | None:
    """The red account in whose card's thread it stands."""
    if said.thread_ts == said.ts:
        return None
    return queries.of_thread(session, said.channel, said.thread_ts)


def _find(session: Session, channel: str, ts: str) -> Reply | None:
    return session.scalars(select(Reply).where(Reply.channel == channel, Reply.ts == ts)).first()


def _moment(ts: str) -> datetime:
    return datetime.fromtimestamp(float(ts), UTC)
