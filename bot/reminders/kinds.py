"""Every kind of reminder, declared: who, when, where, what a late one does, and what stops it.

To add one, add an entry here and its message in `messages/reminders.py`. The workflow of its noun says which anchors
are set (`ledger.Subject`); the ledger plans, moves and withdraws by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from bot.models.reminders import Place
from bot.policy import Region
from bot.reminders import business_days, wall

CE, AE, LEAD, THREAD, SELF = "CE", "AE", "lead", "thread", "self"  # whom a step goes to


class Late(StrEnum):
    """What becomes of a step that could not be told in time, because Touchpoint or Slack was away."""

    SEND = "sent late, once"
    FOLD = "folded into the next digest"
    SKIP = "skipped"


@dataclass(frozen=True)
class Due:
    at: datetime
    wall: datetime
    zone: str
    keeps_wall: bool

    @property
    def rule_time(self) -> str:
        """Says the same thing in every zone, so that nothing counts as moved because a person moved."""
        return f"{self.wall:%Y-%m-%dT%H:%M}" if self.keeps_wall else f"{self.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True)
class When:
    """An instant, counted from an anchor: working days and a time on the recipient's clock, or hours."""

    anchor: str  # in words: the workflow names its anchors like this
    business_days: int = 0
    at: time | None = None
    hours: float = 0

    def due(self, anchor: datetime, zone: str, region: Region) -> Due:
        """Days are counted in the region of the account, and the time of day is on the recipient's clock."""
        if self.at is None:
            moment = anchor + timedelta(hours=self.hours)
            return Due(moment, wall.wall(moment, zone), zone, keeps_wall=False)
        if self.business_days < 0:
            anchor = business_days.before(anchor, -self.business_days, region)
        else:
            anchor = business_days.after(anchor, self.business_days, region)
        day = wall.wall(anchor, region.time_zone).date()
        return Due(wall.instant(day, self.at, zone), datetime.combine(day, self.at), zone, keeps_wall=True)

    def __str__(self) -> str:
        """The rule in words: "2 working days after it is due, at 9:00"."""
        count, unit = (self.business_days, "working day") if self.at else (self.hours, "hour")
        span = f"{abs(count):g} {unit}{'' if abs(count) == 1 else 's'} {'after' if count > 0 else 'before'} "
        at = f", at {self.at.hour}:{self.at:%M}" if self.at and self.at != START_OF_DAY else ""
        return f"{span if count else ''}{self.anchor}{at}"


@dataclass(frozen=True)
class Step:
    to: tuple[str, ...]
    when: When
    place: Place
    late: Late
    late_after: timedelta = timedelta(hours=12)


@dataclass(frozen=True)
class Kind:
    """A ladder: each step is a row of the ledger for each of those it goes to, all planned at once."""

    name: str
    noun: str
    what: str  # what it reminds of, in words
    stops: str  # in words; then the workflow leaves its anchor out
    steps: tuple[Step, ...]


MORNING, START_OF_DAY = time(9), time(0)
FILL_IN, PROPOSAL, RESOLUTION, DIGEST = "fill in", "proposal", "resolution", "digest"
#: Anchors.
FILL_IN_BY, ASKED, THAT_DAY = "the day it is due", "when the question is asked", "that day"
LEADS_TURN = "when the lead may answer too"
DIGEST_LATE_AFTER = timedelta(hours=8)

_ANSWERED = "the question is answered or taken back"
_A_QUESTION = (
    Step((CE,), When(ASKED), Place.DM, Late.SEND),
    Step((LEAD,), When(LEADS_TURN), Place.DM, Late.SEND),
)
KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            FILL_IN, "red_account", "what is happening, what we need, what we will do",
            "it is filled in, or the red account is closed",
            (
                Step((CE, AE), When(FILL_IN_BY, at=START_OF_DAY), Place.DIGEST, Late.FOLD),
                Step((THREAD,), When(FILL_IN_BY, 2, MORNING), Place.THREAD, Late.SEND),
                Step((LEAD,), When(FILL_IN_BY, 3, START_OF_DAY), Place.DIGEST, Late.FOLD),
            ),
        ),
        Kind(PROPOSAL, "red_account", "is the account red?", _ANSWERED, _A_QUESTION),
        Kind(RESOLUTION, "resolution", "is it over?", _ANSWERED, _A_QUESTION),
        Kind(
            DIGEST, "person", "what is open", "nothing is open for that person",
            (Step((SELF,), When(THAT_DAY, at=MORNING), Place.DM, Late.SKIP, DIGEST_LATE_AFTER),),
        ),
    )
}  # fmt: skip
