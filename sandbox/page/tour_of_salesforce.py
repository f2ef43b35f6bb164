"""The steps of *Try this* that show Salesforce both ways: Tasks, a field that leaves Red, figures that ask."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sandbox import company
from sandbox.page.tour_of_red_accounts import declare, turn_red
from sandbox.page.tour_of_reminders import NINE, card_is_up, happens, next_at, until
from sandbox.tour import HEALTH, CannotDo, Step, Subject, Tour

BAD_SCORE = 4.2
MAY_BE_RED = "* may be red"  # as a line of a digest


async def complete_the_task(tour: Tour, subject: Subject) -> dict[str, Any]:
    task = next((one for one in _tasks(tour, subject) if not one["IsClosed"]), None)
    if task is None:
        raise CannotDo(f"{subject.name} has no open Task; declare it with a line under We do, the step before.")
    tour.world.salesforce.update("Task", task["Id"], {"Status": "Completed"}, by=subject.ce_in_salesforce)
    return {"as": subject.ce, "channel": tour.red_accounts(), "tab": "salesforce", "account": subject.id}


async def leave_red(tour: Tour, subject: Subject) -> dict[str, Any]:
    if tour.world.salesforce.row("Account", subject.id)[HEALTH] != "Red":
        await turn_red(tour, subject)
        await card_is_up(tour, subject)
    tour.world.salesforce.update("Account", subject.id, {HEALTH: "Yellow"}, by=subject.ce_in_salesforce)
    return {"as": subject.ae, "channel": tour.red_accounts(), "tab": "salesforce", "account": subject.id}


async def merge(tour: Tour, subject: Subject) -> dict[str, Any]:
    """The account of the steps about Tasks goes into this one."""
    red = tour.subjects["tasks"]
    if not tour.cards(red):
        raise CannotDo(f"{red.name} is not red yet; the steps about Tasks make it so.")
    salesforce = tour.world.salesforce
    if not salesforce.row("Account", red.id)["IsDeleted"]:
        await happens(lambda: salesforce.row("Account", red.id)[HEALTH] == "Red", f"{red.name} is not Red there yet.")
        salesforce.merge("Account", red.id, subject.id, by=subject.ce_in_salesforce)
    await happens(lambda: is_red(tour, subject), f"{subject.name} has no card yet.")
    return {"as": subject.ce, "channel": tour.red_accounts(), "thread": tour.cards(subject)[-1]}


def is_red(tour: Tour, subject: Subject) -> bool:
    return bool(tour.cards(subject))


async def bad_score(tour: Tour, subject: Subject) -> dict[str, Any]:
    tour.world.salesforce.update("Account", subject.id, {"Health_Score__c": BAD_SCORE})
    return {"as": subject.ce, "tab": "salesforce", "account": subject.id}


async def to_the_digest(tour: Tour, subject: Subject) -> dict[str, Any]:
    """The figures are looked at within half a minute; the working day after it has the question."""
    for _ in range(4):
        if _is_asked(tour, subject, MAY_BE_RED):
            break
        await until(tour, next_at(tour, subject.ce, NINE) + timedelta(minutes=1))
    asked = tour.direct_message(subject.ce, f"{subject.name}{MAY_BE_RED}")
    if asked:
        return {"as": subject.ce, "channel": asked[0], "ts": asked[1]}
    today = await tour.world.slack.command(subject.ce, company.CE, "/touchpoint today")  # the digest has seven lines
    if f"{subject.name}{MAY_BE_RED}" not in str(today.view):
        raise CannotDo(f"{subject.ce_name} is not asked about {subject.name}: its score has to fall, the step before.")
    return {"as": subject.ce, "channel": company.CE}


def _tasks(tour: Tour, subject: Subject) -> list[dict[str, Any]]:
    return [row for row in tour.world.salesforce.rows("Task") if row["WhatId"] == subject.id and not row["IsDeleted"]]


def _is_asked(tour: Tour, subject: Subject, words: str) -> bool:
    found = tour.direct_message(subject.ce, f"{subject.name}{words}")
    return found is not None


STEPS = [
    Step(
        id="task",
        account="tasks",
        title="what we do for {name} is a Task in Salesforce",
        what="As {ce}, type /red-account {name} and write a line under We do.",
        button="Open the form",
        look="the account in Salesforce: one Task for each line, owned by whoever does it.",
        act=declare,
        done=lambda tour, s: bool(_tasks(tour, s)),
    ),
    Step(
        id="task-done",
        account="tasks",
        title="{ce} completes the Task in Salesforce",
        what="The action on the card follows at the next poll.",
        button="Complete it",
        look="the card: the action is done. Reopen the Task in Salesforce and it is open again.",
        act=complete_the_task,
        done=lambda tour, s: any(one["IsClosed"] and "/A-" in (one["Subject"] or "") for one in _tasks(tour, s)),
    ),
    Step(
        id="off-red",
        account="off red",
        title="{name} leaves Red in Salesforce",
        what="It is red, and somebody sets it to Yellow there.",
        button="Set it to Red, then to Yellow",
        look="the question to {ce} and {ae}: is it over? Unanswered for a week, it is closed as yellow.",
        act=leave_red,
        done=lambda tour, t: _is_asked(tour, t, ": Salesforce says Yellow"),
    ),
    Step(
        id="merge",
        account="merged",
        title="a red account is merged into {name}",
        what="In Salesforce the account with the Tasks turns out to be a duplicate of {name}.",
        button="Merge it",
        look="the same card: its name is {name} now, and its thread says so. As {name} is Green, it asks: is it over?",
        act=merge,
        done=is_red,
    ),
    Step(
        id="suggest",
        account="figures",
        title="the figures of {name} are bad",
        what="Its health score falls to 4.2. Touchpoint sets nothing by itself.",
        button="Let the score fall",
        look="the account in Salesforce: still Green. {ce} is not disturbed for it today.",
        act=bad_score,
        done=lambda tour, u: tour.world.salesforce.row("Account", u.id)["Health_Score__c"] == BAD_SCORE,
    ),
    Step(
        id="suggest-digest",
        account="figures",
        title="{ce}'s morning digest asks whether {name} is red",
        what="Press Answer: mark it red, or say why it is not.",
        button="Skip to the morning",
        look="the digest (or /touchpoint today, if it is full): {name}, its figures, Answer. Once in fourteen days.",
        act=to_the_digest,
        done=lambda tour, u: _is_asked(tour, u, MAY_BE_RED) or "suggest-digest" in tour.pressed,
    ),
]
