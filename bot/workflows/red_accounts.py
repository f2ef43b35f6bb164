"""A red account from the first alarm to its end. Slack and Salesforce call the same functions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import outbox
from bot.errors import InvalidTransition, UserError
from bot.models import Account, ActionItem, Ask, Health, Outcome, Person, RedAccount, Source, Status
from bot.models.red_accounts import Words
from bot.policy import Policy
from bot.queries import people
from bot.queries import red_accounts as queries
from bot.queries.red_accounts import CARD, NOUN, OPENING
from bot.reminders import business_days
from bot.workflows import health_changes, history, posts

SHEET = "sheets.red_account"  # promise kind
SHEET_LANE = "sheets"
PROPOSAL_CE, PROPOSAL_BY, PROPOSAL_LEAD = "proposal_ce", "proposal_by", "proposal_lead"  # slots


class AlreadyUnderWay(UserError):
    """The account is red (or proposed) already; carries the one there is."""

    def __init__(self, red: RedAccount) -> None:
        super().__init__(f"{red.account.name} is {red.status} already.")
        self.red_account_id = red.id  # the row itself is of no use once its transaction has ended


class ChangedMeanwhile(UserError):
    """Somebody else wrote while this person did; carries the red account."""

    def __init__(self, red: RedAccount) -> None:
        super().__init__(f"Somebody changed {red.label} while you wrote.")
        self.red_account_id = red.id


def mark(session: Session, account_id: int, words: Words, *, by: Person, now: datetime, policy: Policy) -> RedAccount:
    """A person says that an account is red. From its CE it is; from anybody else the CE is asked first.

    Raises `AlreadyUnderWay` with the one that is open or proposed, if there is one that this does not settle.
    """
    account = lock_account(session, account_id)
    red = queries.under_way(session, account.id)
    decides = may_mark(by, account, policy)
    if red and (red.status == Status.OPEN or not decides):
        raise AlreadyUnderWay(red)
    if red:
        write_down(session, red, words, by=by, now=now)
        return confirm(session, red.id, by=by, now=now, policy=policy)
    red = _new(session, account, Source.PERSON, now=now, policy=policy)
    red.by_id, red.by = by.id, by
    write_down(session, red, words, by=by, now=now)
    if decides:
        _open(session, red, by=by, now=now, policy=policy)
        health_changes.want(session, red, Health.RED, by=by, now=now)
    else:
        _propose(session, red, by=by, now=now, policy=policy)
    return red


def confirm(session: Session, red_account_id: int, *, by: Person, now: datetime, policy: Policy) -> RedAccount:
    """The CE (or, once the CE had a working day, the lead) agrees with a proposal: now it is red."""
    red = lock(session, red_account_id)
    may_answer(red, by, now, policy)
    red.fill_in_by_at, red.due_from_at = _fill_in_by(now, red.account, policy), now
    red.confirmed_by_id, red.confirmed_by = by.id, by
    _open(session, red, by=by, now=now, policy=policy)
    health_changes.want(session, red, Health.RED, by=by, now=now)
    return red


def decline(
    session: Session, red_account_id: int, why: str, *, by: Person, now: datetime, policy: Policy
) -> RedAccount:
    """The CE does not think that it is red, and says why."""
    red = lock(session, red_account_id)
    may_answer(red, by, now, policy)
    _end_proposal(session, red, Status.DECLINED, why, by=by, now=now)
    return red


def withdraw(session: Session, red_account_id: int, *, by: Person, now: datetime) -> RedAccount:
    red = lock(session, red_account_id)
    if by.id != red.by_id:
        raise UserError(f"Only {red.by.name if red.by else 'whoever proposed it'} can withdraw this.")
    _end_proposal(session, red, Status.WITHDRAWN, None, by=by, now=now)
    return red


def nudge(session: Session, red_account_id: int, *, by: Person, now: datetime, policy: Policy) -> Person:
    """Remind the one it waits for, once a day. Answers who that is."""
    red = lock(session, red_account_id)
    asked = waits_for(session, red, policy)
    if red.status != Status.PROPOSED or asked is None:
        raise UserError(f"{already(red, policy)} There is nothing to nudge.")
    if by.id != red.by_id:
        raise UserError(f"Only {red.by.name if red.by else 'whoever proposed it'} can nudge here.")
    if red.nudged_at and now - red.nudged_at < timedelta(hours=24):
        raise UserError(f"{asked.name} was reminded less than a day ago. I remind once a day at the most.")
    red.nudged_at = now
    posts.refresh(session, NOUN, red.id, now=now)
    posts.say(session, f"{NOUN}.nudge:{red.id}:{now.date()}", f"{NOUN}.nudge", red.id, to=asked, now=now)
    history.record(session, NOUN, red.id, "nudged", by=by, now=now)
    return asked


def open_from_salesforce(
    session: Session,
    account: Account,
    *,
    by: Person | None,
    by_name: str | None,
    red_at: datetime,
    now: datetime,
    policy: Policy,
    is_day_one: bool = False,
) -> RedAccount:
    """A poll saw the field turn red. What was red before Touchpoint came gets its row, and its card when asked for."""
    red = queries.under_way(session, account.id)
    if red and red.status == Status.OPEN:
        return red
    if red:  # somebody proposed it and then it was set in Salesforce: that settles it
        red.source, red.confirmed_by_id, red.confirmed_by = Source.SALESFORCE, by.id if by else None, by
        if by is None:
            red.by_id, red.by, red.by_name = None, None, by_name
        red.fill_in_by_at, red.due_from_at = _fill_in_by(now, account, policy), now
    else:
        red = _new(session, account, Source.EXISTING if is_day_one else Source.SALESFORCE, now=now, policy=policy)
        red.red_at, red.has_card = min(red_at, now), not is_day_one
        red.by_id, red.by, red.by_name = by.id if by else None, by, by_name
    _open(session, red, by=by, now=now, policy=policy)
    return red


def account_left(session: Session, account: Account, *, merged: bool, now: datetime) -> None:
    """The account is not in Salesforce any more, so nothing can be done about its health."""
    red = queries.under_way(session, account.id)
    if red is None:
        return
    how = "It was merged into another account in Salesforce." if merged else "It was deleted in Salesforce."
    if red.status == Status.OPEN:
        close(session, red, Outcome.LEFT, how, by=None, now=now)
    else:
        red.become(Status.WITHDRAWN)
        red.note, red.ended_at = how, now
        posts.refresh(session, NOUN, red.id, now=now)


def ce_left(session: Session, person: Person, *, now: datetime) -> None:
    """Proposals that wait for somebody who has left wait for the lead from now on."""
    waiting = (
        select(RedAccount)
        .join(RedAccount.account)
        .where(RedAccount.status == Status.PROPOSED, Account.ce_id == person.id, RedAccount.lead_told.is_(False))
    )
    for red in session.scalars(waiting):
        red.lead_from_at = now


def post_cards(session: Session, red_account_ids: Iterable[int], *, by: Person, now: datetime, policy: Policy) -> None:
    """Post the card of accounts that were red on day one."""
    for red_account_id in red_account_ids:
        red = lock(session, red_account_id)
        if red.status == Status.OPEN and not red.has_card:
            red.has_card = True
            _show_card(session, red, now=now, policy=policy)
            history.record(session, NOUN, red.id, "card posted", by=by, now=now)


def fill_in(
    session: Session,
    red_account_id: int,
    words: Words,
    *,
    by: Person,
    now: datetime,
    policy: Policy,
    seen: int | None = None,
) -> RedAccount:
    """Write down what is happening, what is needed and what will be done.

    `seen` is the newest history entry that the form showed. Raises `ChangedMeanwhile` if somebody wrote since.
    """
    red = lock(session, red_account_id)
    if red.status != Status.OPEN:
        raise UserError(f"{already(red, policy)} There is nothing to fill in.")
    may_touch(session, by, red.account, policy, "fill this in")
    if words.sentence != red.sentence and queries.newest_history_id(session, red.id) != seen and seen is not None:
        raise ChangedMeanwhile(red)
    write_down(session, red, words, by=by, now=now)
    changed(session, red, now=now)
    return red


def write_down(session: Session, red: RedAccount, words: Words, *, by: Person, now: datetime) -> None:
    """Keep what was written; what stood there before stays in the history."""
    if words.reason and words.reason != red.reason:
        history.record(session, NOUN, red.id, "reason", by=by, now=now, was=red.reason, became=words.reason)
        red.reason = words.reason
    if words.sentence and words.sentence != red.sentence:
        history.record(session, NOUN, red.id, "what is happening", by=by, now=now, why=words.sentence)
        red.sentence, red.filled_in_at = words.sentence, now
    for what in words.asks:
        red.asks.append(Ask(what=what, by_id=by.id, created_at=now))
        history.record(session, NOUN, red.id, "ask added", by=by, now=now, why=what)
    for what in words.actions:
        red.action_items.append(ActionItem(what=what, by_id=by.id, created_at=now))
        history.record(session, NOUN, red.id, "action added", by=by, now=now, why=what)


def close(session: Session, red: RedAccount, outcome: Outcome, note: str, *, by: Person | None, now: datetime) -> None:
    red.become(Status.CLOSED)
    red.outcome, red.note = outcome, note
    red.ended_at, red.ended_by_id, red.ended_by = now, by.id if by else None, by
    history.record(session, NOUN, red.id, "closed", by=by, now=now, was="open", became=outcome, why=note)
    changed(session, red, now=now)
    card = queries.card_post(session, red.id)
    if card and outcome in (Outcome.GREEN, Outcome.YELLOW):
        key = f"{NOUN}.closed:{red.id}:{int(now.timestamp())}"
        posts.say(session, key, f"{NOUN}.closed", red.id, to=card.recipient, now=now, under=card, broadcast=True)


def reopen_refused(session: Session, red: RedAccount, answer: str, *, now: datetime) -> None:
    """Salesforce refused the closing: it is as if nobody had closed it."""
    red.become(Status.OPEN)
    red.outcome = red.note = red.ended_at = red.ended_by_id = red.ended_by = None
    history.record(session, NOUN, red.id, "reopened", by=None, now=now, was="closed", became="open", why=answer)
    changed(session, red, now=now)


def changed(session: Session, red: RedAccount, *, now: datetime) -> None:
    """Everywhere that this red account is shown must follow."""
    posts.refresh(session, NOUN, red.id, now=now)
    outbox.promise(session, SHEET, red.id, lane=SHEET_LANE, now=now)


def tell_leads(session: Session, *, now: datetime, policy: Policy) -> None:
    """Proposals that their CE has left for a working day: from now on the lead may answer, and is told so."""
    waiting = session.scalars(
        select(RedAccount).where(
            RedAccount.status == Status.PROPOSED, RedAccount.lead_told.is_(False), RedAccount.lead_from_at <= now
        )
    )
    for red_account_id in [red.id for red in waiting]:
        red = lock(session, red_account_id)
        if red.status != Status.PROPOSED or red.lead_told:
            continue
        red.lead_told = True
        lead = people.lead_of(session, red.account, policy)
        if lead and lead.can_be_asked and lead.slack_id and lead.id != red.by_id:
            posts.show(session, NOUN, red.id, PROPOSAL_LEAD, lead.slack_id, now=now)
        posts.refresh(session, NOUN, red.id, now=now)


def waits_for(session: Session, red: RedAccount, policy: Policy) -> Person | None:
    """Who has to answer a proposal: the CE, or the lead where the CE is missing or cannot be reached."""
    if red.account.ce and red.account.ce.can_be_asked and not red.lead_told:
        return red.account.ce
    return people.lead_of(session, red.account, policy)


def may_mark(person: Person, account: Account, policy: Policy) -> bool:
    """Only the CE writes the field; where an account has none that can be asked, its lead does."""
    if account.ce and account.ce.can_be_asked:
        return person.id == account.ce_id
    return people.is_lead(person, account, policy)


def may_decide(person: Person, account: Account, policy: Policy) -> bool:
    return person.id == account.ce_id or people.is_lead(person, account, policy)


def may_touch(session: Session, person: Person, account: Account, policy: Policy, to_do: str) -> None:
    """The account's CE and AE and the CE's lead may write; for anybody else this raises who can."""
    if person.id not in (account.ce_id, account.ae_id) and not people.is_lead(person, account, policy):
        raise UserError(f"Only {who_can(session, account, policy, with_ae=True)} can {to_do}.")


def who_can(session: Session, account: Account, policy: Policy, *, with_ae: bool = False) -> str:
    lead = people.lead_of(session, account, policy)
    names = [f"{account.ce.name} ({account.name}'s CE)" if account.ce else None]
    if with_ae and account.ae:
        names.append(f"{account.ae.name} (its AE)")
    names.append(f"{lead.name} (CE lead)" if lead else "a CE lead")
    return " or ".join(name for name in names if name)


def lock_account(session: Session, account_id: int) -> Account:
    """Two people or a person and a poll at once: the second waits here and then sees what the first did."""
    account = session.get(Account, account_id, with_for_update={"of": Account}, populate_existing=True)
    if account is None or account.is_deleted:
        raise UserError("This account is not in Salesforce any more. Pick another one.")
    return account


def lock(session: Session, red_account_id: int) -> RedAccount:
    red = session.get(RedAccount, red_account_id)
    if red is None:
        raise UserError("This is not here any more. Nothing changed.")
    session.execute(select(Account.id).where(Account.id == red.account_id).with_for_update())
    session.refresh(red)
    return red


def _new(session: Session, account: Account, source: Source, *, now: datetime, policy: Policy) -> RedAccount:
    previous = session.scalars(
        select(RedAccount)
        .where(RedAccount.account_id == account.id, RedAccount.status == Status.CLOSED)
        .order_by(RedAccount.id.desc())
    ).first()
    red = RedAccount(
        account_id=account.id,
        account=account,
        status=Status.PROPOSED if source == Source.PERSON else Status.OPEN,
        source=source,
        has_card=True,
        red_at=now,
        due_from_at=now,
        fill_in_by_at=_fill_in_by(now, account, policy),
        lead_told=False,
        previous_id=previous.id if previous else None,
        asks=[],
        action_items=[],
    )
    session.add(red)
    session.flush()
    return red


def _propose(session: Session, red: RedAccount, *, by: Person, now: datetime, policy: Policy) -> None:
    region = policy.region(red.account.region)
    days = policy.red_accounts.confirm_business_days
    red.lead_from_at = business_days.after(now, days, region)
    red.lead_told = not (red.account.ce and red.account.ce.can_be_asked)
    if red.lead_told:
        red.lead_from_at = now
    history.record(session, NOUN, red.id, "proposed", by=by, now=now, became=Status.PROPOSED, why=red.sentence)
    asked = waits_for(session, red, policy)
    if asked and asked.slack_id and asked.can_be_asked:
        slot = PROPOSAL_LEAD if red.lead_told else PROPOSAL_CE
        posts.show(session, NOUN, red.id, slot, asked.slack_id, now=now)
    if by.slack_id:
        posts.show(session, NOUN, red.id, PROPOSAL_BY, by.slack_id, now=now)


def may_answer(red: RedAccount, by: Person, now: datetime, policy: Policy) -> None:
    account = red.account
    if red.status != Status.PROPOSED:
        raise InvalidTransition(f"{already(red, policy)} Nothing changed.")
    if by.id == account.ce_id:
        return
    asked = account.ce.name if account.ce else "the CE"
    if not people.is_lead(by, account, policy):
        raise UserError(f"Only {asked} ({account.name}'s CE) can answer this, or the CE lead after a working day.")
    if red.lead_from_at and now < red.lead_from_at:
        raise UserError(f"{asked} is asked first and has a working day. After that you can answer it here.")


def already(red: RedAccount, policy: Policy) -> str:
    """Who was first, and when: "Tom did this at 9:12." """
    zone = ZoneInfo(policy.region(red.account.region).time_zone)
    ended = red.status not in (Status.PROPOSED, Status.OPEN)
    who, at = (red.ended_by, red.ended_at) if ended else (red.marked_by, red.due_from_at)
    when = f"{at.astimezone(zone):%a %d %b %H:%M}" if at else "before"
    return f"{red.account.name} is {red.status} by now: {who.name if who else 'Salesforce'} did this, {when}."


def _open(session: Session, red: RedAccount, *, by: Person | None, now: datetime, policy: Policy) -> None:
    if red.status != Status.OPEN:
        red.become(Status.OPEN)
    history.record(session, NOUN, red.id, "opened", by=by, now=now, became=Status.OPEN, why=red.sentence)
    if red.has_card:
        _show_card(session, red, now=now, policy=policy)
    changed(session, red, now=now)


def _show_card(session: Session, red: RedAccount, *, now: datetime, policy: Policy) -> None:
    posts.show(session, NOUN, red.id, CARD, policy.channels.red_accounts, now=now)
    posts.show(session, NOUN, red.id, OPENING, policy.channels.red_accounts, now=now, under=CARD)


def _end_proposal(
    session: Session, red: RedAccount, status: Status, why: str | None, *, by: Person, now: datetime
) -> None:
    red.become(status)
    red.note, red.ended_at, red.ended_by_id, red.ended_by = why, now, by.id, by
    history.record(session, NOUN, red.id, status, by=by, now=now, was="proposed", became=status, why=why)
    posts.refresh(session, NOUN, red.id, now=now)


def restart_clock(red: RedAccount, *, now: datetime, policy: Policy) -> None:
    """What it promises counts from now."""
    red.due_from_at, red.fill_in_by_at = now, _fill_in_by(now, red.account, policy)


def _fill_in_by(now: datetime, account: Account, policy: Policy) -> datetime:
    rules = policy.red_accounts
    region = policy.region(account.region)
    return business_days.after(now, rules.fill_in_business_days, region, ends_at=rules.day_ends_at)
