"""The steps of *Try this* that show reminders: one person, once, at a good hour in their own time zone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from datetime import time as wall_time
from typing import Any
from zoneinfo import ZoneInfo

from sandbox import company
from sandbox.page.tour_of_red_accounts import propose, turn_red
from sandbox.tour import CannotDo, Step, Subject, Tour

NINE, AFTERNOON, EVENING = wall_time(9), wall_time(17), wall_time(19)
BOT_SECONDS = 60


async def until(tour: Tour, moment: datetime) -> None:
    """Let the time machine run until then, with everything that falls due on the way."""
    await pass_time(tour, moment - tour.world.clock.now())


async def pass_time(tour: Tour, span: timedelta, *, outage: bool = False) -> None:
    if tour.world.pass_time is None:
        raise CannotDo("This sandbox has no time machine.")
    await tour.world.pass_time(max(span.total_seconds(), 0), outage=outage)


def next_at(
    tour: Tour, user: str, at: wall_time, *, working_day: bool = True, after: timedelta = timedelta()
) -> datetime:
    """The next time, `after` that span, that this person's clock shows `at`."""
    now = their_time(tour, user) + after
    day = now.date() if now.time() < at else now.date() + timedelta(days=1)
    while working_day and day.weekday() > 4:
        day += timedelta(days=1)
    return datetime.combine(day, at, now.tzinfo)


def their_time(tour: Tour, user: str) -> datetime:
    return tour.world.clock.now().astimezone(ZoneInfo(tour.world.slack.users[user].tz))


async def in_working_hours(tour: Tour, user: str) -> None:
    """Outside of them a direct message waits; then it is the next working morning first."""
    now = their_time(tour, user)
    if now.weekday() > 4 or not NINE <= now.time() < AFTERNOON:
        await until(tour, next_at(tour, user, NINE) + timedelta(minutes=1))


async def ask_in_the_evening(tour: Tour, subject: Subject) -> dict[str, Any]:
    await until(tour, next_at(tour, subject.ce, EVENING, working_day=False))
    return await propose(tour, subject)


async def to_the_morning(tour: Tour, subject: Subject) -> dict[str, Any]:
    await until(tour, next_at(tour, subject.ce, NINE) + timedelta(minutes=1))
    return await to_the_question(tour, subject)


async def to_the_question(tour: Tour, subject: Subject) -> dict[str, Any]:
    message = tour.direct_message(subject.ce, subject.name)
    if message is None:
        raise CannotDo(f"{subject.ce_name} has not been asked about {subject.name} yet; the steps before do that.")
    return {"as": subject.ce, "channel": message[0], "ts": message[1]}


async def card_is_up(tour: Tour, subject: Subject) -> None:
    """The next poll sees it: before that, no time may pass."""
    await happens(lambda: bool(tour.cards(subject)), f"{subject.name} has no card yet.")


async def happens(it_has: Callable[[], bool], otherwise: str) -> None:
    """Wait until the bot has done something."""
    until_at = time.monotonic() + BOT_SECONDS
    while not it_has():
        if time.monotonic() > until_at:
            raise CannotDo(f"{otherwise} Is the bot running?")
        await asyncio.sleep(0.2)


async def red_and_left_alone(tour: Tour, subject: Subject) -> dict[str, Any]:
    """Two working days, at the end of which nothing is filled in."""
    await turn_red(tour, subject)
    await card_is_up(tour, subject)
    for _ in range(2):
        await until(tour, next_at(tour, subject.ce, NINE) + timedelta(minutes=1))
    digest = tour.direct_message(subject.ce, "Today:")
    return {"as": subject.ce, "channel": digest[0], "ts": digest[1]} if digest else {"as": subject.ce, "tab": "time"}


async def why(tour: Tour, subject: Subject) -> dict[str, Any]:
    return await _touchpoint(tour, subject, "why")


async def settings(tour: Tour, subject: Subject) -> dict[str, Any]:
    return await _touchpoint(tour, subject, "settings")


async def _touchpoint(tour: Tour, subject: Subject, words: str) -> dict[str, Any]:
    seen = await tour.world.slack.command(subject.ce, company.CE, f"/touchpoint {words}")
    if not seen.ok:
        raise CannotDo(seen.text or "The command failed.")
    return {"as": subject.ce, "channel": company.CE}


