"""An invented fortnight, replayed through the running bot, so that the page opens on a living team.

Every step is something that a person does in Slack or Salesforce; what the bot makes of it is the bot's own work.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sandbox import company
from sandbox.company import DEV, GRACE, LENA, MAREK, PRIYA, TOM, Human
from sandbox.world import World

PLAN, ASK, ADD = "red_account.menu:plan", "red_account.ask", "red_account.add_action"
UPDATE = "red_account.post_update"
Move = Callable[[float], Awaitable[None]]
OFFICE = ZoneInfo("America/New_York")
FIRST_DAY = company.OPENING.astimezone(OFFICE).replace(hour=0)
ENDS = FIRST_DAY + timedelta(days=14, hours=9)  # a Monday


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
        seen = await self.slack.command(who.slack_id, company.CE, f"/red-account {account}")
        assert seen.view, seen
        values: dict[str, Any] = {
            "reason": reason,
            "sentence": sentence,
            "asks": asks or None,
            "actions": actions or None,
        }
        await self._done(await self.slack.submit(who.slack_id, seen.view["id"], values))

    async def fill_in(
        self, who: Human, account: str, sentence: str, asks: str | None, actions: str | None, reason: str
    ) -> None:
        seen = await self.slack.click(who.slack_id, company.RED_ACCOUNTS, self.card(account), "red_account.fill_in")
        assert seen.view, seen
        values = {"reason": reason, "sentence": sentence, "asks": asks, "actions": actions}
        await self._done(await self.slack.submit(who.slack_id, seen.view["id"], values))

    async def resolve(self, who: Human, account: str, outcome: str, note: str) -> None:
        channel, ts = company.RED_ACCOUNTS, self.card(account)
        options = self._options(channel, ts)
        entry = next(value for value in options if value.startswith("resolve:"))
        seen = await self.slack.click(who.slack_id, channel, ts, "red_account.menu", entry)
        assert seen.view, seen
        await self._done(await self.slack.submit(who.slack_id, seen.view["id"], {"outcome": outcome, "note": note}))

    async def answer(self, who: Human, account: str, action_id: str, **values: Any) -> None:
        """Open a form from the account's card, by a button or an entry of its ⋯, and hand it in."""
        channel, ts = company.RED_ACCOUNTS, self.card(account)
        action, _, entry = action_id.partition(":")
        chosen = next(v for v in self._options(channel, ts) if v.startswith(f"{entry}:")) if entry else None
        seen = await self.slack.click(who.slack_id, channel, ts, action, chosen)
        assert seen.view, seen
        await self._done(await self.slack.submit(who.slack_id, seen.view["id"], values))

    async def press_in_thread(self, who: Human, account: str, text: str, action_id: str) -> None:
        """Press a button on the message with this text in the thread of the account's card."""
        place = self.slack.channels[company.RED_ACCOUNTS]
        for message in place.replies(self.card(account)):
            if text in str(message.get("blocks")):
                await self._done(await self.slack.click(who.slack_id, place.id, message["ts"], action_id, None))
                return
        raise LookupError(f"nothing about {text} in the thread of {account}")

    async def agree(self, who: Human, account: str) -> None:
        channel, ts = company.RED_ACCOUNTS, self.card(account)
        await self._done(await self.slack.click(who.slack_id, channel, ts, "red_account.agree", None))

    async def press(self, who: Human, action_id: str, channel: str | None = None, value: str | None = None) -> None:
        """Press a button on the newest message that has it, in a channel or in the person's own DM."""
        place = channel or self.slack.dm_with(who.slack_id).id
        for message in reversed(self.slack.channels[place].top_level()):
            for block in message.get("blocks", []):
                for element in [*block.get("elements", []), block.get("accessory") or {}]:
                    if element.get("action_id") == action_id and value in (None, element.get("value")):
                        await self._done(await self.slack.click(who.slack_id, place, message["ts"], action_id, value))
                        return
        raise LookupError(f"nobody can press {action_id} in {place}")

    async def say(self, who: Human, account: str, text: str) -> None:
        await self.slack.say(who.slack_id, company.RED_ACCOUNTS, text, self.card(account))

    def card(self, account: str) -> str:
        """The timestamp of the account's newest card."""
        for message in reversed(self.slack.channels[company.RED_ACCOUNTS].top_level()):
            blocks = message.get("blocks") or [{}]
            if blocks[0].get("type") == "header" and account in blocks[0]["text"]["text"]:
                return str(message["ts"])
        raise LookupError(f"{account} has no card")

    def _options(self, channel: str, ts: str) -> list[str]:
        message = self.slack.find_message(self.slack.channels[channel], ts)
        menus = [e for b in message["blocks"] for e in b.get("elements", []) if e.get("type") == "overflow"]
        return [option["value"] for menu in menus for option in menu["options"]]

    @staticmethod
    async def _done(seen: Any) -> None:
        assert seen.ok, f"{seen.error} {seen.text} {seen.errors}"


async def replay(world: World, move: Move) -> None:
    """From the go-live on Monday 25 January 2027 to Monday 8 February, 9:00."""
    told = Fortnight(world, move)
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
    await move(max((ENDS - world.clock.now()).total_seconds(), 0))
