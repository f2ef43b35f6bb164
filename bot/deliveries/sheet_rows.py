"""sheets.red_account: each red account has its row on the Account Tracker tab, and only one; both say the same.

Rows are found by the Key column, wherever people sorted them to, and the account id has to agree. A row that people
made before Touchpoint came is adopted: by account id, by its Salesforce link, or by the account's exact name. What
people wrote is taken over first, and never overwritten; then what we say is written.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from bot.deliveries.links import permalink
from bot.deliveries.sheet_find import Cells, Rows
from bot.deliveries.sheet_plan import Plan, Row, Wanted
from bot.deliveries.views import links
from bot.errors import DryRun, Misconfigured, Permanent, Retryable
from bot.integrations.sheets import Tab
from bot.messages import sheet_rows as messages
from bot.messages.red_accounts_view import View
from bot.messages.sheet_rows import ACTIONS, ASKS, LISTS, REQUIRED
from bot.models import SheetRow, System, SystemName
from bot.outbox import Claim, Outcomes
from bot.policy import Policy, Writes
from bot.policy_parts import COLUMNS
from bot.queries import sheet_rows as queries
from bot.queries.sheet_rows import Read
from bot.services import Services
from bot.workflows import sheet_conflicts, sheet_edits, sheet_rows
from bot.workflows.sheet_columns import Edit
from bot.workflows.sheet_merge import Item, Verdict, lines_of

log = logging.getLogger(__name__)

AT_ONCE = 100  # red accounts that are read in one transaction
MANY = 10  # rows gone or cells emptied at once are one mistake, and no news for so many threads
Errors = dict[int, Retryable | Permanent | DryRun]


def deliver(services: Services, claim: Claim) -> Outcomes:
    return Outcomes(_agree(services, claim.subject_ids))


def _agree(services: Services, subject_ids: Sequence[int]) -> Errors:
    """Make the rows of these red accounts agree, in one call. Answers which of them could not."""
    tab = services.sheets.read()
    _must_have_keys(services, tab)
    tab = services.sheets.ensure_columns(tab, _columns_to_have(tab, services.policy))
    _offer_lists(services, tab)
    plan = Plan(services.policy, tab, services.sheets.links)
    for start in range(0, len(subject_ids), AT_ONCE):
        _merge(services, plan, subject_ids[start : start + AT_ONCE])
    _note(services, plan)
    try:
        services.sheets.write(tab, plan.inserts, plan.updates)
    except Misconfigured:
        raise
    except Permanent as error:
        return {subject_ids[0]: error} if len(subject_ids) == 1 else _in_halves(services, subject_ids)
    _record(services, plan)
    return _mixed_up(services, plan)


def _in_halves(services: Services, subject_ids: Sequence[int]) -> Errors:
    """One row that the sheet refuses must not keep the others out: look for it in fewer calls than one for each."""
    half = len(subject_ids) // 2
    errors: Errors = {}
    for part in (subject_ids[:half], subject_ids[half:]):
        try:
            errors |= _agree(services, part)
        except Retryable as error:
            errors |= dict.fromkeys(part, error)
    return errors


def _merge(services: Services, plan: Plan, red_account_ids: Sequence[int]) -> None:
    """Take over what people typed into these rows, then plan what is written there."""
    with services.transaction() as session:
        wanted = _wanted(services, session, red_account_ids)
    rows = [(one, plan.found.take(one.whose)) for one in wanted]
    is_on = services.policy.writes.sheets == Writes.ON
    edits = [plan.edits(one, row) if is_on and row is not None else [] for one, row in rows]
    emptied = Counter(edit.column for of_one in edits for edit in of_one if not edit.theirs)
    at_once = {column for column, count in emptied.items() if count > MANY}
    for (one, row), of_one in zip(rows, edits, strict=True):
        if row is not None and is_on:
            quietly = {edit.column: edit.cell for edit in of_one if edit.column in at_once and not edit.theirs}
            one = _with_theirs(services, plan, one, row, [edit for edit in of_one if edit.column not in quietly])
            one = replace(one, writing=one.writing | quietly)
        plan.add(one, row)


def _with_theirs(services: Services, plan: Plan, one: Wanted, row: int, edits: Sequence[Edit]) -> Wanted:
    """The same red account when what people typed into its row has been taken over, or asked about."""
    over = one.asked - {edit.column for edit in edits if edit.verdict == Verdict.CONFLICT}
    if not edits and not over:
        return one
    now, policy, is_adopted = services.now(), services.policy, plan.is_adoption(one, row)
    with services.transaction() as session:
        for column in sorted(over):
            sheet_conflicts.over(session, one.red.id, column, now=now, policy=policy)
        sheet_edits.take(session, one.red.id, edits, seen=one.seen, is_adopted=is_adopted, now=now, policy=policy)
    with services.transaction() as session:
        [again] = _wanted(services, session, [one.red.id])
    return again


def _wanted(services: Services, session: Session, red_account_ids: Sequence[int]) -> list[Wanted]:
    """What their rows should hold, in the order in which they are given."""
    read = queries.read(session, red_account_ids)
    return [_one(services, read[red_account_id]) for red_account_id in red_account_ids]


def _one(services: Services, read: Read) -> Wanted:
    facts, row = read.facts, read.row
    view = View(facts, services.policy, links(services, facts.account), services.now())
    cells = messages.cells(view, read.newest, thread_url=permalink(services, facts.card))
    if row is None:
        return Wanted(facts.red, cells, items=_items(view), seen=read.seen)
    for column in LISTS & row.left.keys():  # what nobody could take stays below what is ours
        cells[column] = "\n".join(filter(None, [str(cells[column] or ""), row.left[column]]))
    return Wanted(
        facts.red,
        cells,
        synced=row.synced,
        writing=row.writing,
        left=row.left,
        items=_items(view),
        seen=read.seen,
        times_added=row.times_added,
        asked=read.asked,
    )


def _items(view: View) -> dict[str, list[Item]]:
    red = view.facts.red
    asks = [(ask.id, ask.what, messages.ask_line(view, ask)) for ask in messages.listed(red.asks)]
    actions = [(item.id, item.what, messages.action_line(view, item)) for item in messages.listed(red.action_items)]
    return {ASKS: _as_lines(asks), ACTIONS: _as_lines(actions)}


def _as_lines(items: Sequence[tuple[int, str, str]]) -> list[Item]:
    found = [(number, lines_of(messages.one_line(what)), lines_of(line)) for number, what, line in items]
    return [Item(number, what[0], line[0]) for number, what, line in found if what and line]


def _note(services: Services, plan: Plan) -> None:
    """Before the write, keep what it will write: if its answer is lost, those cells are still known to be ours."""
    if not plan.inserts and not plan.updates:
        return
    now = services.now()
    with services.transaction() as session:
        known = queries.rows(session, plan.rows, locked=True)
        for red_account_id, planned in plan.rows.items():
            row = known.get(red_account_id) or SheetRow(red_account_id=red_account_id, writing={}, left={})
            row.synced = planned.before | _answered(row.synced or {}, planned)
            row.writing, row.synced_at = planned.after | _answered(row.writing, planned), now
            session.add(row)


def _record(services: Services, plan: Plan) -> None:
    now, policy = services.now(), services.policy
    are_many = len(plan.deleted) > MANY
    # One by one: whoever presses a button locks the account first, and its row of the sheet then.
    for red_account_id, planned in plan.rows.items():
        if planned.red_since:
            with services.transaction() as session:
                sheet_rows.red_since(session, red_account_id, planned.red_since, now=now, policy=policy)
    for red_account_id in plan.deleted:
        with services.transaction() as session:
            sheet_rows.row_deleted(session, red_account_id, quietly=are_many, now=now)
    with services.transaction() as session:
        if are_many:
            sentence = messages.many_deleted(len(plan.deleted))
            sheet_rows.trouble(session, sentence, about="deleted", now=now, policy=policy)
    with services.transaction() as session:
        known = queries.rows(session, plan.rows, locked=True)
        for red_account_id, planned in plan.rows.items():
            row = known.get(red_account_id) or SheetRow(red_account_id=red_account_id, writing={}, left={})
            row.synced = planned.after | _answered(row.synced or {}, planned)
            row.writing, row.synced_at = _answered(row.writing, planned), now
            row.left, row.is_missing = planned.left | _answered(row.left, planned), False
            session.add(row)


def _answered(cells: Cells, planned: Row) -> Cells:
    """Of columns that were asked about when the row was read: what somebody may have answered since holds."""
    return {column: cell for column, cell in cells.items() if column in planned.asked}


def _mixed_up(services: Services, plan: Plan) -> Errors:
    """Red accounts whose key stands in the row of another account: nothing was written, and the leads are told."""
    if not plan.mixed_up:
        return {}
    sentence = messages.mixed_up(plan.mixed_up, services.policy)
    log.warning("%s", sentence)
    with services.transaction() as session:
        sheet_rows.trouble(session, sentence, now=services.now(), policy=services.policy)
    error = Permanent(sentence, code="ROW")
    return {red.id: error for red in plan.mixed_up}


def _must_have_keys(services: Services, tab: Tab) -> None:
    """Without both columns that rows are found by, all of them would be taken for deleted."""
    if not any(tab.header) or Rows(services.policy, tab, dict).has_keys:
        return
    with services.transaction() as session:
        has_rows = queries.has_rows(session)
    if has_rows:
        raise Misconfigured(messages.no_keys(services.policy), code="KEYS")


def _columns_to_have(tab: Tab, policy: Policy) -> list[str]:
    """All of ours on an empty tab; on one that people made, only what rows are found by."""
    columns = REQUIRED if any(tab.header) else tuple(COLUMNS)
    return [messages.header(policy, column) for column in columns]


def _offer_lists(services: Services, tab: Tab) -> None:
    """Drop-downs for the columns that have a list in policy: set once, and never over one that people made."""
    if services.policy.writes.sheets != Writes.ON or tab.row_count < 2:
        return
    policy = services.policy
    places = {column: tab.column(messages.header(policy, column)) for column in messages.choices(policy)}
    wanted = {column: messages.choices(policy)[column] for column, at in places.items() if at is not None}
    with services.transaction() as session:
        before = json.loads(session.get_one(System, SystemName.SHEETS).cursor or "{}")
    if before == {"tab": tab.sheet_gid, **wanted}:
        return
    there = services.sheets.dropdowns(tab)
    offers = {
        at: values
        for column, values in wanted.items()
        if (at := places[column]) is not None and (at not in there or there[at] == before.get(column))
    }
    if offers:
        services.sheets.set_dropdowns(tab, offers)
    with services.transaction() as session:
        session.get_one(System, SystemName.SHEETS).cursor = json.dumps({"tab": tab.sheet_gid, **wanted})
