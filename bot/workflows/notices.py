"""What is said once: to administrators when something has to be mended, and to the lead when somebody has left."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.models import HealthChange, Notice, Person, RedAccount
from bot.policy import Policy
from bot.queries import people
from bot.queries import red_accounts as queries
from bot.reminders import business_days
from bot.workflows import people as members
from bot.workflows import posts

HOLIDAYS_WARNING = timedelta(weeks=6)
TROUBLE, ANSWER, RECONCILED = "trouble", "answer", "reconciled"  # which message
ASK_THEM = f"{queries.NOUN}.ask_them"  # which message


def trouble(session: Session, sentence: str, *, about: str, now: datetime, policy: Policy) -> None:
    """Tell the leads, once a day for each trouble, what does not work and how to mend it."""
    for email in sorted(policy.leads):
        key = f"{TROUBLE}:{about}:{now.date()}:{email}"[:160]
        posts.say(session, key, TROUBLE, 0, to=people.by_email(session, email), now=now, sentence=sentence)


def holidays_end(session: Session, *, now: datetime, policy: Policy) -> None:
    """Tell the leads, weeks before and once for each region, that public holidays will not be known any more."""
    for name, region in sorted(policy.regions.items()):
        ends_on = business_days.data_ends_on(region)
        if ends_on is None or ends_on - now.date() > HOLIDAYS_WARNING:
            continue
        sentence = (
            f"the public holidays of {name} are known until {ends_on.day} {ends_on:%b %Y} only. Update Touchpoint, or"
            " its holidays package, before then: without them, reminders come on free days."
        )
        for email in sorted(policy.leads):
            key = f"{TROUBLE}:holidays:{name}:{ends_on}:{email}"[:160]
            posts.say(session, key, TROUBLE, 0, to=people.by_email(session, email), now=now, sentence=sentence)


def answer(session: Session, sentence: str, *, to: Person, key: str, now: datetime) -> None:
    posts.say(session, f"{ANSWER}:{key}", ANSWER, 0, to=to, now=now, sentence=sentence)


def ask_them(session: Session, whom: Person, red: RedAccount, to_do: str, *, by: Person, now: datetime) -> bool:
    """Ask somebody to do what `by` may not, once a day. False: they were asked already."""
    key = f"{ASK_THEM}:{red.id}:{whom.id}:{by.id}:{now.date()}:{to_do}"[:160]
    return posts.say(session, key, ASK_THEM, red.id, to=whom, now=now, by_id=by.id, to_do=to_do)


def reconciled(session: Session, lines: Sequence[str], *, mended: int, now: datetime, policy: Policy) -> None:
    """Tell the leads what did not agree between Salesforce, the sheet and Slack, and what was done about it."""
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:8]
    for email in sorted(policy.leads):
        key = f"{RECONCILED}:{now.date()}:{digest}:{email}"[:160]
        to = people.by_email(session, email)
        posts.say(session, key, RECONCILED, 0, to=to, now=now, lines=list(lines), mended=mended)


def hand_on(session: Session, notice_id: int, *, now: datetime, policy: Policy) -> None:
    """Somebody cannot be reached any more: the lead of the account gets what was for them."""
    notice = session.get_one(Notice, notice_id)
    gone = people.by_slack_id(session, notice.recipient)
    members.cannot_be_reached(session, notice.recipient, now=now, policy=policy)
    if notice.message in (TROUBLE, ANSWER, RECONCILED):  # theirs alone
        return
    red = session.get_one(RedAccount, red_account_of(session, notice))
    lead = people.lead_of(session, red.account, policy)
    if lead and lead != gone:
        posts.say(session, f"{notice.key}:lead", notice.message, notice.subject_id, to=lead, now=now, **notice.details)


def red_account_of(session: Session, notice: Notice) -> int:
    if notice.message.startswith(f"{queries.NOUN}."):
        return notice.subject_id
    return session.get_one(HealthChange, notice.subject_id).red_account_id
