"""A company whose ledger is watched: what falls due is known here too, worked out without bot/reminders.

Every sweep is followed by a look at all rows. Whatever was told, held or left lying is compared with what people's
clocks, weekends and holidays say when one asks them day by day.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError, OperationalError

from bot import db
from bot.db import Database
from bot.models import (
    Account,
    DigestLine,
    History,
    Lane,
    Notice,
    Person,
    Place,
    Post,
    Preferences,
    Promise,
    RedAccount,
    Reminder,
    ReminderState,
    Source,
    Status,
)  # fmt: skip
from bot.models.reminders import REMINDER_TRANSITIONS, TOLD, WAITING
from bot.policy import Policy, parse
from bot.reminders import ledger
from bot.reminders.kinds import ASKED, DIGEST, FILL_IN_BY, LEADS_TURN
from bot.reminders.ledger import Subject
from bot.workflows import reminders
from tests.test_reminder_times import walked

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MOST = 5
COUNTRIES = {"north": ("US", "NY", {5, 6}), "gulf": ("AE", None, {5, 6}), "levant": ("IL", None, {4, 5})}
HOMES = ("America/New_York", "Asia/Dubai", "Asia/Jerusalem")
NOUN = "red_account"
TABLES = (
    DigestLine, Reminder, Post, Notice, Promise, Lane, History, Preferences, RedAccount, Account, Person
)  # fmt: skip


def policy() -> Policy:
    regions = {
        name: {"lead": f"lead.{name}@x.example", "time_zone": zone, "country": country, "weekend": weekend}
        | ({"subdivision": subdivision} if subdivision else {})
        for (name, (country, subdivision, weekend)), zone in zip(COUNTRIES.items(), HOMES, strict=True)
    }
    reasons = [{"key": "other", "label": "Other"}]
    return parse(
        {"channels": {"red_accounts": "C0RED"}, "regions": regions, "default_region": "north",
         "red_accounts": {"reasons": reasons}, "reminders": {"most_a_day": MOST}}
    )  # fmt: skip


@dataclass
class Due:
    """What the world expects of a row: told once, not before `at`, and soon after it."""

    at: datetime
    armed: bool = True


@dataclass
class World:
    database: Database
    sweepers: int
    now: datetime
    rules: Policy = field(default_factory=policy)
    expected: dict[int, Due] = field(default_factory=dict)  # row → what it waits for
    seen: dict[int, tuple[ReminderState, int]] = field(default_factory=dict)  # row → state and messages, a look ago
    own: Counter[tuple[int, date]] = field(default_factory=Counter)  # reader and local day → messages of their own
    listed: set[tuple[int, int]] = field(default_factory=set)
    collisions: int = 0

    @classmethod
    def make(cls, url: str, now: datetime) -> World:
        database = Database(db.create(url))
        return cls(database, 1 if database.is_sqlite else 2, now)

    def begin(self, now: datetime, zones: list[str], subjects: int) -> None:
        """Everybody and everything anew: as many people as zones; the third answers for every account."""
        self.now = now
        for known in (self.expected, self.seen, self.own, self.listed):
            known.clear()
        with self.database.transaction() as session:
            for table in (
                DigestLine,
                Reminder,
                Post,
                Notice,
                Promise,
                Lane,
                History,
                Preferences,
                RedAccount,
                Account,
                Person,
            ):
                session.execute(delete(table))
            for number, zone in enumerate(zones, 1):
                session.add(Person(id=number, slack_id=f"U{number}", name=f"P{number}", time_zone=zone, is_member=True))
            session.flush()
            for number in range(1, subjects + 1):
                region = list(COUNTRIES)[number % 3]
                session.add(Account(id=number, salesforce_id=f"{number}", name=f"A{number}", search_name=f"a{number}",
                                    region=region, refreshed_at=now))  # fmt: skip
                session.flush()
                session.add(RedAccount(id=number, account_id=number, status=Status.CLOSED, source=Source.SALESFORCE,
                                       has_card=True, red_at=now, due_from_at=now, fill_in_by_at=now))  # fmt: skip
                session.add(Post(opaque_id=f"card {number}", noun=NOUN, subject_id=number, slot="card",
                                 recipient="C0RED", channel="C0RED", ts="1.2"))  # fmt: skip

    # what happens

    def keep(self, subject: int, anchors: dict[str, datetime], roles: tuple[int, int, int], done: bool = False) -> None:
        with self.database.transaction() as session:
            before = {row.id: (row.state, row.rule_time) for row in ledger.of_subject(session, NOUN, subject)}
            people = dict(zip(("CE", "AE", "lead"), [session.get_one(Person, one) for one in roles], strict=True))
            kinds = frozenset({"fill in", "proposal"}) if done else frozenset()
            about = Subject(NOUN, subject, session.get_one(Account, subject), anchors, people, kinds)
            ledger.keep(session, about, by=None, now=self.now, policy=self.rules)
            for row in ledger.of_subject(session, NOUN, subject):
                planned = row.state == ReminderState.PLANNED
                if planned and before.get(row.id) != (row.state, row.rule_time):
                    at = self.by_rule(row, anchors)
                    assert row.due_at == at, f"{row.kind} {row.step} is due {row.due_at}, not {at}"
                    self.expected[row.id] = Due(at)
        self.look(swept=False)

    def by_rule(self, row: Reminder, anchors: dict[str, datetime]) -> datetime:
        """When a row's rule wants it, counted day by day."""
        days, at = {("fill in", 0): (0, time(0)), ("fill in", 1): (2, time(9)), ("fill in", 2): (3, time(0))}.get(
            (row.kind, row.step), (None, None)
        )
        name = list(COUNTRIES)[row.subject_id % 3]
        if days is None or at is None:
            return anchors[(ASKED, LEADS_TURN)[row.step]]
        home = HOMES[list(COUNTRIES).index(name)]
        day = anchors[FILL_IN_BY].astimezone(ZoneInfo(home)).date()
        while days:
            day += DAY
            days -= works(name, day)
        zone = row.recipient.time_zone if row.recipient else home
        return walked(day, at, zone or home)

    def sweep(self) -> None:
        """By one, or by two at once, each of which goes on until it finds nothing."""
        failed: list[BaseException] = []
        threads = [threading.Thread(target=self._sweep, args=(failed,)) for _ in range(self.sweepers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failed, failed
        if self.collisions:
            self._sweep(failed)  # as the next tick does
        self.look(swept=True)

    def _sweep(self, failed: list[BaseException]) -> None:
        try:
            for _ in range(200):
                with self.database.transaction() as session:
                    if not reminders.fall_due(session, now=self.now, policy=self.rules):
                        return
            raise AssertionError("a sweep without an end")
        except (IntegrityError, OperationalError):
            self.collisions += 1
        except BaseException as error:
            failed.append(error)

    def go_on(self, until: datetime, *, every: timedelta = 3 * HOUR) -> None:
        """Time passes: to every instant at which something is due, and in steps of `every` besides."""
        while self.now < until:
            self.now = min(until, self.now + every, *self._next())
            self.sweep()

    def be_away(self, until: datetime) -> None:
        """Touchpoint is not there; then it is again."""
        self.now = until
        self.sweep()

    def _next(self) -> list[datetime]:
        with self.database.transaction() as session:
            found = session.scalar(
                select(func.min(Reminder.due_at)).where(Reminder.state.in_(WAITING), Reminder.due_at > self.now)
            )
        return [found] if found else []

    # what is checked

    def look(self, *, swept: bool) -> None:
        with self.database.transaction() as session:
            rows = session.scalars(select(Reminder).order_by(Reminder.id)).all()
            chosen = {one.person_id: one for one in session.scalars(select(Preferences))}
            people = {one.id: one for one in session.scalars(select(Person))}
            lines = {(one.digest_id, one.reminder_id) for one in session.scalars(select(DigestLine))}
            posts = Counter(
                (post.subject_id, post.slot) for post in session.scalars(select(Post).where(Post.noun == "reminder"))
            )
        assert not posts or max(posts.values()) == 1
        for row in rows:
            self._one(row, people, chosen, swept)
            self.seen[row.id] = (row.state, row.messages)
        self._digests(lines - self.listed, {row.id: row for row in rows})
        self.listed = lines
        assert all(count <= MOST for count in self.own.values()), self.own

    def _one(self, row: Reminder, people: dict[int, Person], chosen: dict[int, Preferences], swept: bool) -> None:
        state, messages = self.seen.get(row.id, (ReminderState.PLANNED, 0))
        steps = [state, *REMINDER_TRANSITIONS[state]]
        assert row.state == state or any(row.state in REMINDER_TRANSITIONS[one] for one in steps), (state, row.state)
        if row.kind == DIGEST:
            return
        due = self.expected[row.id]
        newly_told = row.state in TOLD and (state not in TOLD or row.messages > messages)
        if newly_told:
            assert due.armed, f"told twice: {row.why}"
            assert due.at <= self.now, f"too early: {row.why}"
            assert row.messages - messages == (row.state == ReminderState.SENT and row.place != Place.THREAD)
            due.armed = False
        if row.messages > messages:
            reader = people[row.told_to_id or 0]
            usual = row.is_chosen or self.reachable(reader, chosen.get(reader.id))
            assert usual, f"outside working hours: {row.why}"
            if not row.is_chosen:
                self.own[reader.id, self.now.astimezone(ZoneInfo(reader.time_zone or "UTC")).date()] += 1
        if swept and row.state in WAITING and due.at <= self.now and row.recipient_id:
            reader = people[row.recipient_id]
            assert not self.reachable(reader, chosen.get(reader.id)) or row.due_at > self.now, f"left lying: {row.why}"
            assert row.place != Place.DIGEST or row.due_at > self.now, f"not folded: {row.why}"
            assert row.due_at > self.now, f"due and not told: {row.why}"

    def _digests(self, lines: set[tuple[int, int]], rows: dict[int, Reminder]) -> None:
        for digest, one in lines:
            assert rows[digest].state == ReminderState.SENT
            assert rows[one].state in TOLD, f"in a digest, though it waits or is over: {rows[one].why}"

    def check_all_was_told(self) -> None:
        """After weeks: nothing that fell due still waits, and whatever was told and is open stands in a digest."""
        with self.database.transaction() as session:
            rows = session.scalars(select(Reminder).where(Reminder.kind != DIGEST)).all()
            lines = select(DigestLine.reminder_id, func.max(Reminder.told_at)).join(
                Reminder, Reminder.id == DigestLine.digest_id
            )
            listed = {line[0]: line[1] for line in session.execute(lines.group_by(DigestLine.reminder_id))}
        for row in rows:
            late = row.state in WAITING and self.expected[row.id].at < self.now - 14 * DAY
            assert not late or row.is_chosen, f"lost: {row.why}"
            if row.state in TOLD and row.recipient_id and self.expected[row.id].at < self.now - 14 * DAY:
                assert row.id in listed, f"never in a digest: {row.why}"
                assert listed[row.id] > self.now - 7 * DAY, f"no longer in the digests: {row.why}"

    def reachable(self, person: Person, chosen: Preferences | None) -> bool:
        """Whether this person works at this minute, by their own clock."""
        local = self.now.astimezone(ZoneInfo(person.time_zone or HOMES[0])).replace(tzinfo=None)
        first, last = (chosen and chosen.from_time) or time(9), (chosen and chosen.to_time) or time(17, 30)
        home = {zone: name for name, zone in zip(COUNTRIES, HOMES, strict=True)}.get(person.time_zone or "", "north")
        if chosen and (chosen.is_away(local.date()) or (chosen.muted_until_at and chosen.muted_until_at > self.now)):
            return False
        return works((chosen and chosen.region) or home, local.date()) and first <= local.time() < last


def works(region: str, day: date) -> bool:
    country, subdivision, weekend = COUNTRIES[region]
    if day.weekday() in weekend:
        return False
    return day not in holidays.country_holidays(country, subdivision, years=day.year)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
