"""The steps of *Try this* that show the sheet both ways: typed there it is in Slack, and the other way round."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sandbox import company
from sandbox.page.tour_of_red_accounts import turn_red
from sandbox.page.tour_of_reminders import pass_time
from sandbox.sheets.person import AtTheGrid
from sandbox.tour import CannotDo, Step, Subject, Tour

STATE, WORDS = "Current state", "Their new VP wants figures before the renewal."
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
    return {"as": subject.ce, "channel": company.RED_ACCOUNTS}


async def delete_the_row(tour: Tour, subject: Subject) -> dict[str, Any]:
    row = row_of(tour, subject)
    if row is None:
        raise CannotDo(f"{subject.name} has no row in the sheet; the step before makes it red.")
    grid(tour, subject.ae).delete("ROWS", row)
    await pass_time(tour, A_MOMENT)
    return {"as": subject.ce, "channel": company.RED_ACCOUNTS}


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
