"""A red account as a row of the Account Tracker tab: which columns there are, whose they are, what stands in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.messages import blocks
from bot.messages.asks import asked_of
from bot.messages.red_accounts_view import View
from bot.models import ActionItem, ActionState, Ask, AskState, Person, RedAccount, Status, Update
from bot.policy import Policy
from bot.reminders import cadence

KEY, ACCOUNT_ID, ACCOUNT, STATUS = "key", "account_id", "account", "status"
SALESFORCE, RED_SINCE, RESOLVED_ON = "salesforce", "red_since", "resolved_on"
REASON, IMPACT, STATE, GOAL, HOW_WE_KNOW = "reason", "impact", "state", "goal", "how_we_know"
ASKS, ACTIONS, NEXT_STEP, NEXT_ON, SPONSOR, NOTE = "asks", "actions", "next_step", "next_on", "sponsor", "note"

REQUIRED = (KEY, ACCOUNT, STATUS, ACCOUNT_ID)  # added where a tab of before lacks them
#: People write here too, and what they write comes to Slack.
SHARED = {REASON, IMPACT, STATE, GOAL, HOW_WE_KNOW, ASKS, ACTIONS, NEXT_STEP, NEXT_ON, SPONSOR, NOTE}
LISTS = {ASKS, ACTIONS}  # each line is an item of its own
DATES = {"renewal", RED_SINCE, RESOLVED_ON, NEXT_ON, "last_update", "next_update"}
HUMAN = {"notes"}


@dataclass(frozen=True)
class Linked:
    text: str
    url: str


Cell = str | Decimal | int | date | Linked | None
Listed = TypeVar("Listed", Ask, ActionItem)


def header(policy: Policy, column: str) -> str:
    return policy.sheet.header(column)


def choices(policy: Policy) -> dict[str, list[str]]:
    """What the drop-down of a column offers."""
    rules = policy.red_accounts
    return {REASON: [reason.label for reason in rules.reasons], IMPACT: [impact.label for impact in rules.impacts]}


def cells(view: View, newest: Update | None, *, thread_url: str | None) -> dict[str, Cell]:
    """Column → value of every cell that Touchpoint writes. User text goes in as text, whatever it looks like.

    What helped is asked for at the end; before, that cell is people's alone.
    """
    red, account, policy = view.facts.red, view.facts.account, view.policy
    zone = ZoneInfo(policy.region(account.region).time_zone)
    return {
        KEY: red.label,
        ACCOUNT: account.name,
        STATUS: "red" if red.status == Status.OPEN else str(red.status),
        "priority": str(policy.priority(account.arr, account.renewal_on, view.today)) if red.is_under_way else None,
        "ce": _name(account.ce),
        "ae": _name(account.ae),
        "region": account.region,
        "arr": account.arr,
        "renewal": account.renewal_on,
        RED_SINCE: red.red_at.astimezone(zone).date(),
        REASON: ", ".join(policy.red_accounts.reason_label(key) or key for key in red.reasons) or None,
        IMPACT: policy.red_accounts.impact_label(red.impact),
        STATE: red.sentence,
        GOAL: red.goal,
        HOW_WE_KNOW: red.how_we_know,
        ASKS: _lines(ask_line(view, ask) for ask in listed(red.asks)),
        "open_asks": sum(ask.is_wanted for ask in red.asks),
        ACTIONS: _lines(action_line(view, item) for item in listed(red.action_items)),
        NEXT_STEP: newest.next_step if newest else None,
        NEXT_ON: newest.next_on if newest else None,
        SPONSOR: blocks.plain(red.sponsor.name) if red.sponsor else None,
        "last_update": view.local_day(red.updated_at) if red.updated_at else None,
        "next_update": view.local_day(cadence.next_update(red, policy)) if red.status == Status.OPEN else None,
        "health": account.health if view.facts.pending is None else f"{account.health or 'none'}, changing",
        RESOLVED_ON: red.ended_at.astimezone(zone).date() if red.ended_at else None,
        "outcome": str(red.outcome) if red.outcome else None,
        SALESFORCE: Linked("open", view.links.salesforce) if view.links.salesforce else None,
        "thread": Linked("open", thread_url) if thread_url else None,
        ACCOUNT_ID: account.salesforce_id,
        **({NOTE: red.note} if red.status == Status.CLOSED else {}),
    }


def listed(items: Sequence[Listed]) -> list[Listed]:
    """What has a line in the cell: everything but what was taken back."""
    return [item for item in items if item.state not in (AskState.WITHDRAWN, ActionState.DROPPED)]


def ask_line(view: View, ask: Ask) -> str:
    """ "SSO fix, Identity, by Thu 4 Feb, taken": what is needed stands first, as it was written."""
    state = None if ask.state == AskState.ASKED else str(ask.state)
    return _line(ask.what, asked_of(view, ask), f"by {view.day(ask.needed_on)}" if ask.needed_on else None, state)


def action_line(view: View, item: ActionItem) -> str:
    """ "Usage report, Priya Raman, by Fri 28 Jan, done" """
    due = f"by {view.day(item.due_on)}" if item.due_on else None
    state = None if item.state == ActionState.OPEN else str(item.state)
    return _line(item.what, _name(item.owner) if item.owner else None, due, state)


def _line(what: str, *parts: str | None) -> str:
    return ", ".join([one_line(what), *(part for part in parts if part)])


def one_line(what: str) -> str:
    """An item as a line of its own."""
    return " ".join(blocks.plain(what).split()) or "…"


def _name(person: Person | None) -> str:
    return blocks.plain(person.name) if person else "nobody yet"


def _lines(whats: Iterable[str]) -> str | None:
    return "\n".join(whats) or None


def mixed_up(reds: Sequence[RedAccount], policy: Policy) -> str:
    """What the leads are told where keys and account ids have come apart."""
    key, account_id = header(policy, KEY), header(policy, ACCOUNT_ID)
    return (
        f"In the sheet, {key} and {account_id} disagree for {_named([_labelled(red) for red in reds])}, as after"
        " sorting only some of the columns. Nothing is written to such a row. Put it right (undo the sort), and the"
        " next change is written again."
    )


def twice(labels: Sequence[str]) -> str:
    """What the leads are told where somebody copied a row."""
    return (
        f"In the sheet, {_named(labels)} stands in more than one row. Only the row that Touchpoint wrote is followed;"
        " what is typed into a copy is read by nobody. Delete the copies, or their Key and Account ID."
    )


def many_deleted(count: int) -> str:
    return (
        f"{count} rows of red accounts are gone from the sheet. They are not put back: undo the deletion there, and"
        " they are followed again."
    )


def no_keys(policy: Policy) -> str:
    key, account_id = header(policy, KEY), header(policy, ACCOUNT_ID)
    return (
        f"The sheet has neither a column {key} nor {account_id}, by which rows are found. Name them so again, or write"
        " their new names under [sheet.columns] in policy.toml."
    )


def _labelled(red: RedAccount) -> str:
    return f"{red.label} ({blocks.plain(red.account.name)})"


def _named(labels: Sequence[str]) -> str:
    return ", ".join(labels[:3]) + (f" and {len(labels) - 3} more" if len(labels) > 3 else "")
