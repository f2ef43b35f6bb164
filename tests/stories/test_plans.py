"""A plan: who writes it, who agrees to it, what the card says is missing, and who is reminded of it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.models import ActionItem, ReminderState
from bot.workflows import red_accounts
from tests.stories.story import Story, buttons_of, text_of
from tests.stories.test_red_accounts import WHY, mark

AGREE, MENU = "red_account.agree", "red_account.menu"
GOAL = {"goal": "120 weekly users by 15 Feb", "how_we_know": "Their usage page, each Monday"}


def at(day: int, hour: int, month: int = 1) -> datetime:
    return datetime(2027, month, day, hour, tzinfo=ZoneInfo("America/New_York")).astimezone(UTC)


def plan_form(story: Story, who: str) -> dict[str, Any]:
    card = story.card("Acme is red")
    form = story.click(who, card, MENU, f"plan:{_id(story)}").view
    assert form
    return form


def write(story: Story, who: str, **values: Any) -> None:
    seen = story.submit(who, plan_form(story, who), **values)
    assert seen.ok, seen
    assert seen.view is None, seen.view
    story.settle()


def add_action(story: Story, *, owner: str, due_on: date) -> None:
    by, now, red_id = story.person(owner), story.services.now(), _id(story)
    with story.services.transaction() as session:
        red = red_accounts.lock(session, red_id)
        item = ActionItem(what="Admin training", owner_id=by.id, due_on=due_on, created_at=now, since_at=now)
        red.action_items.append(item)
        red_accounts.changed(session, red, by=None, now=now, policy=story.services.policy)
    story.settle()


def undo(story: Story, who: str) -> None:
    """From the card's ⋯."""
    seen = story.click(who, story.card("Acme"), MENU, f"undo_agreement:{_id(story)}")
    assert seen.ok, seen
    assert seen.view is None
    story.settle()


def _id(story: Story) -> int:
    return int(story.row("Acme")["Key"].removeprefix("RA-"))


def missing(story: Story) -> str:
    return next((line for line in text_of(story.card("Acme is red")).splitlines() if line.startswith("⚠")), "")


def digests(story: Story, who: str) -> list[dict[str, Any]]:
    return [message for message in story.dms(who) if message["blocks"][0]["type"] == "header"]


# Who agrees


