"""A file that somebody asked for, as a direct message: an export, or the figures."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from bot.errors import Permanent, Retryable
from bot.integrations.slack_errors import UNREACHABLE
from bot.messages import exports as messages
from bot.messages import figures as figures_messages
from bot.messages.exports import File, Format
from bot.models import Notice, RedAccount
from bot.outbox import Outcomes
from bot.queries import exports as queries
from bot.services import Services
from bot.workflows import exports, figures, people

FILE = "file_id"  # among the details of a notice: what is uploaded and may be shared by now
NOT_THERE = {"file_not_found", "file_update_failed"}


def _export(services: Services, session: Session, notice: Notice) -> File:
    red = session.get_one(RedAccount, notice.subject_id)
    return messages.file(red, queries.everything(session, red), Format(notice.details["form"]), services.policy)


def _figures(services: Services, session: Session, notice: Notice) -> File:
    now, policy = services.now(), services.policy
    return figures_messages.file(figures.of_quarters(session, now=now, policy=policy))


FILES: dict[str, Callable[[Services, Session, Notice], File]] = {exports.EXPORT: _export, figures.FIGURES: _figures}


def deliver(services: Services, notice_id: int) -> Outcomes:
    """Uploaded where nobody sees it, remembered, then shared: after a lost answer it is looked for and shared once."""
    with services.transaction() as session:
        notice = session.get_one(Notice, notice_id)
        file = FILES[notice.message](services, session, notice)
    slack, to = services.slack, notice.recipient
    try:
        file_id = notice.details.get(FILE)
        if file_id:
            found = slack.find_file(to, file_id, since=notice.created_at)
            if found:
                _remember(services, notice_id, file_id, channel=found.channel)
                return Outcomes()
        else:
            file_id = slack.upload(to, file.name, file.content.encode())
            _remember(services, notice_id, file_id)
        channel = slack.share(to, file_id, file.title, file.text)
    except Permanent as error:
        if error.code in NOT_THERE:  # it lay there for too long: it is uploaded anew
            _remember(services, notice_id, None)
            raise Retryable("Slack has forgotten the file", sent=False) from error
        if error.code not in UNREACHABLE:
            raise
        with services.transaction() as session:
            people.cannot_be_reached(session, to, now=services.now(), policy=services.policy)
        return Outcomes()
    _remember(services, notice_id, file_id, channel=channel)
    return Outcomes(posted=True)


def _remember(services: Services, notice_id: int, file_id: str | None, *, channel: str | None = None) -> None:
    """`channel`: where it was shared. Slack names no message for it, so the file's id stands in its place."""
    with services.transaction() as session:
        row = session.get_one(Notice, notice_id)
        row.details = {**row.details, FILE: file_id}
        if channel:
            row.channel, row.ts = channel, file_id
