"""`touchpoint why`: why somebody was reminded or was not, in the words that `/touchpoint why` uses in Slack."""

from __future__ import annotations

import sys
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot import db
from bot.db import Database
from bot.errors import UserError
from bot.messages import touchpoint as messages
from bot.messages.touchpoint_why import NOTHING, explain
from bot.models import Person, RedAccount, Reminder
from bot.policy import Policy
from bot.queries import reminders as queries
from bot.reminders.choices import reached
from bot.reminders.reach import Reach
from bot.workflows import why as workflow

MOST = 1000
LOOK_BACK = timedelta(days=90)


def show(database_url: str, policy: Policy, typed: str, now: datetime) -> int:
    with Database(db.create(database_url)).transaction() as session:
        try:
            about = workflow.meant(session, typed)
        except UserError as error:
            print(error, file=sys.stderr)
            return 1
        said = _person(session, about, now, policy) if isinstance(about, Person) else _red(session, about, now, policy)
    print("\n".join(said))
    return 0


def _person(session: Session, person: Person, now: datetime, policy: Policy) -> list[str]:
    holds = reached(Reach(session, policy, now), person)
    rows, count = queries.of_person(session, person, since=now - LOOK_BACK, most=MOST)
    intro = messages.reached(holds, now) + ([] if rows else [NOTHING])
    return [f"{person.name}{_whose(holds.hours.zone)}", *intro, *_listed(session, rows, count, holds.hours.zone, now)]


def _red(session: Session, red: RedAccount, now: datetime, policy: Policy) -> list[str]:
    zone = policy.region(red.account.region).time_zone
    rows, count = queries.of_red_account(session, red, most=MOST)
    intro = [] if any(not row.is_over for row in rows) else [workflow.nothing_open(red)]
    return [f"{red.account.name}, {red.label}{_whose(zone)}", *intro, *_listed(session, rows, count, zone, now)]


def _whose(zone: str) -> str:
    return f". Times are those of {zone}."


def _listed(session: Session, rows: Collection[Reminder], count: int, zone: str, now: datetime) -> list[str]:
    said: list[str] = []
    for found in workflow.found(session, rows):
        one = explain(found, now)
        said += ["", one.title, *(f"    {fact}" for fact in one.facts)]
        said += [f"    {messages.wall_words(at, zone, now):>20}  {text}" for at, text in one.entries]
        if found.post and found.post.ts:
            said.append(f"    Its message in Slack: channel {found.post.channel}, ts {found.post.ts}")
    return [*said, "", f"{count - len(rows)} more are not shown."] if count > len(rows) else said
