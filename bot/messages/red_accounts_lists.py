"""Lists of red accounts, a line each, a page at a time; and all that an account has had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from bot.messages import blocks, forms
from bot.messages.blocks import esc, said
from bot.messages.outcomes import ENDINGS
from bot.messages.red_accounts import renews, short_money
from bot.models import Account, RedAccount, Status
from bot.policy import Policy
from bot.reminders.owed import Listed, Owed

PAGE = "red_account.list_page"  # the buttons ‹ and ›
NEXT = "red_account.list_next"
A_PAGE = 20  # lines
MOST_OF_ONE = 40  # red accounts of one account


@dataclass(frozen=True)
class Scope:
    """Which list somebody looks at. It travels in a button's value."""

    what: str  # mine, region, overdue or all
    of: str = ""  # the region

    def title(self) -> str:
        return {
            "mine": "Red accounts of yours, and of those you cover for",
            "region": f"Red accounts of {esc(self.of)}",
            "overdue": "Red accounts with something overdue, the longest first",
        }.get(self.what, "All red accounts, the largest first")

    def value(self, page: int) -> str:
        return f"{page}:{self.what}:{self.of}"

    @classmethod
    def read(cls, value: str) -> tuple[Scope, int]:
        page, what, of = value.split(":", 2)
        return cls(what, of), int(page)


def first_of(page: int, count: int) -> int:
    """The number of the first line of a page, from 0. The list may have become shorter since the button was drawn."""
    last_page = max(count - 1, 0) // A_PAGE
    return min(max(page, 0), last_page) * A_PAGE


def listing(
    scope: Scope, page: int, everyone: Sequence[Listed], urls: Mapping[int, str], policy: Policy, now: datetime
) -> dict[str, Any]:
    """One page, with the way to the next and the last one."""
    start = first_of(page, len(everyone))
    page, shown = start // A_PAGE, everyone[start : start + A_PAGE]
    count, late = len(everyone), sum(one.is_overdue for one in everyone)
    overdue = f" · {late} with something overdue" if late and scope.what != "overdue" else ""
    total = f"{count:,} · {short_money(_money(everyone))} a year{overdue}" if count else "None. "
    back = blocks.button("‹ Back", PAGE, scope.value(page - 1)) if page else None
    more = blocks.button("More ›", NEXT, scope.value(page + 1)) if start + A_PAGE < count else None
    where = f"{start + 1} to {start + len(shown)} of {count:,}" if back or more else None
    return forms.form(
        "red_account.list",
        "Red accounts",
        [
            blocks.section(f"*{scope.title()}*\n{total}"),
            *(blocks.section(line(one, urls.get(one.red.id), policy, now)) for one in shown),
            blocks.actions(back, more),
            blocks.context(where),
        ],
        submit=None,
    )


def line(one: Listed, url: str | None, policy: Policy, now: datetime) -> str:
    """ "Acme · $240k · renews 12 Mar · ⚠ the plan, since Mon 1 Feb · RA-12" """
    red, account = one.red, one.red.account
    today = now.astimezone(ZoneInfo(policy.region(account.region).time_zone)).date()
    owed = [_owed(thing, today) for thing in one.owed]
    mark = "⚠ " if one.is_overdue else ""
    parts = (
        f"*{said(account.name, 80)}*",
        short_money(account.arr),
        renews(account.renewal_on, today),
        f"{mark}{'; '.join(owed)}" if owed else "nothing missing" if red.has_card else "no card yet",
        blocks.link(url, red.label) if url else red.label,
    )
    return " · ".join(parts)


def _owed(one: Owed, today: date) -> str:
    return f"{one.what}, {'since' if one.is_overdue else 'by'} {blocks.day(one.by, today)}"


def history(
    account: Account, reds: Sequence[RedAccount], urls: Mapping[int, str], policy: Policy, now: datetime
) -> dict[str, Any]:
    """All red accounts that an account has had, the newest first."""
    shown, name = reds[:MOST_OF_ONE], f"*{esc(account.name)}*"
    order = ", the newest first" if len(reds) > 1 else ""
    intro = f"{name} was red {_times(len(reds))}{order}." if reds else f"{name} was never red."
    more = f"{len(reds) - len(shown)} older ones are not shown." if len(reds) > len(shown) else None
    return forms.form(
        "red_account.of_account",
        "History",
        [
            blocks.section(intro),
            *(blocks.section(_past(red, urls.get(red.id), policy, now)) for red in shown),
            blocks.context(more),
        ],
        submit=None,
    )


def _past(red: RedAccount, url: str | None, policy: Policy, now: datetime) -> str:
    """ "RA-12 · 20 Jan to 3 Feb, 14 days · green, says Priya", and what helped below."""
    zone = ZoneInfo(policy.region(red.account.region).time_zone)
    today, since = now.astimezone(zone).date(), red.red_at.astimezone(zone).date()
    end = red.ended_at.astimezone(zone).date() if red.ended_at else None
    span = (end or today) - since
    until = f"to {blocks.day(end, today)}" if end else "until today"
    by = f", says {blocks.first_name(red.ended_by)}" if red.ended_by else ""
    ending = ENDINGS.get(red.outcome, str(red.outcome)) if red.outcome else ""
    how = f"{ending}{by}" if red.status == Status.CLOSED else "open"
    label = blocks.link(url, red.label) if url else red.label
    why = policy.red_accounts.reason_label(red.reason)
    parts = (label, f"{blocks.day(since, today)} {until}, {_days(span.days)}", how, esc(why) if why else None)
    note = f"\n>{said(' '.join((red.note or '').split()), 300)}" if red.note else ""
    return " · ".join(part for part in parts if part) + note


def _money(listed: Sequence[Listed]) -> Decimal:
    """What these accounts bring a year, as far as it is known."""
    return sum((one.red.account.arr or Decimal(0) for one in listed), Decimal(0))


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
