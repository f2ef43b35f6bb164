"""What a red account promises is remembered: once, of the right person, at a good hour in their own time zone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.models import ReminderState
from bot.models.reminders import TOLD
from sandbox import company
from tests.stories.story import Story, buttons_of, text_of

NEW_YORK, LONDON = ZoneInfo("America/New_York"), ZoneInfo("Europe/London")
WHY = {"reason": "champion_left", "sentence": "The new VP wants to cut tools."}


def at(day: int, hour: int, minute: int = 0, *, month: int = 2, zone: ZoneInfo = NEW_YORK) -> datetime:
    return datetime(2027, month, day, hour, minute, tzinfo=zone)


def mark(story: Story, who: str, account: str) -> None:
    form = story.command(who, f"/red-account {account}").view
    assert form
    assert story.submit(who, form, **WHY).ok
    story.settle()


def about(story: Story, account: str) -> list[dict[str, Any]]:
    """Priya's messages that ask whether this account is red."""
    return [message for message in story.dms("priya") if f"Tom thinks {account} is red" in message["text"]]


def digests(story: Story, who: str) -> list[dict[str, Any]]:
    return [message for message in story.dms(who) if message["blocks"][0]["type"] == "header"]


def test_the_ce_and_the_ae_read_on_the_morning_of_the_day_that_it_is_due(story: Story) -> None:
    story.set_health("lena", "Acme", "Red")
    story.poll()
    story.live(at(27, 8, 59, month=1))  # due Wed 27 Jan
    assert story.dms("priya") == story.dms("tom") == []
    story.live(at(27, 9, 0, month=1))
    for who in ("priya", "tom"):
        [digest] = digests(story, who)
        assert digest["text"] == "Today: 1 to do"
        assert "Wednesday 27 January" in text_of(digest)
        assert "*Today*\nSay what is happening · *Acme* · by Wed 27 Jan" in text_of(digest)
    assert digests(story, "lena") == []


def test_nobody_hears_of_what_was_filled_in_in_time(story: Story) -> None:
    story.set_health("lena", "Acme", "Red")
    story.poll()
    form = story.click("priya", story.card("Acme"), "red_account.fill_in").view
    assert form
    story.submit("priya", form, sentence="The new VP doubts the price.")
    story.live(at(29, 17, month=1))
    assert story.dms("priya") == digests(story, "lena") == []
    assert "Say what is happening" not in str(story.dms("tom"))
    assert {row.state for row in story.reminders(kind="fill in")} == {ReminderState.WITHDRAWN}


def test_the_ladder_owners_then_the_thread_then_the_lead(story: Story) -> None:
    story.set_health("lena", "Acme", "Red")
    story.poll()
    replies = len(story.thread(story.card("Acme")))
    story.live(at(28, 17, month=1))
    assert len(story.thread(story.card("Acme"))) == replies  # the owners alone first
    assert "since Wed 27 Jan" in text_of(digests(story, "priya")[-1])
    story.live(at(29, 9, month=1))  # two working days later
    reply = story.thread(story.card("Acme"))[-1]
    assert "<@U0PRIYA000> <@U0TOM00000> Nothing is filled in for Acme yet" in text_of(reply)
    assert digests(story, "lena") == []
    story.live(at(1, 9))  # and three
    lines = "*Overdue*\nSay what is happening · *Acme* · Priya and Tom · since Wed 27 Jan"
    assert lines in text_of(digests(story, "lena")[-1])


def test_what_the_thread_was_told_is_not_in_the_digest_of_that_morning(story: Story) -> None:
    story.set_health("lena", "Acme", "Red")
    story.poll()
    story.live(at(29, 12, month=1))
    assert [message["blocks"][0]["text"]["text"] for message in digests(story, "priya")] == [
        "Wednesday 27 January",
        "Thursday 28 January",
    ]


def test_filling_it_in_is_seen_on_every_copy(story: Story) -> None:
    story.set_health("lena", "Acme", "Red")
    story.poll()
    story.live(at(29, 10, month=1))
    form = story.click("tom", digests(story, "tom")[0], "red_account.fill_in").view
    assert form
    story.submit("tom", form, sentence="The new VP doubts the price.")
    story.settle()
    for copy in (*digests(story, "priya"), *digests(story, "tom"), story.thread(story.card("Acme"))[-1]):
        assert "☑ Done by Tom" in text_of(copy)
        assert "red_account.fill_in" not in str(copy["blocks"])


