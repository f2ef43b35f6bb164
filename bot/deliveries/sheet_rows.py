"""sheets.red_account: each red account has its row on the Account Tracker tab, and only one.

Rows are found by the Key column, wherever people sorted them to, and the account id has to agree. A row that people
made before Touchpoint came is adopted: by account id, by its Salesforce link, or by the account's exact name. What
people wrote is never overwritten.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from bot.deliveries.links import permalink
from bot.deliveries.sheet_plan import Plan, Wanted
from bot.deliveries.views import red_view
from bot.errors import DryRun, Misconfigured, Permanent, Retryable
from bot.integrations.sheets import Tab
from bot.messages import sheet_rows as messages
from bot.messages.sheet_rows import REQUIRED
from bot.models import SheetRow
from bot.outbox import Claim, Outcomes
from bot.policy import Policy
from bot.services import Services
from bot.workflows import sheet_rows

log = logging.getLogger(__name__)

Errors = dict[int, Retryable | Permanent | DryRun]


def deliver(services: Services, claim: Claim) -> Outcomes:
    return Outcomes(_agree(services, claim.subject_ids))


def _agree(services: Services, subject_ids: Sequence[int]) -> Errors:
    """Make the rows of these red accounts agree, in one call. Answers which of them could not."""
    wanted = [_wanted(services, subject_id) for subject_id in subject_ids]
    tab = services.sheets.read()
    tab = services.sheets.ensure_columns(tab, _columns_to_have(tab, services.policy))
    plan = Plan(services.policy, tab, services.sheets.links)
    for one in wanted:
        plan.add(one)
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


def _wanted(services: Services, red_account_id: int) -> Wanted:
    with services.transaction() as session:
        view = red_view(services, session, red_account_id)
        row = session.get(SheetRow, red_account_id)
        cells = messages.cells(view, thread_url=permalink(services, view.facts.card))
        return Wanted(view.facts.red, cells, row.synced, row.writing) if row else Wanted(view.facts.red, cells)


def _note(services: Services, plan: Plan) -> None:
    """Before the write, keep what it will write: if its answer is lost, those cells are still known to be ours."""
    if not plan.inserts and not plan.updates:
        return
    now = services.now()
    with services.transaction() as session:
        for red_account_id, planned in plan.rows.items():
            row = session.get(SheetRow, red_account_id) or SheetRow(red_account_id=red_account_id)
            row.synced, row.writing, row.synced_at = planned.before, planned.after, now
            session.add(row)


def _record(services: Services, plan: Plan) -> None:
    now, policy = services.now(), services.policy
    with services.transaction() as session:
        for red_account_id, planned in plan.rows.items():
            row = session.get(SheetRow, red_account_id) or SheetRow(red_account_id=red_account_id)
            row.synced, row.writing, row.synced_at = planned.after, {}, now
            session.add(row)
            if planned.red_since:
                sheet_rows.red_since(session, red_account_id, planned.red_since, now=now, policy=policy)
        for red_account_id in plan.deleted:
            sheet_rows.row_deleted(session, red_account_id, now=now)


def _mixed_up(services: Services, plan: Plan) -> Errors:
    """Red accounts whose key stands in the row of another account: nothing was written, and the leads are told."""
    if not plan.mixed_up:
        return {}
    sentence = messages.mixed_up(plan.mixed_up, services.policy)
    log.warning("%s", sentence)
    with services.transaction() as session:
        sheet_rows.mixed_up(session, sentence, now=services.now(), policy=services.policy)
    error = Permanent(sentence, code="ROW")
    return {red.id: error for red in plan.mixed_up}


def _columns_to_have(tab: Tab, policy: Policy) -> list[str]:
    """All of ours on an empty tab; on one that people made, only what rows are found by."""
    columns = REQUIRED if any(tab.header) else tuple(messages.HEADERS)
    return [messages.header(policy, column) for column in columns]
