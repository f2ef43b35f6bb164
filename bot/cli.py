"""touchpoint run | migrate | doctor | outbox [list | retry] | why | export | figures"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from bot import config, logs, policy, single

log = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _parser()
    asked = parser.parse_args(arguments)
    logs.set_up(logging.INFO if asked.command == "run" else logging.WARNING)
    try:
        return int(asked.do(asked))
    except (config.BadSettings, policy.BadPolicy) as error:
        print(f"Touchpoint cannot start:\n{error}\n\n.env.example explains every setting.", file=sys.stderr)
    except single.SecondRun as error:
        print(error, file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="touchpoint", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="run the bot").set_defaults(do=_run)
    commands.add_parser("migrate", help="bring the database's tables up to date").set_defaults(do=_migrate)
    commands.add_parser("doctor", help="check everything outside, and say how to mend it").set_defaults(do=_doctor)
    box = commands.add_parser("outbox", help="what waits for an outside system, and what failed")
    box.set_defaults(do=_outbox)
    boxes = box.add_subparsers()
    boxes.add_parser("list", help="the same as without a word").set_defaults(do=_outbox)
    retry = boxes.add_parser("retry", help="try failed promises again")
    retry.add_argument("ids", nargs="*", type=int, help="their numbers; all of them if none is given")
    retry.set_defaults(do=_outbox_retry)
    why = commands.add_parser("why", help="why somebody was reminded, or was not")
    why.add_argument("about", nargs="+", help="a member's name, a red account such as RA-12, or an account's name")
    why.set_defaults(do=_why)
    export = commands.add_parser("export", help="all that is known of one red account")
    export.add_argument("about", nargs="+", help="a red account such as RA-12, or an account's name")
    export.add_argument("--format", choices=("markdown", "json", "csv"), default="markdown")
    export.set_defaults(do=_export)
    figures = commands.add_parser("figures", help="how the last quarters went, as a table, CSV and a chart")
    figures.add_argument("--quarters", type=int, choices=range(1, 41), default=6, metavar="N", help="so many, up to 40")
    figures.add_argument("--csv", type=Path, help="a file to write")
    figures.add_argument("--chart", type=Path, help="a file to draw the chart into, as SVG")
    figures.set_defaults(do=_figures)
    return parser


def _run(_asked: argparse.Namespace) -> int:
    from bot import app  # the imports of every outside library, which the other commands do without

    settings = config.load()
    if not _up_to_date(settings.database_url):
        return 2
    app.run(settings)
    return 0


def _migrate(_asked: argparse.Namespace) -> int:
    from bot import migrating

    migrating.upgrade(config.load_database_url())
    print("The database is up to date.")
    return 0


def _doctor(_asked: argparse.Namespace) -> int:
    from bot import doctor

    return doctor.run()


def _outbox(_asked: argparse.Namespace) -> int:
    from bot import outbox_report

    url = config.load_database_url()
    return outbox_report.show(url) if _up_to_date(url) else 2


def _outbox_retry(asked: argparse.Namespace) -> int:
    from bot import outbox_report

    local = config.load_local()
    if not _up_to_date(local.database_url):
        return 2
    return outbox_report.retry(local.database_url, asked.ids or None, _now(local))


def _why(asked: argparse.Namespace) -> int:
    from bot import why_report

    local = config.load_local()
    rules = policy.read(local.policy_file)
    if not _up_to_date(local.database_url):
        return 2
    return why_report.show(local.database_url, rules, " ".join(asked.about), _now(local))


def _export(asked: argparse.Namespace) -> int:
    from bot import export_report

    local = config.load_local()
    rules = policy.read(local.policy_file)
    if not _up_to_date(local.database_url):
        return 2
    return export_report.export(local.database_url, rules, " ".join(asked.about), asked.format)


def _figures(asked: argparse.Namespace) -> int:
    from bot import export_report

    local = config.load_local()
    rules = policy.read(local.policy_file)
    if not _up_to_date(local.database_url):
        return 2
    return export_report.show_figures(local.database_url, rules, asked.quarters, asked.csv, asked.chart, _now(local))


def _now(local: config.Local) -> datetime:
    """By the clock that the bot goes by."""
    from bot.integrations.clock import clock_at

    return clock_at(local.clock_url)()


def _up_to_date(url: str) -> bool:
    """Whether the tables are those that the program needs; says what to run where they are not."""
    from bot import migrating

    behind = migrating.behind(url)
    if behind:
        print(f"The database is not up to date ({behind}). Run: touchpoint migrate", file=sys.stderr)
    return behind is None