def test_a_question_waits_for_the_working_hours_of_the_one_who_is_asked(story: Story) -> None:
    story.live(at(25, 15, month=1))  # 20:00 in London
    mark(story, "tom", "initech")  # Marek's
    assert story.dms("marek") == []
    [asked] = [row for row in story.reminders(kind="proposal") if row.step == 0]
    assert asked.state == ReminderState.HELD
    assert "held: quiet hours until Tue 9:00" in asked.why
    story.live(at(26, 9, month=1, zone=LONDON))
    assert "Tom thinks Initech is red" in text_of(story.dm("marek"))


def test_somebody_who_moves_is_reached_at_the_same_hour_there(story: Story) -> None:
    story.set_health("lena", "Acme", "Red")
    story.poll()
    story.move_person("priya", "Asia/Tokyo")
    story.live(at(27, 8, 59, month=1, zone=ZoneInfo("Asia/Tokyo")))
    assert digests(story, "priya") == []
    story.live(at(27, 9, 0, month=1, zone=ZoneInfo("Asia/Tokyo")))
    assert len(digests(story, "priya")) == 1


def test_what_waits_for_a_good_hour_comes_at_once_where_the_hour_is_good(story: Story) -> None:
    story.live(at(25, 15, month=1))  # 20:00 in London
    mark(story, "tom", "initech")  # Marek's
    story.move_person("marek", "America/New_York")
    story.live(at(25, 15, 1, month=1))
    assert "Tom thinks Initech is red" in text_of(story.dm("marek"))
    [asked] = [row for row in story.reminders(kind="proposal") if row.step == 0]
    assert "looked at again: the time zone of Marek Novotny is America/New_York now" in asked.why


def test_a_snooze_follows_whoever_chose_it_and_an_hour_stays_an_hour(story: Story) -> None:
    mark(story, "tom", "acme")
    mark(story, "tom", "globex")
    rows = [row for row in story.reminders(kind="proposal") if row.step == 0]
    for message, row, what in zip(story.dms("priya"), rows, ("tomorrow", "hour"), strict=True):
        story.click("priya", message, "reminder.later", f"{what}:{row.id}")
    story.move_person("priya", "America/Los_Angeles")
    morning, hour = [row for row in story.reminders(kind="proposal") if row.step == 0]
    assert (morning.wall, morning.due_at) == ("2027-01-26T09:00", at(26, 12, month=1))
    assert (hour.wall, hour.due_at.hour) == ("2027-01-25T07:00", 15)
    assert {morning.zone, hour.zone} == {"America/Los_Angeles"}


def test_a_public_holiday_and_a_weekend_are_left_out(story: Story) -> None:
    story.live(at(11, 10))  # a Thursday before Lincoln's birthday, a weekend and Presidents' Day
    story.set_health("lena", "Acme", "Red")
    story.poll()
    assert "by Wed 17 Feb" in text_of(story.card("Acme"))
    story.live(at(17, 8, 59))
    assert digests(story, "priya") == []
    story.live(at(17, 9))
    assert len(digests(story, "priya")) == 1


@pytest.mark.parametrize(
    ("entry", "again"), [("hour", at(25, 10, month=1)), ("tomorrow", at(26, 9, month=1)), ("monday", at(1, 9))]
)
def test_a_snooze_moves_this_reminder_and_no_other(story: Story, entry: str, again: datetime) -> None:
    mark(story, "tom", "acme")
    mark(story, "tom", "globex")
    first, second = story.dms("priya")
    row = next(row for row in story.reminders(kind="proposal") if row.step == 0)
    story.click("priya", first, "reminder.later", f"{entry}:{row.id}")
    story.settle()
    first, second = story.dms("priya")
    assert "Snoozed by Priya Raman until" in text_of(first)
    assert buttons_of(first) == ["red_account.confirm", "red_account.decline"]  # answering now stays one click
    assert "red_account.confirm" in buttons_of(second)
    story.live(again - timedelta(minutes=1))
    assert len(about(story, "Acme")) == 1
    story.live(again + timedelta(minutes=1))
    first, second = about(story, "Acme")
    assert "You were reminded again, below." in text_of(first)
    assert "red_account.confirm" in buttons_of(second)
    assert len(about(story, "Globex")) == 1


