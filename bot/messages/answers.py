"""Answers to what somebody just did: help, what is in the way, and what failed."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.errors import NotYours
from bot.messages import blocks, forms, red_accounts_forms
from bot.messages.red_accounts import OPEN_LINK
from bot.models import Person, RedAccount
from bot.policy import Policy

RED_ACCOUNT_HELP = (
    "`/red-account` marks an account red or shows the one that is open.\n"
    "• `/red-account acme` opens the form for Acme\n"
    "• `/red-account` lets you pick the account by typing\n"
    "• `/red-account actions` lists your open actions, `/red-account actions acme` those of Acme\n"
    "• `/red-account mine`, `overdue`, `all` and `region EMEA` list what is red, and what each of them owes\n"
    "• `/red-account history acme` shows every time that Acme was red\n"
    "• `/red-account export acme` sends you all that is known of it; add `json` or `csv` for another form\n"
    "• `/red-account figures` shows leads how the last quarters went\n"
    "• `/red-account help` shows this\n"
    "From an account's CE it is red at once. From anybody else the CE is asked first."
)


ASK_THEM = "answer.ask_them"
LONGEST_SENTENCE = 1000  # characters, of up to twelve bytes each in an acknowledgement
CHANGED_MEANWHILE = "Somebody changed this while you wrote."


def unknown(command: str, word: str, help_text: str) -> str:
    return f"“{blocks.said(word, 80)}” is nothing that `{command}` knows.\n{help_text}"


def sentence_view(title: str, sentence: str, error: Exception | None = None) -> dict[str, Any]:
    """A small modal with one sentence, and a button where somebody can be asked."""
    ask = None
    if isinstance(error, NotYours):
        value = f"{error.red_account_id}:{error.ask_id}:{error.to_do}"
        ask = blocks.actions(blocks.button(f"Ask {(error.ask_name.split() or ['them'])[0]}", ASK_THEM, value))
    return forms.form("answer", title, [blocks.section(blocks.said(sentence, LONGEST_SENTENCE)), ask], submit=None)


def read_ask(value: str) -> tuple[int, int, str]:
    """What the button carries: the red account, whom to ask, and to do what."""
    red_account_id, person_id, to_do = value.split(":", 2)
    return int(red_account_id), int(person_id), to_do


def made_already(by: Person | None, what: str, title: str, red: RedAccount, url: str | None) -> dict[str, Any]:
    """For whoever wants to make of a message what somebody made of it: `what`, "an ask"."""
    sentence = f"{blocks.first_name(by)} made {what} of this: *{blocks.said(title, 500)}*."
    open_it = blocks.actions(blocks.button("Open it", OPEN_LINK, red.id, url=url)) if url else None
    return forms.form("answer", "Made already", [blocks.section(sentence), open_it], submit=None)


def still_underneath(title: str, sentence: str, red: RedAccount, card_url: str | None) -> dict[str, Any]:
    """A small view laid over a form that cannot be taken: `sentence` says why, and nothing that was typed is lost."""
    kept = "What you wrote is still in the form underneath: copy it into the card's *Fill in*."
    body = [blocks.section(sentence), red_accounts_forms.open_it(red, card_url), blocks.section(kept)]
    return forms.form("answer", title, body, submit=None)


def red_already(red: RedAccount, policy: Policy, now: datetime) -> str:
    """ "Acme has been red since 20 Jan, set by Priya." As mrkdwn."""
    zone = ZoneInfo(policy.region(red.account.region).time_zone)
    since = blocks.short_day(red.red_at.astimezone(zone).date(), now.astimezone(zone).date())
    by = f", set by {blocks.first_name(red.marked_by)}" if red.marked_by else ""
    return f"*{blocks.esc(red.account.name)}* has been red since {since}{by}."


def with_link(sentence: str, red_account_id: int, card_url: str | None) -> dict[str, Any]:
    """What there is to know for somebody who cannot change it, and where to read on and talk."""
    talk = " Say what you know in the thread of its card."
    open_it = blocks.actions(blocks.button("Open it", OPEN_LINK, red_account_id, url=card_url)) if card_url else None
    return forms.form("answer", "Red already", [blocks.section(sentence + talk), open_it], submit=None)


def proposed_already(red: RedAccount, asked: Person | None, *, over_a_form: bool = False) -> dict[str, Any]:
    """Somebody else asked the CE before. `over_a_form`: what this person wrote stays in the form underneath."""
    who = blocks.first_name(red.by)
    sentence = f"{who} said so before you. It waits for {blocks.first_name(asked)} to agree."
    kept = f"What you wrote is still in the form underneath: send it to {who}, or to the CE."
    body = [
        blocks.section(f"*{blocks.esc(red.account.name)}*: {sentence}"),
        blocks.section(blocks.quoted(red.sentence, 600)),
        blocks.section(kept) if over_a_form else None,
    ]
    return forms.form("answer", "Somebody asked already", body, submit=None)


def our_fault(code: str, lead: str) -> str:
    return f"That did not work, and nothing was changed. Code {code}; {lead} can look it up."
