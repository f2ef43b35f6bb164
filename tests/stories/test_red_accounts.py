"""An account turns red, and Slack, the sheet and Salesforce agree."""

from __future__ import annotations

from tests.stories.story import Story, text_of


def test_red_in_salesforce_is_one_card_one_reply_and_one_row(story: Story) -> None:
    story.set_health("priya", "Acme", "Red")
    story.poll()
    card = story.card("Acme is red")
    print(text_of(card))
    print([text_of(m) for m in story.thread(card)])
    print(story.row("Acme"))
    assert len(story.thread(card)) == 1
    assert story.failed() == []
