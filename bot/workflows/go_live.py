"""Day one on an existing team: what is there is taken over quietly, what waited is sent when writes go on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot import outbox
from bot.models import Lane, Post, Promise, PromiseState, Status, System, SystemName
from bot.policy import Policy, Writes
from bot.queries import red_accounts as queries
from bot.workflows import posts, red_accounts, red_accounts_reminders

NOUN, SUMMARY = "go_live", "summary"


def prepare(session: Session, *, now: datetime, policy: Policy) -> None:
    """At every start: what waited goes out where writes are on. What was paused is tried again."""
    for system in session.scalars(select(System).order_by(System.name).with_for_update()):
        wanted = policy.writes.of(system.name)
        if wanted == Writes.ON and system.writes != Writes.ON:
            system.live_at, system.go_lives = now, system.go_lives + 1
            if system.name == SystemName.SLACK:
                _replace_what_slack_missed(session, now=now, policy=policy)
        if wanted == Writes.ON:  # also what another process, with the policy of before, has held meanwhile
            _release(session, system.name)
        system.writes = wanted
    outbox.resume(session, now=now)


def _release(session: Session, system: str) -> None:
    """What was held while writes were off or dry is promised again, once for each thing; it is sent as it is now."""
    seen: set[tuple[str, str, int]] = set()
    for promise in _held(session, system):
        this = (promise.lane, promise.kind, promise.subject_id)
        if this in seen:
            promise.state = PromiseState.DONE
            continue
        seen.add(this)
        promise.state, promise.error = PromiseState.PENDING, None
        session.execute(update(Lane).where(Lane.key == promise.lane).values(pending=Lane.pending + 1))


def _replace_what_slack_missed(session: Session, *, now: datetime, policy: Policy) -> None:
    """A month of cards at once helps nobody: one summary instead, and the questions that still wait for an answer."""
    for promise in _held(session, SystemName.SLACK):
        promise.state = PromiseState.DONE
    unseen = session.scalars(select(Post).where(Post.ts.is_(None))).all()
    for red in queries.all_under_way(session):
        if red.status == Status.OPEN and any(p.noun == queries.NOUN and p.subject_id == red.id for p in unseen):
            red.has_card = False
            red_accounts.restart_clock(red, now=now, policy=policy)
            red_accounts_reminders.keep(session, red, by=None, now=now, policy=policy)
    for post in unseen:
        if post.slot == queries.CARD or post.under == queries.CARD:
            session.delete(post)
        elif post.noun != NOUN:
            posts.refresh(session, post.noun, post.subject_id, now=now)
    session.flush()
    if queries.without_card(session):
        summarise(session, now=now, policy=policy)


def _held(session: Session, system: str) -> list[Promise]:
    return list(
        session.scalars(
            select(Promise)
            .where(Promise.state == PromiseState.HELD, Promise.kind.startswith(f"{system}.", autoescape=True))
            .order_by(Promise.id)
        )
    )


def summarise(session: Session, *, now: datetime, policy: Policy) -> None:
    """One message, for this go-live, of all accounts that were red before: post the card of each, or of all."""
    posts.show(session, NOUN, _count(session), SUMMARY, policy.channels.red_accounts, now=now)


def refresh_summary(session: Session, *, now: datetime) -> None:
    for number in range(_count(session) + 1):
        posts.refresh(session, NOUN, number, now=now)


def _count(session: Session) -> int:
    """How often Slack went live: each has a summary of its own."""
    return session.get_one(System, SystemName.SLACK).go_lives
