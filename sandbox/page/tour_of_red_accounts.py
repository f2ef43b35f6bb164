"""The steps of *Try this* that show the spine: an account turns red, and Slack, the sheet and Salesforce agree."""

from __future__ import annotations

from typing import Any

from sandbox.tour import HEALTH, CannotDo, Step, Subject, Tour


async def turn_red(tour: Tour, subject: Subject) -> dict[str, Any]:
    tour.world.salesforce.update("Account", subject.id, {HEALTH: "Red"}, by=subject.ce_in_salesforce)
    return {"as": subject.ce, "channel": tour.red_accounts(), "tab": "salesforce", "account": subject.id}


async def command_of(tour: Tour, subject: Subject, user: str) -> dict[str, Any]:
    channel = tour.red_accounts()
    seen = await tour.world.slack.command(user, channel, f"/red-account {subject.name}")
    if not seen.ok:
        raise CannotDo(seen.text or "The command failed.")
    return {"as": user, "channel": channel}


async def declare(tour: Tour, subject: Subject) -> dict[str, Any]:
    return await command_of(tour, subject, subject.ce)


async def propose(tour: Tour, subject: Subject) -> dict[str, Any]:
    return await command_of(tour, subject, subject.ae)


async def confirm(tour: Tour, subject: Subject) -> dict[str, Any]:
    message = tour.direct_message(subject.ce, subject.name)
    if message is None:
        raise CannotDo(f"{subject.ce_name} has not been asked about {subject.name} yet; the step before does that.")
    return {"as": subject.ce, "channel": message[0], "ts": message[1]}


async def to_the_card(tour: Tour, subject: Subject) -> dict[str, Any]:
    cards = tour.cards(subject)
    if not cards:
        raise CannotDo(f"{subject.name} has no card yet; the first step makes one.")
    return {"as": subject.ce, "channel": tour.red_accounts(), "ts": cards[0]}


async def take_salesforce_away(tour: Tour, subject: Subject) -> dict[str, Any]:
    faults = tour.world.faults
    if not any(fault.system == "salesforce" and fault.kind == "down" for fault in faults.on):
        faults.switch_on("salesforce", "down")
        tour.world.changed("faults")
    return await declare(tour, subject)


async def bring_salesforce_back(tour: Tour, subject: Subject) -> dict[str, Any]:
    for fault in list(tour.world.faults.on):
        if fault.system == "salesforce":
            tour.world.faults.switch_off(fault.id)
    tour.world.changed("faults")
    return {"as": subject.ce, "channel": tour.red_accounts(), "tab": "salesforce", "account": subject.id}


def runner_of(tour: Tour) -> Any:
    runner = getattr(tour.world, "runner", None)
    if runner is None:
        raise CannotDo("The bot runs elsewhere: this page cannot stop or start it.")
    return runner


async def kill_the_bot(tour: Tour, subject: Subject) -> dict[str, Any]:
    await runner_of(tour).kill()
    tour.world.changed("bot")
    return await turn_red(tour, subject)


async def start_the_bot(tour: Tour, subject: Subject) -> dict[str, Any]:
    await runner_of(tour).start()
    tour.world.changed("bot")
    return {"as": subject.ce, "channel": tour.red_accounts(), "tab": "sheet"}


def bot_is_running(tour: Tour) -> bool:
    runner = getattr(tour.world, "runner", None)
    return bool(runner.running if runner else tour.world.slack.sockets.connections)


STEPS = [
    Step(
        id="turn-red",
        account="a",
        title="{name} turns red in Salesforce",
        what="{ce}, its CE, sets Customer Health to Red by hand.",
        button="Set it to Red",
        look="the countdown, then one card in #red-accounts, its first reply in the thread, and one new sheet row.",
        act=turn_red,
        done=lambda tour, a: bool(tour.cards(a)) and tour.row(a),
    ),
    Step(
        id="declare",
        account="b",
        title="{ce} declares {name}",
        what="As its CE, type /red-account {name}. A reason and one sentence are all it needs.",
        button="Open the form",
        look='the card, up at once and saying "not yet in Salesforce" until it is.',
        act=declare,
        done=lambda tour, b: bool(tour.cards(b)) and tour.written(b, "Red"),
    ),
    Step(
        id="again",
        account="b",
        title="declare {name} once more",
        what="The same command, when it is red already.",
        button="Type it again",
        look="what opens: the red account that is there. No second card, also after a double click.",
        act=declare,
        done=lambda tour, b: "again" in tour.pressed and len(tour.cards(b)) == 1,
    ),
    Step(
        id="propose",
        account="c",
        title="{ae}, an AE, thinks {name} is red",
        what="As its AE, type /red-account {name} and submit the form.",
        button="Open the form",
        look="{ae}'s direct message from Touchpoint: whom it waits for. Salesforce stays as it is.",
        act=propose,
        done=lambda tour, c: tour.direct_message(c.ce, c.name) is not None and not tour.written(c, "Red"),
    ),
    Step(
        id="confirm",
        account="c",
        title="{ce} is asked, and confirms",
        what="As its CE, press Mark red in the direct message.",
        button="Go to the message",
        look="the message, which changes in place, and Customer Health of {name}.",
        act=confirm,
        done=lambda tour, c: tour.written(c, "Red"),
    ),
    Step(
        id="resolve",
        account="a",
        title="{name} is over",
        what="On its card choose ⋯, then Resolve, with an outcome and a note.",
        button="Go to the card",
        look="the card and Salesforce: green or yellow in both, and it stays so. The row says closed.",
        act=to_the_card,
        done=lambda tour, a: tour.written(a, "Yellow", "Green"),
    ),
    Step(
        id="away",
        account="d",
        title="Salesforce goes away",
        what="It answers 503 from now on. {ce} declares {name} nevertheless.",
        button="Take it away, open the form",
        look="the card, which says so, and What happened. Nothing for {ce} to do.",
        act=take_salesforce_away,
        done=lambda tour, d: bool(tour.cards(d)) and tour.refused_with("salesforce", 503),
    ),
    Step(
        id="back",
        account="d",
        title="Salesforce comes back",
        what="The fault is switched off.",
        button="Bring it back",
        look="Customer Health of {name}: set within a minute or two. The card's line about it goes.",
        act=bring_salesforce_back,
        done=lambda tour, d: tour.written(d, "Red"),
    ),
    Step(
        id="kill",
        account="e",
        title="the bot is killed, and {name} turns red meanwhile",
        what="kill -9 ends its process in the middle of its work; then {ce} sets the account to Red.",
        button="Kill it",
        look="#red-accounts: nothing comes. Whatever you press is answered by Slack alone.",
        act=kill_the_bot,
        done=lambda tour, e: "kill" in tour.pressed,
    ),
    Step(
        id="start",
        account="e",
        title="start it again",
        what="It reads what it had promised and what it missed.",
        button="Start it",
        look="one card for {name}, one row. Nothing lost, nothing twice.",
        act=start_the_bot,
        done=lambda tour, e: bot_is_running(tour) and len(tour.cards(e)) == 1 and tour.row(e),
    ),
]
