"""What people do with action items: add, finish, block, move, hand over, edit, comment, drop."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.errors import InvalidTransition, UserError
from bot.models import ActionItem, ActionState, Person, RedAccount, Status
from bot.policy import Policy
from bot.queries import red_accounts as red_queries
from bot.queries.preferences import is_for
from bot.reminders import ledger
from bot.workflows import action_items, history, posts, red_accounts, rights
from bot.workflows.action_items import New
from bot.workflows.action_items_reminders import NOUN

SAID = "red_account.action_said"  # notice: one line in the thread
BLOCKED, DATE, HANDED, COMMENT = "blocked", "date", "handed", "comment"  # what it says
DONE, DROPPED, REOPENED = "done", "dropped", "reopened"  # said to an owner to whom somebody else did it


class HasItAlready(UserError):
    def __init__(self, owner: Person) -> None:
        super().__init__(f"{owner.name} has it already. Pick somebody else.")


def add(
    session: Session, red_account_id: int, wanted: Iterable[New], *, by: Person, now: datetime, policy: Policy
) -> list[ActionItem]:
    red = red_accounts.lock(session, red_account_id)
    may_add(session, red, by, now=now, policy=policy)
    wanted = list(wanted)
    made = next((found for new in wanted if (found := action_items.made_of(red, new.made_of))), None)
    if made:
        raise InvalidTransition(f"Somebody made an action of this already: {made.what}")
    created = action_items.create(session, red, wanted, by=by, now=now)
    red_accounts.changed(session, red, by=by, now=now, policy=policy)
    return created


def done(session: Session, item_id: int, *, by: Person, now: datetime, policy: Policy) -> None:
    """One click. The second one of a double click is none."""
    item, red = _lock(session, item_id, by=by, now=now, policy=policy)
    if item.state == ActionState.DONE and item.ended_by_id == by.id:
        return
    become(session, item, red, ActionState.DONE, "action done", by=by, now=now, policy=policy)
    _tell_owner(session, item, red, DONE, by=by, now=now)


def drop(session: Session, item_id: int, why: str, *, by: Person, now: datetime, policy: Policy) -> None:
    item, red = _lock(session, item_id, by=by, now=now, policy=policy)
    become(session, item, red, ActionState.DROPPED, "action dropped", note=why, by=by, now=now, policy=policy)
    _tell_owner(session, item, red, DROPPED, by=by, now=now, words=why)


def reopen(session: Session, item_id: int, *, by: Person, now: datetime, policy: Policy) -> None:
    """Done or dropped by mistake."""
    item, red = _lock(session, item_id, by=by, now=now, policy=policy)
    if item.is_open:
        raise InvalidTransition("This action is open already. Nothing changed.")
    put_back(session, item, red, by=by, now=now, policy=policy)
    _tell_owner(session, item, red, REOPENED, by=by, now=now)


def block(session: Session, item_id: int, waits_for: str, *, by: Person, now: datetime, policy: Policy) -> None:
    item, red = _lock(session, item_id, by=by, now=now, policy=policy)
    become(session, item, red, ActionState.BLOCKED, "action blocked", note=waits_for, by=by, now=now, policy=policy)
    _say(session, item, red, BLOCKED, by=by, now=now, whom=item.owner, words=waits_for)


def unblock(session: Session, item_id: int, *, by: Person, now: datetime, policy: Policy) -> None:
    item, red = _lock(session, item_id, by=by, now=now, policy=policy)
    if item.state != ActionState.BLOCKED:
        raise InvalidTransition(f"This action is {item.state} by now. Nothing changed.")
    become(session, item, red, ActionState.OPEN, "action unblocked", by=by, now=now, policy=policy)


def other_date(
    session: Session, item_id: int, due_on: date, words: str | None, *, by: Person, now: datetime, policy: Policy
) -> None:
    item, red = _lock_open(session, item_id, by=by, now=now, policy=policy)
    was, item.due_on = item.due_on, due_on
    if was == due_on:
        comment(session, item, red, words, by=by, now=now)
        return
    _changed(session, item, red, "action date", was=str(was or "no date"), became=str(due_on), by=by, now=now,
             policy=policy)  # fmt: skip
    _say(session, item, red, DATE, by=by, now=now, whom=item.owner, words=words, was=was.isoformat() if was else None,
         became=due_on.isoformat())  # fmt: skip


def hand_to(
    session: Session, item_id: int, owner: Person, words: str | None, *, by: Person, now: datetime, policy: Policy
) -> None:
    """Somebody else has it from now on. They are told once, unless they took it themselves."""
    item, red = _lock_open(session, item_id, by=by, now=now, policy=policy)
    if item.owner_id == owner.id:
        raise HasItAlready(owner)
    _give(session, item, red, owner, words, by=by, now=now, policy=policy)


def take(session: Session, item_id: int, *, by: Person, now: datetime, policy: Policy) -> None:
    """What nobody has, any member of the workspace may take."""
    item, red = _locked(session, item_id, policy=policy)
    if item.owner_id == by.id:
        return
    if item.owner:
        raise InvalidTransition(f"{item.owner.name} has it by now. Nothing changed.")
    _must_be_open(item)
    _give(session, item, red, by, None, by=by, now=now, policy=policy)


def edit(
    session: Session,
    item_id: int,
    what: str,
    serves: str | None,
    words: str | None,
    *,
    by: Person,
    now: datetime,
    policy: Policy,
) -> None:
    """Other words for it, a comment that is said in the thread, or both."""
    item, red = _lock_open(session, item_id, by=by, now=now, policy=policy)
    if (what, serves) != (item.what, item.serves):
        was, item.what, item.serves = item.what, what, serves
        _changed(session, item, red, "action edited", why=f"{was} → {what}", by=by, now=now, policy=policy)
    comment(session, item, red, words, by=by, now=now)


def comment(
    session: Session, item: ActionItem, red: RedAccount, words: str | None, *, by: Person, now: datetime
) -> None:
    if words:
        history.record(session, red_queries.NOUN, red.id, "action comment", by=by, now=now, became=item.what, why=words)
        _say(session, item, red, COMMENT, by=by, now=now, words=words)


def may_add(session: Session, red: RedAccount, by: Person, *, now: datetime, policy: Policy) -> None:
    if red.status != Status.OPEN:
        raise InvalidTransition(f"{red_accounts.already(red, policy)} Nothing changed.")
    rights.must_write(session, by, red, "add actions here", now=now, policy=policy)


def may_change(
    session: Session, item: ActionItem, red: RedAccount, by: Person, *, now: datetime, policy: Policy
) -> None:
    """Its owner, the account team, the lead, who covers for one of them, and whoever a reminder of it was handed to."""
    if red.status != Status.OPEN:
        raise InvalidTransition(f"{red_accounts.already(red, policy)} Nothing changed.")
    is_theirs = is_for(session, by, item.owner, now) or ledger.is_asked(session, by, NOUN, item.id, now=now)
    if not is_theirs and not rights.may_write(session, by, red, now=now, policy=policy):
        team = rights.who_can(session, red.account, policy, with_ae=True)
        is_named = item.owner and f"{item.owner.name} (" not in team
        raise UserError(
            f"Only {f'{item.owner.name} (who has it), ' if item.owner and is_named else ''}{team} can change this."
        )


def _locked(session: Session, item_id: int, *, policy: Policy) -> tuple[ActionItem, RedAccount]:
    item = session.get(ActionItem, item_id)
    if item is None:
        raise UserError("This is not here any more. Nothing changed.")
    red = red_accounts.lock(session, item.red_account_id)
    session.refresh(item)
    if red.status != Status.OPEN:
        raise InvalidTransition(f"{red_accounts.already(red, policy)} Nothing changed.")
    return item, red


def _lock(
    session: Session, item_id: int, *, by: Person, now: datetime, policy: Policy
) -> tuple[ActionItem, RedAccount]:
    item, red = _locked(session, item_id, policy=policy)
    may_change(session, item, red, by, now=now, policy=policy)
    return item, red


def _lock_open(
    session: Session, item_id: int, *, by: Person, now: datetime, policy: Policy
) -> tuple[ActionItem, RedAccount]:
    item, red = _lock(session, item_id, by=by, now=now, policy=policy)
    _must_be_open(item)
    return item, red


def _must_be_open(item: ActionItem) -> None:
    if not item.is_open:
        who = f": {item.ended_by.name} did this" if item.ended_by else " by now"
        raise InvalidTransition(f"This action is {item.state}{who}. Nothing changed.")


def become(
    session: Session,
    item: ActionItem,
    red: RedAccount,
    state: ActionState,
    what: str,
    *,
    by: Person,
    now: datetime,
    policy: Policy,
    note: str | None = None,
) -> None:
    was = item.state
    if state not in (ActionState.OPEN, was):
        _must_be_open(item)
    item.become(state, now=now)
    is_over = not item.is_open
    item.note, item.ended_by_id, item.ended_by = note, by.id if is_over else None, by if is_over else None
    why = f"{item.what}: {note}" if note else item.what
    _changed(session, item, red, what, was=was, became=state, why=why, by=by, now=now, policy=policy)


def put_back(session: Session, item: ActionItem, red: RedAccount, *, by: Person, now: datetime, policy: Policy) -> None:
    was = item.state
    item.reopen(now=now)
    why = f"{item.what}: {item.note}" if item.note else item.what
    _changed(session, item, red, "action reopened", was=was, became=item.state, why=why, by=by, now=now, policy=policy)


def _give(
    session: Session,
    item: ActionItem,
    red: RedAccount,
    owner: Person,
    words: str | None,
    *,
    by: Person,
    now: datetime,
    policy: Policy,
) -> None:
    was = item.owner
    item.owner_id, item.owner, item.marks = owner.id, owner, {}
    is_told = owner.id != by.id
    item.handed_at, item.handed_by_id, item.handed_by = (now, by.id, by) if is_told else (None, None, None)
    _changed(session, item, red, "action handed over", was=was.name if was else "nobody", became=owner.name, by=by,
             now=now, policy=policy)  # fmt: skip
    _say(
        session,
        item,
        red,
        HANDED,
        by=by,
        now=now,
        whom=was,
        words=words,
        was_id=was.id if was else None,
        became_id=owner.id,
    )


def _changed(
    session: Session, item: ActionItem, red: RedAccount, what: str, *, by: Person, now: datetime, policy: Policy,
    was: str | None = None, became: str | None = None, why: str | None = None,
) -> None:  # fmt: skip
    why = why or item.what
    history.record(session, red_queries.NOUN, red.id, what, by=by, now=now, was=was, became=became, why=why)
    session.flush()
    red_accounts.changed(session, red, by=by, now=now, policy=policy)
    posts.refresh(session, NOUN, item.id, now=now)


def _say(
    session: Session, item: ActionItem, red: RedAccount, what: str, *, by: Person, now: datetime,
    whom: Person | None = None, **details: Any,
) -> None:  # fmt: skip
    """One line in the thread, with a link to the item. `whom` it concerns is mentioned, unless they did it."""
    is_told = whom is not None and whom.id != by.id and whom.can_be_asked
    card = red_queries.card_post(session, red.id)
    if card:
        key = f"{SAID}:{item.id}:{what}:{now.isoformat()}"
        posts.say(session, key, SAID, red.id, to=card.recipient, now=now, under=card, what=what, item_id=item.id,
                  by_id=by.id, whom_id=whom.id if whom and is_told else None, **details)  # fmt: skip


def _tell_owner(
    session: Session, item: ActionItem, red: RedAccount, what: str, *, by: Person, now: datetime, **details: Any
) -> None:
    """Nobody else needs a line about it: the item's own message says it."""
    if item.owner and item.owner.id != by.id:
        _say(session, item, red, what, by=by, now=now, whom=item.owner, **details)


#: What one press does: an entry of the ⋯ menu, or a button.
AT_ONCE: dict[str, Callable[..., None]] = {"done": done, "undo": reopen, "unblock": unblock, "take": take}