def test_a_stale_button_says_so(story: Story) -> None:
    mark(story, "tom", "acme")
    question = story.dm("priya")
    row = next(row for row in story.reminders(kind="proposal") if row.step == 0)
    story.click("priya", question, "red_account.confirm")
    seen = story.click("priya", question, "reminder.later", f"hour:{row.id}")
    assert seen.view
    assert "Priya Raman did this Mon 25 Jan 9:00. Nothing changed." in text_of(seen.view)


def test_handed_on_somebody_else_is_asked_and_may_answer(story: Story) -> None:
    mark(story, "tom", "acme")
    row = next(row for row in story.reminders(kind="proposal") if row.step == 0)
    form = story.click("priya", story.dm("priya"), "reminder.later", f"other:{row.id}").view
    assert form
    assert story.submit("priya", form, what="hand", whom="U0JONAS000").ok
    story.settle()
    assert "Handed to Jonas by Priya" in text_of(story.dm("priya"))
    assert "Priya handed this to you" in text_of(story.dm("jonas"))
    story.click("jonas", story.dm("jonas"), "red_account.confirm")
    story.settle()
    assert story.card("Acme")["text"].startswith("Acme is red, set by Jonas.")


def test_a_guest_is_not_handed_anything(story: Story) -> None:
    mark(story, "tom", "acme")
    row = next(row for row in story.reminders(kind="proposal") if row.step == 0)
    form = story.click("priya", story.dm("priya"), "reminder.later", f"other:{row.id}").view
    assert form
    seen = story.submit("priya", form, what="hand", whom="U0GUEST000")
    assert "guests, bots and people from outside get nothing" in seen.errors["whom"]


def test_what_a_lead_proposed_waits_for_the_lead_when_the_ce_has_left(story: Story) -> None:
    mark(story, "lena", "acme")
    assert "Lena thinks Acme is red" in text_of(story.dm("priya"))
    story.leave("priya")
    mine, asked = story.dms("lena")
    assert "It waits for you." in text_of(mine)
    assert asked["text"].startswith("You think Acme is red: ")
    assert "Priya (CE) has left: you can answer now." in text_of(asked)
    story.click("lena", asked, "red_account.confirm")
    story.settle()
    assert story.health("Acme") == "Red"


def test_skipped_with_a_reason_the_next_step_still_comes(story: Story) -> None:
    mark(story, "tom", "acme")
    row = next(row for row in story.reminders(kind="proposal") if row.step == 0)
    form = story.click("priya", story.dm("priya"), "reminder.later", f"skip:{row.id}").view
    assert form
    assert story.submit("priya", form, why="I call them at noon").ok
    story.settle()
    assert "Skipped by Priya Raman: I call them at noon" in text_of(story.dm("priya"))
    story.live(at(26, 9, 5, month=1))
    assert "Tom thinks Acme is red" in text_of(story.dm("lena"))


def test_more_than_five_in_a_day_fold_into_the_digest_and_nothing_drops(story: Story) -> None:
    mine = [name for name in company.NAMES[:16] if mark_if_possible(story, name)]
    assert len(mine) > 5
    assert len(story.dms("priya")) == 5
    rows = story.reminders(kind="proposal", step=0, recipient_id=story.person("priya").id)
    assert [row.state for row in rows].count(ReminderState.FOLDED) == len(mine) - 5
    story.live(at(26, 9, month=1))
    [digest] = digests(story, "priya")
    assert digest["text"] == f"Today: {len(mine)} wait for you"
    rows = story.reminders(kind="proposal", step=0, recipient_id=story.person("priya").id)
    assert all(row.state in TOLD and row.told_at for row in rows)


def mark_if_possible(story: Story, name: str) -> bool:
    """Tom marks it if it is Priya's and not red yet."""
    form = story.command("tom", f"/red-account {name}").view
    if form is None or form["callback_id"] != "red_account.mark_form":
        return False
    before = len(story.reminders(kind="proposal", recipient_id=story.person("priya").id))
    assert story.submit("tom", form, **WHY).ok
    story.settle()
    return len(story.reminders(kind="proposal", recipient_id=story.person("priya").id)) > before


