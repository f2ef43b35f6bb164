"""The *Try this* list: each step one click, what to look at, and a tick when it has happened.

Ticks are read off what the stand-ins hold, so a step done by hand counts as much as one done by its button. Whatever
happened before the list was first looked at (the invented fortnight) does not count.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.world import World

HEALTH = "Customer_Health__c"


class CannotDo(Exception):
    """The step's click has nothing to act on; the sentence says what is missing."""


@dataclass(frozen=True)
class Subject:
    """An account that a step is about, and who owns it: Slack ids, and first names for the sentences."""

    id: str
    name: str
    ce: str
    ae: str
    ce_name: str
    ae_name: str
    ce_in_salesforce: str


@dataclass(frozen=True)
class Step:
    """`title`, `what` and `look` may say {name}, {ce} and {ae} of its account."""

    id: str
    account: str  # which of the tour's accounts: steps with the same letter share one
    title: str
    what: str
    button: str
    look: str
    act: Callable[[Tour, Subject], Awaitable[dict[str, Any]]]
    done: Callable[[Tour, Subject], bool]


class Tour:
    """The steps over one world, and which of them have happened."""

    def __init__(self, world: World, steps: Sequence[Step]) -> None:
        self.world = world
        self.steps = steps
        self.forget()

    def forget(self) -> None:
        """Begin anew, at the next look."""
        self.began: datetime | None = None
        self.subjects: dict[str, Subject] = {}
        self.ticked: set[str] = set()
        self.pressed: dict[str, Any] = {}

    def as_json(self) -> list[dict[str, Any]]:
        self._begin()
        return [self._step_json(step) for step in self.steps]

    async def do(self, step_id: str) -> dict[str, Any]:
        """Carry out a step's click; the answer says where the page should go. KeyError: no such step."""
        step = {step.id: step for step in self.steps}[step_id]
        self._begin()
        subject = self.subjects.get(step.account)
        if subject is None:
            raise CannotDo(
                "No green account is left whose CE and AE are both in Slack. Start over under Time & faults."
            )
        goto = await step.act(self, subject)
        self.pressed.setdefault(step.id, True)
        return goto

    def _begin(self) -> None:
        if self.began is None or not self.subjects:
            self.began = self.world.clock.now().replace(microsecond=0)
            letters = dict.fromkeys(step.account for step in self.steps)
            self.subjects = dict(zip(letters, green_accounts(self.world), strict=False))

    def _step_json(self, step: Step) -> dict[str, Any]:
        subject = self.subjects.get(step.account)
        words = {"name": "an account", "ce": "the CE", "ae": "the AE"}
        if subject:
            words = {"name": subject.name, "ce": subject.ce_name, "ae": subject.ae_name}
            if step.id not in self.ticked and step.done(self, subject):
                self.ticked.add(step.id)
        said = {part: getattr(step, part).format(**words) for part in ("title", "what", "button", "look")}
        said["title"] = said["title"][:1].upper() + said["title"][1:]
        return {"id": step.id, "done": step.id in self.ticked} | said

    # -- what the world shows ------------------------------------------------------------------------------------------

    def red_accounts(self) -> str:
        """The channel's id."""
        for channel in self.world.slack.channels.values():
            if channel.name == "red-accounts":
                return channel.id
        raise CannotDo("There is no channel #red-accounts.")

    def cards(self, subject: Subject) -> list[str]:
        """ts of each card about this account that came up during the tour."""
        channel = self.world.slack.channels.get(self.red_accounts())
        return [
            message["ts"]
            for message in (channel.top_level() if channel else [])
            if message.get("bot_id") and self._is_new(message["ts"]) and subject.name in header(message)
        ]

    def row(self, subject: Subject) -> bool:
        """Does a tab of the sheet name the account?"""
        for spreadsheet in self.world.sheets.spreadsheets.values():
            for tab in spreadsheet.tabs:
                if any(cell.display in (subject.name, subject.id) for row in tab.rows for cell in row):
                    return True
        return False

    def written(self, subject: Subject, *healths: str) -> bool:
        """Has Touchpoint itself set the account to one of these in Salesforce?"""
        salesforce = self.world.salesforce
        return any(
            edit["AccountId"] == subject.id
            and edit["Field"] == HEALTH
            and edit["NewValue"] in healths
            and edit["CreatedById"] == salesforce.integration_user
            and edit["CreatedDate"] >= self.began
            for edit in salesforce.rows("AccountHistory")
        )

    def direct_message(self, user: str, *words: str) -> tuple[str, str] | None:
        """(channel, ts) of the newest message that Touchpoint sent this person and that says all these words."""
        for channel in self.world.slack.channels.values():
            if channel.with_user != user:
                continue
            for ts, message in reversed(channel.messages.items()):
                text = f"{message.get('text', '')} {message.get('blocks', '')}"
                if all(word in text for word in words):
                    return channel.id, ts
        return None

    def refused_with(self, system: str, status: int) -> bool:
        return any(call.system == system and call.status == status for call in self.world.calls)

    def _is_new(self, ts: str) -> bool:
        return self.began is not None and float(ts) >= self.began.timestamp()


def header(message: dict[str, Any]) -> str:
    return " ".join(block["text"]["text"] for block in message.get("blocks") or [] if block["type"] == "header")


def green_accounts(world: World) -> list[Subject]:
    """Green accounts whose CE and AE are two people of the workspace, by name."""
    people = {
        user.email.lower(): user for user in world.slack.users.values() if user.kind == "member" and not user.deleted
    }
    slack_of = {row["Id"]: people.get((row["Email"] or "").lower()) for row in world.salesforce.rows("User")}
    found = []
    for account in sorted(world.salesforce.rows("Account"), key=lambda row: row["Name"].lower()):
        ce, ae = slack_of.get(account["Customer_Engineer__c"]), slack_of.get(account["OwnerId"])
        if account["IsDeleted"] or account[HEALTH] != "Green" or not ce or not ae or ce.id == ae.id:
            continue
        names = (ce.real_name.split()[0], ae.real_name.split()[0])
        found.append(Subject(account["Id"], account["Name"], ce.id, ae.id, *names, account["Customer_Engineer__c"]))
    return found
