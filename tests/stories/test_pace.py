"""How soon messages are up when many come at once, and that Slack never has to ask for a pause."""

from __future__ import annotations

from datetime import timedelta

from bot import deliveries
from sandbox import company
from tests.stories.story import Story, text_of
from tests.stories.test_red_accounts import mark


def test_three_cards_of_the_same_second_are_up_a_second_later(story: Story) -> None:
    story.skip(minutes=1)
    for account in ("Acme", "Globex", "Emberlyn Health"):
        mark(story, "priya", account)
    deliveries.deliver_due(story.services)
    assert len(story.cards("is red")) >= 2
    story.world.clock.move(timedelta(seconds=1))
    deliveries.deliver_due(story.services)
    assert len(story.cards("is red")) == 3
    story.settle()
    assert _pauses(story) == []


def test_an_edit_waits_for_nothing(story: Story) -> None:
    mark(story, "priya", "Acme")
    story.settle()
    story.skip(seconds=3)  # for two seconds a poll leaves alone what Touchpoint itself has just written
    at = story.world.clock.offset_seconds
    for health in ("Yellow", "Red", "Yellow"):
        story.set_health("tom", "Acme", health)
        story.poll()
    assert "Salesforce says Yellow" in text_of(story.card("Acme"))
    assert story.world.clock.offset_seconds == at, "no time had to pass"


def test_a_busy_channel_keeps_to_the_limit_of_slack(story: Story) -> None:
    accounts = [name for name in company.NAMES if name not in company.RED_ON_DAY_ONE][:20]
    for health in ("Red", "Yellow"):
        for name in accounts:
            story.set_health("priya", name, health)
        story.poll()
    cards = story.cards("Salesforce says Yellow")
    assert [len(story.thread(card)) for card in cards] == [1] * len(accounts)
    assert _pauses(story) == []


def _pauses(story: Story) -> list[str]:
    return [call.why for call in story.world.calls if call.status == 429]
