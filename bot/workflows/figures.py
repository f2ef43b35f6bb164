"""The figures of the last quarters, for leads."""

from __future__ import annotations

from datetime import datetime, time

from sqlalchemy.orm import Session

from bot.errors import UserError
from bot.models import Person
from bot.policy import Policy
from bot.queries import figures as queries
from bot.queries import people
from bot.queries.figures import Figures, count_up, last_quarters
from bot.queries.preferences import is_for
from bot.reminders import wall
from bot.workflows import posts

QUARTERS = 6
FIGURES = "figures"  # notice


def must_see(session: Session, person: Person, *, now: datetime, policy: Policy) -> None:
    """Figures are for leads, and for whoever covers for one today."""
    leads = [lead for lead in (people.by_email(session, email) for email in sorted(policy.leads)) if lead]
    if not any(is_for(session, person, lead, now) for lead in leads):
        who = " or ".join(lead.name for lead in leads) or "a lead"
        raise UserError(f"Only {who} (CE lead) can see the figures.")


def send(session: Session, *, by: Person, now: datetime, policy: Policy) -> None:
    """The same as a file, for a spreadsheet."""
    must_see(session, by, now=now, policy=policy)
    key = f"{FIGURES}:{by.id}:{now.isoformat(timespec='seconds')}"
    if not posts.say(session, key, FIGURES, 0, to=by, now=now):
        raise UserError("They are on their way to you already.")


def of_quarters(session: Session, *, now: datetime, policy: Policy, count: int = QUARTERS) -> list[Figures]:
    """The last quarters with the one of today, oldest first."""
    zone = policy.company.time_zone
    quarters = last_quarters(wall.wall(now, zone).date(), policy.company.fiscal_year_starts_in, count)
    begins = [wall.instant(quarter.begins_on, time(), zone) for quarter in quarters]
    runs = queries.runs(session, since=begins[0])
    ends = [*begins[1:], now]
    return [count_up(quarter, runs, begin, end) for quarter, begin, end in zip(quarters, begins, ends, strict=True)]
