"""Suggestions: where the figures say that an account may be red, its CE is asked to look, once in a while."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import CompoundSelect, and_, or_, select, union
from sqlalchemy.orm import Session

from bot.errors import InvalidTransition, UserError
from bot.models import Account, Health, Person, RedAccount, Status, Suggestion, SuggestionState, UsageMonth
from bot.models.red_accounts import Words
from bot.policy import Policy
from bot.reminders import ledger
from bot.workflows import designation, history, posts, red_accounts_reminders, rights

NOUN = red_accounts_reminders.SUGGESTION
UNDER_WAY = (Status.PROPOSED, Status.OPEN)
IS_MADE = Suggestion.state == SuggestionState.MADE  # and not answered


def to_look_at(session: Session, *, now: datetime, policy: Policy) -> list[int]:
    """Ids of the accounts that somebody is asked about, and of those whose figures are bad and new."""
    if not policy.designation.suggest:
        return []
    today = _today(now, policy)
    keep_usage(session, today)
    months, silent = _usage(session, today, policy), set(session.scalars(_left_alone(now, policy)))
    bad = [
        account.id
        for account in _candidates(session, set(months), today, policy)
        if account.id not in silent and designation.met(account, months[account.id], today, policy)
    ]
    return sorted({*session.scalars(select(Suggestion.account_id).where(IS_MADE)), *bad})


def look(session: Session, account_id: int, *, now: datetime, policy: Policy) -> None:
    """Compare an account's figures with policy: ask about what is new, call off what is better by now."""
    account = session.get_one(Account, account_id, with_for_update={"of": Account}, populate_existing=True)
    today = _today(now, policy)
    criteria = designation.met(account, _usage(session, today, policy, account_id)[account_id], today, policy)
    is_left_alone = account_id in session.scalars(_left_alone(now, policy, account_id)).all()
    is_new = bool(criteria) and not is_left_alone and not account.is_deleted and account.health != Health.RED
    asked = session.scalars(select(Suggestion).where(IS_MADE, Suggestion.account_id == account_id)).first()
    if asked and (is_new or not criteria):
        _end(session, asked, SuggestionState.OVER, by=None, now=now, policy=policy)
    elif asked:  # its CE may be another one by now
        red_accounts_reminders.keep_suggestion(session, asked, by=None, now=now, policy=policy)
    if not is_new:
        return
    one = Suggestion(account_id=account.id, account=account, criteria=criteria, made_at=now,
                     state=SuggestionState.MADE)  # fmt: skip
    session.add(one)
    session.flush()
    why = designation.words(criteria)
    history.record(session, NOUN, one.id, "suggested", by=None, now=now, became=one.state, why=why)
    red_accounts_reminders.keep_suggestion(session, one, by=None, now=now, policy=policy)


def decline(session: Session, suggestion_id: int, why: str, *, by: Person, now: datetime, policy: Policy) -> None:
    """The account is not red, and why."""
    one = lock(session, suggestion_id)
    may_answer(session, one, by, now=now, policy=policy)
    one.answer = why
    _end(session, one, SuggestionState.DECLINED, by=by, now=now, policy=policy)


def settle(
    session: Session, account: Account, state: SuggestionState, *, by: Person | None, now: datetime, policy: Policy
) -> None:
    """The account is marked red, or somebody asks whether it is: what was suggested about it is answered."""
    for one in session.scalars(select(Suggestion).where(IS_MADE, Suggestion.account_id == account.id)):
        _end(session, one, state, by=by, now=now, policy=policy)


def may_answer(session: Session, one: Suggestion, by: Person, *, now: datetime, policy: Policy) -> None:
    if one.state != SuggestionState.MADE:
        nobody = "Salesforce" if one.state == SuggestionState.MARKED else "Touchpoint"
        who = one.ended_by.name if one.ended_by else nobody
        raise InvalidTransition(f"This is answered: {who} ended it as {one.state}. Nothing changed.")
    decides = rights.may_decide(session, by, one.account, now=now, policy=policy)
    if not decides and not ledger.is_asked(session, by, NOUN, one.id, now=now):
        raise UserError(f"Only {rights.who_can(session, one.account, policy)} can answer this.")


