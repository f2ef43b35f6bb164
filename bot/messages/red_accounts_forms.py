"""The forms of a red account, each beside the reader of its answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from slack_sdk.models.blocks import ActionsBlock, ExternalDataSelectElement, StaticSelectElement

from bot.errors import InvalidForm
from bot.messages import blocks, forms, plans_forms
from bot.messages.plans_forms import GOAL, HOW_WE_KNOW, REASON, SPONSOR, in_full
from bot.messages.red_accounts import OPEN_LINK
from bot.models import Account, History, RedAccount
from bot.models.red_accounts import Words
from bot.policy import Policy

MARK, FILL_IN, DECLINE = "red_account.mark_form", "red_account.fill_in_form", "red_account.decline_form"
FIND_ACCOUNT = "account.find"  # the account select's action id: it asks for options while somebody types
ACCOUNT, SENTENCE, ASKS, ACTIONS = "account", "sentence", "asks", "actions"
WHY = "why"
_DAY = re.compile(r"\d{4}-\d\d-\d\d$")  # how the history keeps one, at the end of what it says
MOST_ENTRIES = 40  # of the history


def mark_form(
    account: Account | None, policy: Policy, *, typed: str = "", words: Words | None = None
) -> dict[str, Any]:
    """Mark an account red: reason and one sentence are needed. `typed` is what several accounts have in their name,
    `words` what is known already."""
    words = words or Words()
    several = f"Several accounts have “{blocks.said(typed, 100)}” in their name. Pick one."
    return forms.form(
        MARK,
        "Mark an account red",
        [
            blocks.section(several) if typed and not account else None,
            forms.input_field(
                ACCOUNT,
                "Account",
                ExternalDataSelectElement(
                    action_id=FIND_ACCOUNT,
                    placeholder="Type a part of its name",
                    min_query_length=0,
                    initial_option=forms.option(account.id, account.name) if account else None,
                ),
            ),
            _reason(policy, words.reason),
            forms.text_field(
                SENTENCE,
                "What is happening, in a sentence",
                initial=words.sentence,
                placeholder="Their sponsor left and the new VP doubts the price.",
            ),
            *_lists(),
            *plans_forms.sponsor_field(),
        ],
        submit="Mark red",
    )


def read_mark(view: Mapping[str, Any]) -> tuple[int, Words]:
    account = forms.choice_of(view, ACCOUNT)
    if not account or not account.isdigit():
        raise InvalidForm({ACCOUNT: "Pick the account from the list."})
    reason = forms.choice_of(view, REASON)
    if not reason:
        raise InvalidForm({REASON: "Pick the reason that comes closest."})
    sentence = forms.required(
        view, SENTENCE, "Say in a sentence what is happening, so that the AE knows where to start."
    )
    words = Words(reason, sentence, forms.lines_of(view, ASKS), forms.lines_of(view, ACTIONS))
    return int(account), replace(words, sponsor=plans_forms.sponsor_of(view))


def fill_in_form(
    red: RedAccount,
    policy: Policy,
    *,
    seen: int,
    card_url: str | None = None,
    intro: str | None = None,
    added: Words | None = None,
    submit: str = "Save",
) -> dict[str, Any]:
    """Fill in a red account. With `added`, what somebody wrote before they knew what is there by now.

    `seen` is the newest entry of its history: whoever changes it while this form is open is not overwritten.
    """
    added = added or Words()
    return forms.form(
        FILL_IN,
        f"Fill in {red.label}",
        [
            blocks.section(intro or f"*{blocks.esc(red.account.name)}*, red account {red.label}."),
            open_it(red, card_url),
            plans_forms.by_now(added.reason, red.reason, policy.red_accounts.reason_label(red.reason)),
            _reason(policy, added.reason or red.reason, optional=True),
            *in_full(SENTENCE, "What is happening", red.sentence, added.sentence, seen=seen),
            *_lists(red, added),
            *plans_forms.goal_fields(red, added, seen=seen),
            *plans_forms.sponsor_field(red, added),
        ],
        submit=submit,
        about=plans_forms.about(red, policy, seen),
    )


def read_fill_in(view: Mapping[str, Any]) -> tuple[int, Words, int]:
    """The red account's id, what was written, and the newest entry of the history that the person had seen."""
    sentence = forms.required(view, SENTENCE, "Say what is happening; the rest can wait.")
    is_new = plans_forms.changes(view)
    words = Words(
        is_new(REASON, forms.choice_of(view, REASON)),
        is_new(SENTENCE, sentence),
        forms.lines_of(view, ASKS),
        forms.lines_of(view, ACTIONS),
        goal=is_new(GOAL, plans_forms.goal_of(view)),
        how_we_know=is_new(HOW_WE_KNOW, plans_forms.how_of(view)),
        sponsor=is_new(SPONSOR, plans_forms.sponsor_of(view)),
    )
    red_account_id, seen = plans_forms.about_of(view)
    return red_account_id, words, seen


