"""The stand-ins and the real bot in one process, over loopback. No sleeps, no scheduler: `settle` runs what is due."""

from __future__ import annotations

import re
import threading
from datetime import datetime, timedelta
from typing import Any

from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler
from sqlalchemy import Dialect, Engine, func, select

from bot import app, config, deliveries, jobs, policy
from bot.models import Lane, Person, Promise, PromiseState, Reminder
from bot.models.reminders import WAITING
from bot.services import Services
from sandbox import company, settings
from sandbox.server import Sandbox
from sandbox.sheets.person import AtTheGrid
from sandbox.slack.seen import Seen

NAMES = {human.name.split()[0].lower(): human for human in company.HUMANS}
#: What the stories have compiled: SQLAlchemy finds a statement again by its dialect and its shape.
DIALECTS: dict[str, Dialect] = {}
STATEMENTS: dict[Any, Any] = {}


class Story:
    """The world as a story tells it: people do things, time passes, and what everybody sees is read back."""

    def __init__(self, sandbox: Sandbox, database_url: str, **rules: Any) -> None:
        self.sandbox, self.world, self.slack = sandbox, sandbox.world, sandbox.world.slack
        self.database_url, self.rules = database_url, rules
        self.handler: SocketModeHandler | None = None
        self.go_live()

    # the bot

    def go_live(self, **rules: Any) -> None:
        """Start the bot, as `touchpoint run` does, but without a scheduler."""
        self.rules |= rules
        # Figures that ask questions of their own would be in every story's way.
        found = policy.read(settings.POLICY).model_dump(mode="json") | {"designation": {"suggest": False}} | self.rules
        values = settings.environment(self.sandbox.url, self.database_url)
        loaded = config.load(_env_file=None, **{name.lower(): value for name, value in values.items()})
        self.services: Services = app.build_services(loaded, policy.parse(found), clock=self.world.clock.now)
        object.__setattr__(self.services, "jitter", lambda: 0.5)
        _with_what_is_compiled(self.services.database.engine)
        bolt = app.build_bolt(loaded, self.services)
        app.prepare(self.services)
        app.read_first(self.services)
        self.sandbox.call(self.slack.sockets.cut)  # a bot of an earlier story may have come back at the last moment
        self.handler = app.connect(bolt, loaded, listeners=4)

    def stop(self) -> None:
        """The bot stops: only what it committed is left."""
        if self.handler:
            # websocket-client may see that it is closed only at its next ping, ten seconds later: nobody waits.
            self.handler.client.auto_reconnect_enabled = False
            self.sandbox.call(self.slack.sockets.cut)
            threading.Thread(target=self.handler.close, daemon=True).start()
            self.handler = None
            app.let_go(self.services)
            self.services.database.engine.dispose()

    def restart(self, **rules: Any) -> None:
        self.stop()
        self.go_live(**rules)

    def poll(self) -> None:
        self._run("poll Salesforce")

    def settle(self, *, most: int = 400) -> None:
        """Deliver until nothing is due; the clock moves on by the pace that Slack asks for."""
        for _ in range(most):
            self.sandbox.run(self.slack.events.settled())
            jobs.remind(self.services, self.services.now())
            deliveries.deliver_due(self.services)
            wait = self._next_wait()
            if wait is None or wait > timedelta(seconds=10):
                return
            self.world.clock.move(wait)
        raise AssertionError("it never settles")

    def skip(self, **span: float) -> None:
        """Time passes; what falls due happens."""
        self.settle()
        self.sandbox.call(self.world.clock.move, timedelta(**span))
        for job in jobs.JOBS:
            if job.name not in ("deliver", "read members"):
                jobs.run(job, self.services)
        self.settle()

    def live(self, until: datetime) -> None:
        """Time passes with the bot at work: every reminder is looked at in the minute in which it falls due."""
        self.settle()
        while (next_at := self._next_reminder()) and next_at <= until:
            self.sandbox.call(self.world.clock.move, max(next_at - self.services.now(), timedelta(milliseconds=1)))
            self.settle()
        self.skip(seconds=(until - self.services.now()).total_seconds())

    def _next_reminder(self) -> datetime | None:
        with self.services.transaction() as session:
            first: datetime | None = session.scalar(
                select(func.min(Reminder.due_at)).where(Reminder.state.in_(WAITING))
            )
        return first

    def reminders(self, **having: Any) -> list[Reminder]:
        """Rows of the ledger, in the order in which they were planned."""
        with self.services.transaction() as session:
            return list(session.scalars(select(Reminder).filter_by(**having).order_by(Reminder.id)))

    def _run(self, name: str) -> None:
        jobs.run(next(job for job in jobs.JOBS if job.name == name), self.services)
        self.settle()

    def _next_wait(self) -> timedelta | None:
        now = self.services.now()
        with self.services.transaction() as session:
            waiting = select(Lane.next_at).where(Lane.pending > 0, Lane.paused_reason.is_(None)).order_by(Lane.next_at)
            first: datetime | None = session.scalars(waiting.limit(1)).first()
        return None if first is None else max(first - now, timedelta(milliseconds=1))

    # what people do

    def command(self, who: str, text: str, channel: str = company.CE) -> Seen:
        return self.sandbox.run(self.slack.command(_id(who), channel, text))

    def submit(self, who: str, view: dict[str, Any], **values: Any) -> Seen:
        return self.sandbox.run(self.slack.submit(_id(who), view["id"], values))

    def click(self, who: str, message: dict[str, Any], action_id: str, value: str | None = None) -> Seen:
        return self.sandbox.run(self.slack.click(_id(who), message["channel"], message["ts"], action_id, value))

    def click_in_view(self, who: str, view: dict[str, Any], action_id: str) -> Seen:
        return self.sandbox.run(self.slack.click_in_view(_id(who), view["id"], action_id))

    def person(self, who: str) -> Person:
        with self.services.transaction() as session:
            return session.scalars(select(Person).where(Person.slack_id == _id(who))).one()

    def set_health(self, who: str, account: str, health: str | None) -> None:
        """Somebody changes the field on the Salesforce page."""
        by = company.user_id(self.world, NAMES[who])
        changes = {"Customer_Health__c": health}
        self.sandbox.call(self.world.salesforce.update, "Account", company.account_id(self.world, account), changes, by)

    def move_person(self, who: str, zone: str) -> None:
        """Somebody's Slack says another time zone from now on."""
        self.sandbox.run(self.slack.change_user(_id(who), tz=zone))
        self.settle()

    def leave(self, who: str) -> None:
        """Somebody's Slack account is deactivated."""
        self.sandbox.run(self.slack.deactivate(_id(who)))
        self.settle()

    # what everybody sees

    def cards(self, of: str | None = None) -> list[dict[str, Any]]:
        """The headlines of #red-accounts, oldest first; `of` narrows to those that name an account."""
        headlines = [m for m in self.channel(company.RED_ACCOUNTS) if m.get("subtype") != "thread_broadcast"]
        headlines = [m for m in headlines if m not in self.summaries()]
        return [m for m in headlines if of is None or of in text_of(m)]

    def summaries(self) -> list[dict[str, Any]]:
        """What was posted on Mondays, oldest first."""
        return [m for m in self.channel(company.RED_ACCOUNTS) if re.match(r"([\d,]+|No) red accounts?\b", m["text"])]

    def card(self, of: str) -> dict[str, Any]:
        found = self.cards(of)
        assert len(found) == 1, [text_of(message) for message in found]
        return found[0]

    def channel(self, channel: str) -> list[dict[str, Any]]:
        place = self.slack.channels.get(channel)
        return [dict(message, channel=channel) for message in place.top_level()] if place else []

    def thread(self, message: dict[str, Any]) -> list[dict[str, Any]]:
        place = self.slack.channels[message["channel"]]
        return [
            dict(reply, channel=message["channel"])
            for reply in place.replies(message["ts"])
            if reply["ts"] != message["ts"]
        ]

    def dms(self, who: str) -> list[dict[str, Any]]:
        return self.channel(self.slack.dm_with(_id(who)).id)

    def dm(self, who: str) -> dict[str, Any]:
        found = self.dms(who)
        assert len(found) == 1, [text_of(message) for message in found]
        return found[0]

    def files(self, who: str) -> list[tuple[dict[str, Any], str]]:
        """The direct messages with a file, each with what is in it."""
        found = [(message, file["id"]) for message in self.dms(who) for file in message.get("files", [])]
        return [(message, (self.slack.files[file_id].content or b"").decode()) for message, file_id in found]

    def health(self, account: str) -> str | None:
        row = self.world.salesforce.get("Account", company.account_id(self.world, account))
        return row["Customer_Health__c"]  # type: ignore[no-any-return]

    def rows(self, of: str | None = None) -> list[dict[str, str]]:
        """The rows of the Account Tracker tab as people read them."""
        grid = AtTheGrid(self.world.sheets, tab=company.TAB).grid()
        rows = [dict(zip(grid["header"], [cell["v"] for cell in row], strict=False)) for row in grid["rows"]]
        return [row for row in rows if any(row.values()) and (of is None or row.get("Account", "").startswith(of))]

    def row(self, of: str) -> dict[str, str]:
        found = self.rows(of)
        assert len(found) == 1, found
        return found[0]

    def failed(self) -> list[str]:
        with self.services.transaction() as session:
            return [
                f"{p.kind} {p.error}"
                for p in session.scalars(select(Promise).where(Promise.state == PromiseState.FAILED))
            ]


def text_of(message: dict[str, Any]) -> str:
    """Everything that a person reads in a message, in order."""
    found: list[str] = [message.get("text", "")]

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            if part.get("type") in ("mrkdwn", "plain_text") and isinstance(part.get("text"), str):
                found.append(part["text"])
            for value in part.values():
                walk(value)
        elif isinstance(part, list):
            for value in part:
                walk(value)

    walk(message.get("blocks", []))
    return "\n".join(found)


def buttons_of(message: dict[str, Any]) -> list[str]:
    return [e["action_id"] for b in message.get("blocks", []) if b["type"] == "actions" for e in b["elements"]]


def _with_what_is_compiled(engine: Engine) -> None:
    """A bot that runs compiles each statement once; without this every story would, for a quarter of its time."""
    engine.connect().close()  # its own dialect asks the database what it can
    engine.dialect = DIALECTS.setdefault(engine.dialect.name, engine.dialect)
    engine.update_execution_options(compiled_cache=STATEMENTS)


def _id(who: str) -> str:
    return who if who.startswith("U0") else NAMES[who].slack_id
