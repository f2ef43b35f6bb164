"""What a plan promises: by when it is there, and who is asked to agree to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.models import Person, RedAccount, Role, Status
from bot.models.plans import lacks_only_agreement, missing, missing_agreements
from bot.policy import Policy
from bot.reminders.kinds import (
    AGREEMENT,
    AGREEMENT_ASKED,
    PLAN,
    PLAN_AE,
    PLAN_BY,
    PLAN_CE,
    UNAGREED_AE,
    UNAGREED_CE,
)
from bot.reminders.plans import plan_by

OF_THE_PLAN = {Role.CE: PLAN_CE, Role.AE: PLAN_AE}
UNAGREED = {Role.CE: UNAGREED_CE, Role.AE: UNAGREED_AE}


def anchors(red: RedAccount, policy: Policy) -> dict[str, datetime]:
    """What a plan lost is due again; one that only has to be agreed to again is in place until then."""
    found: dict[str, datetime] = {}
    if red.status != Status.OPEN or not red.has_card:
        return found
    if red.owes_plan and missing(red):
        found[PLAN_BY] = plan_by(red, policy)
    if asked := asked_at(red):
        found[AGREEMENT_ASKED] = min(asked.values())
    return found


def asked_at(red: RedAccount) -> dict[str, datetime]:
    """Each of those who have not agreed is asked from an instant of their own."""
    return {UNAGREED[role]: at for role in missing_agreements(red) if (at := red.asked_at(role))}


def whom(red: RedAccount, owners: Mapping[Role, Person | None]) -> dict[str, Person | None]:
    """Where only agreements are missing, those who owe one are asked for it and for nothing else.

    `owners`: its CE and AE, or who stands in for them.
    """
    unagreed = missing_agreements(red)
    nothing_to_write = lacks_only_agreement(red)
    found: dict[str, Person | None] = {}
    for role in Role:
        found[OF_THE_PLAN[role]] = None if nothing_to_write else owners[role]
        found[UNAGREED[role]] = red.has_role(role) if role in unagreed else None
    return found


def done(red: RedAccount, now: datetime) -> set[str]:
    """The kinds that end by what was just done, rather than by being called off."""
    kinds = {PLAN: lacks_only_agreement(red), AGREEMENT: any(one.at == now for one in red.agreements)}
    return {kind for kind, is_done in kinds.items() if is_done}
