"""Action items: each a message of its own in the thread, with an owner, a date, and an end."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.models import ActionItem, ActionState, ReminderState
from sandbox import company
from sandbox.slack.seen import Seen
from tests.stories.story import NAMES, Story, buttons_of, text_of
from tests.stories.test_red_accounts import mark

NEW_YORK = ZoneInfo("America/New_York")
TRAINING = "Admin training for the platform team"
BY = "2027-02-03"  # a Wednesday


def at(day: int, hour: int, minute: int = 0, *, month: int = 2) -> datetime:
    return datetime(2027, month, day, hour, minute, tzinfo=NEW_YORK)


def red(story: Story, account: str = "acme") -> dict[str, Any]:
    mark(story, "priya", account)
    story.settle()
    return story.card(account.title())


def fill_form(story: Story, who: str, card: dict[str, Any], **values: Any) -> Seen:
    form = story.click(who, card, "red_account.add_action").view
    assert form
    seen = story.submit(who, form, **{"what": TRAINING, "due_on": BY, **values})
    story.settle()
    return seen


def item(story: Story, what: str = TRAINING, of: str = "Acme") -> dict[str, Any]:
    """The item's own message."""
    firsts = [(message, message["blocks"][0]) for message in story.thread(story.card(of)) if message.get("blocks")]
    lines = tuple(f"{mark} *{what}*" for mark in "☐⛔☑☒")
    found = [message for message, first in firsts if text_of({"blocks": [first]}).strip().startswith(lines)
             and "open the action" not in text_of(message)]  # fmt: skip
    assert len(found) == 1, [text_of(message) for message in story.thread(story.card(of))]
    return found[0]


def choose(story: Story, who: str, entry: str, **values: Any) -> Seen:
    """An entry of the item's ⋯ menu, and its form."""
    seen = story.click(who, item(story), "action_item.menu", f"{entry}:{stored(story).id}")
    if values:
        assert seen.view, seen
        seen = story.submit(who, seen.view, **values)
    story.settle()
    return seen


def stored(story: Story, what: str = TRAINING) -> ActionItem:
    with story.services.transaction() as session:
        return session.query(ActionItem).filter_by(what=what).order_by(ActionItem.id.desc()).first()  # type: ignore[return-value]


def react(
    story: Story, who: str, message: dict[str, Any], mark: str = "white_check_mark", *, off: bool = False
) -> None:
    change = story.slack.unreact if off else story.slack.react
    story.sandbox.run(change(NAMES[who].slack_id, message["channel"], message["ts"], mark))
    story.settle()


def about(story: Story, who: str, words: str = TRAINING) -> list[dict[str, Any]]:
    """Somebody's direct messages that say this."""
    return [message for message in story.dms(who) if words in text_of(message)]


def said(story: Story, words: str) -> list[dict[str, Any]]:
    return [message for message in story.thread(story.card("Acme")) if words in text_of(message)]


def test_each_line_of_the_form_is_an_item_with_a_message_of_its_own(story: Story) -> None:
    card = red(story)
    assert fill_form(story, "priya", card, what=f"{TRAINING}\n- Usage report", serves="120 weekly users").ok
    message = item(story)
    assert message["text"] == f"Priya: {TRAINING} for Acme, by Wed 3 Feb"
    assert "Priya · by Wed 3 Feb · for: 120 weekly users" in text_of(message)
    assert "☐ *Usage report*" in text_of(item(story, "Usage report"))
    assert "*We do*  0 of 2 done · next: Admin training for the platform team, Priya, 3 Feb" in text_of(
        story.card("Acme")
    )
    assert about(story, "priya") == []  # nobody is told of what they did themselves


def test_done_is_one_click_and_can_be_undone(story: Story) -> None:
    fill_form(story, "priya", red(story))
    story.click("tom", item(story), "action_item.done")
    story.click("tom", item(story), "action_item.done")  # twice
    story.settle()
    assert f"☑ *{TRAINING}* · done by Tom, Mon 25 Jan" in text_of(item(story))
    assert "*We do*  1 of 1 done" in text_of(story.card("Acme"))
    choose(story, "tom", "undo")
    assert f"☐ *{TRAINING}*" in text_of(item(story))


