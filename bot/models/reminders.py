"""The ledger of everything dated: one row per occurrence, with the wall time it came from and what became of it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, ForeignKey, Index, String, Text, UniqueConstraint, bindparam, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.errors import InvalidTransition
from bot.models.accounts import Account
from bot.models.base import Base
from bot.models.people import Person


class ReminderState(StrEnum):
    PLANNED = "planned"
    HELD = "held"  # due, and waiting for a better hour, or snoozed
    SENT = "sent"  # as a message of its own
    FOLDED = "folded"  # into a digest
    ACTED = "acted on"  # what it asks for was done
    SKIPPED = "skipped"  # somebody said why not, or it came too late to be of use
    WITHDRAWN = "withdrawn"  # what it is about is over


class Place(StrEnum):
    DM = "a message of its own"  # it names one person and cannot wait until tomorrow
    DIGEST = "the morning digest"
    THREAD = "the thread"  # for all who follow it
    CHANNEL = "the channel"  # for everybody in it


WAITING = (ReminderState.PLANNED, ReminderState.HELD)
TOLD = (ReminderState.SENT, ReminderState.FOLDED)
_ENDS = (ReminderState.ACTED, ReminderState.SKIPPED, ReminderState.WITHDRAWN)
REMINDER_TRANSITIONS: dict[ReminderState, frozenset[ReminderState]] = {
    ReminderState.PLANNED: frozenset({ReminderState.HELD, ReminderState.SENT, ReminderState.FOLDED, *_ENDS}),
    ReminderState.HELD: frozenset({*ReminderState}),  # also held once more
    ReminderState.SENT: frozenset({ReminderState.HELD, ReminderState.PLANNED, *_ENDS}),  # snoozed; another date
    ReminderState.FOLDED: frozenset({ReminderState.HELD, ReminderState.PLANNED, *_ENDS}),
    **dict.fromkeys(_ENDS, frozenset({ReminderState.PLANNED})),  # promised again, for another date
}


class Reminder(Base):
    __tablename__ = "reminders"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))  # an entry of bot/reminders/kinds.py
    step: Mapped[int]  # and which of its steps
    noun: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int]
    occurrence: Mapped[str] = mapped_column(String(60))  # which one of this kind and subject: for whom, or of what day
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    recipient_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # None: the subject's thread
    place: Mapped[Place] = mapped_column(String(24))
    rule_time: Mapped[str] = mapped_column(String(24))  # what its rule says: a wall time, or an instant ending in Z
    due_at: Mapped[datetime]  # when it falls due next, holds and snoozes included
    wall: Mapped[str] = mapped_column(String(16))  # the wall time of due_at: 2027-02-01T09:00
    zone: Mapped[str] = mapped_column(String(64))  # and its IANA zone
    keeps_wall: Mapped[bool] = mapped_column(default=False)  # whether it is the wall time that holds, or the instant
    is_chosen: Mapped[bool] = mapped_column(default=False)  # a person chose the time: it comes then, as a message
    state: Mapped[ReminderState] = mapped_column(String(10), default=ReminderState.PLANNED)
    why: Mapped[str] = mapped_column(Text, default="")  # a line for everything that moved, held, told or ended it
    planned_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    told_to_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # the recipient, or who covers for them
    handed_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("people.id"), index=True
    )  # who gave it to the recipient
    messages: Mapped[int] = mapped_column(default=0)  # of its own, so far; each is a post with that number
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))

    account: Mapped[Account | None] = relationship(lazy="raise")
    recipient: Mapped[Person | None] = relationship(foreign_keys=[recipient_id], lazy="joined")
    told_to: Mapped[Person | None] = relationship(foreign_keys=[told_to_id], lazy="joined")
    handed_by: Mapped[Person | None] = relationship(foreign_keys=[handed_by_id], lazy="joined")
    ended_by: Mapped[Person | None] = relationship(foreign_keys=[ended_by_id], lazy="joined")

    __table_args__ = (
        UniqueConstraint("kind", "noun", "subject_id", "occurrence"),
        # What is not due costs nothing: the sweep reads the head of this index and no more.
        Index(
            "ix_reminders_waiting",
            "due_at",
            sqlite_where=text("state IN ('planned', 'held')"),
            postgresql_where=text("state IN ('planned', 'held')"),
        ),
        Index("ix_reminders_noun_subject_id", "noun", "subject_id"),
        Index("ix_reminders_told_to_id_told_at", "told_to_id", "told_at"),
        Index("ix_reminders_recipient_id_state_due_at", "recipient_id", "state", "due_at"),
    )

    @property
    def is_waiting(self) -> bool:
        return self.state in WAITING

    @property
    def last_word(self) -> str:
        """What happened to it last, without when."""
        return self.why.strip().rpartition("\n")[2].partition(" ")[2]

    @property
    def is_over(self) -> bool:
        return self.state in _ENDS

    @property
    def day(self) -> date:
        """Of a digest: which day it is of."""
        return date.fromisoformat(self.occurrence[:10])

    @property
    def is_asked_for(self) -> bool:
        """Of a digest: whether its reader asked for it, at a moment of that day. The morning one has the day alone."""
        return len(self.occurrence) > len("2027-01-25")

    def become(self, state: ReminderState, *, now: datetime, why: str) -> None:
        if state not in REMINDER_TRANSITIONS[self.state]:
            raise InvalidTransition(f"This reminder is {self.state} by now. Nothing changed.")
        self.state = state
        self.note(why, now=now)

    def note(self, why: str, *, now: datetime) -> None:
        self.why += line(why, now)


def line(why: str, now: datetime) -> str:
    """A line of `why`: the minute in UTC, and what happened."""
    return f"{now.astimezone(UTC):%Y-%m-%dT%H:%MZ} {why}\n"


def is_waiting() -> ColumnElement[bool]:
    """In a WHERE. The states stand in the SQL itself, or SQLite could not know that the partial index fits."""
    return Reminder.state.in_(bindparam("waiting", WAITING, expanding=True, literal_execute=True))


class DigestLine(Base):
    """What a digest listed, so that every digest follows when it is settled."""

    __tablename__ = "digest_lines"

    digest_id: Mapped[int] = mapped_column(ForeignKey("reminders.id"), primary_key=True)
    reminder_id: Mapped[int] = mapped_column(ForeignKey("reminders.id"), primary_key=True, index=True)
