"""slack.notice: a message that is said once, to a person or in a thread."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from bot.deliveries import action_items, files
from bot.deliveries.links import permalink
from bot.deliveries.views import red_view
from bot.errors import Permanent
from bot.integrations.slack import is_person
from bot.integrations.slack_errors import UNREACHABLE
from bot.messages import asks as ask_messages
from bot.messages import notices as messages
from bot.messages import red_accounts as red_messages
from bot.messages import sheet_edits as sheet_messages
from bot.messages import team as team_messages
from bot.messages.blocks import Message
from bot.models import Ask, AskNews, HealthChange, Notice, Person, Post, RedAccount, Status
from bot.outbox import Claim, Outcomes
from bot.queries import red_accounts as queries
from bot.queries import sheet_rows as sheet_queries
from bot.services import Services
from bot.workflows import action_items_changes, asks, asks_answers, merges, notices, tasks_answers, team
from bot.workflows.health_answers import REFUSED
from bot.workflows.salesforce_updates import NOT_REPLACED
from bot.workflows.sheet_edits import EDITED
from bot.workflows.sheet_rows import ROW_DELETED

Draw = Callable[[Services, Session, Notice], Message | None]  # None: there is nothing to say after all


def _ask_news(services: Services, session: Session, notice: Notice) -> Message:
    told, view = notice.details, red_view(services, session, notice.subject_id)
    whom, by = session.get_one(Person, told["whom_id"]), session.get_one(Person, told["by_id"])
    ask = session.get_one(Ask, told["ask_id"])
    return ask_messages.news(view, ask, AskNews(told["news"]), whom, by, told["note"])


def _merged(services: Services, session: Session, notice: Notice) -> Message:
    told, goes_on = notice.details, session.get_one(RedAccount, notice.subject_id)
    ended = session.get_one(RedAccount, told["ended_id"]) if told["ended_id"] else None
    url = permalink(services, queries.card_post(session, ended.id)) if ended else None
    return team_messages.merged(goes_on, told["was"], ended, told["asks"], told["actions"], url)


def _ask_them(services: Services, session: Session, notice: Notice) -> Message:
    view, by = red_view(services, session, notice.subject_id), session.get_one(Person, notice.details["by_id"])
    return messages.ask_them(view.facts.red, by, notice.details["to_do"], permalink(services, view.facts.card))


def _asks_over(services: Services, session: Session, notice: Notice) -> Message | None:
    told, view = notice.details, red_view(services, session, notice.subject_id)
    if (view.facts.red.status == Status.OPEN) != told["is_open"]:
        return None  # it came otherwise meanwhile, and that is said too
    had = [session.get_one(Ask, ask_id) for ask_id in told["ask_ids"]]
    return ask_messages.over_for(view, had, session.get_one(Person, told["whom_id"]))


DRAWINGS: dict[str, Draw] = {
    asks_answers.NEWS: lambda services, session, notice: _ask_news(services, session, notice),
    asks.OVER: _asks_over,
    REFUSED: lambda services, session, notice: messages.refused(session.get_one(HealthChange, notice.subject_id)),
    f"{queries.NOUN}.closed": lambda services, session, notice: red_messages.closing(
        red_view(services, session, notice.subject_id)
    ),
    tasks_answers.SAID: lambda services, session, notice: messages.answer(notice.details["sentence"]),
    team.NOBODY: lambda services, session, notice: messages.nobody(
        session.get_one(RedAccount, notice.subject_id), **notice.details
    ),
    merges.MERGED: lambda services, session, notice: _merged(services, session, notice),
    NOT_REPLACED: lambda services, session, notice: messages.not_replaced(
        notice.details["field"], notice.details["there"]
    ),
    ROW_DELETED: lambda services, session, notice: sheet_messages.row_deleted(
        session.get_one(RedAccount, notice.subject_id)
    ),
    EDITED: lambda services, session, notice: sheet_messages.edited(
        red_view(services, session, notice.subject_id), sheet_queries.edits(session, notice.details["edits"])
    ),
    notices.TROUBLE: lambda services, session, notice: messages.trouble(notice.details["sentence"]),
    action_items_changes.SAID: action_items.said_in_thread,
    notices.RECONCILED: lambda services, session, notice: messages.reconciled(**notice.details),
    notices.ASK_THEM: _ask_them,
    notices.ANSWER: lambda services, session, notice: messages.answer(notice.details["sentence"]),
}


def deliver(services: Services, claim: Claim) -> Outcomes:
    [notice_id] = claim.subject_ids
    with services.transaction() as session:
        notice = session.get_one(Notice, notice_id)
    if notice.ts:
        return Outcomes()
    if notice.message in files.FILES:
        return files.deliver(services, notice_id)
    with services.transaction() as session:
        head = session.get_one(Post, notice.under_id) if notice.under_id else None
        if head is not None and head.ts is None:
            return Outcomes()  # `posted` promises it again when the message that it answers is up
        message = DRAWINGS[notice.message](services, session, notice)
        if message is None:
            return Outcomes()
    thread_ts = head.ts if head else None
    tried_at = claim.first_sent_at[notice_id]
    found = None
    try:
        if tried_at:
            found = services.slack.find(notice.recipient, notice.opaque_id, since=tried_at, thread_ts=thread_ts)
        posted = found or services.slack.post(
            notice.recipient,
            message.text,
            message.blocks,
            opaque_id=notice.opaque_id,
            thread_ts=thread_ts,
            broadcast=bool(notice.details.get("broadcast")),
        )
    except Permanent as error:
        if error.code in UNREACHABLE and is_person(notice.recipient):
            with services.transaction() as session:
                notices.hand_on(session, notice_id, now=services.now(), policy=services.policy)
            return Outcomes()
        raise
    with services.transaction() as session:
        row = session.get_one(Notice, notice_id)
        row.channel, row.ts = posted.channel, posted.ts
    return Outcomes(posted=found is None)
