"""What people typed into the sheet comes to the red account, and its thread is told of it once a quarter of an hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.models import ConflictState, Person, RedAccount, SheetEdit, SheetRow
from bot.policy import Policy
from bot.queries import red_accounts as queries
from bot.queries import sheet_rows as found
from bot.queries.red_accounts import NOUN
from bot.workflows import history, posts, red_accounts, sheet_conflicts
from bot.workflows.keys import CUT
from bot.workflows.sheet_columns import COLUMNS, ONLY_A_KEY, Edit, Given, Taken, Unreadable, short
from bot.workflows.sheet_merge import Verdict

EDITED = f"{NOUN}.sheet_edits"  # notice
SOURCE = "the sheet"  # in the history
QUARTER = timedelta(minutes=15)  # between two replies in the same thread


def take(
    session: Session,
    red_account_id: int,
    edits: Sequence[Edit],
    *,
    seen: int,
    is_adopted: bool,
    now: datetime,
    policy: Policy,
) -> None:
    """Bring what people typed to the red account. `seen` is the newest entry of the history that `edits` knew.

    A row that they kept before Touchpoint came fills the plan quietly: nobody is told of it.
    """
    red = red_accounts.lock(session, red_account_id)
    if found.newest_entry(session, red.id) != seen:
        return  # somebody was faster by a moment; what they changed brings us here again
    row = session.get(SheetRow, red.id)
    if row is None:
        row = SheetRow(red_account_id=red.id, synced={}, writing={}, left={}, synced_at=now)
        session.add(row)
    is_changed = False
    for edit in edits:
        if edit.verdict == Verdict.CONFLICT:
            sheet_conflicts.ask(session, red, edit.column, edit.theirs, edit.ours, now=now, policy=policy)
        elif edit.verdict == Verdict.PUT_BACK:
            _put_back(session, red, row, edit, now=now)
        else:
            taken, is_other = _take_one(session, red, row, edit, by=None, now=now, policy=policy)
            is_changed |= is_other
            if not is_adopted:
                _remember(session, red, edit, became=taken.became, notes=taken.notes, now=now)
    if is_changed:
        red_accounts.changed(session, red, by=None, now=now, policy=policy)


def answer(
    session: Session, conflict_id: int, *, keep_sheet: bool, by: Person | None, now: datetime, policy: Policy
) -> None:
    """Which side of a conflict holds. Where nobody answers (`by` is None), the sheet's."""
    conflict, red = sheet_conflicts.lock(session, conflict_id)
    if by is None and conflict.state != ConflictState.ASKED:
        return  # somebody answered at the last moment
    column, theirs, ours = conflict.column, conflict.sheet_says or "", conflict.we_say or ""
    state = ConflictState.SHEET if keep_sheet else ConflictState.OURS
    sheet_conflicts.end(session, conflict, red, state, by=by, now=now, policy=policy)
    row = session.get_one(SheetRow, red.id)
    if keep_sheet:
        edit = Edit(column, policy.sheet.header(column), Verdict.TAKE, theirs, theirs, ours)
        taken, _ = _take_one(session, red, row, edit, by=by, now=now, policy=policy)
        _remember(session, red, edit, notes=taken.notes, now=now)
    else:
        row.writing = {**row.writing, column: theirs}  # may be written over from now on
    red_accounts.changed(session, red, by=by, now=now, policy=policy)


def say(session: Session, red_account_id: int, *, now: datetime) -> bool:
    """Tell the thread what was edited since it was last told, unless that was less than a quarter of an hour ago."""
    card = queries.card_post(session, red_account_id)
    of_it = SheetEdit.red_account_id == red_account_id
    last = session.scalar(select(func.max(SheetEdit.said_at)).where(of_it))
    if card and last and now - last < QUARTER:
        return False
    unsaid = session.scalars(
        select(SheetEdit).where(of_it, SheetEdit.said_at.is_(None)).order_by(SheetEdit.id).with_for_update()
    ).all()
    for edit in unsaid:
        edit.said_at = now
    if not card or not unsaid:
        return False
    key, ids = f"{EDITED}:{unsaid[0].id}", [edit.id for edit in unsaid]
    return posts.say(session, key, EDITED, red_account_id, to=card.recipient, now=now, under=card, edits=ids)


def _put_back(session: Session, red: RedAccount, row: SheetRow, edit: Edit, *, now: datetime) -> None:
    """Somebody typed into a column that is not theirs to fill, or emptied one: what they wrote is kept, and they are
    told.
    """
    row.writing = {**row.writing, edit.column: edit.cell}
    _keep(session, red, edit.header, edit.theirs or "emptied", now=now)
    note = f"{edit.header} said “{short(edit.theirs)}”. Touchpoint fills it in; it says “{short(edit.ours)}” again."
    if not edit.theirs:
        note = f"{edit.header} was emptied. It says “{short(edit.ours)}” again: an empty cell changes nothing in Slack."
    _remember(session, red, edit, notes=(note,), now=now)


def _take_one(
    session: Session,
    red: RedAccount,
    row: SheetRow,
    edit: Edit,
    *,
    by: Person | None,
    now: datetime,
    policy: Policy,
) -> tuple[Taken, bool]:
    """What was taken over, and whether anything of the red account is another thing now."""
    before = found.newest_entry(session, red.id)
    try:
        if edit.lines is None and not edit.theirs.replace(CUT, "").strip():
            raise Unreadable(ONLY_A_KEY)
        taken = COLUMNS[edit.column](session, red, edit, Given(by, now, policy))
        row.writing = {**row.writing, edit.column: edit.cell}  # it is ours as well from now on
        if edit.theirs.count(CUT) > edit.ours.count(CUT):
            told = f"{edit.header}: a key was cut out of it. Take it out of the sheet too."
            taken = replace(taken, notes=(told, *taken.notes))
        if edit.lines is not None:
            row.left = _with_lines(row.left, edit.column, taken.left)
    except Unreadable as why:
        row.left = {**row.left, edit.column: edit.cell}
        if row.synced:
            row.synced = {**row.synced, edit.column: edit.ours}  # once ours says something else, it is asked about
        taken = Taken(None, (f"{edit.header}: “{short(edit.theirs)}” stays in the sheet only. {why}",))
    session.flush()
    entries = found.entries_since(session, red.id, before)
    for entry in entries:
        entry.source = None if by else SOURCE  # somebody who says in Slack that the sheet's holds did it in Slack
    for line in taken.put_back:
        _keep(session, red, edit.header, line, now=now)
    return taken, bool(entries)


def _with_lines(left: dict[str, Any], column: str, lines: Sequence[str]) -> dict[str, Any]:
    others = {other: cell for other, cell in left.items() if other != column}
    return {**others, column: "\n".join(lines)} if lines else others


def _keep(session: Session, red: RedAccount, header: str, words: str, *, now: datetime) -> None:
    """What somebody typed where ours is written over it."""
    history.record(session, NOUN, red.id, "put back in the sheet", by=None, now=now, why=f"{header}: {words}")


def _remember(
    session: Session,
    red: RedAccount,
    edit: Edit,
    *,
    now: datetime,
    became: str | None = None,
    notes: Sequence[str] = (),
) -> None:
    """For the thread, if it has one."""
    told = [(became, None)] if became else []
    for words, note in [*told, *((None, note) for note in notes)]:
        session.add(
            SheetEdit(
                red_account_id=red.id, column=edit.column, was=edit.ours or None, became=words, note=note, seen_at=now
            )
        )
