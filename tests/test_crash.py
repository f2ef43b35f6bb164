"""kill -9 at any point, again and again, while people work: nothing is lost and nothing is shown twice."""

from __future__ import annotations

import contextlib
import fnmatch
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeGuard

import pytest
from sqlalchemy import select, update

from bot import db
from bot.db import Database
from bot.messages import red_accounts_forms as forms
from bot.messages import resolutions_forms
from bot.models import HealthChange, Lane, Lease, Promise, PromiseState, RedAccount
from bot.models.outbox import LONG_AGO
from sandbox import company, settings
from sandbox.company import MAREK, PRIYA, Human
from sandbox.server import Sandbox
from sandbox.sheets.person import AtTheGrid
from sandbox.slack.seen import Seen

ROOT = Path(__file__).parent.parent
PATIENCE = 60  # seconds for what must happen at some time
LONGEST_LIFE = 2.5  # seconds of work before a bot is killed anyway

#: A process that has loaded the program and makes a child of itself for every line it reads: settings, as JSON. Each
#: child is the whole bot, as `touchpoint run` starts it, without the second and a half of loading libraries.
NURSERY = """
import json, os, signal, sys
from bot import app, cli, migrating
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for line in sys.stdin:
    child = os.fork()
    if child:
        print(child, flush=True)
        continue
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.environ.update(json.loads(line))
        os._exit(cli.main(["run"]))
    finally:
        os._exit(70)
"""
#: Where the bot is killed: at the n-th answer of a call with such a name, before the bot has read the answer.
POINTS = (
    ("chat.postMessage", 1),
    ("chat.postMessage", 2),
    ("chat.postMessage", 3),
    ("chat.update", 1),
    ("PATCH *", 1),
    ("batchUpdate", 1),
    ("values.get", 1),
    ("socket view_submission", 1),
)


class Bots:
    """The bot's process, one after the other on the same database."""

    def __init__(self, sandbox: Sandbox, database_url: str, folder: Path, nursery: subprocess.Popen[str]) -> None:
        self.sandbox, self.nursery = sandbox, nursery
        rules = settings.POLICY.read_text(encoding="utf-8").replace("salesforce_seconds = 3", "salesforce_seconds = 1")
        (folder / "policy.toml").write_text(rules, encoding="utf-8")
        self.settings = settings.environment(sandbox.url, database_url, policy=folder / "policy.toml")
        self.pid = 0
        self.point: tuple[str, int] | None = None
        sandbox.world.listeners.append(self._watch)

    def start(self) -> None:
        assert self.nursery.stdin
        assert self.nursery.stdout
        self.nursery.stdin.write(json.dumps(self.settings) + "\n")
        self.nursery.stdin.flush()
        self.pid = int(self.nursery.stdout.readline())

    @property
    def is_alive(self) -> bool:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, 0)
            return bool(self.pid)
        return False

    @property
    def is_connected(self) -> bool:
        return bool(self.sandbox.world.slack.sockets.connections)

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        wait_for(lambda: not self.is_alive and not self.is_connected, "the killed bot is gone")
        self.pid = 0

    def close(self) -> None:
        if self.pid:
            self.kill()
        self.sandbox.world.listeners.remove(self._watch)

    def _watch(self, part: str) -> None:
        if part != "calls" or not self.point:
            return
        name, left = self.point
        if not fnmatch.fnmatch(self.sandbox.world.calls[-1].name, name):
            return
        self.point = (name, left - 1) if left > 1 else None
        if self.point is None and self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)


@dataclass
class Wish:
    """What somebody wants to get done. They try again until they see that it is."""

    account: str
    ce: Human
    attempt: Callable[[Wish], bool]
    done: bool = False