def test_blocked_a_new_date_and_a_comment_are_each_said_once_in_the_thread(story: Story) -> None:
    fill_form(story, "priya", red(story))
    choose(story, "priya", "blocked", words="their list of admins")
    message = item(story)
    assert f"⛔ *{TRAINING}* · blocked since Mon 25 Jan: their list of admins" in text_of(message)
    [line] = said(story, "is blocked")
    assert f"/archives/{message['channel']}/p{message['ts'].replace('.', '')}|open the action" in text_of(line)
    choose(story, "priya", "date", due_on="2027-02-10", words="They are away until then.")
    [line] = said(story, "is due Wed 10 Feb now, not Wed 3 Feb")
    assert "They are away until then." in text_of(line)
    story.click("priya", item(story), "action_item.unblock")
    choose(story, "priya", "edit", what=TRAINING, words="They asked for slides.")
    assert f"☐ *{TRAINING}*" in text_of(item(story))
    assert len(said(story, "They asked for slides.")) == 1
    choose(story, "priya", "drop", words="They have a trainer now.")
    assert f"☒ *{TRAINING}* · dropped by Priya, Mon 25 Jan: They have a trainer now." in text_of(item(story))


def test_whoever_is_handed_it_is_told_once_and_no_digest_repeats_it(story: Story) -> None:
    fill_form(story, "priya", red(story))
    choose(story, "priya", "hand", owner=company.TOM.slack_id, words="You know their admins.")
    assert "Tom · by Wed 3 Feb" in text_of(item(story))
    [line] = said(story, "Tom has it now, not Priya")
    assert "U0TOM00000" not in text_of(line)  # a direct message or a mention, never both
    [told] = about(story, "tom")
    assert told["text"] == f"Priya handed this to you, for Acme, by Wed 3 Feb: {TRAINING}"
    story.live(at(29, 17, month=1))
    assert [text_of(one) for one in about(story, "tom", "handed this to you")] == [text_of(told)]
    why = text_of({"blocks": (story.command("tom", "/touchpoint why").view or {})["blocks"]})
    assert f"Acme (RA-{stored(story).red_account_id}): an action that is theirs now" in why
    story.click("tom", told, "action_item.done")
    story.settle()
    assert "☑ Done by Tom" in text_of(about(story, "tom")[0])
    assert f"☑ *{TRAINING}* · done by Tom" in text_of(item(story))


def test_handing_it_to_whoever_has_it_is_said_under_the_field(story: Story) -> None:
    fill_form(story, "priya", red(story))
    again = choose(story, "priya", "hand", owner=company.PRIYA.slack_id)
    assert again.errors == {"owner": "Priya Raman has it already. Pick somebody else."}


def test_several_from_one_form_are_one_message_to_whoever_does_them(story: Story) -> None:
    fill_form(story, "priya", red(story), what=f"{TRAINING}\nUsage report\nSlides", owner=company.TOM.slack_id)
    [told] = about(story, "tom")
    assert told["text"].startswith("Priya handed 3 actions to you, for Acme, by Wed 3 Feb: ")
    assert text_of(told).count("|open it in the thread") == 1
    assert "• Usage report" in text_of(told)


def test_a_handover_waits_for_the_new_owners_working_hours(story: Story) -> None:
    card = red(story)
    story.live(at(25, 16, month=1))  # 21:00 in London
    fill_form(story, "priya", card, owner=company.MAREK.slack_id)
    assert story.dms("marek") == []
    story.live(datetime(2027, 1, 26, 9, 0, tzinfo=ZoneInfo("Europe/London")))
    assert TRAINING in story.dm("marek")["text"]


def test_the_owners_mark_is_done_and_taken_off_it_is_open_again(story: Story) -> None:
    fill_form(story, "priya", red(story))
    message = item(story)
    react(story, "tom", message)
    react(story, "priya", message, "eyes")
    assert stored(story).state == ActionState.OPEN
    react(story, "priya", message)
    assert f"☑ *{TRAINING}* · done by Priya" in text_of(item(story))
    react(story, "tom", message, off=True)
    assert stored(story).state == ActionState.DONE
    react(story, "priya", message, off=True)
    assert f"☐ *{TRAINING}*" in text_of(item(story))
    react(story, "priya", message, "heavy_check_mark")
    assert stored(story).state == ActionState.DONE


