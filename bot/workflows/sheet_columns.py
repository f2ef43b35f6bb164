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

LONGEST_LINE, MOST_LINES = 500, 30  # as in the forms
SHORT, MOST_NAMED = 120, 3
ONLY_A_KEY = "A key says nothing, and is kept nowhere else. Take it out there."


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
    """What is taken over, what is not, and what the thread is told of that."""

    became: str | None
    notes: tuple[str, ...] = ()
    left: tuple[str, ...] = ()  # lines that stay in the sheet only
    put_back: tuple[str, ...] = ()  # lines that ours are written over


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
    there = {ask.id: ask for ask in red.asks}
    fitting = _fitting(red, edit.lines or Lines(), there)
    _write(session, red, Words(asks=fitting.new), given)
    _reword(session, red, "ask", there, fitting, given)
    return _told_of(edit, fitting, there, "Withdraw in Slack what nobody needs any more.")


def _actions(session: Session, red: RedAccount, edit: Edit, given: Given) -> Taken:
    there = {item.id: item for item in red.action_items}
    fitting = _fitting(red, edit.lines or Lines(), there)
    _write(session, red, Words(actions=fitting.new), given)
    _reword(session, red, "action", there, fitting, given)
    return _told_of(edit, fitting, there, "Drop in Slack what nobody does any more.")


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


@dataclass(frozen=True)
class _Fitting:
    """What becomes of each line of a list: one that cannot be taken keeps none of the others out."""

    new: tuple[str, ...]
    reworded: tuple[tuple[int, str], ...]
    left: dict[str, str]  # a line that stays in the sheet only → why
    put_back: dict[str, str]  # a line that ours is written over → why


def _fitting(red: RedAccount, lines: Lines, there: Mapping[int, Ask] | Mapping[int, ActionItem]) -> _Fitting:
    known = {item.what for item in there.values()}
    wanted = [line for line in (*lines.waiting, *lines.new) if line not in known]
    left = {line: why for line in wanted if (why := _why_not(red, line))}
    new = [line for line in wanted if line not in left]
    left |= dict.fromkeys(new[MOST_LINES:], f"{MOST_LINES} at once become items, the others when it is edited again.")
    put_back = {what: why for _, what in lines.reworded if (why := _why_not(red, what))}
    reworded = tuple((number, what) for number, what in lines.reworded if what not in put_back)
    put_back |= dict.fromkeys(lines.unclear, "Who and by when are changed in Slack.")
    return _Fitting(tuple(new[:MOST_LINES]), reworded, left, put_back)


def _why_not(red: RedAccount, line: str) -> str | None:
    if line == CUT:
        return ONLY_A_KEY
    if not red.is_under_way:
        return f"The red account is {red.status}, and nothing is added to it any more."
    return f"A line has {LONGEST_LINE} characters at the most." if len(line) > LONGEST_LINE else None


def _reword(
    session: Session,
    red: RedAccount,
    noun: str,
    there: Mapping[int, Ask] | Mapping[int, ActionItem],
    fitting: _Fitting,
    given: Given,
) -> None:
    for number, what in fitting.reworded:
        why = f"{there[number].what} → {what}"
        history.record(session, NOUN, red.id, f"{noun} reworded", by=given.by, now=given.now, why=why)
        there[number].what = what


def _told_of(
    edit: Edit, fitting: _Fitting, there: Mapping[int, Ask] | Mapping[int, ActionItem], what_then: str
) -> Taken:
    """Whoever takes a line out of the cell has not said that it is done or not needed: it comes back."""
    lines = edit.lines or Lines()
    became = "\n".join([*fitting.new, *(what for _, what in fitting.reworded)]) or None
    left = {line: why for line, why in fitting.left.items() if line not in lines.waiting}
    notes = [f"{edit.header}: {named} in the sheet only. {why}" for named, why in _by_why(left, "stays", "stay")]
    notes += [f"{edit.header} said {named}. {why} Our line is there again." for named, why in _by_why(fitting.put_back)]
    removed = {there[number].what: what_then for number in lines.removed}
    notes += [f"{named} back in {edit.header}. {why}" for named, why in _by_why(removed, "is", "are")]
    return Taken(became, tuple(notes), tuple(fitting.left), tuple(fitting.put_back))


def _by_why(lines: Mapping[str, str], one: str = "", several: str = "") -> list[tuple[str, str]]:
    """The lines for which the same holds, in one sentence: “Admin training”, “A call” and 2 more are …"""
    found = []
    for why in dict.fromkeys(lines.values()):
        named = [f"“{short(line)}”" for line in lines if lines[line] == why]
        more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
        found.append((f"{', '.join(named[:MOST_NAMED])}{more} {one if len(named) == 1 else several}".rstrip(), why))
    return found


def _key(text: str, offered: Sequence[Reason]) -> str | None:
    """The key of a label, whatever its capitals."""
    wanted = " ".join(text.split()).casefold()
    return next((one.key for one in offered if wanted in (one.label.casefold(), one.key)), None)


def short(text: str) -> str:
    return text if len(text) <= SHORT else f"{text[: SHORT - 1].rstrip()}…"