@dataclass
class Company:
    """The people at work: they turn accounts red, mark and resolve them."""

    sandbox: Sandbox
    wishes: list[Wish] = field(default_factory=list)

    def turn_red(self, wish: Wish) -> bool:
        world = self.sandbox.world
        record, by = company.account_id(world, wish.account), company.user_id(world, wish.ce)
        self.sandbox.call(world.salesforce.update, "Account", record, {"Customer_Health__c": "Red"}, by)
        return True

    def mark(self, wish: Wish) -> bool:
        slack, who = self.sandbox.world.slack, wish.ce.slack_id
        seen = self._see(slack.command(who, company.CE, f"/red-account {wish.account}"))
        if not seen.ok or not _is_about(wish, seen.view):
            return False
        words = {"reason": "product_quality", "sentence": "Search times out."}
        if "has been red since" in str(seen.view):  # the form was kept, though its answer was lost
            return True
        if seen.view["callback_id"] != forms.MARK:
            return False
        seen = self._see(slack.submit(who, seen.view["id"], words))
        return seen.ok and seen.view is None

    def resolve(self, wish: Wish) -> bool:
        slack, who = self.sandbox.world.slack, wish.ce.slack_id
        found = self.cards(wish.account)
        if not found:
            return False
        if "is green again" in header(found[0]):
            return True
        menus = [e for block in found[0]["blocks"] for e in block.get("elements", []) if e.get("type") == "overflow"]
        entry = next(option["value"] for option in menus[0]["options"] if option["value"].startswith("resolve:"))
        seen = self._see(slack.click(who, company.RED_ACCOUNTS, found[0]["ts"], "red_account.menu", entry))
        if not seen.ok or not _is_about(wish, seen.view) or seen.view["callback_id"] != resolutions_forms.RESOLVE:
            return False
        seen = self._see(slack.submit(who, seen.view["id"], {"outcome": "green", "note": "The index node arrived."}))
        return seen.ok and seen.view is None

    def try_once(self) -> None:
        for wish in self.wishes:
            if not wish.done:
                wish.done = wish.attempt(wish)

    def cards(self, account: str) -> list[dict[str, Any]]:
        return [message for message in self.channel() if account in header(message)]

    def channel(self) -> list[dict[str, Any]]:
        return self.sandbox.call(lambda: list(self.sandbox.world.slack.channels[company.RED_ACCOUNTS].top_level()))

    def _see(self, press: Any) -> Seen:
        """Somebody presses; whatever was open before is closed, so that they look at the answer alone."""
        return self.sandbox.run(press)


def _is_about(wish: Wish, view: dict[str, Any] | None) -> TypeGuard[dict[str, Any]]:
    """A press that a killed bot left unanswered is brought again: its form may come while somebody does another."""
    return view is not None and wish.account in str(view)


def header(message: dict[str, Any]) -> str:
    return " ".join(block["text"]["text"] for block in message.get("blocks", []) if block["type"] == "header")


def wait_for(condition: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"never: {what}"
        time.sleep(0.02)


def wait_until_none(left: Callable[[], list[str]]) -> None:
    """Like `wait_for`, and says what is left when patience ends."""
    until = time.monotonic() + PATIENCE
    while found := left():
        assert time.monotonic() < until, found
        time.sleep(0.02)


@pytest.fixture
def office() -> Iterator[Company]:
    """The stand-ins, in which a second lasts a twentieth: paces and back-offs pass while the bot starts."""
    sandbox = Sandbox().start()
    sandbox.call(company.move_in, sandbox.world)
    over = threading.Event()

    def hurry() -> None:
        while not over.wait(0.05):
            sandbox.call(sandbox.world.clock.move, timedelta(seconds=1))

    hurrying = threading.Thread(target=hurry)
    hurrying.start()
    yield Company(sandbox)
    over.set()
    hurrying.join()
    sandbox.stop()


@pytest.fixture(scope="module")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.Popen[str]]:
    folder = tmp_path_factory.mktemp("bots")  # of its own, so that a developer's .env is never read
    path = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    with (folder / "bots.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", NURSERY],
            cwd=folder, env=path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
    yield process
    process.communicate(timeout=10)


@pytest.fixture
def bots(office: Company, database_url: str, tmp_path: Path, nursery: subprocess.Popen[str]) -> Iterator[Bots]:
    found = Bots(office.sandbox, database_url, tmp_path, nursery)
    yield found
    found.close()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(db.create(database_url))
    yield opened
    opened.engine.dispose()


