"""Replicas of the bot, each a process of its own, that are killed and started again while the others go on."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
from datetime import timedelta
from pathlib import Path

from sqlalchemy import update

from bot.db import Database
from bot.models import Lane, Lease
from bot.models.outbox import LONG_AGO
from sandbox import settings
from sandbox.server import Sandbox
from tests.test_crash import wait_for

TICK = 0.05  # real seconds in which one passes in the stand-ins: paces and back-offs go by while a bot starts


class Replicas:
    """`kill` ends one with kill -9 and waits until it is gone; its leases end with it, as they would in two minutes."""

    def __init__(
        self, sandbox: Sandbox, database_url: str, database: Database, nursery: subprocess.Popen[str], folder: Path
    ) -> None:
        self.sandbox, self.database, self.nursery = sandbox, database, nursery
        rules = settings.POLICY.read_text(encoding="utf-8").replace("salesforce_seconds = 3", "salesforce_seconds = 60")
        (folder / "policy.toml").write_text(rules, encoding="utf-8")
        self.settings = settings.environment(sandbox.url, database_url, policy=folder / "policy.toml")
        self.alive: list[int] = []
        self.kills = 0

    def start(self, *, wait: bool = True) -> int:
        assert self.nursery.stdin
        assert self.nursery.stdout
        self.nursery.stdin.write(json.dumps(self.settings) + "\n")
        self.nursery.stdin.flush()
        pid = int(self.nursery.stdout.readline())
        self.alive.append(pid)
        if wait:
            wait_for(lambda: self.connections >= len(self.alive) or not is_alive(pid), "connected")
        return pid

    @property
    def connections(self) -> int:
        return len(self.sandbox.world.slack.sockets.connections)

    def kill(self, pid: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not is_alive(pid), "the killed bot is gone")
        self.alive.remove(pid)
        wait_for(lambda: self.connections <= len(self.alive), "its connection is gone")
        self.kills += 1
        if self.database.is_sqlite:
            return  # the next one frees everything when it starts
        with self.database.transaction() as session:  # their holder's name has its pid in the middle
            session.execute(update(Lane).where(Lane.owner.contains(f":{pid}:")).values(lease_until=LONG_AGO))
            session.execute(update(Lease).where(Lease.holder.contains(f":{pid}:")).values(until=LONG_AGO))

    def close(self) -> None:
        for pid in list(self.alive):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def is_alive(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


class Hurry:
    """Time that passes faster in the stand-ins."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._over = threading.Event()
        self._sandbox = sandbox
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._over.wait(TICK):
            self._sandbox.call(self._sandbox.world.clock.move, timedelta(seconds=1))

    def stop(self) -> None:
        self._over.set()
        self._thread.join()


def let_slack_fail(sandbox: Sandbox) -> None:
    """Every fifth call of chat.* and conversations.*: each kind strikes one in eighteen."""
    for kind in ("429", "500", "drop_before", "drop_after"):
        sandbox.world.faults.switch_on("slack", kind, call="c*", share=0.055, seconds=2)


def let_slack_forget(sandbox: Sandbox) -> None:
    """Without metadata nothing can be looked up: the control."""

    def forget(part: str) -> None:
        if part == "slack":
            for channel in list(sandbox.world.slack.channels.values()):
                for message in reversed(channel.messages.values()):
                    if message.pop("metadata", None) is None:
                        break

    sandbox.world.listeners.append(forget)
