"""A red account from the first alarm to its end. Slack and Salesforce call the same functions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import outbox
from bot.errors import UserError
from bot.models import (
    Account,
    Health,
    Outcome,
    Person,
    RedAccount,
    ResolutionState,
    Source,
    Status,
    SuggestionState,
    Update,
    Wish,
)
from bot.models.red_accounts import Words
from bot.policy import Policy
from bot.queries import red_accounts as queries
from bot.queries import updates
from bot.queries.red_accounts import CARD, NOUN, OPENING
from bot.reminders import business_days
from bot.workflows import (
    action_items,
    asks,
    history,
    plans,
    posts,
    red_accounts_reminders,
    rights,
    suggestions,
    tasks,
    team,
)

SHEET = "sheets.red_account"  # promise kind
SHEET_LANE = "sheets"


class ChangedMeanwhile(UserError):
    """Somebody else wrote while this person did; carries the red account."""

    def __init__(self, red: RedAccount) -> None:
        super().__init__(f"Somebody changed {red.label} while you wrote.")
        self.red_account_id = red.id


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
        red.fill_in_by_at, red.due_from_at = fill_in_by(now, account, policy), now
    else:
        red = begin(session, account, Source.EXISTING if is_day_one else Source.SALESFORCE, now=now, policy=policy)
        red.red_at, red.has_card = min(red_at, now), not is_day_one
        red.by_id, red.by, red.by_name = by.id if by else None, by, by_name
    open_now(session, red, by=by, now=now, policy=policy)
    return red


def account_left(session: Session, account: Account, *, merged: bool, now: datetime, policy: Policy) -> None:
    """The account is not in Salesforce any more, so nothing can be done about its health."""
    red = queries.under_way(session, account.id)
    if red is None:
        return
    red = lock(session, red.id)  # somebody may be ending it at this moment
    if not red.is_under_way:
        return
    how = "It was merged into another account in Salesforce." if merged else "It was deleted in Salesforce."
    if red.status == Status.OPEN:
        close(session, red, Outcome.LEFT, how, by=None, now=now, policy=policy)
    else:
        red.become(Status.WITHDRAWN)
        red.note, red.ended_at = how, now
        history.record(session, NOUN, red.id, Status.WITHDRAWN, by=None, now=now, was="proposed",
                       became=Status.WITHDRAWN, why=how)  # fmt: skip
        changed(session, red, by=None, now=now, policy=policy)


def post_cards(session: Session, red_account_ids: Iterable[int], *, by: Person, now: datetime, policy: Policy) -> None:
    """Post the card of accounts that were red on day one."""
    for red_account_id in red_account_ids:
        red = lock(session, red_account_id)
        if red.status == Status.OPEN and not red.has_card:
            red.has_card = True
            if red.fill_in_by_at < now:  # nobody was asked for it before
                restart_clock(red, now=now, policy=policy)
            show_card(session, red, now=now, policy=policy)
            history.record(session, NOUN, red.id, "card posted", by=by, now=now)
            changed(session, red, by=by, now=now, policy=policy)


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
    rights.must_write(session, by, red, "fill this in", now=now, policy=policy)
    if seen is not None and plans.rewrites(red, words, queries.written_since(session, red.id, seen)):
        raise ChangedMeanwhile(red)
    write_down(session, red, words, by=by, now=now)
    changed(session, red, by=by, now=now, policy=policy)
    return red


def write_down(session: Session, red: RedAccount, words: Words, *, by: Person | None, now: datetime) -> None:
    """Keep what was written (by nobody we know: in the sheet); what stood there before stays in the history."""
    if words.reason and words.reason != red.reason:
        history.record(session, NOUN, red.id, "reason", by=by, now=now, was=red.reason, became=words.reason)
        red.other_reasons = [key for key in red.reasons if key != words.reason]
        red.reason = words.reason
    if words.sentence and words.sentence != red.sentence:
        history.record(session, NOUN, red.id, "what is happening", by=by, now=now, why=words.sentence)
        is_first = not red.filled_in_at
        red.sentence, red.filled_in_at = words.sentence, now
        if is_first and red.status == Status.OPEN:
            plans.agree_thereby(session, red, by, now=now)
    for what in words.asks:
        asks.add(session, red, Wish(what), by=by, now=now)
    owner = action_items.default_owner(red, by)
    action_items.create(session, red, [action_items.New(what, owner) for what in words.actions], by=by, now=now)
    plans.write(session, red, words, by=by, now=now)


def close(
    session: Session,
    red: RedAccount,
    outcome: Outcome,
    note: str,
    *,
    by: Person | None,
    now: datetime,
    policy: Policy,
    evidence: str | None = None,
) -> None:
    """It is over. Asks and actions stay as they are, and nobody is reminded of them any more."""
    red.become(Status.CLOSED)
    asked = queries.asked(session, red.id)
    if asked:  # it ended another way
        asked.become(ResolutionState.OVERTAKEN)
        asked.ended_at, asked.ended_by_id, asked.ended_by = now, by.id if by else None, by
        red_accounts_reminders.keep_question(session, asked, by=by, now=now, policy=policy)
        posts.refresh(session, red_accounts_reminders.QUESTION, asked.id, now=now)
    red.outcome, red.note, red.evidence, red.arr_at_end = outcome, note, evidence, red.account.arr
    red.ended_at, red.ended_by_id, red.ended_by = now, by.id if by else None, by
    history.record(session, NOUN, red.id, "closed", by=by, now=now, was="open", became=outcome, why=note)
    changed(session, red, by=by, now=now, policy=policy)
    card = queries.card_post(session, red.id)
    if card and outcome not in (Outcome.NOT_SET, Outcome.LEFT):  # what Salesforce did is said elsewhere
        key = f"{NOUN}.closed:{red.id}:{int(now.timestamp())}"
        posts.say(session, key, f"{NOUN}.closed", red.id, to=card.recipient, now=now, under=card, broadcast=True)
    asks.tell_owners(session, red, by=by, now=now)


def reopen_refused(session: Session, red: RedAccount, answer: str, *, now: datetime, policy: Policy) -> None:
    """Salesforce refused the closing: it is as if nobody had closed it."""
    red.become(Status.OPEN)
    red.outcome = red.note = red.evidence = red.arr_at_end = None
    red.ended_at = red.ended_by_id = red.ended_by = None
    history.record(session, NOUN, red.id, "reopened", by=None, now=now, was="closed", became="open", why=answer)
    changed(session, red, by=None, now=now, policy=policy)
    asks.tell_owners(session, red, by=None, now=now)


def changed(session: Session, red: RedAccount, *, by: Person | None, now: datetime, policy: Policy) -> None:
    """Everywhere that this red account is shown must follow, and what is remembered of it."""
    plans.follow(session, red, now=now)
    red_accounts_reminders.keep(session, red, by=by, now=now, policy=policy)
    asks.show(session, red, now=now, policy=policy)
    posts.refresh(session, NOUN, red.id, now=now)
    asks.refresh(session, red, now=now)
    outbox.promise(session, SHEET, red.id, lane=SHEET_LANE, now=now)
    team.tell_lead(session, red, now=now, policy=policy)
    tasks.follow(session, red, now=now, policy=policy)


def lock_account(session: Session, account_id: int) -> Account:
    """Two people or a person and a poll at once: the second waits here and then sees what the first did."""
    account = session.get(Account, account_id, with_for_update={"of": Account}, populate_existing=True)
    if account is None or account.is_deleted:
        raise UserError("This account is not in Salesforce any more. Pick another one.")
    return account


def lock(session: Session, red_account_id: int) -> RedAccount:
    red = queries.lock(session, red_account_id)
    if red is None:
        raise UserError("This is not here any more. Nothing changed.")
    return red


def begin(session: Session, account: Account, source: Source, *, now: datetime, policy: Policy) -> RedAccount:
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
        fill_in_by_at=fill_in_by(now, account, policy),
        previous_id=previous.id if previous else None,
        relapses=previous.relapses + 1 if previous else 0,
        other_reasons=[],
        health_before=account.health if account.health != Health.RED else None,
        score_at_open=account.health_score,
        agreements=[],
        asks=[],
        action_items=[],
    )
    session.add(red)
    session.flush()
    return red


def already(red: RedAccount, policy: Policy) -> str:
    """Who was first, and when: "Tom did this at 9:12." """
    zone = ZoneInfo(policy.region(red.account.region).time_zone)
    ended = red.status not in (Status.PROPOSED, Status.OPEN)
    who, at = (red.ended_by, red.ended_at) if ended else (red.marked_by, red.due_from_at)
    local = at.astimezone(zone) if at else None
    when = f"{local:%a} {local.day} {local:%b} at {local.hour}:{local:%M}" if local else "before"
    return f"{red.account.name} is {red.status} by now: {who.name if who else 'Salesforce'} did this {when}."


def open_now(session: Session, red: RedAccount, *, by: Person | None, now: datetime, policy: Policy) -> None:
    if red.status != Status.OPEN:
        red.become(Status.OPEN)
    history.record(session, NOUN, red.id, "opened", by=by, now=now, became=Status.OPEN, why=red.sentence)
    suggestions.settle(session, red.account, SuggestionState.MARKED, by=by, now=now, policy=policy)
    if red.source != Source.EXISTING:
        for person in (red.by, red.confirmed_by):  # each of them said that it is red
            plans.agree_thereby(session, red, person, now=now)
    if red.has_card:
        show_card(session, red, now=now, policy=policy)
    changed(session, red, by=by, now=now, policy=policy)
    if red.previous_id:  # nobody is asked any more whether that one is still good
        previous = session.get_one(RedAccount, red.previous_id)
        red_accounts_reminders.keep(session, previous, by=by, now=now, policy=policy)


def show_card(session: Session, red: RedAccount, *, now: datetime, policy: Policy) -> None:
    """Its headline, and the first reply under it."""
    posts.show(session, NOUN, red.id, CARD, policy.channels.red_accounts, now=now)
    posts.show(session, NOUN, red.id, OPENING, policy.channels.red_accounts, now=now, under=CARD)
    action_items.show_all(session, red, now=now)
    show_updates(session, red, updates.of(session, red.id), now=now)


def show_updates(session: Session, red: RedAccount, shown: Iterable[Update], *, now: datetime) -> None:
    """Each has its message in the thread, where there is one."""
    card = queries.card_post(session, red.id)
    if card is None:
        return
    for update in shown:
        posts.show(session, NOUN, red.id, f"{updates.SLOT}{update.id}", card.recipient, now=now, under=CARD)


def restart_clock(red: RedAccount, *, now: datetime, policy: Policy) -> None:
    """What it promises counts from now."""
    red.due_from_at, red.fill_in_by_at = now, fill_in_by(now, red.account, policy)


def fill_in_by(now: datetime, account: Account, policy: Policy) -> datetime:
    rules = policy.red_accounts
    region = policy.region(account.region)
    return business_days.after(now, rules.fill_in_business_days, region, ends_at=rules.day_ends_at)
