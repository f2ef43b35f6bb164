"""The steps of *Try this* that show how a red account goes: updates, who is silent, replies, and Monday's summary."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any

from sandbox import company
from sandbox.page.tour_of_red_accounts import to_the_card
from sandbox.page.tour_of_reminders import NINE, next_at, their_time, until
from sandbox.tour import CannotDo, Step, Subject, Tour

SAID = {"reason": "low_adoption", "sentence": "Thirty of their two hundred people log in."}
MONDAY = 0
LUNCH = time(12)


async def red_and_filled_in(tour: Tour, subject: Subject) -> dict[str, Any]:
    """As after its first day: its CE has said what is happening."""
    if tour.cards(subject):
        return await to_the_card(tour, subject)
    slack, channel = tour.world.slack, tour.red_accounts()
    seen = await slack.command(subject.ce, channel, f"/red-account {subject.name}")
    if not seen.view:
        raise CannotDo(seen.text or "The command failed.")
    await slack.submit(subject.ce, seen.view["id"], SAID)
    return {"as": subject.ce, "channel": channel}


async def until_it_is_due(tour: Tour, subject: Subject) -> dict[str, Any]:
    """To noon of the day by which its card wants the next one."""
    place = await to_the_card(tour, subject)
    due = _due_on(tour, subject)
    while due and their_time(tour, subject.ce) < datetime.combine(due, LUNCH, their_time(tour, subject.ce).tzinfo):
        await until(tour, next_at(tour, subject.ce, LUNCH))
    return place | {"thread": place["ts"], "ts": None}


async def to_monday(tour: Tour, subject: Subject) -> dict[str, Any]:
    """To the next Monday; where that is a public holiday, to the morning after it. Nine o'clock is the leads'."""
    before = len(_summaries(tour))
    moment = next_at(tour, company.LENA.slack_id, NINE, working_day=False) + timedelta(minutes=2)
    while moment.weekday() != MONDAY:
        moment += timedelta(days=1)
    await until(tour, moment)
    for _ in range(3):
        if len(_summaries(tour)) > before:
            break
        await until(tour, next_at(tour, company.LENA.slack_id, NINE) + timedelta(minutes=2))
    return {"as": subject.ce, "channel": tour.red_accounts()}


def _due_on(tour: Tour, subject: Subject) -> date | None:
    """The day by which its card wants the next update."""
    card = tour.world.slack.channels[tour.red_accounts()].messages[tour.cards(subject)[0]]
    found = re.search(r"(?:first update|next) by (\d+ [A-Z][a-z]{2})(?: (\d{4}))?", str(card["blocks"]))
    if found is None:
        return None
    year = found[2] or their_time(tour, subject.ce).year
    return datetime.strptime(f"{found[1]} {year}", "%d %b %Y").date()  # noqa: DTZ007


def _in_thread(tour: Tour, subject: Subject, words: str) -> bool:
    """Whether something in the thread of its card says this."""
    channel = tour.world.slack.channels[tour.red_accounts()]
    threads = set(tour.cards(subject))
    return any(m.get("thread_ts") in threads and words in m.get("text", "") for m in channel.messages.values())


def _summaries(tour: Tour) -> list[str]:
    """ts of those that came up during the tour."""
    channel = tour.world.slack.channels.get(tour.red_accounts())
    began = tour.began.timestamp() + 60 if tour.began else 0
    texts = {ts: message.get("text", "") for ts, message in channel.messages.items()} if channel else {}
    return [ts for ts, text in texts.items() if float(ts) > began and re.match(r"[\d,]+ red accounts?\b", text)]


STEPS = [
    Step(
        id="update",
        account="u",
        title="{ce} posts an update on {name}",
        what="{name} is red and filled in. On its card press Post update: one sentence is enough.",
        button="Have it red, go to its card",
        look="the update in the thread, once, and the card's last line: when the next one is due.",
        act=red_and_filled_in,
        done=lambda tour, u: _in_thread(tour, u, ", update by "),
    ),
    Step(
        id="reply",
        account="u",
        title="a plain reply becomes the update that is due",
        what="Time passes until the next update is due. As {ce}, say something in the thread of the card.",
        button="Skip to that day",
        look="the message to {ce}: Use as update. Whatever is said in the thread is kept, without license keys.",
        act=until_it_is_due,
        done=lambda tour, u: tour.direct_message(u.ce, "in its thread the update?") is not None,
    ),
    Step(
        id="monday",
        account="u",
        title="Monday, 9:00: all red accounts at a glance",
        what="Who needs a leader, what is worse, who is silent, what goes well. Nobody is mentioned.",
        button="Skip to Monday",
        look="the summary in #red-accounts: a line for each account with its money, renewal and one sentence.",
        act=to_monday,
        done=lambda tour, _: bool(_summaries(tour)),
    ),
]
