"""Day one: what was red before Touchpoint came."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from slack_sdk.models.blocks import Block

from bot.messages import blocks
from bot.messages.blocks import Message, esc
from bot.messages.red_accounts import money, renews, team
from bot.models import RedAccount
from bot.policy import Policy, Writes

POST_CARD, POST_ALL = "red_account.post_card", "red_account.post_all"


def day_one(reds: Sequence[RedAccount], policy: Policy, now: datetime) -> Message:
    """What was red before Touchpoint came, once, with a button for each card and one for all."""
    if not reds:
        return blocks.message(
            "Every account that was red before has its card.",
            [blocks.section("Every account that was red before has its card.")],
        )
    shown = reds[:20]
    has_sheet = policy.writes.sheets == Writes.ON
    more = None
    if len(reds) > len(shown):
        more = f"{len(reds) - len(shown)} more {'are in the sheet' if has_sheet else 'follow when these are posted'}."
    head = f"{len(reds)} account{'s were' if len(reds) > 1 else ' was'} red already"
    rows: list[Block] = []
    for red in shown:
        account = red.account
        line = f"*{esc(account.name)}* · {money(account.arr)} · {renews(account.renewal_on, now.date())} · {team(red)}"
        rows.append(blocks.section(line, accessory=blocks.button("Post the card", POST_CARD, red.id)))
    return blocks.message(
        f"{head} when Touchpoint came.{' Each has its sheet row.' if has_sheet else ''}",
        [
            blocks.header(head),
            blocks.section(
                f"{'Each has its row in the sheet. ' if has_sheet else ''}Nobody was mentioned,"
                " and what was late starts counting today."
            ),
            *rows,
            blocks.context(more),
            blocks.actions(blocks.button("Post all cards", POST_ALL, "all")) if len(reds) > 1 else None,
        ],
    )
