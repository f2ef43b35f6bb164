"""The bot as its own process against the stand-ins: start it, kill it, and move the time while it works."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import NoReturn

from bot import db, migrating
from bot import policy as policies
from bot.db import Database
from bot.integrations.clock import FRESH
from bot.models import System, SystemName
from bot.queries import due
from sandbox import company, fortnight, settings
from sandbox.clock import next_quarter
from sandbox.world import World

PATIENCE = 20  # seconds to wait for the bot at each step; what is still due then is due for a reason (a fault is on)
PACE = timedelta(seconds=3)  # what is due so soon belongs to what is going on
IMPATIENCE = 1  # seconds to wait at each further step of a move in which the bot once did not keep up
#: Seconds, where no fault is on and nothing may be missing: at the first start, and at each step of the replay.
LONGEST_PATIENCE = 300
START = 30  # seconds to wait for a bot that is started again; with a fault on it may not get through at all
END = 10  # seconds until a bot that is to end is killed
ROOT = Path(__file__).parent.parent


class DidNotStart(Exception):
    """Its message shows the end of the bot's log."""


class Runner:
    """One bot process. `folder` holds its database and log, both made anew."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.folder = world, folder
        self.ready = False  # once it has moved in
        self.policy = policies.read(settings.POLICY)
        self.database_url = f"sqlite:///{folder / 'touchpoint.db'}"
        self._process: subprocess.Popen[bytes] | None = None
        self._database: Database | None = None

    # what the page shows

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self.running else None

    @property
    def poll_seconds(self) -> float:
        return self.policy.polling.salesforce_seconds

    @property
    def writes(self) -> dict[str, str]:
        return {name: str(value) for name, value in self.policy.writes.model_dump(mode="json").items()}

    # the process

    async def start(self, patience: float = START) -> None:
        """Start the bot and wait until it is connected and has read Slack and Salesforce."""
        if self.running:
            return
        environment = {
            **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "LC_ALL", "TZ")},
            **settings.environment(self.world.base_url, self.database_url),
            "PYTHONPATH": str(ROOT),
        }
        log = (self.folder / "bot.log").open("ab")
        # In a folder of its own, so that a developer's .env with real tokens is never read.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"], cwd=self.folder, env=environment, stdout=log, stderr=log
        )
        log.close()
        until = time.monotonic() + patience
        while self.running and time.monotonic() < until and not await self._is_ready():
            await asyncio.sleep(0.05)
        if not self.running:
            self._did_not_start()
        self.world.changed("clock")

    async def _is_ready(self) -> bool:
        """Connected alone is not enough: under what it has not read there is nothing to press."""
        return bool(self.world.slack.sockets.connections) and await asyncio.to_thread(self._has_read)

    def _has_read(self) -> bool:
        assert self._database is not None
        with self._database.transaction() as session:
            return all(session.get_one(System, name).read_to_at for name in (SystemName.SLACK, SystemName.SALESFORCE))

    def _did_not_start(self) -> NoReturn:
        tail = (self.folder / "bot.log").read_text(errors="replace")[-1500:]
        raise DidNotStart(f"The bot did not start. The end of its log:\n{tail}")

    async def kill(self) -> None:
        """kill -9: what it had not committed is gone, and nothing else."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        await self._end(signal.SIGTERM)

    async def reset(self, *, replayed: bool = True) -> None:
        """Empty everything, move in anew, start the bot, and replay the fortnight (or stay on its first morning)."""
        self.ready = False
        await self.kill()
        self.prepare()
        for system in (self.world.slack, self.world.salesforce, self.world.sheets):
            system.reset()
        self.world.faults.switch_off()
        self.world.calls.clear()
        company.move_in(self.world)
        await self.start(LONGEST_PATIENCE)
        if not await self._is_ready():
            self._did_not_start()
        if replayed:
            await fortnight.replay(self.world, partial(self.move, patience=LONGEST_PATIENCE))
        self.ready = True
        self.world.changed("tour")

    def prepare(self) -> None:
        """A new, migrated database."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._database:
            self._database.engine.dispose()
        for name in ("touchpoint.db", "touchpoint.db-wal", "touchpoint.db-shm", "bot.log"):
            (self.folder / name).unlink(missing_ok=True)
        migrating.upgrade(self.database_url)
        self._database = Database(db.create(self.database_url))

    # the time machine

    async def move(self, seconds: float, outage: bool = False, patience: float = PATIENCE) -> None:
        """Move the clock on in small steps, each waiting until nothing due is left. An outage happens in one jump.

        The steps end at full quarters of an hour, so that what is due at 9:00 somewhere comes at 9:00.
        """
        if outage:
            await self.kill()
            self.world.clock.move(timedelta(seconds=seconds))
            await self.start()
            await self.quiet()
            return
        clock, steps = self.world.clock, 0
        end = clock.now() + timedelta(seconds=seconds)
        if not await self.quiet(patience):
            patience = IMPATIENCE
        while (now := clock.now()) < end:
            clock.move(min(next_quarter(now), end) - now)
            if not await self.quiet(patience):
                patience = IMPATIENCE
            steps += 1
            if steps % 8 == 0:
                self.world.changed("clock")
        await asyncio.sleep(2 * FRESH)  # so long the bot may use the time that it read before

    async def quiet(self, patience: float = PATIENCE) -> bool:
        """Wait until the bot has read what people changed in Salesforce and has nothing left to do. False: in vain."""
        until = time.monotonic() + patience
        while self.running and time.monotonic() < until:
            changed_at = self._changed_at()
            if not await asyncio.to_thread(self._is_anything_left, PACE, changed_at):
                return True
            if not await asyncio.to_thread(self._is_anything_left, timedelta(), changed_at):
                self.world.clock.move(timedelta(seconds=1))  # Slack takes one message a second; nobody waits for that
            await asyncio.sleep(0.05)
        return False

    def _changed_at(self) -> datetime | None:
        """When a person last changed an account in Salesforce."""
        salesforce = self.world.salesforce
        by_people = (a for a in salesforce.rows("Account") if a["LastModifiedById"] != salesforce.integration_user)
        return max((account["SystemModstamp"] for account in by_people), default=None)

    def _is_anything_left(self, within: timedelta, changed_at: datetime | None) -> bool:
        assert self._database is not None
        with self._database.transaction() as session:
            # What the bot has committed, not what was asked of the stand-in: a poll is read before it is acted on.
            salesforce = session.get(System, SystemName.SALESFORCE)
            read_to = salesforce.read_to_at if salesforce else None
            if changed_at and (read_to is None or read_to <= changed_at):
                return True
            return due.is_anything_due(session, now=self.world.clock.now() + within, real_now=datetime.now(UTC))

    async def _end(self, number: int) -> None:
        if self._process and self.running:
            self._process.send_signal(number)
            try:
                await asyncio.to_thread(self._process.wait, END)
            except subprocess.TimeoutExpired:  # a busy machine; killing it loses nothing
                self._process.kill()
                await asyncio.to_thread(self._process.wait)
            sockets, until = self.world.slack.sockets, time.monotonic() + END
            sockets.cut()
            while sockets.connections and time.monotonic() < until:  # the next start waits for new ones
                await asyncio.sleep(0.05)
        self._process = None
        self.world.changed("clock")
