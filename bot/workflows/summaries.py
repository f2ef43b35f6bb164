"""Monday's summary of all red accounts: a row of the ledger for each week, and a message in the channel."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from bot.models import Place, Post, Reminder, ReminderState
from bot.models.reminders import line
from bot.policy import Policy, Region
from bot.queries import summaries as queries
from bot.reminders import business_days, wall
from bot.reminders.kinds import MONDAY_SUMMARY, MORNING
from bot.reminders.ledger import words
from bot.workflows import posts

NOUN, SLOT = "summary", "monday"
_DAY, _WEEK = timedelta(days=1), timedelta(weeks=1)


def plan(session: Session, *, now: datetime, policy: Policy) -> None:
    """See that the next one is in the ledger. It is about a week, not an account, so it is planned here."""
    monday, zone = _next(now, policy), policy.company.time_zone
    at = datetime.combine(_working_day(monday, _region(policy)), MORNING)
    insert = insert_sqlite if session.get_bind().dialect.name == "sqlite" else insert_postgresql
    row = {
        "kind": MONDAY_SUMMARY, "step": 0, "noun": NOUN, "subject_id": monday.toordinal(),
        "occurrence": monday.isoformat(), "recipient_id": None, "place": Place.CHANNEL,
        "rule_time": f"{at:%Y-%m-%dT%H:%M}", "due_at": wall.instant(at.date(), at.time(), zone),
        "wall": f"{at:%Y-%m-%dT%H:%M}", "zone": zone, "keeps_wall": True, "is_chosen": False,
        "state": ReminderState.PLANNED, "why": line(f"planned for {words(at)} ({zone})", now), "planned_at": now,
        "messages": 0,
    }  # fmt: skip
    session.execute(insert(Reminder).values(row).on_conflict_do_nothing())


def fall_due(session: Session, due: ColumnElement[bool], *, now: datetime, policy: Policy) -> int:
    """Post it, if there is anything to say and it is still that day. Answers how many were looked at."""
    rows = session.scalars(
        select(Reminder)
        .where(due, Reminder.kind == MONDAY_SUMMARY)
        .order_by(Reminder.id)
        .with_for_update(of=Reminder, skip_locked=True)
    ).all()
    for row in rows:
        if not _is_its_day(row, now):
            row.become(ReminderState.SKIPPED, now=now, why="too late for that day")
            row.ended_at = now
        elif not queries.is_anything_to_say(session, since=row.due_at - _WEEK):
            row.become(ReminderState.SKIPPED, now=now, why="nothing is red and nothing has changed")
            row.ended_at = now
        else:
            row.become(ReminderState.SENT, now=now, why="posted in the channel")
            row.told_at = now
            posts.show(session, NOUN, row.subject_id, SLOT, policy.channels.red_accounts, now=now)
        session.flush()
        plan(session, now=now, policy=policy)
    return len(rows)


def is_wanted(session: Session, post: Post, *, now: datetime) -> bool:
    """Whether one that Slack does not have yet is still to be posted: on its own day."""
    row = of(session, post.subject_id)
    return row is not None and _is_its_day(row, now)


def of(session: Session, subject_id: int) -> Reminder | None:
    return session.scalars(
        select(Reminder).where(Reminder.kind == MONDAY_SUMMARY, Reminder.subject_id == subject_id)
    ).first()


def _is_its_day(row: Reminder, now: datetime) -> bool:
    return wall.wall(now, row.zone).date() == datetime.fromisoformat(row.wall).date()


def _next(now: datetime, policy: Policy) -> date:
    """The Monday of the next one that is not due yet."""
    zone, region = policy.company.time_zone, _region(policy)
    today = wall.wall(now, zone).date()
    monday = today - today.weekday() * _DAY
    while wall.instant(_working_day(monday, region), MORNING, zone) <= now:
        monday += _WEEK
    return monday


def _working_day(day: date, region: Region) -> date:
    while not business_days.is_business_day(day, region):
        day += _DAY
    return day


def _region(policy: Policy) -> Region:
    """Whose free days are the company's: those of a region that keeps its time."""
    keeps = (region for region in policy.regions.values() if region.time_zone == policy.company.time_zone)
    return next(keeps, policy.region(None))
