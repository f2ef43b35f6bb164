"""Once a day: what is red in Salesforce, open here, in the sheet and on the cards is compared, and mended or reported.

Whatever is on its way (promised and not yet delivered) is left alone: it is about to agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from bot import outbox
from bot.models import (
    Account,
    ChangeState,
    Health,
    HealthChange,
    Post,
    Promise,
    PromiseState,
    RedAccount,
    SheetRow,
    Status,
)
from bot.policy import Policy
from bot.queries import red_accounts as queries
from bot.workflows import health_changes, off_red, posts, red_accounts, tasks

ON_ITS_WAY = (PromiseState.PENDING, PromiseState.HELD)


@dataclass
class Report:
    """A line for each thing that did not agree."""

    mended: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)  # for people


def salesforce(session: Session, report: Report, *, now: datetime, policy: Policy) -> None:
    """What is red there is open here, and the reverse; what was to be written there is on its way."""
    under_way = {red.account_id: red for red in queries.all_under_way(session)}
    pending = set(session.scalars(select(HealthChange.account_id).where(HealthChange.state == ChangeState.PENDING)))
    for account in session.scalars(_red_in_salesforce()):
        red = under_way.get(account.id)
        if account.id not in pending and (red is None or red.status != Status.OPEN):
            if not _is_still_red(session, account.id):
                continue
            made = red_accounts.open_from_salesforce(session, account, by=None, by_name=None, red_at=now, now=now,
                                                     policy=policy)  # fmt: skip
            report.mended.append(f"{account.name} is Red in Salesforce and was not open here: {made.label} is opened.")
    for red in sorted(under_way.values(), key=lambda one: one.account_id):  # as everybody locks them
        if red.account.is_deleted:
            red_accounts.account_left(session, red.account, merged=False, now=now, policy=policy)
            report.mended.append(f"{red.account.name} is not in Salesforce any more: {red.label} is closed.")
        elif red.status == Status.OPEN and red.account_id not in pending:
            _compare_health(session, red, report, now=now, policy=policy)
    _promise_again(session, report, now=now, policy=policy)


def cards(
    session: Session,
    there: Mapping[str, tuple[Collection[str], str]],
    known: Mapping[int, str | None],
    report: Report,
    *,
    now: datetime,
    policy: Policy,
) -> None:
    """`there`: channel → the ts of our headlines, and from which ts on these are all of them.

    `known`: the posts that were up when the channels were read. One that came up since is not judged.
    """
    on_its_way = _on_its_way(session, posts.POST)
    posted = _cards(session)
    for red in _open(session):
        card = posted.get(red.id)
        if not red.has_card or (card and card.id in on_its_way):
            continue
        if card is None:
            red_accounts.show_card(session, red, now=now, policy=policy)
        elif card.ts is None:
            posts.refresh(session, queries.NOUN, red.id, now=now)
        elif known.get(card.id) == card.ts and _is_gone(card, there):
            posts.lose(session, card, now=now)
        else:
            continue
        report.mended.append(f"{red.account.name} ({red.label}) had no card: it is posted again.")


def rows(session: Session, keys: Sequence[str], report: Report, *, now: datetime) -> None:
    """`keys`: what stands in the Key column of the sheet, row by row."""
    count, on_its_way = Counter(keys), _on_its_way(session, red_accounts.SHEET)
    known = {row.red_account_id: row for row in session.scalars(select(SheetRow))}
    for red in _open(session):
        row = known.get(red.id)
        if count[red.label] > 1:
            times = count[red.label]
            report.left.append(f"{red.label} ({red.account.name}) stands in {times} rows. Delete all but one.")
        elif not count[red.label] and red.id not in on_its_way and not (row and row.is_missing):
            outbox.promise(session, red_accounts.SHEET, red.id, lane=red_accounts.SHEET_LANE, now=now)
            report.mended.append(f"{red.account.name} ({red.label}) had no row in the sheet: it is looked after again.")


def cards_up(session: Session) -> Sequence[Post]:
    """Cards of open red accounts that are up, as far as we know."""
    up = select(Post).join(RedAccount, RedAccount.id == Post.subject_id)
    return session.scalars(
        up.where(
            Post.noun == queries.NOUN, Post.slot == queries.CARD, Post.ts.is_not(None), RedAccount.status == Status.OPEN
        )
    ).all()


def _cards(session: Session) -> dict[int, Post]:
    """Red account's id → its card, up or not."""
    found = session.scalars(select(Post).where(Post.noun == queries.NOUN, Post.slot == queries.CARD))
    return {post.subject_id: post for post in found}


