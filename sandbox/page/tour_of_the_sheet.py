"""The steps of *Try this* that show the sheet both ways: typed there it is in Slack, and the other way round."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sandbox import company
from sandbox.page.tour_of_red_accounts import turn_red
from sandbox.page.tour_of_reminders import NINE, next_at, pass_time, says, until
from sandbox.sheets.person import AtTheGrid
from sandbox.tour import CannotDo, Step, Subject, Tour

STATE, WORDS = "Current state", "Their new VP wants figures before the renewal."
OTHER_WORDS, THIRD_WORDS = "Their new VP reads our figures every Monday.", "Their new VP wants to pay less."
ASKED = "The sheet says"
A_MOMENT = timedelta(minutes=3)  # in which the sheet is looked at, and the thread is told


def grid(tour: Tour, who: str) -> AtTheGrid:
    return AtTheGrid(tour.world.sheets, who, company.TAB)


def row_of(tour: Tour, subject: Subject) -> int | None:
    """Its row, counted from the header; None while it has none."""
    seen = grid(tour, subject.ae).grid()
    if "Account ID" not in seen["header"]:
        return None
    at = seen["header"].index("Account ID")
    return next((number for number, row in enumerate(seen["rows"], 1) if row[at]["v"] == subject.id), None)


async def type_into_the_row(tour: Tour, subject: Subject) -> dict[str, Any]:
    """The AE types into the row; a moment later the card says it."""
    if row_of(tour, subject) is None:
        await turn_red(tour, subject)
        await pass_time(tour, A_MOMENT)
    row, person = row_of(tour, subject), grid(tour, subject.ae)
    header = person.grid()["header"]
    if row is None or STATE not in header:
        raise CannotDo(f"{subject.name} has no row in the sheet, or the sheet no column {STATE}.")
    person.type(row, header.index(STATE), WORDS)
    await pass_time(tour, A_MOMENT)
    return to_the_thread(tour, subject)


def to_the_thread(tour: Tour, subject: Subject) -> dict[str, Any]:
    return {"as": subject.ce, "channel": company.RED_ACCOUNTS, "thread": next(reversed(tour.cards(subject)), None)}


async def say(tour: Tour, subject: Subject, sentence: str) -> None:
    """Its CE fills in the form in Slack."""
    slack = tour.world.slack
    seen = await slack.command(subject.ce, tour.red_accounts(), f"/red-account {subject.name}")
    if not seen.view:
        raise CannotDo(seen.text or "The command failed.")
    await slack.submit(subject.ce, seen.view["id"], {"sentence": sentence})


def state_of(tour: Tour, subject: Subject) -> str | None:
    """What its row says under Current state."""
    seen, row = grid(tour, subject.ae).grid(), row_of(tour, subject)
    return (
        None if row is None or STATE not in seen["header"] else seen["rows"][row - 1][seen["header"].index(STATE)]["v"]
    )


async def sort_and_insert(tour: Tour, subject: Subject) -> dict[str, Any]:
    """The AE turns the sheet upside down, and what the CE writes in Slack finds its cell all the same."""
    if row_of(tour, subject) is None:
        raise CannotDo(f"{subject.name} has no row in the sheet; the step before makes it red.")
    person = grid(tour, subject.ae)
    header = person.grid()["header"]
    person.insert("COLUMNS", header.index(STATE))
    person.sort(header.index("Account"), descending=True)
    await say(tour, subject, OTHER_WORDS)
    await pass_time(tour, A_MOMENT)
    row = row_of(tour, subject)
    column = person.grid()["header"].index(STATE)
    return {"as": subject.ce, "tab": "sheet", "row": row + 1 if row else None, "column": column}


async def change_both(tour: Tour, subject: Subject) -> dict[str, Any]:
    """While the sheet cannot be reached, the AE writes there and the CE in Slack."""
    row, person, faults = row_of(tour, subject), grid(tour, subject.ae), tour.world.faults
    if row is None:
        raise CannotDo(f"{subject.name} has no row in the sheet; the steps before make it red.")
    fault = faults.switch_on("sheets", "down")
    try:
        person.type(row, person.grid()["header"].index(STATE), WORDS)
        await say(tour, subject, THIRD_WORDS)
    finally:
        faults.switch_off(fault.id)
    await pass_time(tour, A_MOMENT)
    if not is_asked(tour, subject):  # it waits for the morning
        await until(tour, next_at(tour, subject.ce, NINE) + A_MOMENT)
    message = tour.direct_message(subject.ce, ASKED)
    return {"as": subject.ce, **({"channel": message[0], "ts": message[1]} if message else {})}


def is_asked(tour: Tour, subject: Subject) -> bool:
    return says(tour, subject.ce, subject.name, ASKED)


async def delete_the_row(tour: Tour, subject: Subject) -> dict[str, Any]:
    row = row_of(tour, subject)
    if row is None:
        raise CannotDo(f"{subject.name} has no row in the sheet; the step before makes it red.")
    grid(tour, subject.ae).delete("ROWS", row)
    await pass_time(tour, A_MOMENT)
    return to_the_thread(tour, subject)


def is_said(tour: Tour, words: str) -> bool:
    messages = tour.world.slack.channels[company.RED_ACCOUNTS].messages.values()
    return any(words in f"{message.get('text', '')} {message.get('blocks', '')}" for message in messages)


STEPS = [
    Step(
        id="sheet-edit",
        account="s",
        title="{ae} types into {name}'s row in the sheet",
        what="In the sheet, write something into Current state. A minute later it is in Slack.",
        button="Type it, let three minutes pass",
        look="the card, and the one reply in its thread: Edited in the sheet.",
        act=type_into_the_row,
        done=lambda tour, s: is_said(tour, f"Edited in the sheet of {s.name}"),
    ),
    Step(
        id="sheet-sort",
        account="s",
        title="{ae} sorts the sheet and inserts a column",
        what="Sort it, insert columns as you like. Then write in Slack, as {ce}, what is happening with {name}.",
        button="Sort, insert, and write in Slack",
        look="{name}'s row, wherever it is by now: Current state is what {ce} wrote.",
        act=sort_and_insert,
        done=lambda tour, s: state_of(tour, s) == OTHER_WORDS,
    ),
    Step(
        id="sheet-both",
        account="s",
        title="{ae} and {ce} write different things",
        what="{ae} types into Current state; before Touchpoint has read it, {ce} writes something else in Slack.",
        button="Let both write",
        look="{ce}'s direct message: what the sheet says, what {ce} says, two buttons. Unanswered, the sheet's stays.",
        act=change_both,
        done=is_asked,
    ),
    Step(
        id="sheet-row",
        account="s",
        title="somebody deletes {name}'s row",
        what="Delete the row in the sheet. It is not put back by itself.",
        button="Delete it, let three minutes pass",
        look="the thread, which says so once, with a button: Add the row again.",
        act=delete_the_row,
        done=lambda tour, s: is_said(tour, f"Somebody deleted the sheet row of {s.name}"),
    ),
]