def work(office: Company, bots: Bots, database: Database, points: list[tuple[str, int]], dice: random.Random) -> None:
    """One killed bot for each point, and something new to do in every life. Then one that is left to finish."""
    for number, point in enumerate(points):
        bots.start()
        if number % 4 == 3:
            bots.point = ("*", dice.randint(1, 12))  # also while it starts
        wait_for(lambda: bots.is_connected or not bots.is_alive, "connected")
        bots.point = point
        office.wishes += _more(office, number)
        office.try_once()
        with contextlib.suppress(AssertionError):
            wait_for(lambda: not bots.is_alive, "killed at its point", seconds=dice.uniform(0.6, LONGEST_LIFE))
        bots.kill()
        _let_leases_run_out(database)
    bots.point = None
    office.sandbox.world.faults.switch_off()
    bots.start()
    wait_for(lambda: bots.is_connected, "connected at last")
    wait_for(lambda: _all_done(office), "everybody got their wish")
    wait_until_none(lambda: _unfinished(office, bots, database))


def _more(office: Company, number: int) -> list[Wish]:
    """One account turns red, by turns in Salesforce and by a command; and one of those before is resolved."""
    names = [name for name in company.NAMES if name not in company.RED_ON_DAY_ONE]
    wanted = [(names[number], office.mark if number % 2 else office.turn_red)]
    if number % 3 == 2:
        wanted.append((names[number - 2], office.resolve))
    return [Wish(account, _ce(office, account), attempt) for account, attempt in wanted]


def _ce(office: Company, account: str) -> Human:
    world = office.sandbox.world
    row = world.salesforce.get("Account", company.account_id(world, account))
    return next(h for h in (PRIYA, MAREK) if company.user_id(world, h) == row["Customer_Engineer__c"])


def _let_leases_run_out(database: Database) -> None:
    """What a dead process held is free after two minutes of the real clock. Nobody waits for them here."""
    with database.transaction() as session:
        session.execute(update(Lane).values(lease_until=LONG_AGO))
        session.execute(update(Lease).values(until=LONG_AGO))


def _all_done(office: Company) -> bool:
    office.try_once()
    return all(wish.done for wish in office.wishes)


def _unfinished(office: Company, bots: Bots, database: Database) -> list[str]:
    """Whose card is missing, what waits or was given up, and who holds what."""
    with database.transaction() as session:
        undone = session.scalars(select(Promise).where(Promise.state != PromiseState.DONE)).all()
        left = [f"no card of {wish.account}" for wish in office.wishes if not office.cards(wish.account)]
        left += [f"{one.state} {one.kind} {one.subject_id} in {one.lane}: {one.error}" for one in undone]
        if left:
            rows = [
                *session.scalars(select(Lane)),
                *session.scalars(select(Lease)),
                *session.scalars(select(RedAccount)),
            ]
            left += [str({name: value for name, value in vars(row).items() if name[0] != "_"}) for row in rows]
            left.append(f"bot alive: {bots.is_alive}, now {office.sandbox.world.clock.now()}")
    return left


def twice(office: Company) -> list[str]:
    """Cards, first replies, rows and any message that stand there more than once, whatever metadata they carry."""
    world = office.sandbox.world
    shown = Counter(
        f"card of {account}" for account in {wish.account for wish in office.wishes} for _card in office.cards(account)
    )
    for message in list(world.slack.channels[company.RED_ACCOUNTS].messages.values()):
        if "is yours, together" in str(message.get("blocks", "")):
            shown[f"reply under {message['thread_ts']}"] += 1
        if "were red already" in header(message):
            shown["summary of day one"] += 1
    for channel in world.slack.channels.values():
        for message in list(channel.messages.values()):
            said = json.dumps([message.get("thread_ts"), message.get("text"), message.get("blocks")])
            shown[f"in {channel.id}: {said}"] += bool(message.get("bot_id"))
    for row in rows(office):
        shown[f"row of {row['Account']}"] += 1
    return sorted(what for what, times in shown.items() if times > 1)


