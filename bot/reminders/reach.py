"""Who can be reached when, who stands in, and who has heard enough for today. Read once for each transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.models import Person, Post, Preferences, Reminder
from bot.policy import Policy, Region
from bot.queries import preferences
from bot.reminders import hours, wall
from bot.reminders.hours import Hours, held_until
from bot.reminders.kinds import DIGEST

_LONGEST_DAY = timedelta(days=2)  # no calendar day anywhere is longer


class Reach:
    def __init__(self, session: Session, policy: Policy, now: datetime) -> None:
        self.session, self.policy, self.now = session, policy, now
        self._chosen: dict[int, Preferences] = {}
        self._told: dict[int, Counter[date]] = {}
        self._today: dict[int, date] = {}
        self._held: dict[int, tuple[datetime, str] | None] = {}

    def read(self, people: Collection[Person]) -> None:
        """Everything about these people at once, before they are gone through one by one."""
        unread = {person.id: person for person in people if person.id not in self._chosen}
        if not unread:
            return
        found = preferences.many(self.session, unread)
        self._chosen |= {one: found.get(one) or Preferences(person_id=one) for one in unread}
        by_slack_id = {person.slack_id: person for person in unread.values()}
        self._told |= {person_id: Counter() for person_id in unread}
        sent = (
            select(Post.recipient, Post.told_at)
            .join(Reminder, Reminder.id == Post.subject_id)
            .where(Post.recipient.in_(by_slack_id), Post.told_at > self.now - _LONGEST_DAY, Reminder.kind != DIGEST)
        )
        for slack_id, told_at in self.session.execute(sent):
            if told_at is not None:
                self._told[by_slack_id[slack_id].id][self._day(by_slack_id[slack_id], told_at)] += 1

    def chosen(self, person: Person) -> Preferences:
        if person.id not in self._chosen:
            self.read([person])
        return self._chosen[person.id]

    def hours(self, person: Person) -> Hours:
        return hours.of(person, self.chosen(person), self.policy)

    def held_until(self, person: Person) -> tuple[datetime, str] | None:
        if person.id not in self._held:
            self._held[person.id] = held_until(self.now, self.hours(person))
        return self._held[person.id]

    def region_held_until(self, region: Region) -> tuple[datetime, str] | None:
        """When a channel's people can be reached: in the usual hours of their region."""
        usual = self.policy.reminders
        return held_until(self.now, Hours(region.time_zone, region, usual.from_time, usual.to_time))

    def digest_hours(self, person: Person) -> Hours:
        """The digest may come before the first hour: they chose that."""
        found, at = self.hours(person), self.digest_time(person)
        later = at.replace(second=59, microsecond=999999)  # the whole minute, also the last one of the day
        return replace(found, from_time=min(found.from_time, at), to_time=max(found.to_time, later))

    def digest_time(self, person: Person) -> time:
        return self.chosen(person).digest_time or self.policy.reminders.digest_time

    def today(self, person: Person) -> date:
        if person.id not in self._today:
            self._today[person.id] = self._day(person, self.now)
        return self._today[person.id]

    def stand_in(self, person: Person) -> Person | None:
        """Who covers for them today, if they are away and somebody does."""
        chosen = self.chosen(person)
        cover = chosen.cover
        if cover is None or not cover.can_be_asked or not chosen.is_away(self.today(person)):
            return None
        return None if self.chosen(cover).is_away(self.today(cover)) else cover

    def cover_to_come(self, person: Person) -> Person | None:
        """Who covers for them, today or on a day to come."""
        chosen = self.chosen(person)
        is_coming = chosen.cover is not None and chosen.cover.can_be_asked and chosen.is_back_after(self.today(person))
        return chosen.cover if is_coming else None

    def has_room(self, person: Person) -> bool:
        """Whether one more message of its own may be sent to them today."""
        self.chosen(person)
        return self._told[person.id][self.today(person)] < self.policy.reminders.most_a_day

    def count(self, person: Person) -> None:
        self._told[person.id][self.today(person)] += 1

    def _day(self, person: Person, moment: datetime) -> date:
        return wall.wall(moment, person.zone).date()
