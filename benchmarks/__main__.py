"""Measure, print a table, and write build/bench.json."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from pathlib import Path

from benchmarks import dispatch, outbox, polls, reminders, start
from benchmarks.figure import Figure

ALL = {
    "start": start.run,
    "outbox": outbox.run,
    "dispatch": dispatch.run,
    "reminders": reminders.run,
    "polls": polls.run,
}
RESULTS = Path(__file__).parent.parent / "build" / "bench.json"
TITLES = ("what", "ours", "peer", "ratio", "goal", "")


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--only", choices=ALL, help="one of them")
    asked = parser.parse_args()
    logging.disable(logging.WARNING)
    figures = [figure for name, run in ALL.items() if asked.only in (None, name) for figure in run()]
    _print(figures)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps([figure.as_json() for figure in figures], indent=2, ensure_ascii=False) + "\n")
    return 0 if all(figure.met for figure in figures) else 1


def _print(figures: list[Figure]) -> None:
    lines = [TITLES, *(figure.cells() for figure in figures)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(TITLES))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


if __name__ == "__main__":
    sys.exit(main())
