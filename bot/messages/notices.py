"""Messages that are said once."""

from __future__ import annotations

from collections.abc import Sequence

from bot.messages import blocks
from bot.messages.blocks import Message, esc, said
from bot.messages.red_accounts import OPEN_LINK
from bot.models import HealthChange, Person, RedAccount

MOST_SHOWN = 9  # of what did not agree


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


def ask_them(red: RedAccount, by: Person, to_do: str, card_url: str | None) -> Message:
    """Somebody wanted to do what only its reader, and a few others, can do."""
    asks = f"{blocks.first_name(by)} asks whether you can {to_do.removesuffix(' here')}."
    talk = f"Talk to {blocks.mention(by)}"
    open_it = blocks.button("Open it", OPEN_LINK, red.id, url=card_url) if card_url else None
    body = blocks.section(f"*{esc(red.account.name)}*: {asks}")
    return blocks.message(
        f"{blocks.plain(red.account.name)}: {asks}", [body, blocks.actions(open_it), blocks.context(red.label, talk)]
    )


def nobody(red: RedAccount, role: str, name: str | None) -> Message:
    """To the lead: nobody can be asked as its CE or AE."""
    account = blocks.plain(red.account.name)
    lacks = f"{account} is red and has no {role} in Salesforce."
    if name:
        lacks = f"{account} is red, and its {role} {blocks.plain(name)} cannot be reached in Slack."
    instead = "You are asked in their place." if role == "CE" else "Nobody is asked in their place."
    text = f"{lacks} {instead}"
    return blocks.message(text, [blocks.section(esc(text)), blocks.context(red.label)])


def not_replaced(field: str, there: str) -> Message:
    """Salesforce's field for the newest update holds what somebody wrote there by hand."""
    text = f"Your update is not in Salesforce's {field}: somebody wrote there, and that stands."
    return blocks.message(text, [blocks.section(f"{esc(text)}\n{blocks.quoted(there)}")])


def reconciled(lines: Sequence[str], mended: int) -> Message:
    """To the leads: what did not agree between Salesforce, the sheet and Slack, and what was done."""
    count = len(lines)
    head = f"{count} thing{'s' if count > 1 else ''} did not agree between Salesforce, the sheet and Slack"
    rest = count - mended
    state = "All mended." if not rest else f"{mended} mended, {rest} for you." if mended else "For you to look at."
    shown = [f"• {said(line, 300)}" for line in lines[:MOST_SHOWN]]
    more = f"{count - MOST_SHOWN} more" if count > MOST_SHOWN else None
    return blocks.message(
        f"{head}. {state}",
        [blocks.section(f"{head}. {state}"), blocks.section("\n".join(shown)), blocks.context(more)],
    )
