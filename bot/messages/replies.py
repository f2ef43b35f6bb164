"""The question whether a reply is the update that is due, to whoever wrote it."""

from __future__ import annotations

from bot.messages import blocks
from bot.messages.blocks import Message, esc
from bot.messages.red_accounts_view import View
from bot.models import Reply, Status, Update

USE, REFUSE = "reply.use", "reply.refuse"


def offer(view: View, reply: Reply, update: Update | None) -> Message:
    """By DM. What became of it takes the place of its buttons."""
    account, after = view.facts.account, _after(view, reply, update)
    press = None
    if after is None:
        press = blocks.actions(
            blocks.button("Use as update", USE, reply.id, style="primary"), blocks.button("No", REFUSE, reply.id)
        )
    name = blocks.clip(account.name, 30)
    return blocks.message(
        f"{name}: an update is due. {after or 'Is what you just wrote in its thread the update?'}",
        [
            blocks.section(
                f"An update on *{esc(account.name)}* is due. Is what you just wrote in its thread the update?"
            ),
            blocks.section(blocks.quoted(reply.text)) if reply.text else None,
            blocks.section(after) if after else None,
            press,
        ],
    )


def _after(view: View, reply: Reply, update: Update | None) -> str | None:
    if update:
        return "☑ It is the update. ⋯ on it in the thread changes it."
    if reply.deleted_at:
        return "You deleted it."
    if reply.refused_at:
        return "It stays a reply."
    if view.facts.red.status != Status.OPEN or (view.facts.red.updated_at or reply.said_at) > reply.said_at:
        return "Over: nothing to do any more"
    return None
