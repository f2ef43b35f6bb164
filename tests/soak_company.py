"""What the soak is about: many people, for whom many reminders fall due, and what they see of it in Slack."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select

from bot import app, config, policy
from bot.db import Database
from bot.messages.red_accounts import FILL_IN as BUTTON
from bot.models import (
    Account,
    DigestLine,
    Outcome,
    Person,
    Place,
    Post,
    Promise,
    PromiseState,
    RedAccount,
    Reminder,
    ReminderState,
    Source,
    Status,
)  # fmt: skip
from bot.models.reminders import WAITING
from bot.reminders.kinds import DIGEST, FILL_IN
from sandbox import company, settings
from sandbox.server import Sandbox

FIRST = company.OPENING + timedelta(minutes=5)  # 9:05 in New York, after that morning's digests
LAST = FIRST + timedelta(hours=7)
SECOND_MORNING = FIRST + timedelta(days=1, hours=1)  # its digests list what was left on the first day
OVER = SECOND_MORNING + timedelta(days=1)  # what came late on the second day was listed on the third
NOUN = "red_account"


@dataclass(frozen=True)
class Size:
    """`people` times `accounts` reminders: the first ten of each person are messages of their own, were it not for
    the five a day; the others are for the digest."""

    people: int
    accounts: int
    kills: int
    own: int = 10

    @property
    def reminders(self) -> int:
        return self.people * self.accounts


def move_in(sandbox: Sandbox, size: Size) -> None:
    """The invented company, and as many more people."""
    sandbox.call(company.move_in, sandbox.world)
    for number in range(size.people):
        who = f"Person {number}"
        sandbox.call(
            sandbox.world.slack.add_user, f"U0SOAK{number:04}", name=f"person{number}", real_name=who,
            email=f"person{number}@larkfield.example", tz=company.EAST,
        )  # fmt: skip


def plan(sandbox: Sandbox, database_url: str, size: Size) -> None:
    """The bot's own first reading, and then the ledger: rows as `ledger.keep` writes them, all at once.

    They are about red accounts that are over, so that nothing but the ledger itself acts on them.
    """
    values = settings.environment(sandbox.url, database_url)
    loaded = config.load(_env_file=None, **{name.lower(): value for name, value in values.items()})
    services = app.build_services(loaded, policy.read(settings.POLICY), clock=sandbox.world.clock.now)
    app.read_first(services)
    at = sandbox.world.clock.now()
    with services.transaction() as session:
        people = session.scalars(select(Person.id).where(Person.slack_id.startswith("U0SOAK")).order_by(Person.id))
        accounts = session.scalars(select(Account.id).order_by(Account.id).limit(size.accounts)).all()
        session.execute(insert(RedAccount), [_over(account, at) for account in accounts])
        reds = session.scalars(
            select(RedAccount.id).where(RedAccount.note == "soak").order_by(RedAccount.id)
        ).all()  # fmt: skip
        step = (LAST - FIRST) / size.reminders
        rows = [
            _row(red, person, FIRST + (n + m * size.accounts) * step, at, own=n < size.own)
            for m, person in enumerate(people.all())
            for n, red in enumerate(reds)
        ]
        assert len(rows) == size.reminders
        session.execute(insert(Reminder), rows)
    services.database.engine.dispose()


def _over(account_id: int, at: datetime) -> dict[str, Any]:
    return {
        "account_id": account_id, "status": Status.CLOSED, "source": Source.PERSON, "has_card": True, "note": "soak",
        "red_at": at, "due_from_at": at, "fill_in_by_at": at + timedelta(days=2), "ended_at": at,
        "outcome": Outcome.GREEN,
    }  # fmt: skip


def _row(red_id: int, person_id: int, due_at: datetime, at: datetime, *, own: bool) -> dict[str, Any]:
    return {
        "kind": FILL_IN, "step": 0, "noun": NOUN, "subject_id": red_id, "occurrence": f"0:{person_id}",
        "recipient_id": person_id, "place": Place.DM if own else Place.DIGEST, "zone": company.EAST,
        "rule_time": f"{due_at:%Y-%m-%dT%H:%M:%SZ}", "due_at": due_at, "keeps_wall": False, "is_chosen": False,
        "wall": f"{due_at - timedelta(hours=5):%Y-%m-%dT%H:%M}", "state": ReminderState.PLANNED, "why": "",
        "planned_at": at, "messages": 0,
    }  # fmt: skip


# What is seen in the end.


def lost(database: Database, sandbox: Sandbox) -> list[int]:
    """Reminders that nobody can have seen: neither as a message nor as a line of a digest that is in Slack."""
    up = Counter(_seen_by_metadata(sandbox))
    with database.transaction() as session:
        rows = session.scalars(select(Reminder.id).where(Reminder.kind == FILL_IN, Reminder.noun == NOUN)).all()
        shown = select(Post.subject_id, Post.opaque_id).where(Post.noun == "reminder", Post.ts.is_not(None))
        told = {subject for subject, opaque_id in session.execute(shown) if up[opaque_id]}
        for digest, row in session.execute(select(DigestLine.digest_id, DigestLine.reminder_id)):
            if digest in told:
                told.add(row)
    return [row for row in rows if row not in told]


def twice(sandbox: Sandbox) -> list[str]:
    """What stands more than once in somebody's direct messages, whatever metadata it carries: of which account, or
    the digest of which day."""
    seen: Counter[str] = Counter()
    for channel in list(sandbox.world.slack.channels.values()):
        if not channel.with_user.startswith("U0SOAK"):
            continue
        for message in list(channel.messages.values()):
            blocks = message.get("blocks", [])
            heads = [block["text"]["text"] for block in blocks if block["type"] == "header"]
            buttons = [e for block in blocks for e in block.get("elements", []) if e.get("action_id") == BUTTON]
            what = heads[0] if heads else f"red account {buttons[0]['value']}"
            seen[f"{channel.with_user}: {what}"] += 1
    return sorted(what for what, times in seen.items() if times > 1)


def twice_by_id(sandbox: Sandbox) -> list[str]:
    return [opaque_id for opaque_id, times in Counter(_seen_by_metadata(sandbox)).items() if times > 1]


def _seen_by_metadata(sandbox: Sandbox) -> list[str]:
    return [
        message["metadata"]["event_payload"]["id"]
        for channel in list(sandbox.world.slack.channels.values())
        for message in list(channel.messages.values())
        if "metadata" in message
    ]


def is_quiet(database: Database, now: datetime) -> bool:
    """Nothing is due any more, and nothing is on its way."""
    with database.transaction() as session:
        due = select(Reminder.id).where(Reminder.state.in_(WAITING), Reminder.due_at <= now)
        sent = select(Promise.id).where(Promise.state == PromiseState.PENDING)
        return session.scalar(due.limit(1)) is None and session.scalar(sent.limit(1)) is None


def most_in_a_day(database: Database) -> int:
    """How many messages of their own somebody had on one day at the most."""
    with database.transaction() as session:
        told = select(Post.recipient, Post.told_at).join(Reminder, Reminder.id == Post.subject_id)
        own = session.execute(told.where(Post.noun == "reminder", Reminder.kind != DIGEST))
        days = Counter((who, (at - timedelta(hours=5)).date()) for who, at in own)
    return max(days.values(), default=0)


def count_told(database: Database) -> int:
    with database.transaction() as session:
        return session.scalar(select(func.count()).where(Post.noun == "reminder", Post.ts.is_not(None))) or 0
