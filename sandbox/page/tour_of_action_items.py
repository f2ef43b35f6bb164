"""The steps of *Try this* that show action items: each a message of its own, with a name, a date and an end."""

from __future__ import annotations

from typing import Any

from sandbox import company
from sandbox.page.tour_of_updates import red_and_filled_in
from sandbox.tour import CannotDo, Step, Subject, Tour


async def to_an_item(tour: Tour, subject: Subject) -> dict[str, Any]:
    found = items(tour, subject)
    if not found:
        raise CannotDo(f"{subject.name} has no action yet; the step before adds one.")
    return {"as": subject.ce, "channel": tour.red_accounts(), "thread": found[-1]["thread_ts"], "ts": found[-1]["ts"]}


async def my_actions(tour: Tour, subject: Subject) -> dict[str, Any]:
    seen = await tour.world.slack.command(subject.ce, company.CE, "/red-account actions")
    if not seen.ok:
        raise CannotDo(seen.text or "The command failed.")
    return {"as": subject.ce, "channel": company.CE}


def items(tour: Tour, subject: Subject) -> list[dict[str, Any]]:
    """The messages of actions under the account's cards."""
    channel = tour.world.slack.channels[tour.red_accounts()]
    replies = [reply for ts in tour.cards(subject) for reply in channel.replies(ts)]
    return [reply for reply in replies if "action_item.menu" in str(reply.get("blocks"))]


def said(tour: Tour, subject: Subject, words: str) -> bool:
    return any(words in str(item["blocks"]) for item in items(tour, subject))


STEPS = [
    Step(
        id="action-add",
        account="i",
        title="what we do about {name}",
        what="It is red and filled in. On its card press Add action. Two lines are two actions.",
        button="Have it red, go to its card",
        look="the thread: a message for each, with its owner and date. The card counts them.",
        act=red_and_filled_in,
        done=lambda tour, i: bool(items(tour, i)),
    ),
    Step(
        id="action-done",
        account="i",
        title="{ce} has done one of them",
        what="Press Done, or react to the message with a ✅ as its owner.",
        button="Go to the thread",
        look="the message, edited in place, and the card's count. Take the ✅ off, and it is open again.",
        act=to_an_item,
        done=lambda tour, i: said(tour, i, "done by"),
    ),
    Step(
        id="action-list",
        account="i",
        title="everything that {ce} has to do",
        what="As {ce}, type /red-account actions.",
        button="Type it",
        look="the open actions of all red accounts, each with its Done.",
        act=my_actions,
        done=lambda tour, i: "action-list" in tour.pressed,
    ),
]
