"""The steps of *Try this* that show a plan: what is missing, who agrees, and what the card says of it."""

from __future__ import annotations

from typing import Any

from sandbox.page.tour_of_red_accounts import declare, to_the_card
from sandbox.page.tour_of_reminders import in_working_hours, says
from sandbox.tour import CannotDo, Step, Subject, Tour

AGREE = "Do you agree?"


async def declare_in_working_hours(tour: Tour, subject: Subject) -> dict[str, Any]:
    await in_working_hours(tour, subject.ae)
    return await declare(tour, subject)


async def to_the_agreement(tour: Tour, subject: Subject) -> dict[str, Any]:
    message = tour.direct_message(subject.ae, subject.name, AGREE)
    if message is None:
        raise CannotDo(f"{subject.ae_name} has not been asked about {subject.name} yet; the step before does that.")
    return {"as": subject.ae, "channel": message[0], "ts": message[1]}


def card_says(tour: Tour, subject: Subject, words: str) -> bool:
    """Whether the newest card about this account says this by now."""
    channel = tour.world.slack.channels[tour.red_accounts()]
    newest = tour.cards(subject)[-1:]
    return any(words in str(channel.messages[ts].get("blocks", "")) for ts in newest)


STEPS = [
    Step(
        id="hand-mark",
        account="h",
        title="{ce} marks {name} red, and so asks {ae} to agree",
        what="In {ae}'s working hours, as its CE, submit the form of /red-account {name}. {ce} agrees by that.",
        button="Open the form",
        look="the card: ⚠ names what is missing, of whom, by when. {ae} has a direct message.",
        act=declare_in_working_hours,
        done=lambda tour, h: card_says(tour, h, "Missing:") and tour.direct_message(h.ae, h.name, AGREE) is not None,
    ),
    Step(
        id="agree",
        account="h",
        title="{ae} agrees with one click",
        what="As its AE, press Agree in the direct message, or on the card.",
        button="Go to the message",
        look="the message and the card: {ae}'s agreement is not missing any more. ⋯ > History says who agreed.",
        act=to_the_agreement,
        done=lambda tour, h: says(tour, h.ae, h.name, " agreed"),
    ),
    Step(
        id="plan",
        account="h",
        title="A goal with a number for {name}",
        what="On its card choose ⋯, then Edit plan. Try a goal without a number first.",
        button="Go to the card",
        look="the card, which shows the goal. {ae} is asked once more: {ce} changed what was agreed to.",
        act=to_the_card,
        done=lambda tour, h: card_says(tour, h, "*Goal*"),
    ),
]