def test_one_mark_of_two_taken_off_leaves_it_done(story: Story) -> None:
    fill_form(story, "priya", red(story))
    message = item(story)
    react(story, "priya", message)
    react(story, "priya", message, "heavy_check_mark")
    react(story, "priya", message, off=True)
    assert stored(story).state == ActionState.DONE
    react(story, "priya", message, "heavy_check_mark", off=True)
    assert stored(story).state == ActionState.OPEN


def test_an_event_that_comes_twice_or_late_does_no_harm(story: Story) -> None:
    fill_form(story, "priya", red(story))
    message = item(story)
    item_of_event = {"type": "message", "channel": message["channel"], "ts": message["ts"]}
    place = story.slack.channels[message["channel"]]

    def emit(kind: str, event_ts: float, mark: str = "white_check_mark") -> None:
        event = {"type": kind, "user": "U0PRIYA000", "reaction": mark, "item": item_of_event}
        story.sandbox.call(story.slack.events.emit, event | {"event_ts": f"{event_ts:.6f}"}, place)
        story.settle()

    now = story.services.now().timestamp()
    emit("reaction_removed", now + 3)  # overtook the one before it
    emit("reaction_added", now + 2)
    emit("reaction_added", now - 3600)
    assert stored(story).state == ActionState.OPEN
    emit("reaction_added", now + 5)
    emit("reaction_added", now + 5)
    assert stored(story).state == ActionState.DONE
    emit("reaction_added", now + 6, "heavy_check_mark")
    emit("reaction_removed", now + 8)
    emit("reaction_removed", now + 7, "heavy_check_mark")  # of two marks the newer event came first
    assert stored(story).state == ActionState.OPEN


def test_the_ladder_of_an_action_owner_then_the_thread_then_the_lead(story: Story) -> None:
    fill_form(story, "tom", red(story), owner=company.TOM.slack_id)
    story.live(at(3, 9))
    [digest] = [message for message in story.dms("tom") if "Wednesday 3 February" in text_of(message)]
    assert f"*Today*\n{TRAINING} · *Acme* · by Wed 3 Feb" in text_of(digest)
    assert said(story, "is not done yet") == []
    story.live(at(5, 10))
    [reply] = said(story, "is not done yet")
    assert f"<@U0TOM00000> *{TRAINING}* is not done yet. It was due Wed 3 Feb." in text_of(reply)
    story.live(at(8, 10))
    assert any(f"{TRAINING} · *Acme* · Tom · since Wed 3 Feb" in text_of(one) for one in story.dms("lena"))
    story.click("tom", digest, "action_item.done")
    story.settle()
    for copy in (reply, digest):
        place = story.slack.channels[copy["channel"]]
        assert "☑ Done by Tom" in text_of(place.messages[copy["ts"]])
    assert {row.state for row in story.reminders(noun="action_item")} == {ReminderState.ACTED}


def test_a_closed_red_account_reminds_of_nothing_and_a_relapse_carries_over(story: Story) -> None:
    card = red(story)
    fill_form(story, "priya", card)
    fill_form(story, "priya", card, what="Usage report")
    story.click("priya", item(story, "Usage report"), "action_item.done")
    form = story.click("priya", card, "red_account.menu", f"resolve:{stored(story).red_account_id}").view
    assert form
    assert story.submit("priya", form, outcome="green", note="A new sponsor.").ok
    story.settle()
    assert "still open when RA-" in text_of(item(story))
    assert {row.state for row in story.reminders(noun="action_item")} == {ReminderState.WITHDRAWN}
    old = stored(story)
    mark(story, "priya", "acme")
    story.settle()
    again = story.cards("🔴 Acme")[-1]
    offers = [message for message in story.thread(again) if "Carry over 1 action" in text_of(message)]
    assert len(offers) == 1
    story.click("tom", offers[0], "red_account.carry_actions")
    story.settle()
    new = stored(story)
    assert (new.carried_from_id, new.owner_id, new.due_on) == (old.id, old.owner_id, old.due_on)
    assert f"☐ *{TRAINING}*" in "\n".join(text_of(message) for message in story.thread(again))
    assert any(f"1 action of RA-{old.red_account_id} carried over." in text_of(one) for one in story.thread(again))
    assert any(f"carried over to RA-{new.red_account_id}" in text_of(one) for one in story.thread(card))
    assert story.failed() == []


