"""`python -m sandbox`: the stand-ins, the bot and the page. With --headless the stand-ins alone, for other clients."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from pathlib import Path

from sandbox import company
from sandbox.server import Sandbox

SIGNALS = (signal.SIGTERM, signal.SIGINT)


def main() -> int:
    parser = argparse.ArgumentParser(prog="sandbox", description=__doc__)
    parser.add_argument("--headless", action="store_true", help="the stand-ins alone: no bot, no fortnight")
    parser.add_argument("--port", type=int, default=8765, help="0 for any free one")
    parser.add_argument("--folder", type=Path, default=Path("var/sandbox"), help="for the bot's database and log")
    asked = parser.parse_args()
    try:
        sandbox = Sandbox(port=asked.port).start()
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        print(f"Port {asked.port} cannot be used ({reason}). Choose another one: --port 0", file=sys.stderr)
        return 2
    for number in SIGNALS:
        signal.signal(number, _stop)
    try:
        if not asked.headless:
            return _with_bot(sandbox, asked.folder)
        sandbox.call(company.move_in, sandbox.world)
        print(f"The stand-ins answer at {sandbox.url}", flush=True)
        _wait()
    except Stopped:
        print("Stopped.", flush=True)
    finally:
        sandbox.stop()
    return 0


def _with_bot(sandbox: Sandbox, folder: Path) -> int:
    from sandbox.runner import DidNotStart, Runner

    world, began = sandbox.world, time.monotonic()
    runner = Runner(world, folder.resolve())
    world.runner, world.time_machine = runner, runner.move
    print("Replaying an invented fortnight through the bot, so that you meet a living team.", flush=True)
    try:
        sandbox.run(runner.reset(), timeout=None)  # a busy machine takes its time
        print(f"Ready after {time.monotonic() - began:.0f} seconds. Open {sandbox.url}", flush=True)
        _wait()
    except DidNotStart as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        sandbox.run(runner.stop(), timeout=60)
    return 0


def _wait() -> None:
    threading.Event().wait()  # until a signal raises Stopped


class Stopped(BaseException):
    """SIGTERM or Ctrl-C came."""


def _stop(*_: object) -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)  # once is enough: the bot is being stopped
    raise Stopped


if __name__ == "__main__":
    sys.exit(main())
