"""Updates: how a red account goes, said once in its thread; its author may edit or take back the newest one."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.errors import InvalidTransition, UserError
from bot.models import Person, RedAccount, Reply, Status, Update
from bot.models.updates import News
from bot.policy import Policy
from bot.queries import red_accounts as queries
from bot.queries import updates as found
from bot.workflows import history, posts, red_accounts, rights, salesforce_updates

REPLY = "reply"  # a noun
_OFFERED = timedelta(days=14)  # how long the question whether a reply is the update is kept up to date


def post(
    session: Session,
    red_account_id: int,
    news: News,
    *,
    by: Person,
    now: datetime,
    policy: Policy,
    reply: Reply | None = None,
) -> Update:
    """Say how it goes. The next update counts from now. `reply`: what it was made from."""
    red = red_accounts.lock(session, red_account_id)
    may_post(session, red, by, now=now, policy=policy)
    update = Update(red_account_id=red.id, by_id=by.id, by=by, created_at=now, reply_id=reply.id if reply else None)
    _write(update, news)
    session.add(update)
    session.flush()
    history.record(session, queries.NOUN, red.id, "update", by=by, now=now, became=news.mood, why=news.changed)
    red.updated_at = now
    red_accounts.show_updates(session, red, [update], now=now)
    salesforce_updates.follow(session, red, update, now=now, policy=policy)
    red_accounts.changed(session, red, by=by, now=now, policy=policy)
    _refresh_offers(session, red, now=now)
    return update


def edit(session: Session, update_id: int, news: News, *, by: Person, now: datetime, policy: Policy) -> Update:
    """Its author says it better."""
    red, update = _lock(session, update_id)
    may_change(session, red, update, by, policy)
    history.record(session, queries.NOUN, red.id, "update edited", by=by, now=now, became=news.mood, why=news.changed)
    _write(update, news)
    salesforce_updates.follow(session, red, update, now=now, policy=policy)
    red_accounts.changed(session, red, by=by, now=now, policy=policy)
    return update


def take_back(session: Session, update_id: int, *, by: Person, now: datetime, policy: Policy) -> None:
    """As if it had not been posted: the one before is the newest again, and what was due then is due again."""
    red, update = _lock(session, update_id)
    may_change(session, red, update, by, policy)
    update.taken_back_at, update.reply_id = now, None
    session.flush()
    before = found.newest(session, red.id)
    red.updated_at = before.created_at if before else None
    history.record(session, queries.NOUN, red.id, "update taken back", by=by, now=now, why=update.changed)
    salesforce_updates.follow(session, red, update, now=now, policy=policy)
    red_accounts.changed(session, red, by=by, now=now, policy=policy)
    _refresh_offers(session, red, now=now)


def may_post(session: Session, red: RedAccount, by: Person, *, now: datetime, policy: Policy) -> None:
    if red.status != Status.OPEN:
        raise InvalidTransition(f"{red_accounts.already(red, policy)} Nothing changed.")
    rights.must_write(session, by, red, "post an update here", now=now, policy=policy)


def may_change(session: Session, red: RedAccount, update: Update, by: Person, policy: Policy) -> None:
    """Its author alone, until there is a newer one."""
    if update.by_id != by.id:
        raise UserError(f"Only {update.by.name} can change this update. Post one of your own from the card.")
    if red.status != Status.OPEN:
        raise InvalidTransition(f"{red_accounts.already(red, policy)} Nothing changed.")
    newest = found.newest(session, red.id)
    if update.taken_back_at or newest is None or newest.id != update.id:
        what = "You took this back" if update.taken_back_at else "There is a newer update"
        raise InvalidTransition(f"{what}. Nothing changed.")


def _refresh_offers(session: Session, red: RedAccount, *, now: datetime) -> None:
    """Whoever is asked whether a reply is the update reads that there is one, or that it is wanted again."""
    for reply_id in found.offered(session, red.id, since=now - _OFFERED):
        posts.refresh(session, REPLY, reply_id, now=now)


def _write(update: Update, news: News) -> None:
    update.changed, update.blocker, update.mood = news.changed, news.blocker, news.mood
    update.next_step, update.next_on = news.next_step, news.next_on


def _lock(session: Session, update_id: int) -> tuple[RedAccount, Update]:
    update = session.get(Update, update_id)
    if update is None:
        raise UserError("This is not here any more. Nothing changed.")
    red = red_accounts.lock(session, update.red_account_id)
    session.refresh(update)
    return red, update
