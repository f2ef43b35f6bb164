"""Answers to what somebody just did: help, what is in the way, and what failed."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.messages import blocks, forms
from bot.models import Person, RedAccount
from bot.policy import Policy

RED_ACCOUNT_HELP = (
    "`/red-account` marks an account red or shows the one that is open.\n"
    "• `/red-account acme` opens the form for Acme\n"
    "• `/red-account` lets you pick the account by typing\n"
    "• `/red-account help` shows this\n"
    "From an account's CE it is red at once. From anybody else the CE is asked first."
)


def unknown(command: str, word: str, help_text: str) -> str:
    return f"“{blocks.said(word, 80)}” is nothing that `{command}` knows.\n{help_text}"


def sentence_view(title: str, sentence: str) -> dict[str, Any]:
    """A small modal with one sentence."""
    return forms.form("answer", title, [blocks.section(blocks.esc(sentence))], submit=None)


def red_already(red: RedAccount, policy: Policy, now: datetime) -> str:
    """ "Acme has been red since 20 Jan, set by Priya." """
    zone = ZoneInfo(policy.region(red.account.region).time_zone)
    since = blocks.short_day(red.red_at.astimezone(zone).date(), now.astimezone(zone).date())
    by = f", set by {blocks.first_name(red.marked_by)}" if red.marked_by else ""
    return f"*{blocks.esc(red.account.name)}* has been red since {since}{by}. Add what you know here, or open its card."


def proposed_already(red: RedAccount, asked: Person | None) -> dict[str, Any]:
    who = blocks.first_name(red.by)
    sentence = f"{who} said so before you. It waits for {blocks.first_name(asked)} to agree."
    body = [
        blocks.section(f"*{blocks.esc(red.account.name)}*: {sentence}"),
        blocks.section(f">{blocks.said(red.sentence, 1500)}"),
    ]
    return forms.form("answer", "Somebody asked already", body, submit=None)


def our_fault(code: str, lead: str) -> str:
    return f"That did not work, and nothing was changed. Code {code}; {lead} can look it up."
