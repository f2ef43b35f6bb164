"""What people may type into each column of the sheet that is theirs too, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.models import ActionItem, Ask, Person, RedAccount
from bot.models.red_accounts import Words
from bot.policy import Policy, Reason
from bot.queries import people, updates
from bot.queries.red_accounts import NOUN
from bot.workflows import history, red_accounts, salesforce_updates
from bot.workflows.keys import CUT
from bot.workflows.sheet_merge import Lines, Verdict

LONGEST_LINE, MOST_LINES, SHORT = 500, 30, 120  # the first two as in the forms


@dataclass(frozen=True)
class Edit:
    """A cell that says something else than we do."""

    column: str
    header: str  # as people call it
    verdict: Verdict
    theirs: str
    cell: Any  # theirs as it was read
    ours: str
    lines: Lines | None = None  # of a list


@dataclass(frozen=True)
class Given:
    """Who typed it, if it is known, and when."""

    by: Person | None
    now: datetime
    policy: Policy


@dataclass(frozen=True)
class Taken:
    """What the thread is told: what is taken over, and what of it is not."""

    became: str | None
    note: str | None = None


class Unreadable(Exception):
    """A cell does not say what its column is for; the sentence says why it stays in the sheet only."""


Take = Callable[[Session, RedAccount, Edit, Given], Taken]


def _write(session: Session, red: RedAccount, words: Words, given: Given) -> None:
    """As the form *Fill in* does."""
    red_accounts.write_down(session, red, words, by=given.by, now=given.now)


def _state(session: Session, red: RedAccount, edit: Edit, given: Given) -> Taken:
    _write(session, red, Words(sentence=edit.theirs), given)
    return Taken(edit.theirs)


def _goal(session: Session, red: RedAccount, edit: Edit, given: Given) -> Taken:
    _write(session, red, Words(goal=edit.theirs), given)
    return Taken(edit.theirs)


def _how_we_know(session: Session, red: RedAccount, edit: Edit, given: Given) -> Taken:
    _write(session, red, Words(how_we_know=edit.theirs), given)
    return Taken(edit.theirs)


def _reason(session: Session, red: RedAccount, edit: Edit, given: Given) -> Taken:
    """One of policy's reasons, or several with commas between them."""
    offered = given.policy.red_accounts.reasons
    parts = [edit.theirs] if _key(edit.theirs, offered) else edit.theirs.split(",")
    keys = [_key(part, offered) for part in parts if part.strip()]
    if not keys or not all(keys):
        raise Unreadable("It is none of the reasons that are offered there.")
    _write(session, red, Words(reasons=tuple(dict.fromkeys(key for key in keys if key))), given)
    return Taken(edit.theirs)


def _impact(session: Session, red: RedAccount, edit: Edit, given: Given) -> Taken:
    key = _key(edit.theirs, given.policy.red_accounts.impacts)
    if key is None:
        raise Unreadable("It is none of what is offered there.")
    _write(session, red, Words(impact=key), given)
    return Taken(edit.theirs)


def _sponsor(session: Session, red: RedAccount, edit: Edit, given: Given) -> Taken:
    named = people.by_name(session, edit.theirs)
    if named is None:
        raise Unreadable("Nobody in Slack, or more than one person, has exactly that name.")
    _write(session, red, Words(sponsor=named.slack_id), given)
    return Taken(named.name)


def _asks(session: Session, red: RedAccount, edit: Edit, given: Given) -> Taken:
    lines = _fitting(red, edit.lines or Lines())
    there = {ask.id: ask for ask in red.asks}
    _write(session, red, Words(asks=_not_there(lines.new, there)), given)
    _reword(session, red, "ask", there, lines, given)
    return _told_of(lines, there, f"{edit.header}. Withdraw it in Slack if nobody needs it any more.")


def _actions(session: Session, red: RedAccount, edit: Edit, given: Given) -> Taken:
    lines = _fitting(red, edit.lines or Lines())
    there = {item.id: item for item in red.action_items}
    _write(session, red, Words(actions=_not_there(lines.new, there)), given)
    _reword(session, red, "action", there, lines, given)
    return _told_of(lines, there, f"{edit.header}. Drop it in Slack if nobody does it any more.")


def _next_step(session: Session, red: RedAccount, edit: Edit, given: Given) -> Taken:
    """The next step, or its day, is what the newest update says it is."""
    newest = updates.newest(session, red.id)
    if newest is None:
        raise Unreadable("A next step belongs to an update, and nobody has posted one yet.")
    if edit.column == "next_on":
        try:
            newest.next_on = date.fromisoformat(edit.theirs)
        except ValueError:
            raise Unreadable("It is no date.") from None
    else:
        newest.next_step = edit.theirs
    history.record(session, NOUN, red.id, "next step", by=given.by, now=given.now, why=edit.theirs)
    salesforce_updates.follow(session, red, newest, now=given.now, policy=given.policy)
    return Taken(edit.theirs)


def _note(session: Session, red: RedAccount, edit: Edit, given: Given) -> Taken:
    history.record(session, NOUN, red.id, "what helped", by=given.by, now=given.now, why=edit.theirs)
    red.note = edit.theirs
    return Taken(edit.theirs)


COLUMNS: dict[str, Take] = {
    "state": _state,
    "goal": _goal,
    "how_we_know": _how_we_know,
    "reason": _reason,
    "impact": _impact,
    "sponsor": _sponsor,
    "asks": _asks,
    "actions": _actions,
    "next_step": _next_step,
    "next_on": _next_step,
    "note": _note,
}


def _fitting(red: RedAccount, lines: Lines) -> Lines:
    whats = [*lines.new, *(what for _, what in lines.reworded)]
    if not red.is_under_way and whats:
        raise Unreadable(f"The red account is {red.status}, and nothing is added to it any more.")
    if any(len(what) > LONGEST_LINE for what in whats) or len(whats) > MOST_LINES:
        raise Unreadable(f"Each line becomes an item: {MOST_LINES} at once, of {LONGEST_LINE} characters at the most.")
    if lines.unclear:
        raise Unreadable("Only what stands before the first comma is read here; who and by when are changed in Slack.")
    return lines


def _not_there(new: Sequence[str], there: Mapping[int, Ask] | Mapping[int, ActionItem]) -> tuple[str, ...]:
    whats = {item.what for item in there.values()}
    return tuple(what for what in new if what not in {*whats, CUT})


def _reword(
    session: Session,
    red: RedAccount,
    noun: str,
    there: Mapping[int, Ask] | Mapping[int, ActionItem],
    lines: Lines,
    given: Given,
) -> None:
    for number, what in lines.reworded:
        why = f"{there[number].what} → {what}"
        history.record(session, NOUN, red.id, f"{noun} reworded", by=given.by, now=given.now, why=why)
        there[number].what = what


def _told_of(lines: Lines, there: Mapping[int, Ask] | Mapping[int, ActionItem], what_then: str) -> Taken:
    """Whoever takes a line out of the cell has not said that it is done or not needed: it comes back."""
    became = "\n".join([*lines.new, *(what for _, what in lines.reworded)]) or None
    removed = [f"“{short(there[number].what)}”" for number in lines.removed]
    return Taken(became, f"{', '.join(removed[:3])} is back in {what_then}" if removed else None)


def _key(text: str, offered: Sequence[Reason]) -> str | None:
    """The key of a label, whatever its capitals."""
    wanted = " ".join(text.split()).casefold()
    return next((one.key for one in offered if wanted in (one.label.casefold(), one.key)), None)


def short(text: str) -> str:
    return text if len(text) <= SHORT else f"{text[: SHORT - 1].rstrip()}…"
