"""Why somebody was reminded, or was not: whom and what a question means, who may ask it, and what there is to say."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from typing import NoReturn

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import UserError
from bot.models import Account, Person, Post, RedAccount, Reminder, Status
from bot.policy import Policy
from bot.queries import accounts, people
from bot.queries import reminders as queries
from bot.queries.preferences import is_for
from bot.queries.reminders import Found
from bot.workflows import posts
from bot.workflows.reminders import IN_THREAD

MOST_NAMES = 5  # of those that were perhaps meant
_MENTION, _LABEL = re.compile(r"<@([A-Z0-9]+)(\|[^>]*)?>"), re.compile(r"RA[- ]?(\d{1,9})", re.IGNORECASE)


def meant(session: Session, typed: str) -> Person | RedAccount:
    """The person or the red account that was typed: @Priya, priya, RA-12 or acme.

    Raises `UserError` with a sentence where it can be neither, or several.
    """
    mention, label = _MENTION.fullmatch(typed), _LABEL.fullmatch(typed)
    if mention:
        return people.by_slack_id(session, mention[1]) or _unknown("this person")
    if label:
        return session.get(RedAccount, int(label[1])) or _unknown(f"RA-{int(label[1])}")
    named = queries.named(session, typed.removeprefix("@"))
    if len(named) > 1:
        names = ", ".join(person.name for person in named[:MOST_NAMES])
        raise UserError(f"Several people are called so: {names}. Type the whole name, or @ and pick one.")
    if named:
        return named[0]
    account = accounts.meant(session, typed)
    if account is None:
        several = [one.name for one in accounts.search(session, typed)[:MOST_NAMES]]
        if len(several) > 1:
            raise UserError(f"Several accounts have that in their name: {', '.join(several)}. Type more of it.")
        return _unknown("this name")
    return queries.newest_red_account(session, account) or _never_red(account)


def must_see(session: Session, asking: Person, whom: Person, *, now: datetime, policy: Policy) -> None:
    """A person's reminders are for themself, for who covers for them today, and for the leads."""
    if not is_for(session, asking, whom, now) and asking.email not in policy.leads:
        leads = [people.by_email(session, email) for email in sorted(policy.leads)]
        who = " or ".join(lead.name for lead in leads if lead) or "a lead"
        raise UserError(f"Only {whom.name}, whoever covers for them today, or {who} (CE lead) can see this.")


def found(session: Session, rows: Collection[Reminder]) -> list[Found]:
    """Each with what its red account is called and the message in which it was told last."""
    labels, ids = queries.labels(session, rows), [row.id for row in rows]
    digests = queries.digests(session, ids)
    newest = {reminder_id: listed[0][0] for reminder_id, listed in digests.items()}
    up = select(Post).where(Post.noun == posts.REMINDER, Post.subject_id.in_([*ids, *newest.values()]))
    sent = {(post.subject_id, post.slot): post for post in session.scalars(up)}
    slots = [f"{IN_THREAD}{row.id}" for row in rows if row.recipient_id is None]
    said = {post.slot: post for post in session.scalars(select(Post).where(Post.slot.in_(slots)))}
    return [
        Found(
            row,
            labels.get(row.id),
            sent.get((row.id, str(row.messages)))
            or said.get(f"{IN_THREAD}{row.id}")
            or sent.get((newest.get(row.id, 0), "1")),
            [day for _, day in digests.get(row.id, [])],
        )
        for row in rows
    ]


def nothing_open(red: RedAccount) -> str:
    """Why nothing is planned for a red account that has no reminder to come."""
    name = red.account.name
    if red.status not in (Status.PROPOSED, Status.OPEN):
        return f"Nothing is planned any more: {name} is {red.status} as {red.label}."
    if not red.owes_plan:
        return "Nothing is planned: its plan is in place."
    if not red.has_card:
        return "Nothing is planned: it was red before Touchpoint came, and its card is not posted yet."
    if not any(person and person.can_be_asked for person in (red.account.ce, red.account.ae)):
        return f"Nothing is planned: {name} has neither a CE nor an AE who can be reached in Slack."
    return "Nothing is planned: everything that it promised was told and settled."


def _unknown(what: str) -> NoReturn:
    raise UserError(
        f"I know nothing of {what}. Type a member's name, a red account such as RA-12, or an account's name."
    )


def _never_red(account: Account) -> NoReturn:
    raise UserError(f"{account.name} has not been red since Touchpoint came. Nothing is planned for it.")
