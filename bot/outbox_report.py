"""`touchpoint outbox`: what waits for an outside system and what failed, in words; and trying it again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from bot import db, outbox
from bot.db import Database
from bot.models import Lane, Promise, PromiseState

MOST = 50


def show(database_url: str) -> int:
    with Database(db.create(database_url)).transaction() as session:
        counts = {
            row[0]: row[1] for row in session.execute(select(Promise.state, func.count()).group_by(Promise.state))
        }
        listed = session.scalars(
            select(Promise)
            .where(Promise.state.in_([PromiseState.FAILED, PromiseState.PENDING, PromiseState.HELD]))
            .order_by(Promise.state, Promise.id)
            .limit(MOST)
        ).all()
        paused = session.scalars(select(Lane).where(Lane.paused_reason.is_not(None)).order_by(Lane.key)).all()
    print(" · ".join(f"{counts.get(state, 0)} {state}" for state in PromiseState))
    for lane in paused:
        print(f"paused  {lane.key}: {lane.paused_reason}")
    for one in listed:
        what = f"{one.state:7} {one.id:6}  {one.kind} {one.subject_id}  tried {one.attempts} times"
        print(f"{what}  {one.error or ''}".rstrip())
    if sum(counts.get(state, 0) for state in PromiseState if state != PromiseState.DONE) > MOST:
        print(f"… the first {MOST} are shown")
    return 0


def retry(database_url: str, ids: list[int] | None, now: datetime) -> int:
    with Database(db.create(database_url)).transaction() as session:
        count = outbox.retry(session, ids, now=now)
    print(f"{count} to be tried again; paused lanes go on.")
    return 0
