"""A plan on the card: the goal, and what of it is missing, of whom, by when."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import SectionBlock

from bot.messages import blocks
from bot.messages.blocks import said
from bot.messages.red_accounts_view import View
from bot.models import Role
from bot.models.plans import Gap, Part, missing
from bot.reminders.plans import agree_by, plan_by

AGREE, TAKE_BACK = "red_account.agree", "red_account.take_back_agreement"
EDIT = "red_account.edit_plan"
UNDO = "undo_agreement"  # an entry of the card's ⋯
FILL_IN_WANTS = "what is happening, what we need, what we will do"


def goal(view: View) -> str | None:
    """ "*Goal*  120 weekly users by 15 Feb (74 on 30 Jan)", and how we will know."""
    red = view.facts.red
    lines = [
        f"*Goal*  {said(red.goal, 1000)}{_weekly_users(view)}" if red.goal else None,
        f"*How we know*  {said(red.how_we_know, 1000)}" if red.how_we_know else None,
    ]
    return "\n".join(line for line in lines if line) or None


def missing_section(view: View) -> SectionBlock | None:
    """What is missing has a name and a date, and one click where one is enough."""
    red = view.facts.red
    if not red.filled_in_at:
        return blocks.section(f"{owners(view)}, by {view.day(red.fill_in_by_at)}: {FILL_IN_WANTS}.")
    gaps = missing(red)
    to_write, agreements = _to_write(gaps), _agreements(view, gaps)
    parts = [
        f"{_listed(to_write)}, from {owners(view)}, by {view.day(plan_by(red, view.policy))}" if to_write else None,
        f"{agreements}, by {view.day(agree_by(red, view.policy))}" if agreements else None,
    ]
    named = " · ".join(part for part in parts if part)
    if not named:
        return None
    return blocks.section(
        f"⚠ Missing: {named}", accessory=blocks.button("Agree", AGREE, red.id) if agreements else None
    )


def missing_words(view: View) -> str:
    """ "a goal with a number and Tom's agreement to the plan", for one line."""
    gaps = missing(view.facts.red)
    agreements = _agreements(view, gaps)
    return _listed([*_to_write(gaps), *([agreements] if agreements else [])])


def owners(view: View) -> str:
    """Who writes the plan: the lead where there is neither CE nor AE."""
    account = view.facts.account
    return blocks.names(account.ce, account.ae) if account.ce or account.ae else blocks.names(view.facts.lead)


def _to_write(gaps: Sequence[Gap]) -> list[str]:
    return [_words(gap) for gap in gaps if gap.part != Part.AGREEMENT]


def _words(gap: Gap) -> str:
    if gap.part in (Part.WHO, Part.WHEN, Part.WHO_AND_WHEN):
        return f"{gap.part} on {f'{gap.count} actions' if gap.count > 1 else 'an action'}"
    return gap.part


def _agreements(view: View, gaps: Sequence[Gap]) -> str | None:
    """ "Priya's and Tom's agreement to the plan" """
    whose = [f"{_name_of(view, gap.role)}'s" for gap in gaps if gap.role]
    return f"{' and '.join(whose)} {Part.AGREEMENT}" if whose else None


def _name_of(view: View, role: Role) -> str:
    return blocks.first_name(view.facts.red.has_role(role))


def _listed(parts: Sequence[str]) -> str:
    *others, last = parts or [""]
    joint = ", and" if " and " in last else " and"
    return f"{', '.join(others)}{joint} {last}" if others else last


def _weekly_users(view: View) -> str:
    """Where the goal counts weekly users: how many there are, and as of when."""
    red, account = view.facts.red, view.facts.account
    if account.weekly_users is None or "weekly users" not in (red.goal or "").casefold():
        return ""
    as_of = f" on {blocks.short_day(account.usage_as_of, view.today)}" if account.usage_as_of else ""
    return f" ({account.weekly_users}{as_of})"
