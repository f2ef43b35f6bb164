"""What an open red account promises again and again: an update at its pace, and a decision every thirty days."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from bot.models import Person, RedAccount, Status
from bot.policy import Policy
from bot.reminders import cadence
from bot.reminders.kinds import DECIDER, ESCALATED, SPONSOR, STILL_RED, STILL_RED_ON, UPDATE, UPDATE_BY


def anchors(red: RedAccount, asked: Collection[Person | None], policy: Policy) -> dict[str, datetime]:
    """Once somebody has asked for the decision, it is only with those whom they asked; with all of them gone, it is
    with its CE and AE again."""
    if red.status != Status.OPEN or not red.has_card:
        return {}
    found = {UPDATE_BY: cadence.next_update(red, policy)}
    if red.escalated_at and any(person and person.can_be_asked for person in asked):
        return found | {ESCALATED: red.escalated_at}
    return found | {STILL_RED_ON: cadence.next_decision(red, policy)}


def rounds(red: RedAccount, policy: Policy) -> dict[str, str]:
    """Each update and each decision begins a new round, known by the instant that it counts from."""
    counted = {UPDATE: cadence.counts_from(red, policy), STILL_RED: cadence.decision_from(red)}
    return {kind: cadence.round_since(since) for kind, since in counted.items()}


def deciders(red: RedAccount, lead: Person | None) -> dict[str, Person | None]:
    """Whom an escalation asks. Nobody is asked what they asked themselves."""
    found = {DECIDER: lead, SPONSOR: red.sponsor}
    return {role: None if person and person.id == red.escalated_by_id else person for role, person in found.items()}


def done(red: RedAccount, now: datetime) -> set[str]:
    """What ends in this very change by being done, rather than by being called off."""
    decided = red.still_red_at == now or red.escalated_at == now or red.status == Status.CLOSED
    return ({UPDATE} if red.updated_at == now else set()) | ({STILL_RED} if decided else set())
