"""What runs again and again: how often, and what. APScheduler rings the bell and holds nothing else."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import deliveries, outbox
from bot.deliveries import reconcile as comparing
from bot.deliveries import sheet_poll, threads
from bot.errors import Permanent, Retryable
from bot.models import System, SystemName
from bot.policy import Policy, Writes
from bot.queries import sheet_rows as sheet_queries
from bot.services import Services
from bot.workflows import (
    digests,
    inbox,
    leases,
    notices,
    ownership,
    people,
    polls,
    reminders,
    sheet_conflicts,
    sheet_edits,
    suggestions,
    summaries,
    systems,
)

log = logging.getLogger(__name__)
LONGEST_PART = timedelta(seconds=90)  # after it another process may take over: this one is dead
DELIVERERS = 8  # claims at work at once; a slow system occupies its own lane only


@dataclass(frozen=True)
class Job:
    name: str
    every: Callable[[Policy], float]  # seconds
    run: Callable[[Services, datetime], object]  # False: it was not done, and is to be tried again soon
    at_once: int = 1  # how many runs may overlap in one process
    is_alone: bool = False  # one process of all at a time


def deliver(services: Services, _now: datetime) -> None:
    deliveries.deliver_due(services)


def poll_salesforce(services: Services, now: datetime) -> bool:
    """Read who is red now and what changed, and act on it."""
    return _read_salesforce(services, now)


def read_all_of_salesforce(services: Services, now: datetime) -> bool:
    """Every account and user, for what changes without leaving a trace in the time stamps (a formula field)."""
    return _read_salesforce(services, now, whole=True)


def _read_salesforce(services: Services, began_at: datetime, *, whole: bool = False) -> bool:
    with services.transaction() as session:
        cursor = session.get_one(System, SystemName.SALESFORCE).read_to_at
    errors: list[Exception] = []
    try:
        poll = services.salesforce.poll(cursor, first=whole)
        with services.transaction() as session:
            missing = polls.missing(session, poll)
        if missing:
            poll.accounts.extend(services.salesforce.read_accounts(missing))
        for part, is_last in polls.parts(poll):
            with services.transaction() as session:
                polls.take(
                    session, part, began_at=began_at, now=services.now(), policy=services.policy, is_last=is_last
                )
            services.still_here()
    except (Retryable, Permanent) as error:
        log.warning("Salesforce was not read: %s", error)
        errors = [error]
    _met(services, SystemName.SALESFORCE, errors)
    return not errors


def poll_sheet(services: Services, now: datetime) -> bool:
    """Look whether people edited the sheet, tell the threads what they did, and end what nobody answers."""
    policy = services.policy
    if policy.writes.sheets != Writes.ON:
        return True
    errors: list[Exception] = []
    try:
        sheet_poll.look(services)
    except (Retryable, Permanent) as error:
        log.warning("The sheet was not read: %s", error)
        errors = [error]
    _met(services, SystemName.SHEETS, errors)
    with services.transaction() as session:
        unsaid = sheet_queries.unsaid(session)
        unanswered = sheet_conflicts.unanswered(session, now=now, policy=policy)
    for red_account_id in unsaid:
        with services.transaction() as session:
            sheet_edits.say(session, red_account_id, now=now)
    for conflict_id in unanswered:
        with services.transaction() as session:
            sheet_edits.answer(session, conflict_id, keep_sheet=True, by=None, now=now, policy=policy)
    return not errors


def remind(services: Services, now: datetime) -> None:
    """Tell what is due. Every replica does; what one of them has locked, the others leave alone."""
    is_more = True
    while is_more:
        with services.transaction() as session:
            is_more = reminders.fall_due(session, now=now, policy=services.policy)


def check_ledger(services: Services, now: datetime) -> None:
    """Nightly, and after every start: what people who left had goes on, and the ledger agrees with policy."""
    policy = services.policy
    with services.transaction() as session:
        ownership.hand_over(session, ownership.gone(session), now=now, policy=policy)
    with services.transaction() as session:
        ownership.plan_missing_digests(session, now=now, policy=policy)
        notices.holidays_end(session, now=now, policy=policy)
        summaries.plan(session, now=now, policy=policy)
        red_account_ids = ownership.under_way(session)
    for red_account_id in red_account_ids:
        with services.transaction() as session:
            ownership.check(session, red_account_id, now=now, policy=policy)
        services.still_here()


def reconcile(services: Services, now: datetime) -> bool:
    """Compare what is red in Salesforce, open here, in the sheet and on the cards, and mend what does not agree."""
    return _read_salesforce(services, now) and comparing.run(services)


def suggest(services: Services, now: datetime) -> None:
    """Ask CEs about accounts whose figures are bad. Each once in a while, so looking again does no harm."""
    with services.transaction() as session:
        account_ids = suggestions.to_look_at(session, now=now, policy=services.policy)
    for account_id in account_ids:
        with services.transaction() as session:
            suggestions.look(session, account_id, now=now, policy=services.policy)
        services.still_here()


def read_members(services: Services, now: datetime) -> bool:
    """Everybody in the workspace, page by page: at the start, and daily for what events missed.

    Slack allows twenty pages a minute; a reading that is cut short goes on where it was.
    """
    with services.transaction() as session:
        slack = session.get_one(System, SystemName.SLACK)
        cursor, is_fresh = slack.cursor, slack.read_to_at is not None and now - slack.read_to_at < timedelta(days=1)
    if is_fresh and not cursor:
        return True
    errors: list[Exception] = []
    try:
        while True:
            members, cursor = services.slack.members(cursor)
            with services.transaction() as session:
                people.take_members(session, members, now=services.now(), policy=services.policy)
                slack = session.get_one(System, SystemName.SLACK)
                slack.cursor, slack.read_to_at = cursor, slack.read_to_at if cursor else now
            services.still_here()
            if not cursor:
                break
    except (Retryable, Permanent) as error:
        log.warning("Slack's members were not all read: %s", error)
        errors = [error]
    _met(services, SystemName.SLACK, errors)
    return not errors


def read_threads(services: Services, now: datetime) -> bool:
    """What people said under cards while Touchpoint was away: after every start, and hourly for what events missed."""
    with services.transaction() as session:
        read_at = session.get_one(System, SystemName.SLACK).threads_read_at
    if read_at is not None and now - read_at < THREADS_FRESH:
        return True
    errors: list[Exception] = []
    is_all = False
    try:
        is_all = threads.read_missed(services, now)
    except (Retryable, Permanent) as error:
        log.warning("The threads of cards were not all read: %s", error)
        errors = [error]
    _met(services, SystemName.SLACK, errors)
    return is_all


def _met(services: Services, name: SystemName, errors: list[Exception]) -> None:
    with services.transaction() as session:
        systems.met(session, name, errors, now=services.now(), policy=services.policy)


def forget_old(services: Services, now: datetime) -> None:
    with services.transaction() as session:
        inbox.forget_old(session, now=now)
        outbox.forget_done(session, before=now - DONE_KEPT)
        digests.forget_old(session, before=now - DIGESTS_KEPT)


DAY = 24 * 3600
DIGESTS_KEPT = timedelta(days=120)  # for `why`
DONE_KEPT = timedelta(days=30)  # in the outbox, for whoever looks something up
AT_START = ("read members", "poll Salesforce")
THREADS_FRESH = timedelta(hours=1)
SOON = ("check ledger", "read threads", "suggest", "reconcile")  # after the start, without anybody waiting for it
JOBS = (
    Job("deliver", lambda policy: 0.5, deliver, at_once=DELIVERERS),
    Job("poll Salesforce", lambda policy: policy.polling.salesforce_seconds, poll_salesforce, is_alone=True),
    Job("poll sheet", lambda policy: policy.polling.sheet_seconds, poll_sheet, is_alone=True),
    Job("remind", lambda policy: policy.polling.reminders_seconds, remind),
    Job("check ledger", lambda policy: DAY, check_ledger, is_alone=True),
    Job("read all of Salesforce", lambda policy: DAY, read_all_of_salesforce, is_alone=True),
    Job("suggest", lambda policy: 10 * policy.polling.salesforce_seconds, suggest, is_alone=True),
    Job("reconcile", lambda policy: DAY, reconcile, is_alone=True),
    Job("read members", lambda policy: 60, read_members, is_alone=True),
    Job("read threads", lambda policy: 60, read_threads, is_alone=True),
    Job("forget old", lambda policy: DAY, forget_old, is_alone=True),
)


def run(job: Job, services: Services) -> None:
    """One run, if no other process is at it or has just been."""
    if not job.is_alone or services.database.is_sqlite:  # an SQLite file has one process
        job.run(services, services.now())
    else:
        run_alone(job, services)


def run_alone(job: Job, services: Services) -> None:
    def still_here() -> None:
        with services.transaction() as session:
            until = services.real_now() + LONGEST_PART
            if not leases.keep_until(session, job.name, holder=services.name, until=until):
                raise RuntimeError(
                    f"{job.name}: a part took so long that another process has begun it; it goes on there"
                )

    began_at = services.real_now()
    with services.transaction() as session:
        if not leases.take(session, job.name, holder=services.name, now=began_at, lasts=LONGEST_PART):
            return
    # Kept until shortly before the next run is due: another replica that ticks a little later finds it done.
    until = began_at
    try:
        if job.run(replace(services, still_here=still_here), services.now()) is not False:
            until += timedelta(seconds=0.8 * job.every(services.policy))
    finally:
        with services.transaction() as session:
            leases.keep_until(session, job.name, holder=services.name, until=until)
