"""What people say under a card is kept, and becomes an update with one click."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from bot.listeners import replies as listener
from bot.models import Outcome, Person, RedAccount, Reply
from bot.workflows import resolutions
from sandbox import company
from tests.stories.story import Story, buttons_of, text_of
from tests.stories.test_reminders import at
from tests.stories.test_updates import open_acme, questions, updates

CHANNEL = company.RED_ACCOUNTS
JWT = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIwMDEiLCJuIjoiMSJ9.c2lnbmF0dXJlc2lnbmF0dXJlc2lnbmF0dXJl"


def say(story: Story, who: str, text: str) -> str:
    ts = story.sandbox.run(story.slack.say(_id(story, who), CHANNEL, text, story.card("Acme")["ts"]))
    story.settle()
    return str(ts)


def edit(story: Story, who: str, ts: str, text: str) -> None:
    story.sandbox.run(story.slack.edit(_id(story, who), CHANNEL, ts, text))
    story.settle()


def delete(story: Story, who: str, ts: str) -> None:
    story.sandbox.run(story.slack.delete(_id(story, who), CHANNEL, ts))
    story.settle()


def kept(story: Story) -> list[Reply]:
    with story.services.transaction() as session:
        return list(session.scalars(select(Reply).order_by(Reply.id)))


def offers(story: Story, who: str) -> list[dict[str, Any]]:
    return [message for message in story.dms(who) if "an update is due" in message["text"]]


def undo_of(update: dict[str, Any]) -> str:
    """The entry of its ⋯ menu."""
    return next(one["value"] for one in update["blocks"][0]["accessory"]["options"] if one["value"].startswith("undo"))


def _id(story: Story, who: str) -> str:
    return story.person(who).slack_id or ""


def test_a_reply_is_kept_its_edits_and_its_deletion_are_followed_and_keys_are_cut_out(story: Story) -> None:
    open_acme(story)
    ts = say(story, "dev", f"<@U0PRIYA000> the key is {JWT} & it works")
    [reply] = kept(story)
    assert reply.text == "@Priya Raman the key is [key cut out] & it works"
    assert (reply.by.name, reply.ts) == ("Dev Chandra", ts)
    edit(story, "dev", ts, "I can say Thursday.")
    assert [(one.text, one.edited_at is not None) for one in kept(story)] == [("I can say Thursday.", True)]
    delete(story, "dev", ts)
    assert [(one.text, one.deleted_at is not None) for one in kept(story)] == [("", True)]


def test_neither_guests_nor_our_own_messages_nor_the_channels_talk_is_kept(story: Story) -> None:
    open_acme(story)
    for outsider in (company.GUEST, company.ANA):
        story.slack.channels[CHANNEL].members.append(outsider.slack_id)
        story.sandbox.run(story.slack.say(outsider.slack_id, CHANNEL, "Hello?", story.card("Acme")["ts"]))
    story.sandbox.run(story.slack.say(company.TOM.slack_id, CHANNEL, "Who is on call today?"))
    story.settle()
    assert len(story.thread(story.card("Acme"))) >= 2
    assert kept(story) == []


def test_what_was_missed_is_read_after_the_start_once(story: Story) -> None:
    open_acme(story)
    kept_before = say(story, "tom", "Their VP asked me for a date.")
    gone_before = say(story, "dev", "Wrong thread.")
    story.skip(hours=2)
    card = story.card("Acme")["ts"]
    story.stop()
    for who, text in (("U0DEV00000", "I can say Thursday."), ("U0TOM00000", f"Good. {JWT}")):
        story.sandbox.run(story.slack.say(who, CHANNEL, text, card))
    story.sandbox.run(story.slack.edit("U0TOM00000", CHANNEL, kept_before, "Their VP wants a date."))
    story.sandbox.run(story.slack.delete("U0DEV00000", CHANNEL, gone_before))
    story.slack.events.reset()  # Slack has given up on telling us
    story.sandbox.call(story.world.clock.move, timedelta(hours=5))
    story.go_live()
    story.skip(minutes=1)
    texts = ["Their VP wants a date.", "", "I can say Thursday.", "Good. [key cut out]"]
    assert [reply.text for reply in kept(story)] == texts
    read = [call for call in story.world.calls if "conversations.replies" in call.name]
    story.skip(hours=2)
    assert [call for call in story.world.calls if "conversations.replies" in call.name] == read  # nothing has changed
    assert [reply.text for reply in kept(story)] == texts


def test_what_was_said_after_the_end_while_touchpoint_was_away_is_read_too(story: Story) -> None:
    open_acme(story)
    with story.services.transaction() as session:
        red = session.scalars(select(RedAccount).order_by(RedAccount.id.desc()).limit(1)).one()
        by, now = session.get_one(Person, red.account.ce_id), story.services.now()
        given = {"by": by, "now": now, "policy": story.services.policy}
        resolutions.resolve(session, red.id, Outcome.GREEN, "The pilot.", **given)
    story.settle()
    card = story.card("Acme")["ts"]
    story.stop()
    story.sandbox.run(story.slack.say(company.TOM.slack_id, CHANNEL, "For the retro: ask their CFO earlier.", card))
    story.slack.events.reset()
    story.sandbox.call(story.world.clock.move, timedelta(hours=5))
    story.go_live()
    story.skip(minutes=1)
    assert [reply.text for reply in kept(story)] == ["For the retro: ask their CFO earlier."]


def test_a_plain_reply_becomes_the_update_that_is_due_with_one_click(story: Story) -> None:
    open_acme(story)
    say(story, "tom", "Too early to be one.")
    story.live(at(8, 11))  # the day on which it is due
    say(story, "dev", "I am not of the account team.")
    say(story, "tom", "Their CFO agreed to a pilot.")
    say(story, "tom", "And a second thought.")
    assert offers(story, "dev") == offers(story, "priya") == []
    [offer] = offers(story, "tom")
    assert ">Their CFO agreed to a pilot." in text_of(offer)
    assert buttons_of(offer) == ["reply.use", "reply.refuse"]
    assert story.click("tom", offer, "reply.use").ok
    story.settle()
    [update] = updates(story)
    assert "Their CFO agreed to a pilot." in text_of(update)
    assert "last update 8 Feb, next by 16 Feb" in text_of(story.card("Acme"))  # Mon 15 Feb is a holiday
    [offer] = offers(story, "tom")
    assert "☑ It is the update." in text_of(offer)
    assert buttons_of(offer) == []
    say(story, "priya", "Not asked: none is due any more.")
    assert offers(story, "priya") == []


def test_an_update_from_the_card_answers_the_offer_and_taken_back_it_is_open_again(story: Story) -> None:
    open_acme(story)
    story.live(at(8, 11))
    say(story, "tom", "Their CFO agreed to a pilot.")
    story.skip(minutes=1)
    form = story.click("priya", story.card("Acme"), "red_account.post_update").view
    assert form
    story.submit("priya", form, changed="A pilot is agreed.")
    story.settle()
    assert buttons_of(offers(story, "tom")[0]) == []
    [update] = updates(story)
    assert story.click("priya", update, "update.menu", undo_of(update)).ok
    story.settle()
    assert buttons_of(offers(story, "tom")[0]) == ["reply.use", "reply.refuse"]


def test_no_is_final_for_that_day_and_a_deleted_reply_is_no_update(story: Story) -> None:
    open_acme(story)
    story.live(at(8, 11))
    say(story, "tom", "Anyone for lunch?")
    story.click("tom", offers(story, "tom")[0], "reply.refuse")
    story.settle()
    assert "It stays a reply." in text_of(offers(story, "tom")[0])
    say(story, "tom", "Pasta it is.")
    assert len(offers(story, "tom")) == 1
    ts = say(story, "priya", "They signed.")
    assert ">They signed." in text_of(offers(story, "priya")[0])
    delete(story, "priya", ts)
    assert "They signed." not in text_of(offers(story, "priya")[0])
    assert buttons_of(offers(story, "priya")[0]) == []
    story.live(at(9, 11))
    say(story, "tom", "Another day.")
    assert len(offers(story, "tom")) == 2
    assert updates(story) == questions(story, "tom") == []


def test_what_is_said_under_a_card_that_was_deleted_is_kept_too(story: Story) -> None:
    open_acme(story)
    card = story.card("Acme")["ts"]
    say(story, "tom", "Their VP asked me for a date.")
    story.sandbox.run(story.slack.delete_bot_message(CHANNEL, card))
    story.skip(minutes=1)
    assert len([one for one in story.cards() if "🔴 Acme is red" in text_of(one)]) == 1
    story.sandbox.run(story.slack.say(company.DEV.slack_id, CHANNEL, "I can say Thursday.", card))
    story.settle()
    say_under_the_new_one(story, "Here now.")
    story.restart()
    story.skip(minutes=1)  # every thread is read again
    texts = ["Their VP asked me for a date.", "I can say Thursday.", "Here now."]
    assert [reply.text for reply in kept(story)] == texts


def say_under_the_new_one(story: Story, text: str) -> None:
    [card] = [one for one in story.cards() if "🔴 Acme is red" in text_of(one)]
    story.sandbox.run(story.slack.say(company.TOM.slack_id, CHANNEL, text, card["ts"]))
    story.settle()


def test_a_reply_that_is_edited_takes_the_update_made_from_it_along(story: Story) -> None:
    open_acme(story)
    story.live(at(8, 11))
    ts = say(story, "tom", "Their CFO agreed to a pilto.")
    [offer] = offers(story, "tom")
    assert story.click("tom", offer, "reply.use").ok
    story.settle()
    edit(story, "tom", ts, "Their CFO agreed to a pilot.")
    [update] = updates(story)
    assert "Their CFO agreed to a pilot." in text_of(update)


def test_a_reply_that_is_only_a_file_is_kept_by_its_name_and_is_no_update(story: Story) -> None:
    open_acme(story)
    story.live(at(8, 11))
    event = {
        "channel": CHANNEL, "thread_ts": story.card("Acme")["ts"], "ts": f"{story.services.now().timestamp():.6f}",
        "user": company.TOM.slack_id, "subtype": "file_share", "text": "", "files": [{"name": "usage.pdf"}],
    }  # fmt: skip
    listener.said(event, story.services)
    story.settle()
    assert [reply.text for reply in kept(story)] == ["[file: usage.pdf]"]
    assert offers(story, "tom") == []
