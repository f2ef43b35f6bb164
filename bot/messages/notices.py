"""Messages that are said once."""

from __future__ import annotations

from bot.messages import blocks
from bot.messages.blocks import Message, esc, said
from bot.models import HealthChange


def refused(change: HealthChange) -> Message:
    """Salesforce did not take a change of health: its reason, and what is true now."""
    name = esc(change.account.name)
    text = f"Salesforce did not set {name} to {change.wanted}."
    return blocks.message(
        f"{text} {blocks.plain(change.answer)}",
        [
            blocks.section(f"{text}\n>{said(change.answer, 1500)}"),
            blocks.context(
                f"{name} is {change.account.health or 'without a health'} there, and here again.",
                f"wanted by {blocks.first_name(change.by)}",
            ),
        ],
    )


def trouble(sentence: str) -> Message:
    """Something an administrator has to mend: what does not work and how to mend it."""
    return blocks.message(
        f"Touchpoint needs help: {sentence}", [blocks.section(f"Touchpoint needs help: {esc(sentence)}")]
    )


def answer(sentence: str) -> Message:
    """The answer to a press, where Slack gives no other place for it."""
    return blocks.message(sentence, [blocks.section(esc(sentence))])
