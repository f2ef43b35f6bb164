"""The steps of *Try this* that show Salesforce both ways: Tasks, a field that leaves Red, figures that ask."""

from __future__ import annotations

from typing import Any

from sandbox.page.tour_of_red_accounts import declare, turn_red
from sandbox.tour import HEALTH, CannotDo, Step, Subject, Tour


async def complete_the_task(tour: Tour, subject: Subject) -> dict[str, Any]:
    task = next((one for one in _tasks(tour, subject) if not one["IsClosed"]), None)
    if task is None:
        raise CannotDo(f"{subject.name} has no open Task; declare it with a line under We do, the step before.")
    tour.world.salesforce.update("Task", task["Id"], {"Status": "Completed"}, by=subject.ce_in_salesforce)
    return {"as": subject.ce, "channel": tour.red_accounts(), "tab": "salesforce", "account": subject.id}


async def leave_red(tour: Tour, subject: Subject) -> dict[str, Any]:
    if tour.world.salesforce.row("Account", subject.id)[HEALTH] != "Red":
        await turn_red(tour, subject)
        raise CannotDo(f"{subject.name} is set to Red now. Press again when its card is up.")
    tour.world.salesforce.update("Account", subject.id, {HEALTH: "Yellow"}, by=subject.ce_in_salesforce)
    return {"as": subject.ae, "channel": tour.red_accounts(), "tab": "salesforce", "account": subject.id}


async def bad_score(tour: Tour, subject: Subject) -> dict[str, Any]:
    tour.world.salesforce.update("Account", subject.id, {"Health_Score__c": 4.2})
    return {"as": subject.ce, "tab": "salesforce", "account": subject.id}


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
        id="suggest",
        account="figures",
        title="the figures of {name} are bad",
        what="Its health score falls to 4.2. Touchpoint sets nothing by itself.",
        button="Let the score fall",
        look="within a minute of working hours {ce} is asked: Mark red, or Not red with a reason.",
        act=bad_score,
        done=lambda tour, u: _is_asked(tour, u, " may be red"),
    ),
]
