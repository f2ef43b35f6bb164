"""What people do with an ask: take it, say that they cannot, deliver it; another date or person, withdrawn, undone."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.errors import InvalidTransition, UserError
from bot.models import Ask, AskNews, AskState, Person, RedAccount, Status, Wish
from bot.policy import Policy
from bot.queries import red_accounts as queries
from bot.queries.preferences import is_for
from bot.reminders import ledger
from bot.workflows import asks, asks_reminders, history, posts, red_accounts, rights

NEWS = "red_account.ask_news"  # notice: somebody has to know what became of an ask
_WAITS = (AskState.ASKED, AskState.TAKEN)


def ask(session: Session, red_account_id: int, wish: Wish, *, by: Person, now: datetime, policy: Policy) -> Ask:
    """The account team asks another team or person."""
    red = red_accounts.lock(session, red_account_id)
    may_ask(session, red, by, now=now, policy=policy)
    made = asks.made_of(red, wish.made_of)
    if made:
        raise InvalidTransition(f"{made.by.name if made.by else 'Somebody'} made an ask of this already: {made.what}")
    new = asks.add(session, red, wish, by=by, now=now)
    _follow(session, new, red, by=by, now=now, policy=policy)
    return new


def take(session: Session, ask_id: int, *, by: Person, now: datetime, policy: Policy) -> Ask:
    """Whoever takes it has it, by the day on which it is needed: anybody may."""
    it, red = lock(session, ask_id, policy)
    if it.state == AskState.TAKEN and it.owner_id == by.id:
        return it
    _must_be(it, red, policy, AskState.ASKED, AskState.DECLINED)
    was = it.owner.name if it.owner else None
    _become(it, AskState.TAKEN, by=by, now=now)
    it.owner, it.taken_at = by, now
    _record(session, it, red, "ask taken", by=by, now=now, policy=policy, was=was, became=by.name)
    return it


def decline(session: Session, ask_id: int, why: str, *, by: Person, now: datetime, policy: Policy) -> Ask:
    """They cannot, and say why. It is still needed: somebody else can take it."""
    it, red = lock(session, ask_id, policy)
    may_decline(session, it, red, by, now=now, policy=policy)
    _become(it, AskState.DECLINED, by=by, now=now, note=why)
    _tell(session, it, red, AskNews.DECLINED, asks_reminders.asker(session, it, red.account, policy), by=by, now=now)
    _record(session, it, red, "ask cannot be given", by=by, now=now, policy=policy, why=why)
    return it


def deliver(session: Session, ask_id: int, *, by: Person, now: datetime, policy: Policy) -> Ask:
    it, red = lock(session, ask_id, policy)
    if it.state == AskState.DELIVERED and it.ended_by_id == by.id:
        return it
    _must_be(it, red, policy, *_WAITS)
    if not (is_for(session, by, it.owner, now) or _stands_behind(session, it, red, by, now=now, policy=policy)):
        owner = f"{it.owner.name} (who has it), " if it.owner else ""
        raise UserError(f"Only {owner}{_who_can(session, it, red, policy)} can say that it is delivered.")
    _become(it, AskState.DELIVERED, by=by, now=now)
    _tell(session, it, red, AskNews.DELIVERED, asks_reminders.asker(session, it, red.account, policy), by=by, now=now)
    _record(session, it, red, "ask delivered", by=by, now=now, policy=policy)
    return it


def withdraw(session: Session, ask_id: int, why: str | None, *, by: Person, now: datetime, policy: Policy) -> Ask:
    it, red = lock(session, ask_id, policy)
    may_change(session, it, red, by, "withdraw this", now=now, policy=policy)
    has_it = it.owner if it.state == AskState.TAKEN else None
    _become(it, AskState.WITHDRAWN, by=by, now=now, note=why)
    _tell(session, it, red, AskNews.WITHDRAWN, has_it, by=by, now=now)
    _record(session, it, red, "ask withdrawn", by=by, now=now, policy=policy, why=why)
    return it


def move(session: Session, ask_id: int, day: date, *, by: Person, now: datetime, policy: Policy) -> Ask:
    """Another date; whoever has it is told."""
    it, red = lock(session, ask_id, policy)
    may_change(session, it, red, by, "change its date", now=now, policy=policy)
    if day != it.needed_on:
        _move(session, it, red, day, by=by, now=now)
        _follow(session, it, red, by=by, now=now, policy=policy)
    return it


def hand(session: Session, ask_id: int, slack_id: str, *, by: Person, now: datetime, policy: Policy) -> Ask:
    """Somebody else is asked instead. Whoever hands it to themself takes it."""
    it, red = lock(session, ask_id, policy)
    may_hand(session, it, red, by, now=now, policy=policy)
    person = asks.whom(session, slack_id)
    if person and person.id == it.owner_id and it.state != AskState.DECLINED:
        raise asks.NobodyToAsk(f"{person.name} has it already. Pick somebody else.")
    if person and person.id == by.id and it.state != AskState.TAKEN:
        return take(session, ask_id, by=by, now=now, policy=policy)
    _ask_anew(session, it, red, it.team, person, by=by, now=now)
    _follow(session, it, red, by=by, now=now, policy=policy)
    return it


def edit(session: Session, ask_id: int, wish: Wish, *, by: Person, now: datetime, policy: Policy) -> Ask:
    """Say it in other words, or what was not said yet: of whom, and by when."""
    it, red = lock(session, ask_id, policy)
    may_change(session, it, red, by, "change this", now=now, policy=policy)
    owner = asks.whom(session, wish.whom)
    if (wish.what, wish.why, wish.otherwise) != (it.what, it.why, it.otherwise):
        history.record(session, queries.NOUN, red.id, "ask", by=by, now=now, was=it.what, became=wish.what)
        it.what, it.why, it.otherwise = wish.what, wish.why, wish.otherwise
    if wish.needed_on and wish.needed_on != it.needed_on:
        _move(session, it, red, wish.needed_on, by=by, now=now)
    if (wish.team, owner) != (it.team, it.owner):
        it.of = None
        _ask_anew(session, it, red, wish.team, owner, by=by, now=now)
    _follow(session, it, red, by=by, now=now, policy=policy)
    return it


def undo(session: Session, ask_id: int, *, by: Person, now: datetime, policy: Policy) -> Ask:
    """Take back the last answer: whoever had it before has it again, and what they had said stands again."""
    it, red = lock(session, ask_id, policy)
    _must_be(it, red, policy, *(state for state in AskState if state != AskState.ASKED))
    if not (is_for(session, by, it.ended_by, now) or _stands_behind(session, it, red, by, now=now, policy=policy)):
        did = f"{it.ended_by.name} (who did this), " if it.ended_by else ""
        raise UserError(f"Only {did}{_who_can(session, it, red, policy)} can undo this.")
    was = it.state
    _take_back(session, it, by=by, now=now)
    if was == AskState.DELIVERED or (was == AskState.WITHDRAWN and it.state == AskState.TAKEN):
        _tell(session, it, red, AskNews.REOPENED, it.owner, by=by, now=now)
    _record(session, it, red, "ask undone", by=by, now=now, policy=policy, was=was, became=it.state)
    return it


def lock(session: Session, ask_id: int, policy: Policy) -> tuple[Ask, RedAccount]:
    """Raises what ended its red account, after which nothing is asked any more."""
    it = session.get(Ask, ask_id)
    if it is None:
        raise UserError("This is not here any more. Nothing changed.")
    red = red_accounts.lock(session, it.red_account_id)
    session.refresh(it)
    _must_be_open(red, policy)
    return it, red


def may_ask(session: Session, red: RedAccount, by: Person, *, now: datetime, policy: Policy) -> None:
    _must_be_open(red, policy)
    rights.must_write(session, by, red, "ask for help here", now=now, policy=policy)


def may_decline(session: Session, it: Ask, red: RedAccount, by: Person, *, now: datetime, policy: Policy) -> None:
    """Whoever it is asked of; of what was asked of a team, anybody."""
    _must_be(it, red, policy, *_WAITS)
    lead = asks_reminders.team_lead(session, it, policy)
    asked = is_for(session, by, it.owner, now) or is_for(session, by, lead, now)
    if it.owner and not asked and not ledger.is_asked(session, by, asks_reminders.NOUN, it.id, now=now):
        team = f" or {lead.name} (who leads the team)" if lead and lead.id != it.owner_id else ""
        raise UserError(f"Only {it.owner.name}{team} can say that. What is not needed can be withdrawn under ⋯.")


def may_hand(session: Session, it: Ask, red: RedAccount, by: Person, *, now: datetime, policy: Policy) -> None:
    """Whoever asked, and those of whom it is asked: they know who can give it."""
    _must_be(it, red, policy, *_WAITS, AskState.DECLINED)
    asked = (it.owner, asks_reminders.team_lead(session, it, policy))
    if not any(is_for(session, by, person, now) for person in asked):
        may_change(session, it, red, by, "hand this on", now=now, policy=policy)


def may_change(
    session: Session, it: Ask, red: RedAccount, by: Person, to_do: str, *, now: datetime, policy: Policy
) -> None:
    _must_be(it, red, policy, *_WAITS, AskState.DECLINED)
    if not _stands_behind(session, it, red, by, now=now, policy=policy):
        raise UserError(f"Only {_who_can(session, it, red, policy)} can {to_do}.")


def _stands_behind(session: Session, it: Ask, red: RedAccount, by: Person, *, now: datetime, policy: Policy) -> bool:
    return is_for(session, by, it.by, now) or rights.may_write(session, by, red, now=now, policy=policy)


def _who_can(session: Session, it: Ask, red: RedAccount, policy: Policy) -> str:
    team = rights.who_can(session, red.account, policy, with_ae=True)
    is_named = it.by is None or it.by.name in team
    return team if is_named or it.by is None else f"{it.by.name} (who asked), {team}"


def _must_be_open(red: RedAccount, policy: Policy) -> None:
    if red.status != Status.OPEN:
        raise InvalidTransition(f"{red_accounts.already(red, policy)} Nothing changed.")


def _must_be(it: Ask, red: RedAccount, policy: Policy, *states: AskState) -> None:
    """Raises who was first, and when."""
    if it.state in states:
        return
    local = it.since_at.astimezone(ZoneInfo(policy.region(red.account.region).time_zone))
    when = f"{local:%a} {local.day} {local:%b} at {local.hour}:{local:%M}"
    raise InvalidTransition(
        f"{it.ended_by.name if it.ended_by else 'Somebody'} did this {when}: it is {it.state}. Nothing changed."
    )


def _become(it: Ask, state: AskState, *, by: Person, now: datetime, note: str | None = None) -> None:
    before = {
        "state": it.state, "since_at": it.since_at.isoformat(), "note": it.note,
        "owner_id": it.owner.id if it.owner else None, "ended_by_id": it.ended_by.id if it.ended_by else None,
        "taken_at": it.taken_at.isoformat() if it.taken_at else None,
    }  # fmt: skip
    it.become(state, now=now)
    it.ended_by, it.note, it.before = by, note, before


def _take_back(session: Session, it: Ask, *, by: Person, now: datetime) -> None:
    """One step is remembered. Whoever goes back further comes to what it is without any answer."""
    before, it.before = it.before, None
    if before is None:
        if it.state == AskState.TAKEN:
            it.owner, it.taken_at = it.named, None
        it.become(AskState.TAKEN if it.taken_at else AskState.ASKED, now=now)
        it.ended_by, it.note = by, None
        return
    it.become(AskState(before["state"]), now=now)
    it.since_at = datetime.fromisoformat(before["since_at"])
    it.taken_at = datetime.fromisoformat(before["taken_at"]) if before["taken_at"] else None
    it.note = before["note"]
    it.owner, it.ended_by = (
        session.get(Person, before[key]) if before[key] else None for key in ("owner_id", "ended_by_id")
    )


def _move(session: Session, it: Ask, red: RedAccount, day: date, *, by: Person, now: datetime) -> None:
    was = f"by {it.needed_on}" if it.needed_on else None
    it.needed_on = day
    has_it = it.owner if it.state == AskState.TAKEN else None
    _tell(session, it, red, AskNews.MOVED, has_it, by=by, now=now)
    history.record(session, queries.NOUN, red.id, "ask: other date", by=by, now=now, was=was, became=f"by {day}",
                   why=it.what)  # fmt: skip


def _ask_anew(
    session: Session, it: Ask, red: RedAccount, team: str | None, owner: Person | None, *, by: Person, now: datetime
) -> None:
    """Of somebody else: their time to answer begins now."""
    was, had_it = it.owner.name if it.owner else it.team, it.owner if it.state == AskState.TAKEN else None
    if it.state != AskState.ASKED:
        _become(it, AskState.ASKED, by=by, now=now)
    it.team, it.owner, it.named, it.taken_at, it.handed_at = team, owner, owner, None, now
    _tell(session, it, red, AskNews.HANDED, had_it, by=by, now=now)
    became = owner.name if owner else team
    history.record(session, queries.NOUN, red.id, "ask handed on", by=by, now=now, was=was, became=became, why=it.what)


def _record(
    session: Session, it: Ask, red: RedAccount, what: str, *, by: Person, now: datetime, policy: Policy,
    was: str | None = None, became: str | None = None, why: str | None = None,
) -> None:  # fmt: skip
    said = f"{it.what}: {why}" if why else it.what
    history.record(session, queries.NOUN, red.id, what, by=by, now=now, was=was, became=became, why=said)
    _follow(session, it, red, by=by, now=now, policy=policy)


def _follow(session: Session, it: Ask, red: RedAccount, *, by: Person, now: datetime, policy: Policy) -> None:
    """The ledger, and every message that shows it."""
    session.flush()
    asks_reminders.keep(session, it, red, by=by, now=now, policy=policy)
    red_accounts.changed(session, red, by=by, now=now, policy=policy)


def _tell(
    session: Session, it: Ask, red: RedAccount, news: AskNews, whom: Person | None, *, by: Person, now: datetime
) -> None:
    """Once, by a mention in the thread. Nobody hears of what they did themselves."""
    card = queries.card_post(session, red.id)
    if card is None or whom is None or whom.id == by.id or not whom.can_be_asked:
        return
    key = f"{NEWS}:{it.id}:{news}:{int(now.timestamp())}"
    posts.say(session, key, NEWS, red.id, to=card.recipient, now=now, under=card,
              ask_id=it.id, news=news, whom_id=whom.id, by_id=by.id, note=it.note)  # fmt: skip
