"""Thousands of reminders fall due while bots are killed at any moment: none is lost and none is seen twice.

`make soak` runs it with ten thousand and a hundred kills, and writes build/soak.md.
"""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from bot import db
from bot.db import Database
from sandbox.server import Sandbox
from tests import soak_company as company
from tests.soak_company import Size
from tests.soak_replicas import Hurry, Replicas, is_alive, let_slack_fail, let_slack_forget
from tests.test_crash import ROOT, nursery, wait_for

__all__ = ["nursery"]  # a fixture

REPORT = ROOT / "build" / "soak.md"
HEAD = "| run | database | bots | reminders | kills | messages | lost | seen twice | seconds |\n" + "|---" * 9 + "|\n"
SMALL, FULL = Size(people=20, accounts=15, kills=6, own=6), Size(people=400, accounts=25, kills=100)
LONGEST_LIFE, PATIENCE = 5, 600  # seconds; the first sweep comes two seconds after the start
STEP = timedelta(minutes=15)


@dataclass
class Run:
    sandbox: Sandbox
    database: Database
    replicas: Replicas
    size: Size


@contextmanager
def a_run(size: Size, url: str, nursery: subprocess.Popen[str], folder: Path) -> Iterator[Run]:
    sandbox = Sandbox().start()
    company.move_in(sandbox, size)
    company.plan(sandbox, url, size)
    # A reader of SQLite waits for nobody, unless it begins as the bot does.
    database = Database(create_engine(url) if url.startswith("sqlite") else db.create(url))
    replicas, hurry = Replicas(sandbox, url, database, nursery, folder), Hurry(sandbox)
    try:
        yield Run(sandbox, database, replicas, size)
    finally:
        replicas.close()
        hurry.stop()
        sandbox.stop()
        database.engine.dispose()


def work(run: Run, bots: int, dice: random.Random) -> None:
    """Bots are killed at any moment, also while they start, and time goes on a quarter of an hour with each. Then the
    last ones are left to finish."""
    clock, replicas = run.sandbox.world.clock, run.replicas
    jump = (company.SECOND_MORNING - company.FIRST) / run.size.kills
    for number in range(run.size.kills):
        while len(replicas.alive) < bots:
            replicas.start(wait=number % 4 != 3)
        left = jump
        while left > timedelta():
            run.sandbox.call(clock.move, min(STEP, left))
            left -= STEP
        time.sleep(dice.uniform(0.5, LONGEST_LIFE))  # any moment of its life
        replicas.kill(dice.choice(replicas.alive))
    while len(replicas.alive) < bots:
        replicas.start()
    while clock.now() < company.OVER:
        run.sandbox.call(clock.move, 4 * STEP)
        wait_for(lambda: company.is_quiet(run.database, clock.now()), "nothing left to do", seconds=PATIENCE)
    wait_for(lambda: company.is_quiet(run.database, clock.now()), "nothing left to do", seconds=PATIENCE)


def report(run: Run, name: str, bots: int, lost: int, twice: int, seconds: float, *, is_kept: bool) -> None:
    kind = "SQLite" if run.database.is_sqlite else "PostgreSQL"
    told = company.count_told(run.database)
    line = f"| {name} | {kind} | {bots} | {run.size.reminders:,} | {run.replicas.kills} | {told:,} |"
    line += f" {lost} | {twice} | {seconds:.0f} |\n"
    print(f"\n{HEAD}{line}")
    if is_kept:
        REPORT.parent.mkdir(exist_ok=True)
        with REPORT.open("a", encoding="utf-8") as file:
            file.write(line if file.tell() else HEAD + line)


@pytest.mark.slow
@pytest.mark.parametrize("bots", [1, 2])
def test_through_any_kill_nothing_is_lost_and_nothing_is_seen_twice(
    bots: int, database_url: str, nursery: subprocess.Popen[str], tmp_path: Path, is_full_size: bool
) -> None:
    size = FULL if is_full_size else SMALL
    with a_run(size, database_url, nursery, tmp_path) as run:
        if run.database.is_sqlite and bots > 1:
            the_second_one_refuses(run)
            return
        if not run.database.is_sqlite and bots == 1 and not is_full_size:
            return  # in `make test` one bot is tried on SQLite, and two are on PostgreSQL
        let_slack_fail(run.sandbox)
        began = time.monotonic()
        work(run, bots, random.Random(bots))
        lost, twice = company.lost(run.database, run.sandbox), company.twice(run.sandbox)
        report(run, "kill -9", bots, len(lost), len(twice), time.monotonic() - began, is_kept=is_full_size)
        assert (lost, twice, company.twice_by_id(run.sandbox)) == ([], [], [])
        assert company.most_in_a_day(run.database) <= 5


def the_second_one_refuses(run: Run) -> None:
    """SQLite serves one process: the second ends at once, and the first goes on."""
    first, second = run.replicas.start(), run.replicas.start(wait=False)
    wait_for(lambda: not is_alive(second), "the second one has ended")
    assert is_alive(first)
    assert run.replicas.connections == 1


@pytest.mark.slow
def test_without_the_look_up_doubles_are_seen(
    database_url: str, nursery: subprocess.Popen[str], tmp_path: Path, is_full_size: bool
) -> None:
    """The control: where Slack forgets metadata nothing can be looked up, and what the others count is there."""
    if not is_full_size and not database_url.startswith("sqlite"):
        return  # in `make test` once is enough
    size = Size(people=100, accounts=20, kills=20) if is_full_size else SMALL
    with a_run(size, database_url, nursery, tmp_path) as run:
        let_slack_forget(run.sandbox)
        let_slack_fail(run.sandbox)
        began = time.monotonic()
        work(run, 1, random.Random(3))
        twice = company.twice(run.sandbox)
        report(run, "control: no look-up", 1, 0, len(twice), time.monotonic() - began, is_kept=is_full_size)
        assert twice != []