def test_a_ce_who_marks_red_asks_the_ae_who_agrees_with_one_click(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    assert "Tom's agreement to the plan, by Mon 1 Feb" in missing(story)
    assert "Priya's" not in missing(story)
    asked = story.dm("tom")
    assert asked["text"] == "Priya has marked Acme red: champion left. Do you agree?"
    assert WHY["sentence"] in text_of(asked)
    assert "You do not? Talk to <@U0PRIYA000>" in text_of(asked)
    assert story.dms("priya") == []  # she said so herself
    story.click("tom", asked, AGREE)
    story.settle()
    assert "☑ Tom agreed, Mon 25 Jan." in text_of(story.dm("tom"))
    assert "agreement" not in missing(story)


def test_agreeing_on_the_card_settles_the_question_too(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    again = story.click("priya", story.card("Acme"), AGREE)
    assert again.view
    assert "You agreed to this plan before. It waits for Tom Okafor." in text_of(again.view)
    story.click("tom", story.card("Acme"), AGREE)
    story.settle()
    assert "☑ Tom agreed" in text_of(story.dm("tom"))
    assert AGREE not in str(story.dm("tom")["blocks"]) + str(story.card("Acme")["blocks"])


def test_a_confirmed_proposal_is_agreed_to_by_both(story: Story) -> None:
    mark(story, "tom", "acme")
    story.settle()
    story.click("priya", story.dm("priya"), "red_account.confirm")
    story.settle()
    assert "agreement" not in missing(story)
    assert len(story.dms("tom")) == len(story.dms("priya")) == 1


def test_red_from_salesforce_is_agreed_to_by_the_ce_who_set_it_and_asked_about_when_it_is_filled_in(
    story: Story,
) -> None:
    story.set_health("priya", "Acme", "Red")
    story.poll()
    assert missing(story) == ""
    assert story.dms("tom") == []
    form = story.click("priya", story.card("Acme"), "red_account.fill_in").view
    assert form
    story.submit("priya", form, sentence=WHY["sentence"])
    story.settle()
    assert "Tom's agreement to the plan" in missing(story)
    assert story.dm("tom")["text"] == "Priya has set Acme to Red in Salesforce. Do you agree?"


def test_only_the_two_agree_and_the_lead_for_one_who_is_away(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    for who in ("dev", "lena"):
        refused = story.click(who, story.card("Acme"), AGREE).view
        assert refused
        assert "Only Tom Okafor (its AE), whoever covers for them, or Lena Hofmann (CE lead) where they are away," in (
            text_of(refused)
        )
    form = story.command("tom", "/touchpoint settings").view
    assert form
    assert story.submit("tom", form, away_from_on="2027-01-25", away_to_on="2027-01-29").ok
    story.click("lena", story.card("Acme"), AGREE)
    story.settle()
    assert "agreement" not in missing(story)
    history = story.click("lena", story.card("Acme"), MENU, f"history:{_id(story)}").view
    assert history
    assert "*agreed as AE* · Lena Hofmann" in text_of(history)
    assert "for Tom Okafor" in text_of(history)


def test_a_changed_goal_is_agreed_to_again_by_the_other_one(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    story.click("tom", story.dm("tom"), AGREE)
    story.skip(hours=1)
    write(story, "priya", **GOAL)
    assert "Tom's agreement to the plan" in missing(story)
    assert "Priya's" not in missing(story)
    asked = story.dms("tom")[-1]
    assert asked["text"] == "Priya agrees to this plan for Acme. Do you agree?"
    assert "*Goal*  120 weekly users by 15 Feb" in text_of(asked)
    write(story, "priya", goal="140 weekly users by 15 Feb")  # he has not answered: one question, and it follows
    assert len(story.dms("tom")) == 2
    assert "140 weekly users" in text_of(story.dms("tom")[-1])
    write(story, "tom", how_we_know="What their VP says")  # who writes it agrees, and the other is asked
    assert "Priya's agreement to the plan" in missing(story)
    assert story.dm("priya")["text"] == "Tom agrees to this plan for Acme. Do you agree?"


def test_an_agreement_is_undone_and_asked_about_on_another_day(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    story.click("tom", story.dm("tom"), AGREE)
    story.settle()
    story.click("tom", story.dm("tom"), "red_account.take_back_agreement")
    story.settle()
    assert "Tom's agreement to the plan" in missing(story)
    assert len(story.dms("tom")) == 1
    story.live(at(26, 12))
    assert len([m for m in story.dms("tom") if AGREE in str(m["blocks"])]) == 1
    assert len(story.dms("tom")) == 2


def test_an_agreement_taken_back_asks_nobody_else_again(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    story.skip(hours=1)
    undo(story, "priya")
    assert "Priya's and Tom's agreement to the plan" in missing(story)
    assert len(story.dms("tom")) == 1
    assert AGREE in str(story.dm("tom")["blocks"])
    story.live(at(26, 12))
    assert [m["text"] for m in story.dms("tom") if m not in digests(story, "tom")] == [story.dms("tom")[0]["text"]]
    assert len([m for m in story.dms("priya") if "Do you agree?" in m["text"]]) == 1  # she is, on another day


def test_an_agreement_given_on_the_card_is_undone_there(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    story.click("tom", story.card("Acme"), AGREE)
    story.settle()
    undo(story, "tom")
    assert "⚠ Missing: " in missing(story)
    assert "Tom's agreement to the plan" in missing(story)
    again = story.click("tom", story.card("Acme"), MENU, f"undo_agreement:{_id(story)}").view
    assert again
    assert "You have not agreed to this plan. Nothing changed." in text_of(again)
    undo(story, "priya")
    assert "Undo my agreement" not in str(story.card("Acme")["blocks"])


def test_the_morning_digest_has_the_question_with_its_click(story: Story) -> None:
    mark(story, "priya", "acme")
    story.live(at(26, 10))
    digest = digests(story, "tom")[-1]
    assert "*Waits for you*\n*Acme*: Champion left · do you agree? · since Mon 25 Jan" in text_of(digest)
    story.click("tom", digest, AGREE)
    story.settle()
    assert "☑ Done by Tom" in text_of(digests(story, "tom")[-1])


def test_who_was_handed_the_question_agrees_but_never_the_other_side_for_both(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    [row] = story.reminders(kind="agreement")
    form = story.click("tom", story.dm("tom"), "reminder.later", f"other:{row.id}").view
    assert form
    assert story.submit("tom", form, what="hand", whom="U0GRACE000").ok
    story.live(at(25, 13))  # her day begins
    assert "Tom handed this to you" in text_of(story.dm("grace"))
    story.click("priya", story.card("Acme"), AGREE)
    story.settle()
    assert "Tom's agreement" in missing(story)
    story.click("grace", story.dm("grace"), AGREE)
    story.settle()
    assert "agreement" not in missing(story)
    assert "☑ Grace agreed for Tom" in text_of(story.dm("grace"))


# The plan and the card


def test_the_card_of_a_whole_plan(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    assert "⚠ Missing: a goal with a number, how we will know and an action, from Priya and Tom, by Mon 1 Feb" in (
        missing(story)
    )
    write(story, "priya", **GOAL, sponsor="U0LENA0000", impact="full_churn", reasons=["low_adoption", "champion_left"])
    add_action(story, owner="priya", due_on=date(2027, 2, 3))
    assert missing(story) == "⚠ Missing: Tom's agreement to the plan, by Mon 1 Feb"
    assert "plan in place" not in text_of(story.card("Acme"))
    story.click("tom", story.card("Acme"), AGREE)
    story.settle()
    card = story.card("Acme")
    said = text_of(card)
    assert "🔴 Acme is red · plan in place" in said
    assert card["blocks"][1]["text"]["text"] == WHY["sentence"]
    assert "$240,000 · renews 12 Mar · US East · CE Priya · AE Tom · sponsor Lena" in said
    assert "*Goal*  120 weekly users by 15 Feb (74 on " in said
    assert "red since Mon 25 Jan: Low adoption, champion left · " in said
    assert "at stake: They may leave · high priority" in said
    assert "⚠" not in said
    assert buttons_of(card) == ["red_account.post_update", "red_account.ask", "red_account.add_action", MENU]
    story.live(at(12, 10, month=2))
    assert {row.state for row in story.reminders(kind="plan")} == {ReminderState.WITHDRAWN}


def test_filling_in_takes_the_goal_and_the_sponsor_too(story: Story) -> None:
    story.set_health("lena", "Acme", "Red")
    story.poll()
    card = story.card("Acme")
    assert buttons_of(card) == ["red_account.fill_in", "red_account.ask", MENU]
    assert "Priya and Tom, by Wed 27 Jan: what is happening, what we need, what we will do." in text_of(card)
    form = story.click("tom", card, "red_account.fill_in").view
    assert form
    assert story.submit("tom", form, sentence=WHY["sentence"], sponsor="U0LENA0000", **GOAL).ok
    story.settle()
    said = text_of(story.card("Acme"))
    assert "*Goal*  120 weekly users by 15 Feb" in said
    assert "*How we know*  Their usage page, each Monday" in said
    assert "sponsor Lena" in said
    assert missing(story).endswith("Priya's agreement to the plan, by Mon 1 Feb")


def test_a_goal_without_a_number_is_a_sentence_under_its_field(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    form = plan_form(story, "priya")
    refused = story.submit("priya", form, goal="They are happy again", sponsor="U0GUEST000")
    assert refused.errors == {"goal": "Put a number into the goal, such as 120 weekly users by 15 Feb."}
    refused = story.submit("priya", form, goal="9 of 10 are happy", sponsor="U0GUEST000")
    assert list(refused.errors) == ["sponsor"]


def test_two_people_edit_the_plan_at_once_and_both_texts_are_there(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    of_priya, of_tom = plan_form(story, "priya"), plan_form(story, "tom")
    assert story.submit("priya", of_priya, goal="120 weekly users").view is None
    seen = story.submit("tom", of_tom, goal="Renewal signed by 12 Mar")
    assert seen.view
    assert "Both texts are here" in text_of(seen.view)
    [goal] = seen.view["state"]["values"]["goal"].values()
    assert goal["value"] == "120 weekly users\nRenewal signed by 12 Mar"


def test_whoever_left_a_field_alone_takes_nobodys_words_away(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    of_priya, of_tom = plan_form(story, "priya"), plan_form(story, "tom")
    chosen = {"sponsor": "U0LENA0000", "impact": "full_churn", "reasons": ["low_adoption", "champion_left"]}
    assert story.submit("tom", of_tom, goal="100 weekly users", **chosen).view is None
    assert story.submit("priya", of_priya, how_we_know="Their usage page").view is None  # nothing of it is Tom's
    story.settle()
    said = text_of(story.card("Acme"))
    assert "*Goal*  100 weekly users" in said
    assert "*How we know*  Their usage page" in said
    assert "sponsor Lena" in said
    assert "Low adoption, champion left" in said
    assert "at stake: They may leave" in said


def test_two_people_pick_different_sponsors_and_the_second_reads_what_is_there(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    of_priya, of_tom = plan_form(story, "priya"), plan_form(story, "tom")
    assert story.submit("tom", of_tom, sponsor="U0LENA0000", reasons=["low_adoption"]).view is None
    seen = story.submit("priya", of_priya, sponsor="U0INES0000", reasons=["champion_left", "competitor"])
    assert seen.view
    assert "There by now: Lena Hofmann" in text_of(seen.view)
    assert "There by now: Low adoption" in text_of(seen.view)
    assert story.submit("priya", seen.view).view is None  # she means hers
    story.settle()
    assert "sponsor Ines" in text_of(story.card("Acme"))
    assert "Champion left, competitor" in text_of(story.card("Acme"))


def test_a_sponsor_who_left_is_not_dropped_by_the_next_who_saves(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    write(story, "priya", sponsor="U0INES0000")
    story.leave("ines")
    write(story, "priya", **GOAL)
    assert "sponsor Ines" in text_of(story.card("Acme"))


def test_the_first_reply_says_what_is_due_when_and_that_all_is_kept(story: Story) -> None:
    story.set_health("lena", "Acme", "Red")
    story.poll()
    reply = text_of(story.thread(story.card("Acme"))[0])
    assert "Fill it in here or in the sheet row; the two are kept the same." in reply
    assert "By Mon 1 Feb: a goal with a number" in reply
    assert "Each of you agrees to it." in reply
    assert "⋯ on your message > *Make this an ask*" in reply
    assert "What is said in this thread is kept when Slack forgets it." in reply
    form = story.click("tom", story.card("Acme"), "red_account.fill_in").view
    assert form
    story.submit("tom", form, **WHY)
    story.settle()
    reply = text_of(story.thread(story.card("Acme"))[0])
    assert "• What is happening stands on the card. Change it there (⋯ > *Edit plan*) or in the sheet row;" in reply
    assert "what you will do" not in reply


def test_the_history_says_reasons_what_is_at_stake_and_dates_in_words(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    write(story, "priya", impact="full_churn", reasons=["low_adoption", "champion_left"])
    form = story.click("priya", story.card("Acme"), "red_account.add_action").view
    assert form
    story.submit("priya", form, what="Usage report", due_on="2027-01-31")
    story.settle()
    history = story.click("lena", story.card("Acme"), MENU, f"history:{_id(story)}").view
    assert history
    said = text_of(history)
    assert "*reason* · " in said
    assert " → Low adoption, Champion left · Priya Raman" in said
    assert "*impact* · They may leave · Priya Raman" in said
    assert "*action added* · Priya Raman, Sun 31 Jan · Priya Raman" in said


def test_what_a_plan_lacks_is_told_to_the_two_then_to_the_thread_then_to_the_lead(story: Story) -> None:
    mark(story, "priya", "acme", actions="Usage report")
    story.settle()
    story.click("tom", story.dm("tom"), AGREE)
    story.live(at(1, 8, month=2))
    assert digests(story, "priya") == digests(story, "tom") == []
    story.live(at(1, 9, month=2))
    lacks = "a goal with a number, how we will know and a date on an action"
    for who in ("priya", "tom"):
        assert f"*Today*\nThe plan for *Acme* · missing: {lacks} · by Mon 1 Feb" in text_of(digests(story, who)[-1])
    story.live(at(3, 9, month=2))
    reply = story.thread(story.card("Acme"))[-1]
    assert f"<@U0PRIYA000> <@U0TOM00000> The plan for Acme was due Mon 1 Feb. Missing: {lacks}." in text_of(reply)
    assert digests(story, "lena") == []
    story.live(at(4, 9, month=2))
    assert f"The plan for *Acme* · Priya and Tom · missing: {lacks} · since Mon 1 Feb" in (
        text_of(digests(story, "lena")[-1])
    )


def test_who_agrees_too_late_is_told_that_it_is_over(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    red_id = _id(story)
    asked = story.dm("tom")
    form = story.click("priya", story.card("Acme"), MENU, f"resolve:{red_id}").view
    assert form
    story.submit("priya", form, outcome="green", note="All well.")
    late = story.click("tom", asked, AGREE).view
    assert late
    assert "Nothing changed." in text_of(late)
    story.settle()
    assert "Over: nothing to do any more" in text_of(story.dm("tom"))
