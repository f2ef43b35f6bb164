"""Every kind of reminder, declared: who, when, where, what a late one does, and what stops it.

To add one, add an entry here and its words in the file of its noun in `deliveries/`. The workflow of its noun says
which anchors are set (`ledger.Subject`); the ledger plans, moves and withdraws by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from bot.models.reminders import Place
from bot.policy import Region
from bot.reminders import business_days, wall

CE, AE, LEAD, THREAD, SELF = "CE", "AE", "lead", "thread", "self"  # whom a step goes to
DECIDER, SPONSOR = "whoever decides", "sponsor"


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
    is_news: bool = False  # told once: it asks for nothing, so no later digest lists it again


MORNING, START_OF_DAY = time(9), time(0)
FILL_IN, PROPOSAL, RESOLUTION, DIGEST = "fill in", "proposal", "resolution", "digest"
PLAN, AGREEMENT, RETRO = "plan", "agreement", "retro"
OFF_RED, SUGGESTION = "off red", "suggestion"
#: Kind → how many days after a red account turned green or yellow it is asked about.
WATCHES = {f"watch {days}": days for days in (30, 60, 90)}
CONFLICT, WRITER = "conflict", "who wrote it"
#: Whom their steps go to: of the CE and the AE, those who still have something to do.
PLAN_CE, PLAN_AE, UNAGREED_CE, UNAGREED_AE = "CE of the plan", "AE of the plan", "CE to agree", "AE to agree"
#: Anchors.
FILL_IN_BY, ASKED, THAT_DAY = "the day it is due", "when the question is asked", "that day"
LEADS_TURN, CLOSED = "when the lead may answer too", "when it was closed"
PLAN_BY, AGREEMENT_ASKED = "the day the plan is due", "when they are asked to agree"
OFF_RED_SINCE = "when Salesforce's field left Red"
#: Of asks.
OWNER, ASKER, TEAM_LEAD = "owner", "asker", "team lead"
ASK_UNANSWERED, ASK_DUE, ASK_DECLINED = "ask unanswered", "ask due", "ask declined"
ASKING, NEEDED_BY = "the moment it is asked", "the day it is needed"
TURNED_DOWN = "when they said that they cannot"
ACTION_DUE, ACTION_HANDED = "action due", "action handed over"
ACTION_BY, HANDED, LEFT = "the day it is due", "when it is handed over", "when its owner has left"
UPDATE, STILL_RED, MONDAY_SUMMARY = "update", "still red", "monday summary"
UPDATE_BY, STILL_RED_ON = "the day the update is due", "the day on which it is to be decided"
ESCALATED, MONDAY = "when the decision is asked for", "Monday, or the first working day after it"
DIGEST_LATE_AFTER = timedelta(hours=8)


def watch_day(days: int) -> str:
    """The anchor of a watch."""
    return f"{days} days after it was closed"


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
            PLAN, "red_account", "the plan: goal, how we will know, actions, agreement",
            "the plan is in place, or the red account is closed",
            (
                Step((PLAN_CE, PLAN_AE), When(PLAN_BY, at=START_OF_DAY), Place.DIGEST, Late.FOLD),
                Step((THREAD,), When(PLAN_BY, 2, MORNING), Place.THREAD, Late.SEND),
                Step((LEAD,), When(PLAN_BY, 3, START_OF_DAY), Place.DIGEST, Late.FOLD),
            ),
        ),
        Kind(
            AGREEMENT, "red_account", "do you agree to the plan?", "they agree, or the red account is closed",
            (Step((UNAGREED_CE, UNAGREED_AE), When(AGREEMENT_ASKED), Place.DM, Late.SEND),),
        ),
        Kind(
            RETRO, "red_account", "what was learnt", "it is written down, or somebody says why there is none",
            (Step((CE, AE), When(CLOSED, 5, START_OF_DAY), Place.DIGEST, Late.FOLD),),
        ),
        *(
            Kind(
                name, "red_account", "is it still good?", "somebody says so, or it is red again",
                (Step((CE,), When(watch_day(days), at=START_OF_DAY), Place.DIGEST, Late.FOLD),),
            )
            for name, days in WATCHES.items()
        ),
        Kind(
            OFF_RED, "red_account", "is it over?", "somebody says whether it is over, or the field is Red again",
            (Step((CE, AE), When(OFF_RED_SINCE), Place.DM, Late.SEND),),
        ),
        Kind(
            SUGGESTION, "suggestion", "its figures say that it may be red: is it?",
            "the question is answered, or the figures are better",
            (Step((CE,), When(ASKING, 1, START_OF_DAY), Place.DIGEST, Late.FOLD),),
        ),
        Kind(
            ASK_UNANSWERED, "ask", "who gives what was asked for", "somebody takes it or cannot, or it is withdrawn",
            (
                Step((OWNER,), When(ASKING), Place.DM, Late.SEND),
                Step((ASKER, TEAM_LEAD), When(ASKING, 1, START_OF_DAY), Place.DIGEST, Late.FOLD),
                Step((LEAD,), When(ASKING, 2, START_OF_DAY), Place.DIGEST, Late.FOLD),
            ),
        ),
        Kind(
            ASK_DECLINED, "ask", "who gives what somebody cannot give",
            "somebody else takes it or is asked, or it is withdrawn",
            (
                Step((ASKER,), When(TURNED_DOWN, 1, START_OF_DAY), Place.DIGEST, Late.FOLD),
                Step((LEAD,), When(TURNED_DOWN, 2, START_OF_DAY), Place.DIGEST, Late.FOLD),
            ),
        ),
        Kind(
            ASK_DUE, "ask", "what was asked for is needed", "it is delivered or withdrawn, or they cannot",
            (
                Step((OWNER,), When(NEEDED_BY, -1, START_OF_DAY), Place.DIGEST, Late.FOLD),
                Step((THREAD,), When(NEEDED_BY, 2, MORNING), Place.THREAD, Late.SEND),
                Step((ASKER, LEAD), When(NEEDED_BY, 3, START_OF_DAY), Place.DIGEST, Late.FOLD),
            ),
        ),
        Kind(
            ACTION_DUE, "action_item", "an action",
            "it is done or dropped, or the red account is closed",
            (
                Step((OWNER,), When(ACTION_BY, at=START_OF_DAY), Place.DIGEST, Late.FOLD),
                Step((THREAD,), When(ACTION_BY, 2, MORNING), Place.THREAD, Late.SEND),
                Step((LEAD,), When(ACTION_BY, 3, START_OF_DAY), Place.DIGEST, Late.FOLD),
            ),
        ),
        Kind(
            ACTION_HANDED, "action_item", "an action that is theirs now",
            "it is done or dropped, somebody else has it, or the red account is closed",
            (
                Step((OWNER,), When(HANDED), Place.DM, Late.SEND),
                Step((OWNER,), When(LEFT), Place.DIGEST, Late.FOLD),
            ),
            is_news=True,
        ),
        Kind(
            CONFLICT, "sheet_conflict", "the sheet says something else", "it is answered, or both say the same",
            (Step((WRITER,), When(ASKED), Place.DM, Late.SEND),),
        ),
        Kind(
            DIGEST, "person", "what is open", "nothing is open for that person",
            (Step((SELF,), When(THAT_DAY, at=MORNING), Place.DM, Late.SKIP, DIGEST_LATE_AFTER),),
        ),
        Kind(
            UPDATE, "red_account", "how it goes", "an update is posted, or the red account is closed",
            (
                Step((CE, AE), When(UPDATE_BY, at=START_OF_DAY), Place.DIGEST, Late.FOLD),
                Step((THREAD,), When(UPDATE_BY, 2, MORNING), Place.THREAD, Late.SEND),
                Step((LEAD,), When(UPDATE_BY, 3, START_OF_DAY), Place.DIGEST, Late.FOLD),
            ),
        ),
        Kind(
            STILL_RED, "red_account", "red for thirty days: go on, change the plan, escalate or accept churn?",
            "somebody decides, or the red account is closed",
            (
                Step((CE, AE), When(STILL_RED_ON, at=MORNING), Place.DM, Late.SEND),
                Step((LEAD,), When(STILL_RED_ON, 3, MORNING), Place.DM, Late.SEND),
                Step((DECIDER, SPONSOR), When(ESCALATED), Place.DM, Late.SEND),
            ),
        ),
        Kind(  # its rows are planned by workflows/summaries.py: it is about no account
            MONDAY_SUMMARY, "summary", "how all red accounts go", "nothing is red and nothing has changed",
            (Step((THREAD,), When(MONDAY, at=MORNING), Place.CHANNEL, Late.SKIP),),
        ),
    )
}  # fmt: skip
NEWS = frozenset(kind.name for kind in KINDS.values() if kind.is_news)
