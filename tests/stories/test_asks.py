"""Asking another team for help, where everyone can see it."""

from __future__ import annotations

from tests.stories.story import Story, text_of
from tests.stories.test_red_accounts import mark

ASK = {"what": "SSO fix", "of": "Identity", "needed_on": "2027-02-04", "why": "40 people cannot log in."}


def test_an_ask_stands_on_the_card_in_the_row_and_in_the_thread(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    form = story.click("tom", story.card("Acme"), "red_account.ask").view
    assert form
    assert story.submit("tom", form, **ASK).ok
    story.settle()
    card = story.card("Acme")
    assert "• SSO fix, Identity, by Thu 4 Feb" in text_of(card)
    assert story.row("Acme")["Needs"] == "SSO fix, Identity, by Thu 4 Feb"
    reply = story.thread(card)[-1]
    assert reply["text"] == "Ask for Identity, by Thu 4 Feb: SSO fix for Acme"
    assert "🙋 *SSO fix* for Acme · Identity · by Thu 4 Feb" in text_of(reply)
    assert "40 people cannot log in." in text_of(reply)


def test_an_ask_for_yesterday_is_named_under_its_field(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    form = story.click("priya", story.card("Acme"), "red_account.ask").view
    assert form
    seen = story.submit("priya", form, **{**ASK, "needed_on": "2027-01-01"})
    assert seen.errors == {"needed_on": "Pick the day by which you need it, today or later."}


def test_somebody_else_is_told_who_can_ask(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    refused = story.click("dev", story.card("Acme"), "red_account.ask").view
    assert refused
    assert "can ask for help here" in text_of(refused)
