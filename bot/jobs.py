"""What runs again and again: how often, and what. APScheduler rings the bell and holds nothing else."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import deliveries
from bot.errors import Permanent, Retryable
from bot.models import System, SystemName
from bot.policy import Policy
from bot.services import Services
from bot.workflows import inbox, leases, people, polls, red_accounts, resolutions, systems

log = logging.getLogger(__name__)
LONGEST_RUN = timedelta(seconds=90)  # after it another process may take over: this one is dead
DELIVERERS = 8  # claims at work at once; a slow system occupies its own lane only


@dataclass(frozen=True)
class Job:
    name: str
    every: Callable[[Policy], float]  # seconds
    run: Callable[[Services, datetime], object]
    at_once: int = 1  # how many runs may overlap in one process
    is_alone: bool = False  # one process of all at a time


def deliver(services: Services, _now: datetime) -> None:
    deliveries.deliver_due(services)


def poll_salesforce(services: Services, now: datetime) -> None:
    """Read who is red now and what changed, and act on it."""
    with services.transaction() as session:
        cursor = session.get_one(System, SystemName.SALESFORCE).read_to_at
    errors: list[Exception] = []
    try:
        poll = services.salesforce.poll(cursor)
        with services.transaction() as session:
            missing = polls.missing(session, poll)
        if missing:
            poll.accounts.extend(services.salesforce.read_accounts(missing))
        with services.transaction() as session:
            polls.take(session, poll, began_at=now, now=services.now(), policy=services.policy)
    except (Retryable, Permanent) as error:
        log.warning("Salesforce was not read: %s", error)
        errors = [error]
    with services.transaction() as session:
        systems.met(session, SystemName.SALESFORCE, errors, now=services.now(), policy=services.policy)


def tell_leads(services: Services, now: datetime) -> None:
    """Questions that their CE has left for a working day."""
    with services.transaction() as session:
        red_accounts.tell_leads(session, now=now, policy=services.policy)
        resolutions.tell_leads(session, now=now, policy=services.policy)


def read_members(services: Services, _now: datetime) -> None:
    """Everybody in the workspace: at the start, and daily for what events missed."""
    try:
        members = services.slack.members()
    except (Retryable, Permanent) as error:
        log.warning("Slack's members were not read: %s", error)
        return
    with services.transaction() as session:
        people.take_members(session, members)


def forget_old(services: Services, now: datetime) -> None:
    with services.transaction() as session:
        inbox.forget_old(session, now=now)


DAY = 24 * 3600
AT_START = ("read members", "poll Salesforce")
JOBS = (
    Job("deliver", lambda policy: 0.5, deliver, at_once=DELIVERERS),
    Job("poll Salesforce", lambda policy: policy.polling.salesforce_seconds, poll_salesforce, is_alone=True),
    Job("tell leads", lambda policy: min(60, policy.polling.salesforce_seconds), tell_leads, is_alone=True),
    Job("read members", lambda policy: DAY, read_members, is_alone=True),
    Job("forget old", lambda policy: DAY, forget_old, is_alone=True),
)


def run(job: Job, services: Services) -> None:
    """One run, if no other process is at it or has just been."""
    if not job.is_alone or services.database.is_sqlite:  # an SQLite file has one process
        job.run(services, services.now())
        return
    began_at = services.real_now()
    with services.transaction() as session:
        if not leases.take(session, job.name, holder=services.name, now=began_at, lasts=LONGEST_RUN):
            return
    try:
        job.run(services, services.now())
    finally:
        # Kept until shortly before the next run is due: another replica that ticks a little later finds it done.
        rest = timedelta(seconds=0.8 * job.every(services.policy))
        with services.transaction() as session:
            leases.keep_until(session, job.name, holder=services.name, until=began_at + rest)
