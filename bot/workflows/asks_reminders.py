"""What an ask promises: whom it waits for, since when, and by when it is needed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.models import Account, Ask, AskState, Person, RedAccount, Status
from bot.policy import Policy
from bot.queries import people
from bot.queries import red_accounts as queries
from bot.reminders import ledger, wall
from bot.reminders.kinds import (
    ASK_DECLINED,
    ASK_DUE,
    ASK_UNANSWERED,
    ASKER,
    ASKING,
    LEAD,
    NEEDED_BY,
    OWNER,
    TEAM_LEAD,
    TURNED_DOWN,
)
from bot.reminders.ledger import Subject

NOUN = "ask"
ANSWERED = (AskState.TAKEN, AskState.DECLINED, AskState.DELIVERED)


def keep(session: Session, ask: Ask, red: RedAccount, *, by: Person | None, now: datetime, policy: Policy) -> None:
    """The ledger follows an ask, while its red account is open and has a card."""
    anchors: dict[str, datetime] = {}
    if red.status == Status.OPEN and red.has_card:
        if ask.state == AskState.ASKED:
            anchors[ASKING] = ask.asked_at
        if ask.state == AskState.DECLINED:
            anchors[TURNED_DOWN] = ask.since_at
        if ask.is_open and ask.needed_on:
            anchors[NEEDED_BY] = _ends_at(ask, red.account, policy)
    done = {ASK_UNANSWERED} if ask.state in ANSWERED else set()
    if ask.state == AskState.DELIVERED:
        done.add(ASK_DUE)
    if ask.is_open:  # somebody else has it, or is asked
        done.add(ASK_DECLINED)
    whom = _whom(session, ask, red.account, policy)
    subject = Subject(NOUN, ask.id, red.account, anchors, whom, frozenset(done))
    ledger.keep(session, subject, by=by, now=now, policy=policy)


def keep_open_ones(session: Session, red: RedAccount, *, by: Person | None, now: datetime, policy: Policy) -> None:
    """All that still wait, after something else about their red account changed."""
    for ask in red.asks:
        if ask.id and ask.is_wanted:
            keep(session, ask, red, by=by, now=now, policy=policy)


def keep_by_id(session: Session, ask_id: int, now: datetime, policy: Policy) -> None:
    ask = session.get_one(Ask, ask_id)
    red = queries.lock(session, ask.red_account_id)
    assert red is not None
    session.refresh(ask)
    keep(session, ask, red, by=None, now=now, policy=policy)


def asker(session: Session, ask: Ask, account: Account, policy: Policy) -> Person | None:
    """Whoever asked; whoever looks after the account where nobody knows who did, or they have left."""
    candidates = (ask.by, account.ce, people.lead_of(session, account, policy))
    return next((person for person in candidates if person and person.can_be_asked), None)


def team_lead(session: Session, ask: Ask, policy: Policy) -> Person | None:
    team = policy.teams.get(ask.team or "")
    return people.by_email(session, team.lead) if team and team.lead else None


def team_channel(ask: Ask, policy: Policy) -> str | None:
    team = policy.teams.get(ask.team or "")
    return team.channel if team else None


def _ends_at(ask: Ask, account: Account, policy: Policy) -> datetime:
    assert ask.needed_on is not None
    return wall.instant(ask.needed_on, policy.red_accounts.day_ends_at, policy.region(account.region).time_zone)


def _whom(session: Session, ask: Ask, account: Account, policy: Policy) -> dict[str, Person | None]:
    """Nobody is asked for what they asked for themselves. While nobody is asked, its asker alone hears of it."""
    lead, of_team = people.lead_of(session, account, policy), team_lead(session, ask, policy)
    of_asker = asker(session, ask, account, policy)
    if not ask.is_asked_of_somebody:
        return {OWNER: None, ASKER: of_asker, TEAM_LEAD: None, LEAD: None}
    owner = _asked(ask, of_team, lead, policy)
    is_own = ask.state == AskState.ASKED and owner is not None and owner.id == ask.by_id
    return {
        OWNER: None if is_own else owner,
        ASKER: of_asker,
        TEAM_LEAD: of_team,
        LEAD: lead,
    }


def _asked(ask: Ask, of_team: Person | None, lead: Person | None, policy: Policy) -> Person | None:
    """Who is told by name: its owner; without one its team's channel is told, or else the team's lead, or else ours."""
    if ask.owner and ask.owner.can_be_asked:
        return ask.owner
    if ask.owner is None and team_channel(ask, policy):
        return None
    return of_team if of_team and of_team.can_be_asked else lead
