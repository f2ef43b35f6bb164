"""The composition root: the only file that knows everything. Builds the services, the Bolt app and the scheduler."""

from __future__ import annotations

import itertools
import logging
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor as SchedulerPool
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.util import undefined
from slack_bolt import App, BoltContext
from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError

from bot import db, jobs, outbox, policy, single
from bot.config import Settings
from bot.db import Database
from bot.errors import Retryable
from bot.integrations.clock import clock_at
from bot.integrations.salesforce import Salesforce, SalesforceFields
from bot.integrations.sheets import Sheets
from bot.integrations.slack import Slack, make_client
from bot.integrations.slack_errors import sorted_error
from bot.listeners import register_listeners
from bot.messages import sheet_rows
from bot.models import System, SystemName
from bot.policy import Policy
from bot.services import Services
from bot.workflows import go_live, leases, replies, summaries

log = logging.getLogger(__name__)
T = TypeVar("T")
LISTENERS = 32  # threads of the socket client, each inside one short transaction
HELLO_TIMEOUT = 10  # seconds
PING_SECONDS = 3
LONGEST_START_WAIT = 60  # seconds between two tries to reach Slack at the start
LISTENER_TIMEOUT = 2  # seconds for views.open; Slack waits three for the answer


def build_services(settings: Settings, rules: Policy, *, clock: Callable[[], object] | None = None) -> Services:
    fields: dict[str, Any] = {name: value or None for name, value in rules.salesforce.fields.model_dump().items()}
    return Services(
        database=Database(db.create(settings.database_url)),
        policy=rules,
        slack=Slack(token=settings.slack_bot_token, api_url=settings.slack_api_url, writes=rules.writes.slack),
        salesforce=Salesforce(
            domain=settings.salesforce_domain,
            client_id=settings.salesforce_client_id,
            client_secret=settings.salesforce_client_secret,
            username=settings.salesforce_username,
            private_key=settings.salesforce_private_key,
            url=settings.salesforce_url,
            fields=SalesforceFields(**fields),
            writes=rules.writes.salesforce,
            reads_tasks=rules.salesforce.tasks,
            task_key=rules.salesforce.task_key or None,
        ),
        sheets=Sheets(
            service_account=settings.google_service_account_json,
            sheet_id=settings.red_accounts_sheet_id,
            url=settings.google_sheets_url,
            tab=rules.sheet.tab,
            key=sheet_rows.header(rules, sheet_rows.KEY),
            writes=rules.writes.sheets,
        ),
        clock=clock or clock_at(settings.clock_url),  # type: ignore[arg-type]
        name=f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}",
    )


def build_bolt(settings: Settings, services: Services) -> App:
    """The Bolt app. Listeners run before the response, so that what was acknowledged is durable."""
    me = patiently(services.slack.me)
    authorized = AuthorizeResult(
        enterprise_id=None, team_id=me.team_id, bot_user_id=me.user_id, bot_id=me.bot_id,
        bot_token=settings.slack_bot_token,
    )  # fmt: skip
    app = App(
        logger=logging.getLogger("slack_bolt.touchpoint"),
        client=make_client(settings.slack_bot_token, settings.slack_api_url, LISTENER_TIMEOUT),
        signing_secret=settings.slack_signing_secret or None,
        authorize=lambda **_: authorized,
        name="touchpoint",
        process_before_response=True,
        raise_error_for_unhandled_request=False,
        # Listeners run on the socket client's threads; Bolt's own pool is for what runs after the response.
        listener_executor=ThreadPoolExecutor(max_workers=1),
    )

    @app.use
    def provide_services(context: BoltContext, next: Callable[[], object]) -> None:
        # Bolt runs a middleware to its end *before* the listener: a session opened here would be closed by then.
        context["services"] = services
        next()

    register_listeners(app)
    return app


