"""A red account's plan: what belongs to it, and what of it is missing. Computed, never stored."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.models.action_items import ActionState
from bot.models.agreements import Role
from bot.models.red_accounts import RedAccount


class Part(StrEnum):
    WHAT_IS_HAPPENING = "what is happening"
    GOAL = "a goal with a number"
    HOW_WE_KNOW = "how we will know"
    ACTION = "an action"
    WHO_AND_WHEN = "a name and a date"  # on actions that are there
    WHO, WHEN = "a name", "a date"  # where they lack only the one
    AGREEMENT = "agreement to the plan"


@dataclass(frozen=True)
class Gap:
    """Something that a plan lacks: whose agreement, or how many actions without a name or a date."""

    part: Part
    role: Role | None = None
    count: int = 1


def missing(red: RedAccount) -> list[Gap]:
    """What the plan lacks, in the order in which people write it. Nothing: it is in place."""
    gaps = []
    if not red.filled_in_at:
        gaps.append(Gap(Part.WHAT_IS_HAPPENING))
    if not has_number(red.goal):
        gaps.append(Gap(Part.GOAL))
    if not red.how_we_know:
        gaps.append(Gap(Part.HOW_WE_KNOW))
    open_ones = [item for item in red.action_items if item.is_open]
    if not open_ones and not any(item.state == ActionState.DONE for item in red.action_items):
        gaps.append(Gap(Part.ACTION))
    nameless = [item for item in open_ones if not item.owner_id]
    dateless = [item for item in open_ones if not item.due_on]
    if nameless or dateless:
        part = Part.WHO_AND_WHEN if nameless and dateless else Part.WHO if nameless else Part.WHEN
        gaps.append(Gap(part, count=sum(not (item.owner_id and item.due_on) for item in open_ones)))
    return gaps + [Gap(Part.AGREEMENT, role) for role in missing_agreements(red)]


def missing_agreements(red: RedAccount) -> list[Role]:
    """Who of those that there are, and that can be asked, has not agreed."""
    return [role for role in Role if (person := red.has_role(role)) and person.can_be_asked and not red.agreed(role)]


def lacks_only_agreement(red: RedAccount) -> bool:
    return all(gap.part == Part.AGREEMENT for gap in missing(red))


def has_number(goal: str | None) -> bool:
    return any(character.isdigit() for character in goal or "")