def test_a_question_in_the_digest_is_answered_there(story: Story) -> None:
    mark(story, "tom", "acme")
    story.live(at(26, 9, month=1))
    [digest] = digests(story, "priya")
    assert "*Waits for you*\nTom thinks *Acme* is red · since Mon 25 Jan" in text_of(digest)
    form = story.click("priya", digest, "reminder.answer").view
    assert form
    seen = story.submit("priya", form, what="no")
    assert "Say why not" in seen.errors["why"]
    story.submit("priya", form, what="yes")
    story.settle()
    assert story.card("Acme")
    assert "☑ Done by Priya" in text_of(digests(story, "priya")[0])


def test_what_was_for_somebody_who_left_goes_to_the_lead(story: Story) -> None:
    mark(story, "tom", "acme")
    story.set_health("lena", "Globex", "Red")
    story.poll()
    story.leave("priya")
    story.settle()
    assert sum("Priya (CE) has left: you can answer now." in text_of(message) for message in story.dms("lena")) == 1
    story.live(at(27, 9, month=1))
    assert "*Globex*" in text_of(digests(story, "lena")[-1])


def test_an_outage_of_three_days_tells_everything_once(story: Story) -> None:
    """Late: the question to the lead and the word in the thread once, a digest that is over not at all."""
    story.set_health("lena", "Acme", "Red")  # due Wed 27 Jan; the thread two working days later
    story.poll()
    story.live(at(26, 14, month=1))
    mark(story, "tom", "globex")  # the lead's turn is Wed 27 Jan 14:00
    before = {who: len(story.dms(who)) for who in ("priya", "tom", "lena")}
    story.stop()
    story.sandbox.call(story.world.clock.set, at(29, 14, month=1))
    story.go_live()
    story.settle()
    new = {who: [message["text"] for message in story.dms(who)[count:]] for who, count in before.items()}
    assert new["lena"] == ["Tom thinks Globex is red: champion left. Mark it red, or say why not."]
    assert new["priya"] == ["Today: 1 waits for you"]  # Acme is not in it: its thread has just been told
    assert new["tom"] == []
    said = [text_of(reply) for reply in story.thread(story.card("Acme")) if "Nothing is filled in" in text_of(reply)]
    assert len(said) == 1
    story.live(at(1, 9))
    assert digests(story, "priya")[-1]["text"] == "Today: 1 overdue, 1 waits for you, 1 to do"  # Acme's plan
    assert digests(story, "lena")[-1]["text"] == "Today: 1 overdue, 1 waits for you"


def test_an_empty_digest_is_not_sent(story: Story) -> None:
    mark(story, "tom", "acme")
    story.click("priya", story.dm("priya"), "red_account.confirm")
    story.live(at(26, 17, month=1))
    assert digests(story, "priya") == []


def test_a_cover_reads_what_is_open_on_the_days_away(story: Story) -> None:
    """Known days before: what is open when they come goes to the cover, and back again afterwards."""
    story.set_health("lena", "Acme", "Red")
    story.poll()
    form = story.command("priya", "/touchpoint settings").view
    assert form
    away = {"away_from_on": "2027-01-28", "away_to_on": "2027-01-29", "cover": "U0MAREK000"}
    assert story.submit("priya", form, **away).ok
    story.live(at(27, 12, month=1))
    assert len(digests(story, "priya")) == 1
    assert digests(story, "marek") == []
    story.live(at(28, 12, month=1))
    assert len(digests(story, "priya")) == 1
    [digest] = digests(story, "marek")
    assert "Say what is happening · *Acme*" in text_of(digest)
    form = story.click("marek", digest, "red_account.fill_in").view
    assert form
    assert form["callback_id"] == "red_account.fill_in_form"
    story.live(at(1, 12))
    assert "*Overdue*\nSay what is happening · *Acme*" in text_of(digests(story, "priya")[-1])
    assert "Monday 1 February" in text_of(digests(story, "priya")[-1])


def test_a_card_that_is_asked_for_promises_like_any_other(story: Story) -> None:
    story.click("lena", story.cards("were red already")[0], "red_account.post_all")
    story.live(at(27, 12, month=1))
    assert any("Hillcrest Freight" in text_of(digest) for digest in digests(story, "marek"))


def test_the_asker_is_not_handed_their_own_question(story: Story) -> None:
    mark(story, "tom", "acme")
    [row] = story.reminders(kind="proposal", step=0)
    form = story.click("priya", story.dm("priya"), "reminder.later", f"other:{row.id}").view
    assert form
    seen = story.submit("priya", form, what="hand", whom="U0TOM00000")
    assert "Tom Okafor asked this." in seen.errors["whom"]


