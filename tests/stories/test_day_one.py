"""Day one on an existing team: what is there is taken over, and nobody is flooded."""

from __future__ import annotations

from collections.abc import Callable

from bot import outbox_report
from sandbox import company
from tests.stories.story import Story, text_of
from tests.stories.test_red_accounts import mark


def test_accounts_that_were_red_get_a_row_and_one_summary(story: Story) -> None:
    [summary] = story.cards()
    assert "3 accounts were red already" in text_of(summary)
    assert "Hillcrest Freight" in text_of(summary)
    assert story.thread(summary) == []
    assert story.row("Hillcrest")["Key"].startswith("RA-")
    assert story.row("Brightmoor")["Key"].startswith("RA-")


def test_rows_that_people_made_are_adopted_and_never_doubled(story: Story) -> None:
    story.poll()
    [hillcrest] = story.rows("Hillcrest")
    assert hillcrest["Current state"] == "Rollout stalled at 30 users."
    assert hillcrest["Notes"] == "ask Ines about SSO"
    [quillstone] = story.rows("Quillstone")  # found by the link to Salesforce: its name there is another one
    assert quillstone["Current state"] == "Their budget was cut by a third."
    [over] = story.rows("Fallowfield")
    assert over["Key"] == ""


def test_the_card_of_one_and_of_all(story: Story) -> None:
    summary = story.cards()[0]
    key = story.row("Hillcrest")["Key"].removeprefix("RA-")
    story.click("lena", summary, "red_account.post_card", key)
    story.settle()
    assert len(story.cards("Hillcrest Freight is red")) == 1
    assert "2 accounts were red already" in text_of(story.cards()[0])
    story.click("lena", story.cards()[0], "red_account.post_all")
    story.settle()
    assert len(story.cards()) == 4
    assert "Every account that was red before has its card." in text_of(story.cards()[0])


def test_what_was_late_before_starts_its_clock_at_go_live(story: Story) -> None:
    story.click("lena", story.cards()[0], "red_account.post_all")
    story.settle()
    cards = [text_of(card) for card in story.cards("is red")]
    assert any("by Wed 27 Jan: what is happening" in card for card in cards), cards


def test_while_writes_are_off_nothing_leaves_and_then_all_of_it_arrives(tell: Callable[..., Story]) -> None:
    off = {"writes": {"slack": "off", "salesforce": "off", "sheets": "off"}}
    story = tell(**off)
    mark(story, "priya", "acme")
    story.settle()
    story.skip(days=1)
    assert story.cards() == []
    assert story.rows("Acme") == []
    assert story.health("Acme") != "Red"
    story.restart(writes={"slack": "on", "salesforce": "on", "sheets": "on"})
    story.settle()
    assert "4 accounts were red already" in text_of(story.cards()[0])
    assert len(story.cards()) == 1
    assert len(story.rows("Acme")) == 1
    assert story.health("Acme") == "Red"


def test_a_dry_run_says_what_it_would_write(tell: Callable[..., Story], capsys) -> None:  # type: ignore[no-untyped-def]
    story = tell(writes={"slack": "dry", "salesforce": "dry", "sheets": "dry"})
    mark(story, "priya", "acme")
    story.settle()
    assert story.cards() == []
    assert story.rows("Acme") == []
    outbox_report.show(story.database_url)
    said = capsys.readouterr().out
    assert "would set Acme's health from" in said
    assert f"would post to {company.RED_ACCOUNTS}: Acme is red" in said
    assert "would add" in said


def test_each_system_is_switched_by_itself(tell: Callable[..., Story]) -> None:
    story = tell(writes={"slack": "on", "salesforce": "on", "sheets": "off"})
    mark(story, "priya", "acme")
    story.settle()
    assert len(story.cards("Acme")) == 1
    assert story.health("Acme") == "Red"
    assert story.rows("Acme") == []
    story.restart(writes={"slack": "on", "salesforce": "on", "sheets": "on"})
    story.settle()
    assert len(story.rows("Acme")) == 1
    assert len(story.cards("Acme")) == 1
