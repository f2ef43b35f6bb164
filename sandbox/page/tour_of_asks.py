"""The steps of *Try this* that show asks: another team is asked, takes it with one click, and it is there."""

from __future__ import annotations

from typing import Any

from sandbox import company
from sandbox.page.tour_of_red_accounts import turn_red
from sandbox.page.tour_of_reminders import card_is_up
from sandbox.tour import CannotDo, Step, Subject, Tour

WHAT = "SSO fix"


async def open_the_form(tour: Tour, subject: Subject) -> dict[str, Any]:
    """The account turns red if it is not, and its CE presses *Ask for help* on the card."""
    if not tour.cards(subject):
        await turn_red(tour, subject)
        await card_is_up(tour, subject)
    card = tour.cards(subject)[0]
    await tour.world.slack.click(subject.ce, tour.red_accounts(), card, "red_account.ask")
    return {"as": subject.ce, "channel": tour.red_accounts(), "ts": card}


async def to_the_team(tour: Tour, subject: Subject) -> dict[str, Any]:
    found = said(tour, subject, company.IDENTITY)
    if found is None:
        raise CannotDo(f"Nobody has asked Identity for {subject.name} yet; the step before does that.")
    return {"as": company.DEV.slack_id, "channel": company.IDENTITY, "ts": found}


async def say_a_need(tour: Tour, subject: Subject) -> dict[str, Any]:
    cards = tour.cards(subject)
    if not cards:
        raise CannotDo(f"{subject.name} has no card yet; the first of these steps makes one.")
    said_at = await tour.world.slack.say(subject.ae, tour.red_accounts(), "We need a call with their CFO", cards[0])
    return {"as": subject.ae, "channel": tour.red_accounts(), "thread": cards[0], "ts": said_at}


def said(tour: Tour, subject: Subject, channel: str, *words: str) -> str | None:
    """ts of the newest message of Touchpoint in a channel or a thread there that asks for something for the account."""
    place = tour.world.slack.channels.get(channel)
    for ts, message in reversed(place.messages.items() if place else []):
        text = f"{message.get('text', '')} {message.get('blocks', '')}"
        if message.get("bot_id") and f"for {subject.name}*" in text and all(word in text for word in words):
            return str(ts)
    return None


STEPS = [
    Step(
        id="ask",
        account="ask",
        title="{ce} asks Identity for something for {name}",
        what="Turn {name} red, then press Ask for help on its card: what, the team Identity, by when.",
        button="Turn it red, open the form",
        look="the card's We need, the ask in its thread, and the same ask in #identity without a word on money.",
        act=open_the_form,
        done=lambda tour, one: said(tour, one, company.IDENTITY) is not None,
    ),
    Step(
        id="ask-taken",
        account="ask",
        title="Dev takes it and delivers it",
        what="As Dev, in #identity, press I'll take it, then Delivered. ⋯ Undo takes either back.",
        button="Go to #identity as Dev",
        look="both copies, which change with each click. In the thread {ce} is told once that it is there.",
        act=to_the_team,
        done=lambda tour, one: said(tour, one, company.IDENTITY, "delivered by") is not None,
    ),
    Step(
        id="ask-made",
        account="ask",
        title="{ae} makes an ask of a message",
        what="{ae} writes what is needed in the thread. On that message choose ⋯, then Make this an ask.",
        button="Let {ae} write it",
        look="the form, filled with the message. Pick a person: they get it by direct message, with the same buttons.",
        act=say_a_need,
        done=lambda tour, one: said(tour, one, tour.red_accounts(), "CFO") is not None,
    ),
]
