"""How long the bot takes until it is ready, and how much memory it then holds. The stand-ins run beside it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from benchmarks.figure import Figure
from bot import migrating
from sandbox import company, settings
from sandbox.server import Sandbox

ROOT = Path(__file__).parent.parent
SETTLE = 3  # seconds after "ready": the first cards are out by then
TOO_LONG = 30


def run() -> Iterator[Figure]:
    sandbox = Sandbox().start()
    sandbox.call(company.move_in, sandbox.world)
    try:
        with tempfile.TemporaryDirectory() as folder:
            seconds, megabytes = _start(sandbox.url, Path(folder))
    finally:
        sandbox.stop()
    yield Figure("start: from the command to ready", seconds, "s", 3, more_is_better=False)
    yield Figure("start: memory of the bot alone", megabytes, "MB", 150, more_is_better=False)


def _start(url: str, folder: Path) -> tuple[float, float]:
    database_url = f"sqlite:///{folder / 'bench.db'}"
    migrating.upgrade(database_url)
    environment = os.environ | settings.environment(url, database_url) | {"PYTHONPATH": str(ROOT)}
    began = time.perf_counter()
    with (folder / "log").open("w+") as log:
        bot = subprocess.Popen([sys.executable, "-m", "bot", "run"], cwd=folder, env=environment, stderr=log)
        try:
            while not (folder / "log").read_text(encoding="utf-8").rstrip().endswith(" ready"):
                if bot.poll() is not None or time.perf_counter() - began > TOO_LONG:
                    raise RuntimeError((folder / "log").read_text(encoding="utf-8"))
                time.sleep(0.01)
            seconds = time.perf_counter() - began
            time.sleep(SETTLE)
            return seconds, psutil.Process(bot.pid).memory_info().rss / 1e6
        finally:
            bot.kill()
            bot.wait(10)