def build_scheduler(services: Services) -> BackgroundScheduler:
    pool = SchedulerPool(max_workers=jobs.DELIVERERS + len(jobs.JOBS))
    scheduler = BackgroundScheduler(
        timezone="UTC",
        executors={"default": pool},
        job_defaults={"coalesce": True, "misfire_grace_time": None},
    )
    for job in jobs.JOBS:
        scheduler.add_job(
            partial(jobs.run, job, services),
            "interval",
            id=job.name,
            seconds=job.every(services.policy),
            max_instances=job.at_once,
            next_run_time=datetime.now(UTC) if job.name in (*jobs.AT_START, *jobs.SOON) else undefined,
        )
    scheduler.add_listener(_log_trouble, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
    # A busy deliverer is no trouble: the next half second looks again.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
    return scheduler


def patiently(reach_slack: Callable[[], T]) -> T:
    """Slack may be away for a moment just when we start: that is no reason to give up. A wrong token is."""
    for wait in itertools.chain((1, 2, 5, 15, 30), itertools.repeat(LONGEST_START_WAIT)):
        try:
            return reach_slack()
        except Retryable as error:
            reason: Exception = error
        except SlackApiError as error:
            reason = sorted_error(error)
            if not isinstance(reason, Retryable):
                raise reason from error
        except OSError as error:
            reason = error
        log.warning("Slack cannot be reached (%s); trying again in %s seconds", reason, wait)
        time.sleep(wait)
    raise AssertionError("unreachable: the waits have no end")


def connect(app: App, settings: Settings, *, listeners: int = LISTENERS) -> SocketModeHandler:
    """Open the socket and wait for Slack's hello: from then on what people do reaches us."""
    # The ping decides how soon the socket's thread sees that it is to end.
    handler = SocketModeHandler(app, settings.slack_app_token, concurrency=listeners, ping_interval=PING_SECONDS)
    said_hello = threading.Event()
    handler.client.on_message_listeners.append(lambda *_: said_hello.set())
    patiently(handler.connect)
    if not said_hello.wait(HELLO_TIMEOUT):
        log.warning("Slack has not said hello after %s seconds; it is tried again and again", HELLO_TIMEOUT)
    return handler


def prepare(services: Services) -> None:
    """At every start: what was held goes out if writes are on now. On SQLite nobody else holds a lane any more."""
    with services.transaction() as session:
        if services.database.is_sqlite:
            outbox.free_all(session)
        go_live.prepare(session, now=services.now(), policy=services.policy)
        replies.read_again(session)
        summaries.plan(session, now=services.now(), policy=services.policy)


def read_first(services: Services) -> None:
    """Before anybody can press a button, there must be somebody to press it: members, accounts, who is red."""
    for job in jobs.JOBS:
        if job.name in jobs.AT_START:
            jobs.run(job, services)


def has_read(services: Services) -> bool:
    with services.transaction() as session:
        return all(session.get_one(System, name).read_to_at for name in (SystemName.SLACK, SystemName.SALESFORCE))


def let_go(services: Services) -> None:
    with services.transaction() as session:
        leases.let_go(session, holder=services.name)


def run(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT."""
    rules = policy.read(settings.policy_file)
    services = build_services(settings, rules)
    with ExitStack() as stack:
        if services.database.is_sqlite:
            lock: AbstractContextManager[object] = single.only_one(settings.database_url)
            stack.enter_context(lock)
        app = build_bolt(settings, services)
        prepare(services)
        if not has_read(services):
            read_first(services)
        handler = connect(app, settings)
        stack.callback(handler.close)
        scheduler = build_scheduler(services)
        scheduler.start()
        stack.callback(let_go, services)
        stack.callback(scheduler.shutdown, wait=False)
        log.info("ready")
        _wait_for_signal()
        log.info("stopping")


def _wait_for_signal() -> None:
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    while not stopped.wait(1):  # a wait without an end would keep the signal from being handled
        pass


def _log_trouble(event: JobExecutionEvent) -> None:
    """APScheduler swallows what a job raises and what it missed; the log must not."""
    if event.exception:
        log.error("job %s failed", event.job_id, exc_info=event.exception)
    else:
        log.warning("job %s missed its time", event.job_id)
