"""How a red account can end, in words."""

from __future__ import annotations

from bot.messages import blocks
from bot.messages.blocks import esc, said
from bot.models import Outcome, RedAccount

CLOSED_HEADERS = {
    Outcome.GREEN: "🟢 {name} is green again",
    Outcome.YELLOW: "🟡 {name} is yellow: no longer red",
    Outcome.CHURNED: "⚪ {name} has left",
    Outcome.CHURNED_PARTLY: "⚪ {name} stays with less",
    Outcome.ERROR: "⚪ {name} was not red (set by mistake)",
    Outcome.NOT_SET: "⚪ {name} is not red: Salesforce refused",
    Outcome.LEFT: "⚪ {name} has left",
}
#: What a person can choose.
OUTCOME_LABELS = {
    Outcome.GREEN: "Green",
    Outcome.YELLOW: "Yellow",
    Outcome.CHURNED: "Churned",
    Outcome.CHURNED_PARTLY: "Stays with less",
    Outcome.ERROR: "Set by mistake",
}
#: As it stands in the middle of a sentence.
ENDINGS = {outcome: label.lower() for outcome, label in OUTCOME_LABELS.items()}
ENDINGS[Outcome.CHURNED_PARTLY] = "staying with less"
CHOICES = {
    **OUTCOME_LABELS,
    Outcome.CHURNED: "Churned: they leave",
    Outcome.CHURNED_PARTLY: "Stays with less: fewer seats or a smaller plan",
    Outcome.ERROR: "Set by mistake: it never was red",
}
_NOTES: dict[Outcome | None, str] = {
    Outcome.CHURNED: "Why they left",
    Outcome.CHURNED_PARTLY: "Why they stay with less",
    Outcome.ERROR: "What happened",
    Outcome.NOT_SET: "Salesforce said",
    Outcome.LEFT: "Salesforce said",
}
_ADDRESS = ("https://", "http://")


def what_helped(red: RedAccount, limit: int = 2000) -> str:
    """The note and what shows that it is true, each with its label. As mrkdwn."""
    label = _NOTES.get(red.outcome, "What helped")
    evidence = f"\n*Evidence*  {linked(red.evidence, 'see it')}" if red.evidence else ""
    return f"*{label}*  {said(red.note, limit)}{evidence}"


def linked(text: str, label: str) -> str:
    """An address that a person gave as a link with a label, anything else as it was written. As mrkdwn."""
    plain = blocks.plain(text)
    is_address = plain.startswith(_ADDRESS) and not any(one in plain for one in " \n\t<>|")
    return f"<{esc(plain)}|{label}>" if is_address and len(plain) < 800 else said(text, 700)