def lock(session: Session, suggestion_id: int) -> Suggestion:
    one = session.get(Suggestion, suggestion_id)
    if one is None:
        raise UserError("This is not here any more. Nothing changed.")
    session.execute(select(Account.id).where(Account.id == one.account_id).with_for_update())
    session.refresh(one)
    return one


def words(one: Suggestion, policy: Policy) -> Words:
    """What the form to mark it red begins with."""
    said = designation.words(one.criteria)
    return Words(designation.reason(one.criteria, policy), f"{said[:1].upper()}{said[1:]}.")


def keep_usage(session: Session, today: date) -> None:
    """Of each account the last known weekly users of every month stay: what stands there when it ends is its end."""
    first = designation.month_before(today, 1)
    rows = select(UsageMonth).where(UsageMonth.month >= first)
    kept = {(row.account_id, row.month): row for row in session.scalars(rows)}
    figures = select(Account.id, Account.weekly_users, Account.usage_as_of).where(
        Account.is_deleted.is_(False), Account.weekly_users.is_not(None)
    )
    for account_id, users, as_of in session.execute(figures):
        assert users is not None
        month = designation.month_before(as_of or today)
        row = kept.get((account_id, month))
        if row is None and month >= first:
            session.add(UsageMonth(account_id=account_id, month=month, weekly_users=users))
        elif row is not None and row.weekly_users != users:
            row.weekly_users = Decimal(users)
    session.flush()


def _today(now: datetime, policy: Policy) -> date:
    return now.astimezone(ZoneInfo(policy.company.time_zone)).date()


def _usage(
    session: Session, today: date, policy: Policy, account_id: int | None = None
) -> defaultdict[int, dict[date, Decimal]]:
    """Account → month → its weekly users, as far back as policy compares."""
    since = designation.month_before(today, policy.designation.months + 1)
    found: defaultdict[int, dict[date, Decimal]] = defaultdict(dict)
    columns = select(UsageMonth.account_id, UsageMonth.month, UsageMonth.weekly_users).where(UsageMonth.month >= since)
    if account_id is not None:
        columns = columns.where(UsageMonth.account_id == account_id)
    for found_id, month, users in session.execute(columns):
        found[found_id][month] = users
    return found


def _left_alone(now: datetime, policy: Policy, account_id: int | None = None) -> CompoundSelect[int]:
    """Accounts that were asked about, or that stopped being red, not long ago; and those that are red or proposed."""
    since = now - timedelta(days=policy.designation.ask_again_days)
    asked = select(Suggestion.account_id).where(Suggestion.made_at > since)
    reds = select(RedAccount.account_id).where(or_(RedAccount.status.in_(UNDER_WAY), RedAccount.ended_at > since))
    left = select(Account.id).where(Account.is_left_red)
    if account_id is not None:
        asked, reds = asked.where(Suggestion.account_id == account_id), reds.where(RedAccount.account_id == account_id)
        left = left.where(Account.id == account_id)
    return union(asked, reds, left)


def _candidates(session: Session, with_usage: set[int], today: date, policy: Policy) -> Sequence[Account]:
    """Accounts of which a figure may be bad enough; `designation.met` says which are."""
    rules = policy.designation
    bad = [
        Account.health_score <= rules.score_at_most,
        Account.last_contact_on <= today - timedelta(days=rules.days_without_contact),
        and_(Account.deployed_on.is_(None), Account.signed_on <= today - timedelta(days=rules.days_undeployed)),
        Account.id.in_(select(UsageMonth.account_id)) if with_usage else Account.id.is_(None),
    ]
    return session.scalars(
        select(Account)
        .where(
            or_(*bad),
            or_(Account.arr > 0, Account.renewal_on >= today),
            Account.is_deleted.is_(False),
            Account.is_left_red.is_(False),
            or_(Account.health.is_(None), Account.health != Health.RED),
        )
        .order_by(Account.id)
    ).all()


def _end(
    session: Session, one: Suggestion, state: SuggestionState, *, by: Person | None, now: datetime, policy: Policy
) -> None:
    one.become(state)
    one.ended_at, one.ended_by_id, one.ended_by = now, by.id if by else None, by
    history.record(session, NOUN, one.id, "suggestion answered", by=by, now=now, became=state, why=one.answer)
    red_accounts_reminders.keep_suggestion(session, one, by=by, now=now, policy=policy)
    posts.refresh(session, NOUN, one.id, now=now)
