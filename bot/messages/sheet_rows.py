"""A red account as a row of the Account Tracker tab: which columns there are, whose they are, what stands in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from bot.messages import asks, blocks
from bot.messages.red_accounts_view import View
from bot.models import Person, RedAccount, Status
from bot.policy import Policy

KEY, ACCOUNT_ID, ACCOUNT, STATUS = "key", "account_id", "account", "status"
SALESFORCE, RED_SINCE, RESOLVED_ON = "salesforce", "red_since", "resolved_on"

#: our name → the header that people see, unless policy.toml gives another one; in the order of a new tab.
HEADERS = {
    KEY: "Key",
    ACCOUNT: "Account",
    STATUS: "Status",
    "ce": "CE",
    "ae": "AE",
    "region": "Region",
    "arr": "ARR",
    "renewal": "Renewal",
    RED_SINCE: "Red since",
    "reason": "Reason",
    "state": "Current state",
    "asks": "Needs",
    "actions": "Action plan",
    "health": "Health now",
    RESOLVED_ON: "Resolved",
    "outcome": "Outcome",
    "note": "What helped",
    SALESFORCE: "Salesforce",
    "thread": "Slack thread",
    ACCOUNT_ID: "Account ID",
    "notes": "Notes",
}
REQUIRED = (KEY, ACCOUNT, STATUS, ACCOUNT_ID)  # added where a tab of before lacks them
#: People write here too: what they change stands.
SHARED = {"reason", "state", "asks", "actions", "note"}
HUMAN = {"notes"}


@dataclass(frozen=True)
class Linked:
    text: str
    url: str


Cell = str | Decimal | int | date | Linked | None


def header(policy: Policy, column: str) -> str:
    return policy.sheet.columns.get(column, HEADERS[column])


def cells(view: View, *, thread_url: str | None) -> dict[str, Cell]:
    """Column → value of every cell that Touchpoint writes. User text goes in as text, whatever it looks like."""
    red, account, policy = view.facts.red, view.facts.account, view.policy
    zone = ZoneInfo(policy.region(account.region).time_zone)
    return {
        KEY: red.label,
        ACCOUNT: account.name,
        STATUS: "red" if red.status == Status.OPEN else str(red.status),
        "ce": _name(account.ce),
        "ae": _name(account.ae),
        "region": account.region,
        "arr": account.arr,
        "renewal": account.renewal_on,
        RED_SINCE: red.red_at.astimezone(zone).date(),
        "reason": policy.red_accounts.reason_label(red.reason),
        "state": red.sentence,
        "asks": _lines([asks.words(view, ask) for ask in red.asks]),
        "actions": _lines([item.what for item in red.action_items]),
        "health": account.health if view.facts.pending is None else f"{account.health or 'none'}, changing",
        RESOLVED_ON: red.ended_at.astimezone(zone).date() if red.ended_at else None,
        "outcome": str(red.outcome) if red.outcome else None,
        "note": red.note if red.status == Status.CLOSED else None,
        SALESFORCE: Linked("open", view.links.salesforce) if view.links.salesforce else None,
        "thread": Linked("open", thread_url) if thread_url else None,
        ACCOUNT_ID: account.salesforce_id,
    }


def _name(person: Person | None) -> str:
    return blocks.plain(person.name) if person else "nobody yet"


def _lines(whats: list[str]) -> str | None:
    return "\n".join(whats) or None


def mixed_up(reds: Sequence[RedAccount], policy: Policy) -> str:
    """What the leads are told where keys and account ids have come apart."""
    key, account_id = header(policy, KEY), header(policy, ACCOUNT_ID)
    names = ", ".join(f"{red.label} ({blocks.plain(red.account.name)})" for red in reds[:3])
    more = f" and {len(reds) - 3} more" if len(reds) > 3 else ""
    return (
        f"In the sheet, {key} and {account_id} disagree for {names}{more}, as after sorting only some of the columns. "
        "Nothing is written to such a row. Put it right (undo the sort), and the next change is written again."
    )
