"""What a poll of Salesforce brought: the mirror follows, and what turned red is opened.

The poll reads the set of accounts that are red now, not the changes since, so a poll that was missed, repeated or
reordered does no harm. Accounts that a person has just changed here are left alone until Salesforce has the change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.models import (
    Account,
    ChangeState,
    Health,
    HealthChange,
    Person,
    RedAccount,
    Status,
    SuggestionState,
    System,
    SystemName,
)
from bot.models.base import tidy
from bot.policy import Policy
from bot.queries import red_accounts as queries
from bot.workflows import (
    go_live,
    history,
    merges,
    off_red,
    people,
    red_accounts,
    red_accounts_reminders,
    suggestions,
    tasks_answers,
    team,
)

if TYPE_CHECKING:
    from bot.integrations.salesforce import AccountRecord, HealthEdit, Poll

AT_ONCE = 50  # accounts, and Tasks, in one transaction
LARGEST = Decimal(2_000_000_000)
CLOCKS_DIFFER = timedelta(seconds=2)  # between replicas
PLAIN = ("name", "region", "tier", "arr", "renewal_on", "seats", "weekly_users", "usage_change", "usage_as_of",
         "health_score", "last_contact_on", "signed_on", "deployed_on")  # fmt: skip
SEEN = queries.SEEN_IN_SALESFORCE
TEAM = {"ce", "ae"}
ON_THE_CARD = TEAM | {"name", "region", "arr", "renewal_on", "health"}


def parts(poll: Poll) -> Iterator[tuple[Poll, bool]]:
    """A poll in pieces of one short transaction each, and whether it is the last one.

    On some days all accounts change at once, and whoever presses a button meanwhile has three seconds.
    """
    masters = {*poll.deleted.values()}  # looked for when the account that was merged into them goes
    accounts = sorted(poll.accounts, key=lambda record: record.id not in masters)
    starts = range(0, max(len(accounts), len(poll.tasks), 1), AT_ONCE)
    for start in starts:
        is_first, is_last = start == 0, start == starts[-1]
        yield (
            replace(
                poll,
                accounts=accounts[start : start + AT_ONCE],
                deleted=poll.deleted if is_first else {},
                users=poll.users if is_first else [],
                tasks=poll.tasks[start : start + AT_ONCE],
            ),
            is_last,
        )


def take(
    session: Session, poll: Poll, *, began_at: datetime, now: datetime, policy: Policy, is_last: bool = True
) -> None:
    """Bring the mirror and the red accounts to what Salesforce says. `began_at` is when the poll was asked.

    Only with the last piece of a poll has it been read: what a crash cuts short is read again.
    """
    people.take_users(session, poll.users)
    system = session.get_one(System, SystemName.SALESFORCE, with_for_update=True)
    is_day_one = system.read_to_at is None
    begun = datetime.fromisoformat(system.cursor) if system.cursor else poll.at  # the newest, read to its end or not
    if poll.at < max(begun, system.read_to_at or poll.at):
        return  # a slow poll that another one has overtaken
    system.cursor = poll.at.isoformat()
    edits = {edit.account_id: edit for edit in poll.history}
    ids = [record.id for record in poll.accounts] + list(poll.deleted) + [one for one in poll.deleted.values() if one]
    known = {a.salesforce_id: a for a in session.scalars(select(Account).where(Account.salesforce_id.in_(ids)))}
    by_user = {p.salesforce_id: p for p in session.scalars(select(Person).where(Person.salesforce_id.is_not(None)))}
    # In this order: what a person ends between the two readings is still listed as under way.
    under_way = {red.account_id: red for red in queries.under_way_of(session, [one.id for one in known.values()])}
    protected = _protected(session, began_at)
    before = {account.id: account.health for account in known.values()}
    teams = {(account_id, red.id): team.of(red.account) for account_id, red in under_way.items()}
    seen = [_mirror(session, known, by_user, record, protected, now) for record in poll.accounts]
    session.flush()
    _take_gone(session, poll, known, under_way, now=now, policy=policy)
    for account, touched in sorted(seen, key=lambda one: one[0].id):  # as everybody locks them
        red = under_way.get(account.id)
        is_open = red is not None and red.status == Status.OPEN
        edit = edits.get(account.salesforce_id)
        if edit and edit.new != account.health:
            edit = None
        if account.id not in protected and account.health == Health.RED and not is_open:
            if account.is_left_red:
                continue
            red_accounts.lock_account(session, account.id)
            if account.is_left_red or account.id in _protected(session, began_at, account.id):
                continue  # a person was faster by a moment
            red = _open(session, account, edit, by_user, now=now, policy=policy, is_day_one=is_day_one)
            red.health_before = red.health_before or (edit.old if edit else before.get(account.id))
        elif red and touched & ON_THE_CARD:
            red = red_accounts.lock(session, red.id)  # somebody may have ended it meanwhile
            if "health" in touched and red.status == Status.OPEN:
                _moved(session, red, edit, by_user, now=now)
            was = teams.get((account.id, red.id))  # of one that was merged in just now, it was said there
            if touched & TEAM and was:
                team.handed_over(session, red, was, now=now, policy=policy)
            red_accounts.changed(session, red, by=None, now=now, policy=policy)
    handed_over = {account.id for account, touched in seen if touched & TEAM}
    red_accounts_reminders.keep_closed_ones(session, handed_over, now=now, policy=policy)
    tasks_answers.take_all(session, poll.tasks, at=poll.at, now=now, policy=policy)
    if not is_last:
        return
    system.read_to_at = poll.at
    reds = queries.all_under_way(session)
    off_red.look(session, reds, _protected(session, began_at), now=now, policy=policy)
    if is_day_one and reds:
        go_live.summarise(session, now=now, policy=policy)


def _take_gone(
    session: Session,
    poll: Poll,
    known: dict[str, Account],
    under_way: dict[int, RedAccount],
    *,
    now: datetime,
    policy: Policy,
) -> None:
    """Deleted accounts, and those that were merged into another one, before anything opens on that one."""
    found = [(known[one], master_id) for one, master_id in poll.deleted.items() if one in known]
    for gone, master_id in sorted(found, key=lambda one: one[0].id):  # as everybody locks them
        master = known.get(master_id or "")
        if gone.is_deleted:
            continue
        gone.is_deleted = True
        suggestions.settle(session, gone, SuggestionState.OVER, by=None, now=now, policy=policy)
        if master and not master.is_deleted and master is not gone:
            merges.merged(session, gone, master, now=now, policy=policy)
            red = queries.under_way(session, master.id)
            if red:
                under_way[master.id] = red
        else:
            red_accounts.account_left(session, gone, merged=master_id is not None, now=now, policy=policy)
        red_accounts_reminders.keep_closed_ones(session, {gone.id}, now=now, policy=policy)
        under_way.pop(gone.id, None)


def _moved(
    session: Session,
    red: RedAccount,
    edit: HealthEdit | None,
    by_user: dict[str | None, Person],
    *,
    now: datetime,
) -> None:
    """Somebody changed the field of a red account in Salesforce."""
    by, became = by_user.get(edit.by_id) if edit else None, red.account.health
    why = f"Set by {edit.by_name}." if edit and edit.by_name and by is None else None
    history.record(session, queries.NOUN, red.id, SEEN, by=by, now=now, became=became, why=why)
    off_red.follow(red, since=min(edit.at, now) if edit else now)


def missing(session: Session, poll: Poll) -> list[str]:
    """Salesforce ids of open red accounts that the poll said nothing about: asked for by id (a formula field leaves no
    trace in the time stamps that the poll goes by)."""
    told = {record.id for record in poll.accounts} | set(poll.deleted)
    open_ones = session.scalars(
        select(Account.salesforce_id)
        .join(RedAccount, RedAccount.account_id == Account.id)
        .where(RedAccount.status == Status.OPEN, Account.is_deleted.is_(False), Account.health == Health.RED)
    )
    return [salesforce_id for salesforce_id in open_ones if salesforce_id not in told]


def _mirror(
    session: Session,
    known: dict[str, Account],
    by_user: dict[str | None, Person],
    record: AccountRecord,
    protected: set[int],
    now: datetime,
) -> tuple[Account, set[str]]:
    """Bring one account's row up to date. Answers it and the names of what changed."""
    account = known.get(record.id)
    if account is None:
        account = Account(salesforce_id=record.id, name="", search_name="", is_deleted=False, refreshed_at=now)
        known[record.id] = account
        session.add(account)
    values: dict[str, Any] = {name: _bounded(getattr(record, name)) for name in PLAIN}
    values["search_name"] = values["name"].casefold()[:255]
    values["ae"], values["ce"] = by_user.get(record.owner_id), by_user.get(record.ce_id)
    if account.id not in protected:
        values["health"] = _bounded(record.health)
        if account.is_left_red and values["health"] != Health.RED:
            account.is_left_red = False
    values["is_deleted"] = False
    touched = {name for name, value in values.items() if getattr(account, name) != value}
    for name in touched:
        setattr(account, name, values[name])
    if touched:
        account.refreshed_at = now
    return account, touched


def _open(
    session: Session,
    account: Account,
    edit: HealthEdit | None,
    by_user: dict[str | None, Person],
    *,
    now: datetime,
    policy: Policy,
    is_day_one: bool,
) -> RedAccount:
    return red_accounts.open_from_salesforce(
        session,
        account,
        by=by_user.get(edit.by_id) if edit else None,
        by_name=edit.by_name if edit else None,
        red_at=edit.at if edit else now,
        now=now,
        policy=policy,
        is_day_one=is_day_one,
    )


def _bounded(value: Any) -> Any:
    """A value as every database can hold it: one odd record must not stop all the others."""
    if isinstance(value, str):
        return tidy(value)
    if isinstance(value, int | Decimal) and abs(Decimal(value)) > LARGEST:
        return None
    return value


def _protected(session: Session, began_at: datetime, account_id: int | None = None) -> set[int]:
    """Accounts whose health a person changed here and that Salesforce did not have when it was asked."""
    began_at -= CLOCKS_DIFFER
    changed = select(HealthChange.account_id).where(
        or_(HealthChange.state == ChangeState.PENDING, HealthChange.ended_at >= began_at)
    )
    if account_id is not None:
        changed = changed.where(HealthChange.account_id == account_id)
    return set(session.scalars(changed))
