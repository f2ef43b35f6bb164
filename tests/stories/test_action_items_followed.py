"""Action items in other hands: what an undo brings back, what owners hear, and what was missed."""

from __future__ import annotations

from datetime import timedelta

from bot.models import ActionState
from sandbox import company
from tests.stories.story import Story, text_of
from tests.stories.test_action_items import BY, TRAINING, choose, fill_form, item, react, red, said, stored
from tests.stories.test_red_accounts import mark


def test_what_was_blocked_waits_again_when_its_end_is_undone(story: Story) -> None:
    fill_form(story, "priya", red(story))
    choose(story, "priya", "blocked", words="their list of admins")
    blocked = f"⛔ *{TRAINING}* · blocked since Mon 25 Jan: their list of admins"
    story.skip(days=1)
    story.click("priya", item(story), "action_item.done")
    story.settle()
    assert "their list" not in text_of(item(story))
    choose(story, "priya", "undo")
    assert blocked in text_of(item(story))
    react(story, "priya", item(story))
    react(story, "priya", item(story), off=True)
    assert blocked in text_of(item(story))
    choose(story, "priya", "drop", words="They did it")
    choose(story, "priya", "undo")
    assert blocked in text_of(item(story))


def test_a_relapse_carries_over_what_was_asked_and_not_given_too(story: Story) -> None:
    card = red(story)
    fill_form(story, "priya", card)
    for what, whom in (("SSO fix", company.DEV), ("A discount", company.INES)):
        form = story.click("priya", card, "red_account.ask").view
        assert form
        asked = {"what": what, "team": "identity", "whom": whom.slack_id, "needed_on": "2027-02-04"}
        assert story.submit("priya", form, **asked).ok
        story.settle()
    story.click("dev", story.dm("dev"), "ask.take")
    form = story.click("ines", story.dm("ines"), "ask.cannot").view
    assert form
    story.submit("ines", form, why="Not this quarter")
    form = story.click("priya", card, "red_account.menu", f"resolve:{stored(story).red_account_id}").view
    assert form
    assert story.submit("priya", form, outcome="green", note="A new sponsor.").ok
    story.settle()
    mark(story, "priya", "acme")
    story.settle()
    again = story.cards("🔴 Acme")[-1]
    [offer] = [message for message in story.thread(again) if "Carry over 1 action and 2 asks" in text_of(message)]
    assert "• SSO fix, Dev (Identity)" in text_of(offer)
    story.click("tom", offer, "red_account.carry_actions")
    story.settle()
    said_again = "\n".join(text_of(message) for message in story.thread(again))
    assert "🙋 *SSO fix for Acme* · Dev (Identity) · by Thu 4 Feb" in said_again
    assert "🙋 *A discount for Acme* · Identity · by Thu 4 Feb" in said_again  # of the team: Ines could not
    assert "1 action and 2 asks of RA-" in said_again
    assert story.dms("dev")[-1]["text"] == "Tom asks you: SSO fix for Acme, by Thu 4 Feb"
    assert story.failed() == []


def test_whoever_has_an_action_is_told_what_somebody_else_did_with_it(story: Story) -> None:
    fill_form(story, "priya", red(story), owner=company.DEV.slack_id)
    choose(story, "dev", "date", due_on="2027-02-04")
    assert said(story, "<@U0DEV00000>") == []
    choose(story, "priya", "date", due_on="2027-02-05")
    choose(story, "priya", "blocked", words="their list")
    story.click("priya", item(story), "action_item.done")
    story.click("priya", item(story), "action_item.done")
    story.settle()
    choose(story, "priya", "undo")
    choose(story, "priya", "drop", words="They did it")
    told = [text_of(one) for one in said(story, "<@U0DEV00000>")]
    ends = ("is due Fri 5 Feb now, not Thu 4 Feb", "is blocked: their list", "is done", "is open again",
            "is not needed any more\n>They did it")  # fmt: skip
    assert len(told) == len(ends)
    for text, end in zip(told, ends, strict=True):
        assert f"*{TRAINING}* {end}" in text
    choose(story, "priya", "undo")
    choose(story, "priya", "hand", owner=company.TOM.slack_id)
    assert f"<@U0DEV00000> *{TRAINING}*: Tom has it now, not Dev" in text_of(said(story, "Tom has it now")[0])


def test_a_mark_that_came_or_went_while_nobody_listened_counts_when_the_thread_is_read(story: Story) -> None:
    card = red(story)
    fill_form(story, "priya", card)
    place, ts = card["channel"], item(story)["ts"]
    for change, words, state in (
        (story.slack.react, "Done.", ActionState.DONE),
        (story.slack.unreact, "Not quite.", ActionState.OPEN),
    ):
        story.skip(hours=2)
        story.stop()
        story.sandbox.run(change("U0PRIYA000", place, ts, "white_check_mark"))
        story.sandbox.run(story.slack.say("U0PRIYA000", place, words, card["ts"]))
        story.slack.events.reset()  # Slack has given up on telling us
        story.sandbox.call(story.world.clock.move, timedelta(hours=5))
        story.go_live()
        story.skip(minutes=1)
        assert stored(story).state == state
    react(story, "priya", item(story))
    choose(story, "priya", "undo")  # and the ✅ stays where it is
    story.skip(hours=2)
    story.sandbox.run(story.slack.say("U0PRIYA000", place, "I go on.", card["ts"]))
    story.skip(hours=2)
    assert stored(story).state == ActionState.OPEN
    react(story, "tom", item(story))  # before it is his
    choose(story, "priya", "hand", owner=company.TOM.slack_id)
    story.skip(hours=2)
    assert stored(story).state == ActionState.OPEN


def test_a_message_becomes_an_action_once(story: Story) -> None:
    card = red(story)
    ts = story.sandbox.run(story.slack.say("U0DEV00000", card["channel"], "I'll write the report", card["ts"]))
    shortcut = story.slack.shortcut
    seen = story.sandbox.run(shortcut("U0PRIYA000", "action_item.track", card["channel"], ts))
    assert seen.view
    assert story.submit("priya", seen.view, due_on=BY).ok
    story.settle()
    message = item(story, "I'll write the report")
    assert f"/p{ts.replace('.', '')}|from this message" in text_of(message)
    again = story.sandbox.run(shortcut("U0TOM00000", "action_item.track", card["channel"], ts)).view
    assert again
    assert "Priya made an action of this: *I'll write the report*." in text_of(again)
    assert message["ts"].replace(".", "") in str(again)
