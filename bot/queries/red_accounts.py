"""What a card needs to know about a red account, read in one go."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.models import (
    Account,
    ChangeState,
    HealthChange,
    History,
    LostThread,
    Person,
    Post,
    RedAccount,
    Reminder,
    Resolution,
    ResolutionState,
    Status,
    System,
    SystemName,
)
from bot.models.reminders import TOLD, WAITING
from bot.policy import Policy
from bot.queries import people

NOUN = "red_account"
#: Of the history: what a form shows and another person may change.
WRITTEN = ("reason", "what is happening", "goal", "how we will know", "impact", "sponsor")
CARD, OPENING = "card", "opening"
SEEN_IN_SALESFORCE = "seen in Salesforce"  # in the history: somebody changed the field there


@dataclass(frozen=True)
class Facts:
    """A red account with everything that is said about it anywhere."""

    red: RedAccount
    lead: Person | None
    pending: HealthChange | None  # a change that is not in Salesforce yet
    silent_since: datetime | None  # Salesforce does not answer
    asked: Resolution | None  # a wish to resolve that waits for the CE
    card: Post | None
    handed_to: Person | None = None  # who has the question whether it is red instead of the CE

    @property
    def account(self) -> Account:
        return self.red.account


def bare_facts(red: RedAccount) -> Facts:
    """For a line in a list, which says little: nothing else is read."""
    return Facts(red=red, lead=None, pending=None, silent_since=None, asked=None, card=None)


def facts(session: Session, red_account_id: int, policy: Policy) -> Facts:
    red = session.get_one(RedAccount, red_account_id)
    return Facts(
        red=red,
        lead=people.lead_of(session, red.account, policy),
        pending=pending_change(session, red.account_id),
        silent_since=session.scalar(select(System.silent_since_at).where(System.name == SystemName.SALESFORCE)),
        asked=asked(session, red.id),
        card=card_post(session, red.id),
        handed_to=_handed_to(session, red) if red.status == Status.PROPOSED else None,
    )


def _handed_to(session: Session, red: RedAccount) -> Person | None:
    row = session.scalars(
        select(Reminder).where(
            Reminder.noun == NOUN,
            Reminder.subject_id == red.id,
            Reminder.handed_by_id.is_not(None),
            Reminder.state.in_([*TOLD, *WAITING]),
        )
    ).first()
    return row.recipient if row else None


def under_way(session: Session, account_id: int) -> RedAccount | None:
    """The account's red account that is proposed or open."""
    return session.scalars(
        select(RedAccount).where(
            RedAccount.account_id == account_id, RedAccount.status.in_([Status.PROPOSED, Status.OPEN])
        )
    ).first()


def lock(session: Session, red_account_id: int) -> RedAccount | None:
    """It as it is once nobody else can change it: whoever changes a red account locks its account first."""
    account_id = session.scalar(select(RedAccount.account_id).where(RedAccount.id == red_account_id))
    session.execute(select(Account.id).where(Account.id == account_id).with_for_update())
    found = select(RedAccount).where(RedAccount.id == red_account_id).execution_options(populate_existing=True)
    red = session.scalars(found).first()
    has_moved = red is not None and red.account_id != account_id  # by a merge, while we waited for the lock
    return lock(session, red_account_id) if has_moved else red


def followed(session: Session, red: RedAccount) -> bool:
    """Whether its account has turned red again since."""
    later = select(RedAccount.id).where(
        RedAccount.account_id == red.account_id,
        RedAccount.id > red.id,
        RedAccount.status.in_([Status.OPEN, Status.CLOSED]),
    )
    return session.scalar(later.limit(1)) is not None


def under_way_of(session: Session, account_ids: Collection[int]) -> Sequence[RedAccount]:
    """Those of these accounts that are proposed or open."""
    found = select(RedAccount).where(RedAccount.status.in_([Status.PROPOSED, Status.OPEN]))
    return session.scalars(found.where(RedAccount.account_id.in_(account_ids))).all()


def all_under_way(session: Session) -> Sequence[RedAccount]:
    return session.scalars(select(RedAccount).where(RedAccount.status.in_([Status.PROPOSED, Status.OPEN]))).all()


def pending_change(session: Session, account_id: int) -> HealthChange | None:
    """The newest change of the account's health that Salesforce does not have yet."""
    return session.scalars(
        select(HealthChange)
        .where(HealthChange.account_id == account_id, HealthChange.state == ChangeState.PENDING)
        .order_by(HealthChange.id.desc())
    ).first()


def asked(session: Session, red_account_id: int) -> Resolution | None:
    return session.scalars(
        select(Resolution).where(Resolution.red_account_id == red_account_id, Resolution.state == ResolutionState.ASKED)
    ).first()


def card_post(session: Session, red_account_id: int) -> Post | None:
    return session.scalars(
        select(Post).where(Post.noun == NOUN, Post.subject_id == red_account_id, Post.slot == CARD)
    ).first()


def of_thread(session: Session, channel: str, thread_ts: str) -> RedAccount | None:
    """The red account in whose card's thread this is said, also where that card was deleted and posted again."""
    cards = select(Post.subject_id).where(
        Post.noun == NOUN, Post.slot == CARD, Post.channel == channel, Post.ts == thread_ts
    )
    lost = select(LostThread.subject_id).where(
        LostThread.noun == NOUN, LostThread.channel == channel, LostThread.ts == thread_ts
    )
    red_account_id = session.scalars(cards).first() or session.scalars(lost).first()
    return session.get(RedAccount, red_account_id) if red_account_id else None


def without_card(session: Session) -> Sequence[RedAccount]:
    """Open ones that were red before Touchpoint came and that nobody has asked a card for."""
    return session.scalars(
        select(RedAccount)
        .join(RedAccount.account)
        .where(RedAccount.status == Status.OPEN, RedAccount.has_card.is_(False))
        .order_by(Account.search_name)
    ).all()


def newest_history_id(session: Session, red_account_id: int) -> int:
    """The number of the last thing that somebody wrote about it; 0 before anybody did."""
    newest = select(History.id).where(
        History.noun == NOUN, History.subject_id == red_account_id, History.what.in_(WRITTEN)
    )
    return session.scalar(newest.order_by(History.id.desc()).limit(1)) or 0


def written_since(session: Session, red_account_id: int, seen: int) -> set[str]:
    """Which of what a form shows somebody has changed since that entry of the history."""
    later = select(History.what).where(
        History.noun == NOUN, History.subject_id == red_account_id, History.what.in_(WRITTEN), History.id > seen
    )
    return set(session.scalars(later))


def off_red_by(session: Session, red_account_id: int) -> str | None:
    """Who last changed the field in Salesforce, as far as it is known."""
    found = session.execute(
        select(Person.name, History.why)
        .select_from(History)
        .outerjoin(Person, Person.id == History.by_id)
        .where(History.noun == NOUN, History.subject_id == red_account_id, History.what == SEEN_IN_SALESFORCE)
        .order_by(History.id.desc())
        .limit(1)
    ).first()
    if found is None:
        return None
    name, why = found
    return name or (why or "").removeprefix("Set by ").removesuffix(".") or None


def history(session: Session, red_account_id: int) -> Sequence[tuple[History, str | None]]:
    """What happened with it, newest first, with the name of who did it, or else of where it was done."""
    found = session.execute(
        select(History, Person.name)
        .outerjoin(Person, Person.id == History.by_id)
        .where(History.noun == NOUN, History.subject_id == red_account_id)
        .order_by(History.id.desc())
    )
    return [(entry, name or entry.source) for entry, name in found]