async def three_days_off(tour: Tour, subject: Subject) -> dict[str, Any]:
    """And the weekend too, where the third day falls on one: what waited comes on a working morning."""
    back = next_at(tour, subject.ce, NINE, after=timedelta(days=3)) + timedelta(minutes=2)
    await pass_time(tour, back - tour.world.clock.now(), outage=True)
    return {"as": subject.ce, "tab": "time"}


async def a_week(tour: Tour, subject: Subject) -> dict[str, Any]:
    await until(tour, next_at(tour, subject.ce, NINE, after=timedelta(days=7)) + timedelta(minutes=2))
    return {"as": subject.ce, "tab": "time"}


def says(tour: Tour, user: str, about: str, words: str) -> bool:
    """Whether a direct message about something says this."""
    for channel in tour.world.slack.channels.values():
        if channel.with_user == user:
            return any(
                about in text and words in text
                for text in (f"{m.get('text', '')} {m.get('blocks', '')}" for m in channel.messages.values())
            )
    return False


STEPS = [
    Step(
        id="evening",
        account="f",
        title="{ae} asks about {name} at seven in the evening",
        what="On {ce}'s clock it is 19:00. As {ae}, submit the form of /red-account {name}.",
        button="Skip to 19:00, open the form",
        look="{ae}'s direct message from Touchpoint. {ce} hears nothing now: it is after hours there.",
        act=ask_in_the_evening,
        done=lambda tour, f: "evening" in tour.pressed and tour.direct_message(f.ae, f.name) is not None,
    ),
    Step(
        id="morning",
        account="f",
        title="9:00 on {ce}'s own clock",
        what="The question has waited for {ce}'s working hours.",
        button="Skip to the morning",
        look="the direct message, its buttons, and its ⋯: later, to somebody else, or skip.",
        act=to_the_morning,
        done=lambda tour, f: tour.direct_message(f.ce, f.name) is not None,
    ),
    Step(
        id="snooze",
        account="f",
        title="{ce} wants it tomorrow",
        what="In the message choose ⋯, then Tomorrow 9:00.",
        button="Go to the message",
        look="the message, which says until when. Only this reminder moves.",
        act=to_the_question,
        done=lambda tour, f: says(tour, f.ce, f.name, "Snoozed by"),
    ),
    Step(
        id="digest",
        account="g",
        title="{name} turns red, and nobody fills it in",
        what="Two working days pass. On the day it is due, {ce} and {ae} read of it once, at 9:00.",
        button="Turn it red, skip two mornings",
        look="the morning digest: everything that is open in one message, and a button for what is due.",
        act=red_and_left_alone,
        done=lambda tour, g: says(tour, g.ce, g.name, "Say what is happening"),
    ),
    Step(
        id="why",
        account="g",
        title="why did I get this?",
        what="As {ce}, type /touchpoint why.",
        button="Type it",
        look="each reminder: its rule, its time zone, what held it back and when it was sent.",
        act=why,
        done=lambda tour, g: "why" in tour.pressed,
    ),
    Step(
        id="settings",
        account="g",
        title="{ce}'s hours, digest, days off and cover",
        what="As {ce}, type /touchpoint settings and submit the form.",
        button="Open the form",
        look="the answer: when {ce} is reached from now on.",
        act=settings,
        done=lambda tour, g: "settings" in tour.pressed,
    ),
    Step(
        id="three-days",
        account="g",
        title="three days without Touchpoint",
        what="Its process is stopped, and started again on the first working morning after three days.",
        button="Stop it for three days",
        look="What arrived: each thing once, questions first; one digest folds the rest.",
        act=three_days_off,
        done=lambda tour, g: "three-days" in tour.pressed,
    ),
    Step(
        id="week",
        account="g",
        title="a week of reminders",
        what="The time machine runs for a week, to a working morning, with everybody on their own clock.",
        button="Let a week pass",
        look="What arrived, day by day. Pick a person to see only theirs.",
        act=a_week,
        done=lambda tour, g: "week" in tour.pressed,
    ),
]
