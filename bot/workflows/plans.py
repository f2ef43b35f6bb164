"""A red account's plan: what people write of it, who agrees by writing it, and when it is in place."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.errors import UserError
from bot.models import Agreement, Person, RedAccount, Role, Status
from bot.models.plans import lacks_only_agreement, missing, missing_agreements
from bot.models.red_accounts import Words
from bot.queries import people
from bot.queries.preferences import is_for
from bot.queries.red_accounts import NOUN
from bot.workflows import history


class UnknownSponsor(UserError):
    def __init__(self) -> None:
        super().__init__("Pick a full member of this workspace: guests, bots and people from outside cannot sponsor.")


def write(session: Session, red: RedAccount, words: Words, *, by: Person | None, now: datetime) -> None:
    """Keep what was written of the plan; what stood there before stays in the history.

    Whoever changes what was agreed to asks the other for their agreement again.
    """
    is_changed = False
    if words.goal is not None and words.goal != (red.goal or ""):
        history.record(session, NOUN, red.id, "goal", by=by, now=now, why=words.goal or "none any more")
        red.goal, is_changed = words.goal or None, True
    if words.how_we_know is not None and words.how_we_know != (red.how_we_know or ""):
        history.record(session, NOUN, red.id, "how we will know", by=by, now=now, why=words.how_we_know or "open again")
        red.how_we_know, is_changed = words.how_we_know or None, True
    _write_reasons(session, red, words, by=by, now=now)
    _write_sponsor(session, red, words, by=by, now=now)
    if is_changed and red.status == Status.OPEN:
        ask_again(session, red, by=by, now=now)


def rewrites(red: RedAccount, words: Words, written: set[str]) -> bool:
    """Whether something that somebody has `written` would become another thing."""
    pairs = {
        "what is happening": (red.sentence, words.sentence),
        "goal": (red.goal, words.goal),
        "how we will know": (red.how_we_know, words.how_we_know),
        "reason": (red.reason, words.reason) if words.reason else (red.reasons, list(words.reasons) or None),
        "impact": (red.impact, words.impact),
        "sponsor": (red.sponsor and red.sponsor.slack_id, words.sponsor),
    }
    return any(there and wanted is not None and wanted != there for there, wanted in map(pairs.__getitem__, written))


def ask_again(session: Session, red: RedAccount, *, by: Person | None, now: datetime) -> None:
    """What was agreed to is another thing now: the others' agreement is taken away, and whoever wrote it agrees."""
    kept = roles_of(session, red, by, now=now) if by else []
    for agreement in [one for one in red.agreements if one.role not in kept]:
        red.agreements.remove(agreement)
        red.ask(agreement.role, now)
        history.record(session, NOUN, red.id, f"{agreement.role}'s agreement asked again", by=by, now=now)
    agree_thereby(session, red, by, now=now)


def agree_thereby(session: Session, red: RedAccount, by: Person | None, *, now: datetime) -> None:
    """Whoever marks it red or writes its plan as its CE or AE agrees by that."""
    for role in roles_of(session, red, by, now=now):
        give(session, red, role, by=by, now=now)


def give(session: Session, red: RedAccount, role: Role, *, by: Person | None, now: datetime) -> None:
    if by is None or red.agreed(role):
        return
    red.agreements.append(Agreement(role=role, by_id=by.id, by=by, at=now))
    history.record(session, NOUN, red.id, f"agreed as {role}", by=by, now=now, why=_whose(red, role, by))


def roles_of(session: Session, red: RedAccount, person: Person | None, *, now: datetime) -> list[Role]:
    """As what they speak here: the account's CE or AE, or who covers for one of them today."""
    return [role for role in Role if person and is_for(session, person, red.has_role(role), now)]


def follow(session: Session, red: RedAccount, *, now: datetime) -> None:
    """After every change: whether the plan is in place, and whether somebody is now to be asked for their agreement."""
    if red.status != Status.OPEN:
        return
    if not missing(red) and red.plan_in_place_at is None:
        red.plan_in_place_at = now
        history.record(session, NOUN, red.id, "plan in place", by=None, now=now)
    is_time = red.filled_in_at and (red.agreements or lacks_only_agreement(red))  # or one of them agrees already
    for role in missing_agreements(red) if is_time else ():
        if red.asked_at(role) is None:
            red.ask(role, now)


def _write_reasons(session: Session, red: RedAccount, words: Words, *, by: Person | None, now: datetime) -> None:
    if words.reasons and list(words.reasons) != red.reasons:
        was, became = (", ".join(keys)[:60] or None for keys in (red.reasons, words.reasons))
        history.record(session, NOUN, red.id, "reason", by=by, now=now, was=was, became=became)
        red.reason, red.other_reasons = words.reasons[0], list(words.reasons[1:])
    if words.impact is not None and words.impact != (red.impact or ""):
        history.record(session, NOUN, red.id, "impact", by=by, now=now, was=red.impact, became=words.impact or None)
        red.impact = words.impact or None


def _write_sponsor(session: Session, red: RedAccount, words: Words, *, by: Person | None, now: datetime) -> None:
    if words.sponsor is None:
        return
    sponsor = people.by_slack_id(session, words.sponsor) if words.sponsor else None
    if words.sponsor and (sponsor is None or not sponsor.can_be_asked):
        raise UnknownSponsor
    was, became = (person.name[:60] if person else None for person in (red.sponsor, sponsor))
    if was != became:
        history.record(session, NOUN, red.id, "sponsor", by=by, now=now, was=was, became=became)
        red.sponsor_id, red.sponsor = sponsor.id if sponsor else None, sponsor


def _whose(red: RedAccount, role: Role, by: Person) -> str | None:
    """Whom somebody speaks for who is not the CE or AE themselves."""
    person = red.has_role(role)
    return None if person is None or person.id == by.id else f"for {person.name}"
