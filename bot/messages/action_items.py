"""What the account team does itself, as people see it."""

from __future__ import annotations

from bot.messages import blocks
from bot.messages.red_accounts_view import View


def we_do(view: View) -> str | None:
    """The card's part about actions; None where there is none."""
    where = " in the sheet row" if view.has_sheet else ""
    return blocks.lines("We do", [item.what for item in view.facts.red.action_items], where)
