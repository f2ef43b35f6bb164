"""What a person chooses for themself: hours, digest, region, mute, days away and who covers them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import InvalidForm
from bot.models import Person, Preferences, Reminder, ReminderState
from bot.policy import Policy
from bot.queries import people, preferences
from bot.reminders import hours, ledger, wall
from bot.reminders.choices import AWAY_FROM, AWAY_TO, COVER, MUTED, REGION, TO, Chosen, Reached, reached
from bot.reminders.reach import Reach
from bot.workflows import digests, history

NOUN = "person"  # in the history
LONGEST = timedelta(days=366)  # of a mute, and how far ahead somebody can be away


def save(session: Session, person: Person, wanted: Chosen, *, now: datetime, policy: Policy) -> Reached:
    """Keep what they chose, and let everything that waits for them follow. Answers what holds now.

    Raises `InvalidForm` that names every mistake.
    """
    # As the sweep does, so that nothing is told by the old hours while the new ones are written. The key is left
    # free: whoever plans a reminder for this person meanwhile refers to it, and may hold one that is wanted here.
    lock = {"of": Person, "key_share": True}
    person = session.get_one(Person, person.id, with_for_update=lock, populate_existing=True)
    mistakes = _mistakes(session, person, wanted, now=now, policy=policy)
    if mistakes:
        raise InvalidForm(mistakes)
    _write(session, person, wanted, policy)
    history.record(session, NOUN, person.id, "settings", by=person, now=now)
    reach = Reach(session, policy, now)
    look_again(session, person, reach, f"{person.name} changed their settings")
    digests.plan_anew(session, person, reach)
    if digests.open_for(session, person, now):
        digests.plan(session, [person], reach)  # and for who covers for them, who reads on their days away what is open
    return reached(reach, person)


def left_alone(session: Session, person: Person, now: datetime) -> list[Person]:
    """Those whom this person covers for on days on which they are away themself."""
    mine = preferences.of(session, person)
    theirs = select(Preferences, Person).join(Person, Person.id == Preferences.person_id)
    covered = session.execute(theirs.where(Preferences.cover_id == person.id).order_by(Person.name, Person.id))
    return [whom for chosen, whom in covered if _shared_days(mine, chosen, not_before=now.date())]


def _write(session: Session, person: Person, wanted: Chosen, policy: Policy) -> None:
    """What is as it would be without a choice is not kept: it goes on to follow policy and the person's time zone."""
    row = session.get(Preferences, person.id)
    if row is None:
        row = Preferences(person_id=person.id)
        session.add(row)
    usual = policy.reminders
    row.from_time = _unless(wanted.from_time, usual.from_time)
    row.to_time = _unless(wanted.to_time, usual.to_time)
    row.digest_time = _unless(wanted.digest_time, usual.digest_time)
    of_their_zone = hours.region_of(person, Preferences(person_id=person.id), policy)
    row.region = None if policy.regions[wanted.region] is of_their_zone else wanted.region
    row.muted_until_at = _muted_until(person, wanted)
    row.away_from_on, row.away_to_on = wanted.away_from_on, wanted.away_to_on
    row.cover = people.by_slack_id(session, wanted.cover) if wanted.cover else None
    row.cover_id = row.cover.id if row.cover else None
    session.flush()


def look_again(session: Session, person: Person, reach: Reach, why: str) -> None:
    """What waits for an hour that is no longer the right one is due now: the next sweep decides anew."""
    whose = [person, *preferences.covered_by(session, person, reach.now)]
    held = session.scalars(
        select(Reminder)
        .where(
            Reminder.recipient_id.in_([one.id for one in whose]),
            Reminder.state == ReminderState.HELD,
            Reminder.is_chosen.is_(False),
        )
        .order_by(Reminder.id)
        .with_for_update(of=Reminder)
    ).all()
    for row in held:
        assert row.recipient is not None  # it was found by them
        reader = reach.stand_in(row.recipient) or row.recipient
        until = reach.held_until(reader)
        if until and until[0] == row.due_at:
            ledger.postpone(row, row.due_at, reader.zone)  # perhaps their clock shows another time then
        else:
            ledger.postpone(row, reach.now, reader.zone, keeps_wall=False)
            row.note(f"looked at again: {why}", now=reach.now)


def _mistakes(session: Session, person: Person, wanted: Chosen, *, now: datetime, policy: Policy) -> dict[str, str]:
    """Field → what is wrong with it."""
    found: dict[str, str] = {}
    if wanted.region not in policy.regions:
        return {REGION: "This region is not in use any more. Pick another one."}
    if wanted.to_time <= wanted.from_time:
        found[TO] = "This has to be after the start, on the same day."
    today = wall.wall(now, person.zone).date()
    latest = today + LONGEST
    muted_until = _muted_until(person, wanted)
    if muted_until and muted_until <= now:
        found[MUTED] = "That morning is over. Pick a later day, or leave it empty."
    elif wanted.muted_until_on and wanted.muted_until_on > latest:
        found[MUTED] = "A year at the most. Pick an earlier day."
    found |= _mistakes_of_days(wanted, today, latest)
    if wanted.cover and not found.keys() & {AWAY_FROM, AWAY_TO}:
        mistake = _mistake_of_cover(session, person, wanted, wanted.cover, today)
        found |= {COVER: mistake} if mistake else {}
    return found


def _mistakes_of_days(wanted: Chosen, today: date, latest: date) -> dict[str, str]:
    first, last = wanted.away_from_on, wanted.away_to_on
    if first is None and last is None:
        return {}
    if first is None:
        return {AWAY_FROM: "Pick the first day away too, or clear the last one."}
    if last is None:
        return {AWAY_TO: "Pick the last day away too; the same day, if it is only one."}
    if last < first:
        return {AWAY_TO: "The last day away cannot be before the first."}
    if last < today:
        return {AWAY_TO: "These days are over. Pick others, or clear both."}
    if last > latest:
        return {AWAY_TO: "A year ahead at the most. Pick an earlier day."}
    return {}


def _mistake_of_cover(session: Session, person: Person, wanted: Chosen, slack_id: str, today: date) -> str | None:
    cover = people.by_slack_id(session, slack_id)
    if wanted.away_from_on is None or wanted.away_to_on is None:
        return "Say above which days you are away: they cover for you then."
    if cover is None or not cover.can_be_asked:
        return "Only a full member of this workspace can cover for you. Pick somebody else."
    if cover.id == person.id:
        return "You cannot cover for yourself. Pick somebody else."
    mine = Preferences(away_from_on=wanted.away_from_on, away_to_on=wanted.away_to_on)
    shared = _shared_days(mine, preferences.of(session, cover), not_before=today)
    if shared:
        first, last = shared
        days = f"from {first.day} {first:%b} to {last.day} {last:%b}" if first != last else f"on {first.day} {first:%b}"
        return f"{cover.name} is away too {days}. Pick somebody else, or other days."
    return None


def _shared_days(one: Preferences, other: Preferences, *, not_before: date) -> tuple[date, date] | None:
    """The first and the last day that both are away."""
    if one.away_from_on is None or other.away_from_on is None:
        return None
    first = max(one.away_from_on, other.away_from_on, not_before)
    last = min(one.away_to_on or one.away_from_on, other.away_to_on or other.away_from_on)
    return (first, last) if first <= last else None


def _muted_until(person: Person, wanted: Chosen) -> datetime | None:
    """The morning of that day, on their clock."""
    if wanted.muted_until_on is None:
        return None
    return wall.instant(wanted.muted_until_on, wanted.from_time, person.zone)


def _unless(chosen: time, usual: time) -> time | None:
    return None if chosen == usual else chosen