def test_a_message_in_the_thread_becomes_an_item_of_its_author(story: Story) -> None:
    card = red(story)
    say = story.slack.say("U0DEV00000", card["channel"], "I'll ask <@U0TOM00000> &\nwrite the report", card["ts"])
    ts = story.sandbox.run(say)
    story.settle()
    seen = story.sandbox.run(story.slack.shortcut("U0PRIYA000", "action_item.track", card["channel"], ts))
    assert seen.view
    assert "I'll ask @Tom Okafor & write the report" in str(seen.view)
    assert "'initial_user': 'U0DEV00000'" in str(seen.view)
    assert story.submit("priya", seen.view, due_on=BY).ok
    story.settle()
    message = item(story, "I'll ask @Tom Okafor &amp; write the report")
    assert "Dev · by Wed 3 Feb" in text_of(message)
    assert "handed this to you" in story.dm("dev")["text"]


def test_the_shortcut_elsewhere_says_where_it_works(story: Story) -> None:
    red(story)
    ts = story.sandbox.run(story.slack.say("U0DEV00000", company.CE, "I will write the report"))
    seen = story.sandbox.run(story.slack.shortcut("U0PRIYA000", "action_item.track", company.CE, ts))
    assert seen.view
    assert "on a message in the thread of its card" in text_of({"blocks": seen.view["blocks"]})


def test_the_list_of_ones_own_actions_has_a_done_for_each(story: Story) -> None:
    fill_form(story, "priya", red(story), what=f"{TRAINING}\nUsage report")
    view = story.command("priya", "/red-account actions").view
    assert view
    assert "Usage report" in str(view)
    row = stored(story)
    press = story.slack.click_in_view("U0PRIYA000", view["id"], "action_item.done", str(row.id))
    after = story.sandbox.run(press).view
    assert after
    assert TRAINING not in str(after["blocks"])
    assert "Usage report" in str(after["blocks"])
    story.settle()
    assert "done by Priya" in text_of(item(story))
    of_account = story.command("tom", "/red-account actions acme").view
    assert of_account
    assert "Usage report" in str(of_account)
    assert "Nothing is open here." in str(story.command("dev", "/red-account actions").view)


def test_somebody_else_is_told_who_can_and_may_take_what_nobody_has(story: Story) -> None:
    mark(story, "priya", "acme", actions="Weekly call")  # the CE means to do it
    story.settle()
    refused = story.click("dev", item(story, "Weekly call"), "action_item.done").view
    assert refused
    assert "Only Priya Raman (Acme's CE), Tom Okafor (its AE) or Lena Hofmann (CE lead) can change" in str(refused)
    form = story.command("lena", "/red-account acme").view
    assert form
    story.submit("lena", form, sentence="They cannot log in.", actions="Write to their CFO")
    story.settle()
    assert "nobody yet · no date yet" in text_of(item(story, "Write to their CFO"))
    story.click("dev", item(story, "Write to their CFO"), "action_item.take")
    story.settle()
    assert "Dev · no date yet" in text_of(item(story, "Write to their CFO"))
    assert len(said(story, "Dev took it")) == 1
    assert about(story, "dev", "CFO") == []


def test_what_somebody_had_who_leaves_is_the_leads(story: Story) -> None:
    fill_form(story, "priya", red(story), owner=company.DEV.slack_id)
    story.leave("dev")
    assert "Lena · by Wed 3 Feb" in text_of(item(story))
    story.live(at(26, 10, month=1))
    [digest] = about(story, "lena", "Dev had it and has left")
    line = f"{TRAINING} · *Acme* · by Wed 3 Feb · Dev had it and has left"
    assert line in text_of(digest)
    story.live(at(28, 10, month=1))
    assert len(about(story, "lena", "Dev had it and has left")) == 1


def test_a_day_that_is_over_and_a_guest_are_named_under_their_fields(story: Story) -> None:
    card = red(story)
    late = fill_form(story, "priya", card, due_on="2027-01-24")
    assert late.errors == {"due_on": "Pick the day by which it is done, today or later."}
    guest = fill_form(story, "priya", card, owner=company.GUEST.slack_id)
    assert list(guest.errors) == ["owner"]