def test_a_nudge_reaches_whoever_has_the_question_by_now(story: Story) -> None:
    mark(story, "tom", "acme")
    [row] = story.reminders(kind="proposal", step=0)
    form = story.click("priya", story.dm("priya"), "reminder.later", f"other:{row.id}").view
    assert form
    story.submit("priya", form, what="hand", whom="U0DEV00000")
    story.settle()
    assert "It waits for Dev;" in text_of(story.dm("tom"))
    story.click("tom", story.dm("tom"), "red_account.nudge")
    story.settle()
    assert len(story.dms("dev")) == 2
    assert len(story.dms("priya")) == 1


def test_a_nudge_before_its_hour_says_when_they_hear_of_it(story: Story) -> None:
    story.live(at(25, 18, month=1))
    mark(story, "tom", "acme")
    refused = story.click("tom", story.dm("tom"), "red_account.nudge").view
    assert refused
    assert "Priya Raman hears of it" in text_of(refused)


def test_a_cover_of_yesterday_may_not_answer_today(story: Story) -> None:
    form = story.command("priya", "/touchpoint settings").view
    assert form
    story.submit("priya", form, away_from_on="2027-01-25", away_to_on="2027-01-25", cover="U0MAREK000")
    mark(story, "tom", "acme")
    assert "You cover for Priya" in text_of(story.dm("marek"))
    assert story.dms("priya") == []
    story.live(at(26, 9, month=1))
    refused = story.click("marek", story.dm("marek"), "red_account.confirm").view
    assert refused
    assert "Only Priya Raman (Acme's CE) can answer this" in text_of(refused)


def test_a_refusal_after_a_snooze_does_not_ring_at_night(story: Story) -> None:
    """What was withdrawn and is promised again keeps nothing of the snooze that it had."""
    mark(story, "priya", "acme")
    story.submit("tom", resolve_form(story, "tom"), outcome="green", note="They signed.")
    story.settle()
    [row] = story.reminders(kind="resolution", step=0)
    story.click("priya", story.dm("priya"), "reminder.later", f"monday:{row.id}")
    story.settle()
    record = company.account_id(story.world, "Acme")
    for ce in (company.MAREK, company.PRIYA):  # to somebody else and back, at night
        story.live(at(25, 22, month=1) if ce is company.MAREK else at(25, 23, month=1))
        owner = {"Customer_Engineer__c": company.user_id(story.world, ce)}
        story.sandbox.call(story.world.salesforce.update, "Account", record, owner, None)
        story.poll()
    assert len(story.dms("priya")) == 1
    story.live(at(26, 9, 1, month=1))
    assert any("Tom asks to end Acme" in message["text"] for message in story.dms("priya")[1:])


def resolve_form(story: Story, who: str) -> dict[str, Any]:
    menu = next(e for b in story.card("Acme")["blocks"] for e in b.get("elements", []) if e["type"] == "overflow")
    value = next(option["value"] for option in menu["options"] if option["value"].startswith("resolve:"))
    form = story.click(who, story.card("Acme"), "red_account.menu", value).view
    assert form
    return dict(form)


def test_the_leads_are_told_weeks_before_public_holidays_are_unknown(tell: Callable[..., Story]) -> None:
    region = {"lead": company.LENA.email, "time_zone": "Asia/Shanghai", "country": "CN"}  # decreed anew each year
    story = tell(regions={"US East": region}, default_region="US East")
    story.skip(hours=1)
    [told] = [message for message in story.dms("lena") if "public holidays" in text_of(message)]
    assert "the public holidays of US East are known until 31 Dec" in text_of(told)
    story.skip(days=3)
    assert len([message for message in story.dms("lena") if "public holidays" in text_of(message)]) == 1


def test_what_slack_did_not_take_waits_for_a_good_hour_too(story: Story) -> None:
    story.live(at(25, 16, 50, month=1))
    story.world.faults.switch_on("slack", "down", call="chat.postMessage")
    mark(story, "tom", "acme")
    story.sandbox.call(story.world.clock.set, at(25, 20, month=1))
    story.world.faults.switch_off()
    story.settle()
    assert story.dms("priya") == []
    story.live(at(26, 9, 1, month=1))
    assert "Tom thinks Acme is red" in text_of(story.dms("priya")[0])
