"""Figures suggest that an account may be red: its CE is asked, once in fourteen days, and decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.models import Suggestion, SuggestionState, UsageMonth
from sandbox import company
from tests.stories.story import Story, buttons_of, text_of
from tests.stories.test_red_accounts import mark

GOOD = {"Health_Score__c": 8, "LastActivityDate": date(2027, 1, 20), "Deployed_On__c": date(2026, 1, 5)}
CALM = {"suggest": True, "days_without_contact": 1000}


@pytest.fixture
def story(tell: Callable[..., Story]) -> Story:
    """Every account is well, and figures are looked at."""
    told = tell(designation=CALM)
    for row in told.world.salesforce.rows("Account"):
        row |= GOOD
    told.sandbox.call(told.world.clock.move, timedelta(seconds=5))
    for row in told.world.salesforce.rows("Account"):
        row["SystemModstamp"] = told.world.salesforce.now()
    told.poll()
    told._run("suggest")
    return told


def figures(story: Story, account: str, **values: Any) -> None:
    """New figures come from Salesforce, and the night looks at them."""
    story.sandbox.call(story.world.clock.move, timedelta(seconds=5))
    account_id = company.account_id(story.world, account)
    story.sandbox.call(story.world.salesforce.update, "Account", account_id, values)
    story.poll()
    story._run("suggest")


def morning(story: Story, day: int = 26) -> datetime:
    return datetime(2027, 1, day, 9, tzinfo=ZoneInfo("America/New_York")).astimezone(UTC)


def told(story: Story, who: str = "priya") -> dict[str, Any]:
    """The message that says it: there is one."""
    [found] = [message for message in story.dms(who) if "may be red" in text_of(message)]
    return found


def digest(story: Story, who: str = "priya") -> dict[str, Any]:
    """That of the next morning."""
    story.live(morning(story))
    return told(story, who)


def message_of_its_own(story: Story) -> dict[str, Any]:
    """Whoever wants it at another time has it as a message."""
    form = story.click("priya", digest(story), "reminder.digest_later").view
    assert form
    assert story.submit("priya", form, what="hour").ok
    story.skip(hours=1, minutes=1)
    return story.dms("priya")[-1]


def suggestions(story: Story) -> list[Suggestion]:
    with story.services.transaction() as session:
        return list(session.query(Suggestion).order_by(Suggestion.id))


def test_a_bad_score_asks_the_ce_in_the_next_digest_and_sets_nothing(story: Story) -> None:
    figures(story, "Globex", Health_Score__c=4.2)
    story.live(morning(story) - timedelta(minutes=1))
    assert story.dms("priya") == []
    asked = digest(story)
    assert asked["text"] == "Today: 1 waits for you"
    assert "*Waits for you*\n*Globex* may be red: score 4.2" in text_of(asked)
    assert story.health("Globex") != "Red"
    assert story.cards("Globex") == []


def test_it_is_asked_once_in_fourteen_days(story: Story) -> None:
    figures(story, "Globex", Health_Score__c=4.2)
    figures(story, "Globex", Health_Score__c=3.1)
    assert len(suggestions(story)) == 1
    story.skip(days=15)
    states = [one.state for one in suggestions(story)]
    assert states == [SuggestionState.OVER, SuggestionState.MADE]


def test_it_is_answered_in_the_digest(story: Story) -> None:
    figures(story, "Globex", Health_Score__c=4.2)
    form = story.click("priya", digest(story), "reminder.answer").view
    assert form
    assert story.submit("priya", form, what="yes").ok
    story.settle()
    assert "Score 4.2." in text_of(story.card("Globex"))
    assert story.health("Globex") == "Red"
    assert "*Globex* may be red: score 4.2 · ☑ Done" in text_of(told(story))


def test_what_is_asked_tomorrow_is_not_announced_today(story: Story) -> None:
    figures(story, "Acme", Health_Score__c=3)
    today = digest(story)
    figures(story, "Globex", Health_Score__c=4.2)
    form = story.click("priya", today, "reminder.answer").view
    assert form
    assert story.submit("priya", form, what="no", why="They are moving servers.").ok
    story.settle()
    assert "*Acme* may be red: score 3 · ☑ Done by Priya" in text_of(told(story))
    assert "Globex" not in text_of(told(story))
    story.live(morning(story, 27))
    assert "*Globex* may be red" in text_of(story.dms("priya")[-1])


def test_mark_red_opens_the_form_with_what_the_figures_say(story: Story) -> None:
    figures(story, "Globex", Health_Score__c=4.2)
    asked = message_of_its_own(story)
    assert asked["text"] == "Globex may be red: score 4.2. Mark it red, or say why not."
    assert buttons_of(asked)[:2] == ["suggestion.mark", "suggestion.decline"]
    form = story.click("priya", asked, "suggestion.mark").view
    assert form
    seen = story.submit("priya", form, reason="low_adoption")
    assert seen.ok, seen
    story.settle()
    assert "Score 4.2." in text_of(story.card("Globex"))
    assert story.health("Globex") == "Red"
    assert "It is marked red." in text_of(story.dms("priya")[-1])


def test_who_marked_it_stands_in_the_answer_to_a_late_press(story: Story) -> None:
    figures(story, "Globex", Health_Score__c=4.2)
    form = story.click("priya", message_of_its_own(story), "suggestion.decline").view
    assert form
    story.set_health("priya", "Globex", "Red")
    story.poll()
    late = story.submit("priya", form, why="They are moving servers.").view
    assert late
    assert "Priya Raman ended it as marked red." in text_of(late)


def test_a_proposal_takes_the_place_of_the_question_and_does_not_say_that_it_is_red(story: Story) -> None:
    figures(story, "Globex", Health_Score__c=4.2)
    message_of_its_own(story)
    mark(story, "tom", "globex")
    story.settle()
    assert any("Tom asks now whether it is red." in text_of(message) for message in story.dms("priya"))
    assert [one.state for one in suggestions(story)] == [SuggestionState.OVER]


def test_prospects_and_former_customers_are_not_asked_about(story: Story) -> None:
    figures(story, "Globex", Health_Score__c=2, ARR__c=0, Renewal_Date__c=date(2026, 3, 1))
    figures(story, "Initech", Health_Score__c=2, ARR__c=None, Customer_Engineer__c=None)  # a trial, and nobody's
    assert suggestions(story) == []
    figures(story, "Globex", Renewal_Date__c=date(2027, 3, 1))
    assert [one.account.name for one in suggestions(story)] == ["Globex"]


def test_not_red_needs_a_reason(story: Story) -> None:
    figures(story, "Globex", Health_Score__c=4.2)
    form = story.click("priya", message_of_its_own(story), "suggestion.decline").view
    assert form
    assert list(story.submit("priya", form, why="  ").errors) == ["why"]
    story.submit("priya", form, why="They are moving servers.")
    story.settle()
    assert "Priya says it is not red: They are moving servers." in text_of(story.dms("priya")[-1])
    story.skip(days=2)
    assert [one.state for one in suggestions(story)] == [SuggestionState.DECLINED]


def test_better_figures_end_the_question(story: Story) -> None:
    figures(story, "Globex", Health_Score__c=4.2)
    digest(story)
    figures(story, "Globex", Health_Score__c=7)
    assert suggestions(story)[0].state == SuggestionState.OVER
    assert "Over: nothing to do any more" in text_of(told(story))


def test_figures_that_are_better_by_the_morning_ask_nothing(story: Story) -> None:
    figures(story, "Globex", Health_Score__c=4.2)
    figures(story, "Globex", Health_Score__c=7)
    story.live(morning(story))
    assert story.dms("priya") == []


def test_a_deleted_account_ends_the_question(story: Story) -> None:
    figures(story, "Globex", Health_Score__c=4.2)
    story.live(morning(story))
    story.sandbox.call(story.world.salesforce.delete, "Account", company.account_id(story.world, "Globex"))
    story.poll()
    assert suggestions(story)[0].state == SuggestionState.OVER
    assert "Over: nothing to do any more" in text_of(told(story))


def test_whoever_is_red_or_not_known_is_not_asked_about(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    figures(story, "Acme", Health_Score__c=1)
    figures(story, "Globex", Health_Score__c=None)
    assert suggestions(story) == []


def test_without_a_ce_the_lead_is_asked(story: Story) -> None:
    figures(story, "Globex", Health_Score__c=4.2, Customer_Engineer__c=None)
    assert "*Globex* may be red: score 4.2 · no CE can be asked" in text_of(digest(story, "lena"))


def test_usage_is_kept_month_by_month_and_a_fall_of_two_months_is_seen(story: Story) -> None:
    for users, day in ((100, "2027-01-31"), (94, "2027-02-28"), (88, "2027-03-31")):
        figures(story, "Globex", Weekly_Users__c=users, Usage_As_Of__c=day)
    with story.services.transaction() as session:
        assert session.query(UsageMonth).where(UsageMonth.weekly_users.in_([100, 94, 88])).count() >= 3
    assert not [one for one in suggestions(story) if one.account.name == "Globex"]
    story.skip(days=75)  # April: March is over
    [one] = [one for one in suggestions(story) if one.account.name == "Globex"]
    assert one.criteria == {"decline": ["6", "6.4"]}
