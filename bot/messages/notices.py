"""Messages that are said once."""

from __future__ import annotations

from bot.messages import blocks
from bot.messages.blocks import Message, esc
from bot.models import HealthChange, RedAccount, Status


def refused(change: HealthChange) -> Message:
    """Salesforce did not take a change of health: its reason, and what is true now."""
    name = esc(change.account.name)
    text = f"Salesforce did not set {name} to {change.wanted}."
    return blocks.message(
        f"{text} {blocks.plain(change.answer)}",
        [
            blocks.section(f"{text}\n{blocks.quoted(change.answer)}"),
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


def row_deleted(red: RedAccount) -> Message:
    """Somebody deleted the row of a red account in the sheet."""
    goes_on = "; the red account goes on here" if red.status == Status.OPEN else ""
    text = f"Somebody deleted the sheet row of {blocks.plain(red.account.name)}. It is not put back{goes_on}."
    return blocks.message(text, [blocks.section(esc(text))])
