"""The replay of the invented fortnight on a machine that is too busy to keep up."""

from __future__ import annotations

import asyncio

import pytest

from sandbox import company, fortnight
from sandbox.company import LENA
from sandbox.world import World

BUTTON = {"type": "button", "action_id": "red_account.post_card", "text": {"type": "plain_text", "text": "Post it"}}


def test_a_late_message_is_waited_for_and_a_lost_answer_is_no_failure() -> None:
    world = World()
    company.move_in(world)
    place = world.slack.channels[company.RED_ACCOUNTS]
    waits: list[float] = []

    async def move(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            message = world.slack.bot_message("1 red account", blocks=[{"type": "actions", "elements": [BUTTON]}])
            world.slack.post(place, message)
        if len(waits) == 5:  # until then the bot is not connected, and Slack says so
            place.top_level()[-1]["blocks"] = []

    asyncio.run(fortnight.Fortnight(world, move).press(LENA, "red_account.post_card", company.RED_ACCOUNTS))
    assert len(waits) == 5


def test_what_never_comes_ends_the_replay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fortnight, "TRIES", 3)
    world = World()
    company.move_in(world)

    async def move(seconds: float) -> None:
        world.clock.start_over()

    with pytest.raises(LookupError, match=r"nobody can press red_account\.post_card"):
        asyncio.run(fortnight.Fortnight(world, move).press(LENA, "red_account.post_card", company.RED_ACCOUNTS))
