"""An invented fortnight, replayed through the running bot, so that the page opens on a living team.

Every step is something that a person does in Slack or Salesforce; what the bot makes of it is the bot's own work.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sandbox import company
from sandbox.company import DEV, GRACE, LENA, MAREK, PRIYA, TOM, Human
from sandbox.slack.blocks import all_elements
from sandbox.slack.channels import Message
from sandbox.slack.seen import Seen
from sandbox.world import World

T = TypeVar("T")
PLAN, ASK, ADD = "red_account.menu:plan", "red_account.ask", "red_account.add_action"
UPDATE = "red_account.post_update"
Move = Callable[[float], Awaitable[None]]
OFFICE = ZoneInfo("America/New_York")
FIRST_DAY = company.OPENING.astimezone(OFFICE).replace(hour=0)
ENDS = FIRST_DAY + timedelta(days=14, hours=9)  # a Monday
LATE = 60.0  # seconds in which a click may be answered here
TRIES = 120  # a second apart
OUR_FAULT = "That did not work, and nothing was changed."  # as the bot says it


class DidNotWork(Exception):
    """Slack or the bot told somebody that it did not work; trying again may."""


class Fortnight:
    def __init__(self, world: World, move: Move) -> None:
        self.world, self.slack, self.move = world, world.slack, move

    async def at(self, day: int, hour: int, minute: int = 0) -> None:
        """Let the time pass until that moment in the office's zone. The go-live is on day 0, a Monday."""
        moment = FIRST_DAY + timedelta(days=day, hours=hour, minutes=minute)
        await self.move(max((moment - self.world.clock.now()).total_seconds(), 0))

    def set_health(self, by: Human, account: str, health: str) -> None:
        changes = {"Customer_Health__c": health}
        record = company.account_id(self.world, account)
        self.world.salesforce.update("Account", record, changes, company.user_id(self.world, by))

    async def mark(
        self, who: Human, account: str, reason: str, sentence: str, asks: str = "", actions: str = ""
    ) -> None:
        values: dict[str, Any] = {
            "reason": reason,
            "sentence": sentence,
            "asks": asks or None,
            "actions": actions or None,
        }
        open_it = partial(self.slack.command, who.slack_id, company.CE, f"/red-account {account}")
        await self._hand_in(who, open_it, values)

    async def fill_in(
        self, who: Human, account: str, sentence: str, asks: str | None, actions: str | None, reason: str
    ) -> None:
        values = {"reason": reason, "sentence": sentence, "asks": asks, "actions": actions}
        await self.answer(who, account, "red_account.fill_in", **values)

    async def resolve(self, who: Human, account: str, outcome: str, note: str) -> None:
        await self.answer(who, account, "red_account.menu:resolve", outcome=outcome, note=note)

    async def answer(self, who: Human, account: str, action_id: str, **values: Any) -> None:
        """Open a form from the account's card, by a button or an entry of its ⋯, and hand it in."""
        action, _, entry = action_id.partition(":")

        async def open_it() -> Seen:
            ts = self.card(account)
            chosen = self._option(ts, entry) if entry else None
            return await self.slack.click(who.slack_id, company.RED_ACCOUNTS, ts, action, chosen)

        await self._hand_in(who, open_it, values)

    async def press_in_thread(self, who: Human, account: str, text: str, action_id: str) -> None:
        """Press a button on the message with this text in the thread of the account's card."""
        place = self.slack.channels[company.RED_ACCOUNTS]

        def find() -> Message:
            found = (m for m in place.replies(self.card(account)) if text in str(m.get("blocks")))
            return _with_button(found, action_id)

        await self._press(who, place.id, find, action_id)

    async def agree(self, who: Human, account: str) -> None:
        place = self.slack.channels[company.RED_ACCOUNTS]
        find = lambda: _with_button([place.messages[self.card(account)]], "red_account.agree")  # noqa: E731
        await self._press(who, place.id, find, "red_account.agree")

    async def press(self, who: Human, action_id: str, channel: str | None = None) -> None:
        """Press a button on the newest message that has it, in a channel or in the person's own DM."""
        place = self.slack.channels[channel or self.slack.dm_with(who.slack_id).id]
        find = lambda: _with_button(reversed(place.top_level()), action_id)  # noqa: E731
        await self._press(who, place.id, find, action_id)

    async def say(self, who: Human, account: str, text: str) -> None:
        await self.slack.say(who.slack_id, company.RED_ACCOUNTS, text, self.card(account))

    def card(self, account: str) -> str:
        """The timestamp of the account's newest card."""
        for message in reversed(self.slack.channels[company.RED_ACCOUNTS].top_level()):
            blocks = message.get("blocks") or [{}]
            if blocks[0].get("type") == "header" and account in blocks[0]["text"]["text"]:
                return str(message["ts"])
        raise LookupError(f"{account} has no card")

    def _option(self, ts: str, entry: str) -> str:
        return menu_entry(self.slack.channels[company.RED_ACCOUNTS].messages[ts], entry)

    async def _hand_in(self, who: Human, open_it: Callable[[], Awaitable[Seen]], values: dict[str, Any]) -> None:
        async def opened() -> str:
            view = (await self._worked(who, await open_it())).view
            if view is None or view["callback_id"] == "answer":
                raise DidNotWork(f"no form: {view}")
            return str(view["id"])

        async def handed_in() -> None:
            seen = await self.slack.submit(who.slack_id, view_id, values)
            assert not seen.errors, seen.errors
            await self._worked(who, seen)

        view_id = await self._in_time(opened)
        await self._in_time(handed_in)

    async def _press(self, who: Human, channel: str, find: Callable[[], Message], action_id: str) -> None:
        was_pressed = False

        async def pressed() -> None:
            nonlocal was_pressed
            try:
                ts = find()["ts"]
            except LookupError:
                if was_pressed:
                    return  # it was done, and only the answer was lost
                raise
            was_pressed = True
            await self._worked(who, await self.slack.click(who.slack_id, channel, ts, action_id, None))

        await self._in_time(pressed)

    async def _worked(self, who: Human, seen: Seen) -> Seen:
        if seen.ok and seen.view and OUR_FAULT in str(seen.view["blocks"]):  # the database was locked for too long
            await self.slack.close(who.slack_id, seen.view["id"])
            raise DidNotWork(str(seen.view["blocks"]))
        if not seen.ok:
            raise DidNotWork(f"{seen.error} {seen.text}")
        return seen

    async def _in_time(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """On a busy machine the bot is late with a message, or an answer is lost: people wait, and try again."""
        for _ in range(TRIES):
            with contextlib.suppress(LookupError, DidNotWork):
                return await attempt()
            await self.move(1)
        return await attempt()


def menu_entry(card: Message, entry: str) -> str:
    """The whole value of an entry of a card's ⋯."""
    menus = [e for block in card["blocks"] for e in block.get("elements", []) if e.get("type") == "overflow"]
    for value in (option["value"] for menu in menus for option in menu["options"]):
        if value.startswith(f"{entry}:"):
            return str(value)
    raise LookupError(f"the card does not offer {entry}")


def _with_button(messages: Iterable[Message], action_id: str) -> Message:
    for message in messages:
        if any(element["action_id"] == action_id for _, element in all_elements(message.get("blocks", []))):
            return message
    raise LookupError(f"nobody can press {action_id}")


async def replay(world: World, move: Move) -> None:
    """From the go-live on Monday 25 January 2027 to Monday 8 February, 9:00. Late answers count: nobody waits."""
    slack = world.slack
    before = slack.ack_seconds, slack.trigger_seconds
    slack.ack_seconds = slack.trigger_seconds = LATE
    try:
        await _tell(Fortnight(world, move))
        await move(max((ENDS - world.clock.now()).total_seconds(), 0))
    finally:
        slack.ack_seconds, slack.trigger_seconds = before


async def _tell(told: Fortnight) -> None:
    await told.at(0, 9, 5)  # day one: what was red already is in one message
    await told.press(LENA, "red_account.post_card", company.RED_ACCOUNTS)
    await told.at(1, 10, 40)
    told.set_health(MAREK, "Initech", "Red")
    await told.at(1, 15, 10)
    await told.fill_in(
        MAREK,
        "Initech",
        "Their rollout stopped at 40 of 300 people: single sign-on locks out everybody outside Prague.",
        None,
        None,
        "deployment_delay",
    )
    await told.answer(
        MAREK, "Initech", ASK, what="SSO fix", team="identity", whom=DEV.slack_id, needed_on="2027-02-04",
        why="40 people cannot log in.", otherwise="The rollout stops, and the renewal with it.",
    )  # fmt: skip
    await told.at(1, 16, 0)
    await told.say(TOM, "Initech", "Their VP asked me for a date today. Can we say one?")
    await told.at(1, 16, 25)
    await told.say(DEV, "Initech", "The fix is in review. I can say Thursday.")
    await told.press_in_thread(DEV, "Initech", "SSO fix", "ask.take")
    await told.at(1, 17, 0)
    await told.answer(
        MAREK, "Initech", PLAN, goal="260 people log in by 5 Feb (40 on 26 Jan)", sponsor=LENA.slack_id,
        how_we_know="Their own sign-in dashboard, on three days in a row", impact="seats",
    )  # fmt: skip
    await told.answer(
        MAREK, "Initech", ADD, what="Daily call with their platform team", due_on="2027-02-05", serves="260 people",
    )  # fmt: skip
    await told.answer(MAREK, "Initech", ADD, what="Workaround guide for the Prague office", due_on="2027-01-29")
    await told.at(2, 9, 40)
    await told.agree(TOM, "Initech")
    await told.at(2, 15, 0)  # after the morning digest of the day on which it was due
    await told.fill_in(
        MAREK,
        "Brightmoor Energy",
        "A new procurement team wants three quotes for every renewal; ours is the first that they look at.",
        "Security answers for their procurement team",
        "Compare what they use with what they pay for",
        "budget_or_layoffs",
    )
    await told.at(3, 11, 30)
    await told.mark(
        GRACE,
        "Globex",
        "champion_left",
        "Our champion left on Friday and the new VP wants to cut tools.",
        actions="Find out who decides now",
    )
    await told.at(3, 14, 5)
    await told.press(PRIYA, "red_account.confirm")
    await told.at(3, 15, 20)
    await told.press_in_thread(MAREK, "Initech", "Workaround guide", "action_item.done")
    await told.at(4, 11, 0)
    await told.answer(
        PRIYA, "Globex", PLAN, goal="Two of the new VP's teams use it weekly by 26 Feb (none on 29 Jan)",
        how_we_know="Weekly users in their own dashboard",
    )  # fmt: skip
    await told.answer(PRIYA, "Globex", ADD, what="Admin training for the new teams", due_on="2027-02-05")
    await told.answer(PRIYA, "Globex", ASK, what="Call with their CFO", team="leadership", needed_on="2027-02-12")
    await told.at(7, 13, 0)
    await told.mark(
        MAREK,
        "Silverbeck",
        "product_quality",
        "Search times out on their largest repository, twice a day.",
        asks="An index node with more memory",
        actions="Watch their slow queries for a week",
    )
    await told.at(8, 10, 30)
    await told.answer(
        MAREK, "Initech", UPDATE, changed="The fix is on their staging, and sign-in works there.",
        next_step="Roll it out to everybody", next_on="2027-02-04", mood="better",
    )  # fmt: skip
    await told.at(8, 15, 0)
    await told.answer(
        GRACE, "Globex", UPDATE, changed="The new VP saw the figures of last quarter and wants a second look.",
        blocker="Nobody has reached their CFO", next_step="Admin training", next_on="2027-02-05", mood="the same",
    )  # fmt: skip
    await told.at(9, 16, 0)
    await told.press_in_thread(DEV, "Initech", "SSO fix", "ask.deliver")
    await told.at(10, 16, 45)
    await told.resolve(MAREK, "Initech", "green", "The SSO fix shipped on Thursday. 260 people log in now.")
    await told.at(11, 10, 15)
    await told.mark(GRACE, "Kestrelworks", "no_engagement", "Three calls cancelled in a row, and no answer since.")