def _is_still_red(session: Session, account_id: int) -> bool:
    """Once nobody else can change it: somebody may have ended it, or left, since the accounts were read."""
    account = red_accounts.lock_account(session, account_id)
    is_red = account.health == Health.RED and not account.is_left_red
    return is_red and queries.pending_change(session, account_id) is None


def _compare_health(session: Session, red: RedAccount, report: Report, *, now: datetime, policy: Policy) -> None:
    account = red.account
    if account.health == Health.RED:
        return
    red = red_accounts.lock(session, red.id)  # somebody may have ended it meanwhile
    if red.status != Status.OPEN or queries.pending_change(session, red.account_id):
        return
    days = timedelta(days=policy.red_accounts.off_red_closes_after_days)
    if red.off_red_at is None:
        off_red.follow(red, since=now)
        red_accounts.changed(session, red, by=None, now=now, policy=policy)
        report.mended.append(f"{account.name}: Salesforce says {account.health or 'nothing'}. CE and AE are asked.")
    elif off_red.outcome(account) is None and red.off_red_at + days <= now:
        says = account.health or "nothing"
        report.left.append(f"{account.name}: Salesforce says {says}, {red.label} is open. Set it, or resolve it.")


def _promise_again(session: Session, report: Report, *, now: datetime, policy: Policy) -> None:
    """What is not in Salesforce and not on its way there. What it refused for good is for people to look at."""
    on_its_way = _on_its_way(session, health_changes.HEALTH)
    for change in session.scalars(select(HealthChange).where(HealthChange.state == ChangeState.PENDING)):
        if change.id not in on_its_way:
            lane = health_changes.lane(change.account)
            outbox.promise(session, health_changes.HEALTH, change.id, lane=lane, now=now)
            what = f"{change.account.name} was not set to {change.wanted} in Salesforce"
            report.mended.append(f"{what}: it is tried again.")
    refused = select(Promise.subject_id).where(Promise.kind == tasks.TASK, Promise.state == PromiseState.FAILED)
    left_alone = {*_on_its_way(session, tasks.TASK), *session.scalars(refused)}
    posted = _cards(session)
    for red in _open(session) if policy.salesforce.tasks else ():
        card = posted.get(red.id)
        for item in red.action_items:
            if item.id not in left_alone and tasks.is_wanted(red, item, card):
                outbox.promise(session, tasks.TASK, item.id, lane=health_changes.lane(red.account), now=now)
                report.mended.append(
                    f"{red.label}: the Task of “{item.what[:80]}” said something else: it is told again."
                )
    yesterday = now - timedelta(days=1)
    failed = session.scalar(
        select(func.count()).where(Promise.state == PromiseState.FAILED, Promise.created_at > yesterday)
    )
    if failed:
        report.left.append(f"{failed} of the last day's deliveries failed for good. `touchpoint outbox` says which.")


def _red_in_salesforce() -> Select[Account]:
    return (
        select(Account)
        .where(Account.health == Health.RED, Account.is_deleted.is_(False), Account.is_left_red.is_(False))
        .order_by(Account.id)
    )


def _open(session: Session) -> list[RedAccount]:
    return [red for red in queries.all_under_way(session) if red.status == Status.OPEN]


def _on_its_way(session: Session, kind: str) -> set[int]:
    promised = select(Promise.subject_id).where(Promise.kind == kind, Promise.state.in_(ON_ITS_WAY))
    just_now = (one["subject_id"] for one in session.info.get("promises", []) if one["kind"] == kind)
    return {*session.scalars(promised), *just_now}


def _is_gone(card: Post, there: Mapping[str, tuple[Collection[str], str]]) -> bool:
    found, seen_to = there.get(card.channel or "", ((), ""))
    return bool(seen_to) and card.ts is not None and card.ts >= seen_to and card.ts not in found
