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

    async def fill_in(self, who: Human, account: str, sentence: str, asks: str, actions: str, reason: str) -> None:
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
        "SSO fix from Identity",
        "Daily call with their platform team\nWorkaround guide for the Prague office",
        "deployment_delay",
    )
    await told.at(1, 16, 0)
    await told.say(TOM, "Initech", "Their VP asked me for a date today. Can we say one?")
    await told.at(1, 16, 25)
    await told.say(DEV, "Initech", "The fix is in review. I can say Thursday.")
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
    await told.at(7, 13, 0)
    await told.mark(
        MAREK,
        "Silverbeck",
        "product_quality",
        "Search times out on their largest repository, twice a day.",
        asks="An index node with more memory",
        actions="Watch their slow queries for a week",
    )
    await told.at(10, 16, 45)
    await told.resolve(MAREK, "Initech", "green", "The SSO fix shipped on Thursday. 260 people log in now.")
    await told.at(11, 10, 15)
    await told.mark(GRACE, "Kestrelworks", "no_engagement", "Three calls cancelled in a row, and no answer since.")
    await move(max((ENDS - world.clock.now()).total_seconds(), 0))