def rows(office: Company) -> list[dict[str, str]]:
    def read() -> list[dict[str, str]]:
        grid = AtTheGrid(office.sandbox.world.sheets, tab=company.TAB).grid()
        return [dict(zip(grid["header"], [cell["v"] for cell in row], strict=False)) for row in grid["rows"]]

    return [row for row in office.sandbox.call(read) if row.get("Key")]  # people have rows of their own


def check(office: Company, database: Database) -> None:
    world = office.sandbox.world
    assert twice(office) == []
    ids = Counter(
        message["metadata"]["event_payload"]["id"]
        for channel in world.slack.channels.values()
        for message in channel.messages.values()
        if "metadata" in message
    )
    assert [opaque_id for opaque_id, times in ids.items() if times > 1] == []
    resolved = {wish.account for wish in office.wishes if wish.attempt == office.resolve}
    written = {row["Account"]: row for row in rows(office)}
    place = world.slack.channels[company.RED_ACCOUNTS]
    for account in {wish.account for wish in office.wishes}:
        [card] = office.cards(account)
        health = world.salesforce.get("Account", company.account_id(world, account))["Customer_Health__c"]
        opening = [m for m in place.replies(card["ts"]) if "is yours, together" in str(m.get("blocks", ""))]
        expected = ("Green", "closed", "is green again") if account in resolved else ("Red", "red", "is red")
        assert (account, health, written[account]["Status"]) == (account, *expected[:2])
        assert expected[2] in header(card)
        assert len(opening) == 1, account
    with database.transaction() as session:
        failed = session.scalars(select(Promise).where(Promise.state == PromiseState.FAILED)).all()
        assert [(promise.kind, promise.error) for promise in failed] == []
        refused = session.scalars(select(HealthChange.state).where(HealthChange.state != "written")).all()
        assert refused == []


@pytest.mark.slow
@pytest.mark.parametrize("faulty", [False, True], ids=["all is well outside", "every fifth call of Slack fails"])
def test_killed_at_any_point_nothing_is_lost_or_shown_twice(
    office: Company, bots: Bots, database: Database, faulty: bool, is_full_size: bool
) -> None:
    dice = random.Random(9 if faulty else 4)
    kills = 30 if is_full_size else 6
    if faulty:  # chat.* and conversations.*; each kind strikes one in eighteen, together every fifth
        for kind in ("429", "500", "drop_before", "drop_after"):
            office.sandbox.world.faults.switch_on("slack", kind, call="c*", share=0.055, seconds=2)
    points = [*dice.sample(POINTS, k=min(kills, len(POINTS))), *dice.choices(POINTS, k=max(0, kills - len(POINTS)))]
    work(office, bots, database, points, dice)
    check(office, database)


def test_where_slack_forgets_metadata_doubles_appear(office: Company, bots: Bots, database: Database) -> None:
    """The control: what the others count would be seen. Only the look-up by metadata keeps messages single."""
    slack = office.sandbox.world.slack
    [wish] = office.wishes = _more(office, 0)

    def forget(part: str) -> None:
        if part == "slack":
            for channel in slack.channels.values():
                for message in channel.messages.values():
                    message.pop("metadata", None)

    def kill(part: str) -> None:
        """The moment the card stands in the channel: Slack has it, and the bot does not know."""
        if part == "slack" and any(
            wish.account in header(card) for card in slack.channels[company.RED_ACCOUNTS].top_level()
        ):
            office.sandbox.world.listeners.remove(kill)
            os.kill(bots.pid, signal.SIGKILL)

    office.sandbox.world.listeners += [forget, kill]
    bots.start()
    wait_for(lambda: bots.is_connected, "connected")
    office.try_once()
    wait_for(lambda: not bots.is_alive, "killed when the card was posted")
    bots.kill()
    _let_leases_run_out(database)
    bots.start()
    wait_for(lambda: len(office.cards(wish.account)) > 1, "a second card of the same account")
    assert f"card of {wish.account}" in twice(office)
