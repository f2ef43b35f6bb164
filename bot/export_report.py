"""`touchpoint export` and `touchpoint figures`: what Slack shows a part of, whole and as a file."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from bot import db
from bot.db import Database
from bot.errors import UserError
from bot.messages import exports, figures
from bot.policy import Policy
from bot.queries import exports as queries
from bot.workflows import exports as exports_workflow
from bot.workflows import figures as figures_workflow


def export(database_url: str, policy: Policy, typed: str, form: str) -> int:
    """Of one red account, by its label or its account's name."""
    with Database(db.create(database_url)).transaction() as session:
        try:
            red = exports_workflow.meant(session, typed)
        except UserError as error:
            print(error, file=sys.stderr)
            return 1
        text = exports.written(queries.everything(session, red), exports.Format(form), policy)
    print(text, end="")
    return 0


def show_figures(
    database_url: str, policy: Policy, quarters: int, csv: Path | None, chart: Path | None, now: datetime
) -> int:
    """Printed, and written to the files that were named."""
    with Database(db.create(database_url)).transaction() as session:
        found = figures_workflow.of_quarters(session, now=now, policy=policy, count=quarters)
    for path, text in ((csv, figures.as_csv(found)), (chart, figures.as_svg(found))):
        if path:
            path.write_text(text, encoding="utf-8")
            print(f"{path} is written.")
    print(figures.chart(found))
    return 0