def open_it(red: RedAccount, card_url: str | None) -> ActionsBlock | None:
    return blocks.actions(blocks.button("Open it", OPEN_LINK, red.id, url=card_url)) if card_url else None


def decline_form(red: RedAccount) -> dict[str, Any]:
    who = blocks.first_name(red.by)
    return forms.form(
        DECLINE,
        "Not red",
        [forms.text_field(WHY, f"Why {red.account.name} is not red", hint=f"{who} gets to read this.")],
        submit="Not red",
        about=red.id,
    )


def read_decline(view: Mapping[str, Any]) -> tuple[int, str]:
    return int(view["private_metadata"]), forms.required(view, WHY, "Say why in a sentence.")


def history_view(
    red: RedAccount, entries: Iterable[tuple[History, str | None]], policy: Policy, now: datetime
) -> dict[str, Any]:
    """What happened with a red account, newest first; who did it is named."""
    found, rows = list(entries), []
    zone = policy.region(red.account.region).time_zone
    today = now.astimezone(ZoneInfo(zone)).date()
    for entry, name in found[:MOST_ENTRIES]:
        said = [value for value in (entry.was, entry.became) if value and not entry.what.startswith(value)]
        change = " → ".join(_in_words(entry, value, policy, today) for value in said)
        parts = [f"*{blocks.esc(entry.what)}*", blocks.esc(change), blocks.esc(name) if name else "Touchpoint"]
        line = " · ".join(part for part in parts if part)
        why = f"\n{blocks.said(entry.why, 500)}" if entry.why else ""
        rows.append(blocks.section(f"{line} · {blocks.moment(entry.at, zone, now)}{why}"))
    title = blocks.section(f"*{blocks.esc(red.account.name)}*, red account {red.label}, newest first.")
    older = len(found) - len(rows)
    more = blocks.context(f"{older} older {'one is' if older == 1 else 'ones are'} in ⋯ *Export…*") if older else None
    return forms.form("red_account.history", "History", [title, *rows, more], submit=None, about=red.id)


def _in_words(entry: History, value: str, policy: Policy, today: date) -> str:
    """What the history has as a key or as a date, as people say it."""
    if entry.what == "ask handed on" and value in policy.teams:
        return policy.teams[value].name
    labelled = policy.red_accounts.in_words(entry.what, value)
    return _DAY.sub(lambda found: blocks.day(date.fromisoformat(found[0]), today), labelled)


def account_options(accounts: Iterable[Account]) -> dict[str, Any]:
    return forms.options_that_fit(forms.option(account.id, account.name) for account in accounts)


def _reason(policy: Policy, chosen: str | None, *, optional: bool = False) -> Any:
    options = [forms.option(reason.key, reason.label) for reason in policy.red_accounts.reasons]
    initial = next((option for option in options if option.value == chosen), None)
    element = StaticSelectElement(
        action_id=forms.INPUT, placeholder="Pick the closest", options=options, initial_option=initial
    )
    return forms.input_field(REASON, "Reason", element, optional=optional)


def _lists(red: RedAccount | None = None, added: Words | None = None) -> list[Any]:
    there = red is not None and bool(red.asks or red.action_items)
    return [
        forms.text_field(
            ASKS,
            "What else we need from other teams" if there else "We need from other teams",
            hint="One per line. Each line becomes an ask.",
            initial="\n".join(added.asks) if added else None,
            optional=True,
        ),
        forms.text_field(
            ACTIONS,
            "What else we do" if there else "We do",
            hint="One per line. Each line becomes an action.",
            initial="\n".join(added.actions) if added else None,
            optional=True,
        ),
    ]
