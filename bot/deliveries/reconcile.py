"""Read the sheet and the channel economically, compare them with what is open, and tell the leads what was wrong."""

from __future__ import annotations

import logging

from bot.errors import Permanent, Retryable
from bot.integrations.sheets import as_text
from bot.messages import sheet_rows as row_messages
from bot.policy import Writes
from bot.services import Services
from bot.workflows import notices
from bot.workflows import reconcile as workflow
from bot.workflows.reconcile import Report

log = logging.getLogger(__name__)


def run(services: Services) -> bool:
    """False where a system did not answer, so that it is to be tried again. Says nothing where all agrees."""
    report, is_done = Report(), True
    with services.transaction() as session:
        workflow.salesforce(session, report, now=services.now(), policy=services.policy)
    for compare in (_cards, _rows):
        services.still_here()
        try:
            compare(services, report)
        except (Retryable, Permanent) as error:
            log.warning("not compared: %s", error)
            is_done = False
    lines = [*report.left, *report.mended]
    if lines:
        now, policy = services.now(), services.policy
        with services.transaction() as session:
            notices.reconciled(session, lines, mended=len(report.mended), now=now, policy=policy)
    return is_done


def _cards(services: Services, report: Report) -> None:
    """One call for two hundred messages, from the oldest card on."""
    if services.policy.writes.slack != Writes.ON:
        return
    with services.transaction() as session:
        up = workflow.cards_up(session)
    oldest: dict[str, str] = {}
    for card in up:
        if card.channel and card.ts:
            oldest[card.channel] = min(oldest.get(card.channel, card.ts), card.ts)
    there = {channel: services.slack.own_messages(channel, oldest=ts) for channel, ts in oldest.items()}
    # A card that came up while the channel was read is not among them: judge by what was known before.
    known = {card.id: card.ts for card in up}
    with services.transaction() as session:
        workflow.cards(session, there, known, report, now=services.now(), policy=services.policy)


def _rows(services: Services, report: Report) -> None:
    if services.policy.writes.sheets != Writes.ON:
        return
    tab = services.sheets.read()
    at = tab.column(row_messages.header(services.policy, row_messages.KEY))
    keys = [] if at is None else [as_text(row[at]) for row in tab.rows]
    with services.transaction() as session:
        workflow.rows(session, keys, report, now=services.now())
