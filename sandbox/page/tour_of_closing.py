"""The steps of *Try this* that show how a red account ends, and what can be read of all of them."""

from __future__ import annotations

from typing import Any

from sandbox import company
from sandbox.fortnight import menu_entry
from sandbox.page.tour_of_red_accounts import turn_red
from sandbox.page.tour_of_reminders import happens
from sandbox.tour import HEALTH, CannotDo, Step, Subject, Tour, header

LEAD = company.LENA


async def to_the_card(tour: Tour, subject: Subject) -> dict[str, Any]:
    """Its card; an account that is not red yet turns red first."""
    cards = tour.cards(subject)
    if not cards:
        return await turn_red(tour, subject)
    return {"as": subject.ce, "channel": tour.red_accounts(), "ts": cards[-1]}


async def red_again(tour: Tour, subject: Subject) -> dict[str, Any]:
    """Its CE resolves it with an action still open; then it turns red once more."""
    slack, salesforce, channel = tour.world.slack, tour.world.salesforce, tour.red_accounts()
    cards = tour.cards(subject)
    if not cards:
        raise CannotDo(f"{subject.name} has no card yet; the steps about actions make one.")
    if len(cards) == 1:
        card = slack.channels[channel].messages[cards[0]]
        if is_open(card):
            seen = await slack.click(subject.ce, channel, cards[0], "red_account.menu", menu_entry(card, "resolve"))
            if not seen.view:
                raise CannotDo(seen.text or "The form did not open.")
            await slack.submit(subject.ce, seen.view["id"], {"outcome": "green", "note": "They log in again."})
        await happens(lambda: salesforce.row("Account", subject.id)[HEALTH] == "Green", "Salesforce is not Green yet.")
        await turn_red(tour, subject)
        await happens(lambda: len(tour.cards(subject)) > 1, f"{subject.name} has no new card yet.")
    return {"as": subject.ce, "channel": channel, "thread": tour.cards(subject)[-1]}


async def lists(tour: Tour, subject: Subject) -> dict[str, Any]:
    return await _type(tour, subject.ce, "all")


async def history(tour: Tour, subject: Subject) -> dict[str, Any]:
    return await _type(tour, subject.ce, f"history {subject.name}")


async def export(tour: Tour, subject: Subject) -> dict[str, Any]:
    return await _type(tour, subject.ce, f"export {subject.name}")


async def figures(tour: Tour, subject: Subject) -> dict[str, Any]:
    return await _type(tour, LEAD.slack_id, "figures")


async def _type(tour: Tour, user: str, words: str) -> dict[str, Any]:
    seen = await tour.world.slack.command(user, company.CE, f"/red-account {words}")
    if not seen.ok:
        raise CannotDo(seen.text or "The command failed.")
    return {"as": user, "channel": company.CE}


def is_open(card: dict[str, Any]) -> bool:
    return header(card).endswith(" is red")


def offers_the_open_actions(tour: Tour, subject: Subject) -> bool:
    channel = tour.world.slack.channels[tour.red_accounts()]
    return any(
        "Carry over" in str(reply.get("blocks")) for ts in tour.cards(subject)[1:] for reply in channel.replies(ts)
    )


def has_left(tour: Tour, subject: Subject) -> bool:
    messages = tour.world.slack.channels[tour.red_accounts()].messages
    return any("has left" in header(messages[ts]) for ts in tour.cards(subject))


STEPS = [
    Step(
        id="leave",
        account="closing",
        title="{name} leaves",
        what="It turns red. On its card choose ⋯, then Resolve, Churned, and say why, with a link as evidence.",
        button="Turn it red, go to the card",
        look="the card: three lines, and one line to the channel. Salesforce stays Red, and no new card comes.",
        act=to_the_card,
        done=has_left,
    ),
    Step(
        id="relapse",
        account="i",
        title="{name} is green, and red again",
        what="{ce} resolves it with an action still open. Then Customer Health is set to Red once more.",
        button="Resolve it, set it to Red",
        look="the new card, red for the 2nd time. Its thread has the actions still open: Carry over takes them along.",
        act=red_again,
        done=offers_the_open_actions,
    ),
    Step(
        id="list",
        account="closing",
        title="everything that is red",
        what="As {ce}, type /red-account all. mine, overdue and region EMEA work alike.",
        button="Type it",
        look="a line each: money, renewal, what is missing or overdue, and its card.",
        act=lists,
        done=lambda tour, one: "list" in tour.pressed,
    ),
    Step(
        id="history",
        account="closing",
        title="every time that {name} was red",
        what="As {ce}, type /red-account history {name}.",
        button="Type it",
        look="how long it was, how it ended, and who said so.",
        act=history,
        done=lambda tour, one: "history" in tour.pressed,
    ),
    Step(
        id="export",
        account="closing",
        title="all that is known of {name}",
        what="As {ce}, type /red-account export {name}; add json or csv for another form.",
        button="Type it",
        look="the file in {ce}'s direct messages. touchpoint export writes the same on the server.",
        act=export,
        done=lambda tour, one: tour.direct_message(one.ce, "all that is known of it") is not None,
    ),
    Step(
        id="figures",
        account="closing",
        title="figures, for leads",
        what="As Lena, the CE lead, type /red-account figures.",
        button="Type it",
        look="what was saved, days red and days to a plan, quarter by quarter.",
        act=figures,
        done=lambda tour, one: "figures" in tour.pressed,
    ),
]
