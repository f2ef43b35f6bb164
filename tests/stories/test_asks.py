"""Asking other teams for help: where everyone can see it, with one owner, until it is there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.models import Ask, History, ReminderState
from sandbox import company
from sandbox.slack.people import BOT_USER
from tests.stories.story import Story, buttons_of, text_of
from tests.stories.test_red_accounts import mark

NEW_YORK = ZoneInfo("America/New_York")
DEV, IDENTITY = company.DEV.slack_id, company.IDENTITY
ASK = {"what": "SSO fix", "needed_on": "2027-02-04", "why": "40 people cannot log in."}


def at(day: int, hour: int, minute: int = 0, *, month: int = 1) -> datetime:
    return datetime(2027, month, day, hour, minute, tzinfo=NEW_YORK)


def ask(story: Story, who: str = "priya", **of: str) -> dict[str, Any]:
    """Acme is red, and somebody presses *Ask for help*. Answers the ask in the thread."""
    if not story.cards("Acme"):
        mark(story, "priya", "acme")
        story.settle()
    form = story.click(who, story.card("Acme"), "red_account.ask").view
    assert form
    seen = story.submit(who, form, **{**ASK, **(of or {"team": "identity"})})
    assert seen.ok, seen
    story.settle()
    return thread(story)[-1]


def thread(story: Story) -> list[dict[str, Any]]:
    return story.thread(story.card("Acme"))


def the_ask(story: Story) -> dict[str, Any]:
    """As it stands in the thread now."""
    [found] = [message for message in thread(story) if "for Acme*" in text_of(message)]
    return found


def press(story: Story, who: str, message: dict[str, Any], button: str, entry: str | None = None) -> Any:
    value = f"{entry}:{row(story).id}" if entry else None
    seen = story.click(who, message, button, value)
    story.settle()
    return seen


def hand_in(
    story: Story, who: str, message: dict[str, Any], button: str, entry: str | None = None, **words: str
) -> Any:
    form = press(story, who, message, button, entry).view
    assert form
    seen = story.submit(who, form, **words)
    story.settle()
    return seen


def row(story: Story) -> Ask:
    with story.services.transaction() as session:
        return session.query(Ask).order_by(Ask.id.desc()).first() or Ask()


def digests(story: Story, who: str) -> list[str]:
    return [text_of(message) for message in story.dms(who) if message["blocks"][0]["type"] == "header"]


def test_an_ask_stands_on_the_card_in_the_row_in_the_thread_and_in_the_teams_channel(story: Story) -> None:
    reply = ask(story, "tom", team="identity", otherwise="The rollout stops.")
    card = story.card("Acme")
    assert "*We need*  SSO fix, Identity, *nobody yet*, by 4 Feb" in text_of(card)
    assert story.row("Acme")["Needs"] == "SSO fix, Identity, by Thu 4 Feb"
    assert reply["text"] == "Ask for Identity, by Thu 4 Feb: SSO fix for Acme"
    assert "🙋 *SSO fix for Acme* · Identity · by Thu 4 Feb" in text_of(reply)
    assert "40 people cannot log in. Without it: The rollout stops." in text_of(reply)
    assert buttons_of(reply) == ["ask.take", "ask.cannot", "ask.menu"]
    [there] = story.channel(IDENTITY)
    assert buttons_of(there) == buttons_of(reply)
    assert "🙋 *SSO fix for Acme* · Identity · by Thu 4 Feb" in text_of(there)
    assert "asked by Tom" in text_of(there)
    assert not any(word in text_of(there) for word in ("$240", "is red", "🔴", "renews"))
    assert story.dms("dev") == story.dms("ines") == []


def test_one_click_takes_it_one_click_delivers_it_and_who_asked_is_told_once(story: Story) -> None:
    ask(story, "tom")
    [there] = story.channel(IDENTITY)
    assert press(story, "dev", there, "ask.take").view is None
    for message in (the_ask(story), story.channel(IDENTITY)[0]):
        assert message["text"] == "Dev has it, by Thu 4 Feb: SSO fix for Acme"
        assert "Dev has it, by Thu 4 Feb" in text_of(message)
        assert buttons_of(message) == ["ask.deliver", "ask.menu"]
    assert "SSO fix, Dev, by 4 Feb" in text_of(story.card("Acme"))
    replies = len(thread(story))
    press(story, "dev", the_ask(story), "ask.deliver")
    press(story, "dev", story.channel(IDENTITY)[0], "ask.menu", "undo")
    press(story, "dev", the_ask(story), "ask.deliver")
    assert "☑ *SSO fix for Acme* · delivered by Dev, Mon 25 Jan" in text_of(the_ask(story))
    assert "*We need*  nothing more · 1 delivered" in text_of(story.card("Acme"))
    told = [text_of(message) for message in thread(story)[replies:]]
    assert all("<@U0TOM00000> Dev delivered SSO fix for Acme." in text for text in told)
    assert not any("SSO fix" in text_of(message) for message in story.dms("tom"))
    assert story.row("Acme")["Needs"] == "SSO fix, Dev (Identity), by Thu 4 Feb, delivered"


def test_whoever_is_too_late_reads_who_was_first_and_a_double_click_is_one(story: Story) -> None:
    first = ask(story)
    for _ in range(2):
        assert story.click("dev", first, "ask.take").view is None
    late = story.click("mira", first, "ask.take").view
    assert late
    assert "Dev Chandra did this Mon 25 Jan at 9:0" in text_of(late)
    with story.services.transaction() as session:
        assert session.query(History).filter_by(what="ask taken").count() == 1


def test_a_person_who_is_asked_gets_a_message_at_once_with_the_same_buttons(story: Story) -> None:
    reply = ask(story, team="identity", whom=DEV)
    assert "🙋 *SSO fix for Acme* · Dev (Identity) · by Thu 4 Feb" in text_of(reply)
    assert DEV not in text_of(reply)  # the message is enough: nobody is told twice
    assert story.channel(IDENTITY) == []
    message = story.dm("dev")
    assert message["text"] == "Priya asks you: SSO fix for Acme, by Thu 4 Feb"
    assert buttons_of(message)[:2] == ["ask.take", "ask.cannot"]
    press(story, "dev", message, "ask.take")
    assert buttons_of(story.dm("dev")) == ["ask.deliver", "ask.menu"]
    press(story, "dev", story.dm("dev"), "ask.deliver")
    assert "delivered by Dev" in text_of(story.dm("dev"))
    assert "<@U0PRIYA000> Dev delivered SSO fix for Acme." in text_of(thread(story)[-1])


def test_who_cannot_says_why_and_somebody_else_is_asked(story: Story) -> None:
    ask(story, whom=DEV)
    refused = press(story, "mira", the_ask(story), "ask.cannot").view
    assert refused
    assert "Only Dev Chandra can say that." in text_of(refused)
    hand_in(story, "dev", story.dm("dev"), "ask.cannot", why="Our next release is in March")
    assert "SSO fix, *Dev cannot*, by 4 Feb" in text_of(story.card("Acme"))
    assert "Dev cannot, said Mon 25 Jan: Our next release is in March" in text_of(the_ask(story))
    told = text_of(thread(story)[-1])
    assert "<@U0PRIYA000> Dev cannot give SSO fix for Acme." in told
    assert ">Our next release is in March" in told
    seen = hand_in(story, "priya", the_ask(story), "ask.hand", whom=company.GUEST.slack_id)
    assert list(seen.errors) == ["whom"]
    hand_in(story, "priya", the_ask(story), "ask.hand", whom=company.INES.slack_id)
    assert story.dm("ines")["text"] == "Priya asks you: SSO fix for Acme, by Thu 4 Feb"
    assert "SSO fix, Ines, *no answer yet*, by 4 Feb" in text_of(story.card("Acme"))


def test_another_date_and_a_withdrawal_are_for_those_who_asked_and_told_to_whoever_has_it(story: Story) -> None:
    ask(story)
    press(story, "dev", the_ask(story), "ask.take")
    refused = press(story, "dev", the_ask(story), "ask.menu", "date").view
    assert refused
    assert "Only Priya Raman (Acme's CE), Tom Okafor (its AE) or" in text_of(refused)
    seen = hand_in(story, "tom", the_ask(story), "ask.menu", "date", needed_on="2027-01-01")
    assert seen.errors == {"needed_on": "Pick the day by which you need it, today or later."}
    hand_in(story, "tom", the_ask(story), "ask.menu", "date", needed_on="2027-02-09")
    assert f"<@{DEV}> SSO fix for Acme is needed by Tue 9 Feb now." in text_of(thread(story)[-1])
    assert "Dev has it, by Tue 9 Feb" in text_of(the_ask(story))
    hand_in(story, "priya", the_ask(story), "ask.menu", "withdraw", why="They fixed it")
    assert f"<@{DEV}> Priya says that SSO fix for Acme is not needed any more." in text_of(thread(story)[-1])
    assert "withdrawn by Priya, Mon 25 Jan: They fixed it" in text_of(the_ask(story))
    assert "We need" not in text_of(story.card("Acme"))
    press(story, "priya", the_ask(story), "ask.menu", "undo")
    assert "Dev has it, by Tue 9 Feb" in text_of(the_ask(story))


def test_a_taking_that_is_undone_is_with_whoever_was_named(story: Story) -> None:
    ask(story, whom=DEV)
    press(story, "mira", the_ask(story), "ask.take")
    assert "Mira has it" in text_of(the_ask(story))
    press(story, "mira", the_ask(story), "ask.menu", "undo")
    assert "🙋 *SSO fix for Acme* · Dev · by Thu 4 Feb" in text_of(the_ask(story))
    assert buttons_of(story.dm("dev"))[:2] == ["ask.take", "ask.cannot"]


def test_whoever_undoes_their_own_answer_is_not_asked_by_a_new_message(story: Story) -> None:
    ask(story, whom=DEV)
    press(story, "dev", story.dm("dev"), "ask.take")
    press(story, "dev", the_ask(story), "ask.menu", "undo")
    assert buttons_of(story.dm("dev"))[:2] == ["ask.take", "ask.cannot"]
    hand_in(story, "dev", story.dm("dev"), "ask.cannot", why="Our next release is in March")
    press(story, "dev", the_ask(story), "ask.menu", "undo")
    assert buttons_of(story.dm("dev"))[:2] == ["ask.take", "ask.cannot"]


def test_without_an_answer_the_asker_and_the_teams_lead_read_of_it_and_then_the_ce_lead(story: Story) -> None:
    ask(story, "tom")
    story.live(at(26, 9, 1))
    line = "No answer yet from Identity: SSO fix · *Acme*, by Thu 4 Feb"
    assert line in digests(story, "tom")[-1]
    story.live(at(26, 12))
    assert line in digests(story, "ines")[-1]
    assert digests(story, "lena") == digests(story, "priya") == []
    story.live(at(27, 9, 1))
    assert line in digests(story, "lena")[-1]
    press(story, "dev", the_ask(story), "ask.take")
    assert "☑ Done by Dev" in digests(story, "lena")[-1]
    assert {one.state for one in story.reminders(kind="ask unanswered")} == {ReminderState.ACTED}


def test_a_team_without_a_channel_is_asked_through_its_lead_and_one_without_a_lead_through_the_ce_lead(
    story: Story,
) -> None:
    ask(story, team="leadership")
    assert story.dm("lena")["text"] == "Priya asks Leadership: SSO fix for Acme, by Thu 4 Feb"
    ask(story, team="search")
    story.live(at(25, 22))  # 10:00 in Singapore
    assert story.dm("mira")["text"] == "Priya asks Search: SSO fix for Acme, by Thu 4 Feb"


def test_what_is_not_delivered_is_remembered_by_its_owner_then_in_the_thread_then_by_who_asked(story: Story) -> None:
    ask(story, "tom", whom=DEV)
    press(story, "dev", story.dm("dev"), "ask.take")
    story.live(at(3, 9, 1, month=2))
    assert "*Today*\nSSO fix · *Acme* · by Thu 4 Feb" in digests(story, "dev")[-1]
    replies = len(thread(story))
    story.live(at(5, 17, month=2))
    assert "*Overdue*\nSSO fix · *Acme* · since Thu 4 Feb" in digests(story, "dev")[-1]
    story.live(at(8, 9, 1, month=2))
    late = [message for message in thread(story)[replies:] if "was needed by" in text_of(message)]
    assert len(late) == 1
    assert f"<@{DEV}> SSO fix for Acme was needed by Thu 4 Feb, and is not delivered." in text_of(late[0])
    assert not any("SSO fix" in text for text in digests(story, "tom"))
    story.live(at(9, 9, 1, month=2))
    for who in ("tom", "lena"):
        assert "SSO fix · *Acme* · Dev · since Thu 4 Feb" in digests(story, who)[-1]
    press(story, "dev", late[0], "ask.deliver")
    assert "☑ Done by Dev" in digests(story, "lena")[-1]


def test_a_message_in_the_thread_becomes_an_ask(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    card = story.card("Acme")
    said = story.sandbox.run(
        story.slack.say(company.TOM.slack_id, company.RED_ACCOUNTS, f"Can <@{DEV}> fix SSO & SCIM?", card["ts"])
    )
    form = story.sandbox.run(story.slack.shortcut(company.TOM.slack_id, "ask.make", company.RED_ACCOUNTS, said)).view
    assert form
    assert form["blocks"][1]["element"]["initial_value"] == "Can @Dev Chandra fix SSO & SCIM?"
    assert story.submit("tom", form, whom=DEV, needed_on="2027-02-04").ok
    story.settle()
    assert story.dm("dev")["text"] == "Tom asks you: Can @Dev Chandra fix SSO & SCIM? for Acme, by Thu 4 Feb"
    other = story.sandbox.run(story.slack.say(company.TOM.slack_id, company.CE, "Who can help?"))
    refused = story.sandbox.run(story.slack.shortcut(company.TOM.slack_id, "ask.make", company.CE, other)).view
    assert refused
    assert "a message in the thread of a red account's card" in text_of(refused)


def test_what_was_only_noted_down_says_what_is_not_said_yet_and_is_completed(story: Story) -> None:
    mark(story, "priya", "acme", asks="SSO fix")
    story.settle()
    assert "SSO fix, *nobody yet*, *no date yet*" in text_of(story.card("Acme"))
    assert "by when and from whom is not said yet" in text_of(the_ask(story))
    assert buttons_of(the_ask(story)) == ["ask.complete", "ask.take", "ask.menu"]
    story.live(at(26, 9, 1))
    assert "SSO fix · *Acme* · by when and from whom is not said yet" in digests(story, "priya")[-1]
    form = press(story, "priya", the_ask(story), "ask.complete").view
    assert form
    assert story.submit("priya", form, needed_on="2027-02-04").errors == {"team": "Pick a team, a person, or both."}
    assert story.submit("priya", form, team="identity", needed_on="2027-02-04").ok
    story.settle()
    assert "🙋 *SSO fix for Acme* · Identity · by Thu 4 Feb" in text_of(the_ask(story))
    assert len(story.channel(IDENTITY)) == 1


def test_a_teams_channel_that_a_customer_reads_gets_nothing_and_the_lead_is_told(tell: Callable[..., Story]) -> None:
    shared = {"identity": {"name": "Identity", "channel": company.SHARED}}
    story = tell(teams=shared)
    story.sandbox.run(story.slack.invite_bot(company.SHARED))
    ask(story)
    assert story.channel(company.SHARED) == []
    assert "shared with another company" in text_of(story.dm("lena"))
    assert BOT_USER in story.slack.channels[company.SHARED].members


def test_when_the_red_account_is_over_its_asks_rest(story: Story) -> None:
    ask(story, whom=DEV)
    form = story.click("priya", story.card("Acme"), "red_account.menu", f"resolve:{row(story).red_account_id}").view
    assert form
    assert story.submit("priya", form, outcome="green", note="They renewed.").ok
    story.settle()
    assert buttons_of(the_ask(story)) == buttons_of(story.dm("dev")) == []
    assert row(story).state == "asked"
    story.live(at(9, 12, month=2))
    assert not any("SSO fix" in text for who in ("priya", "lena", "dev") for text in digests(story, who))


def test_what_is_missing_is_named_under_its_field_and_somebody_else_is_told_who_can_ask(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    form = story.click("priya", story.card("Acme"), "red_account.ask").view
    assert form
    seen = story.submit("priya", form, what="SSO fix", needed_on="2027-01-01")
    assert seen.errors == {
        "team": "Pick a team, a person, or both.",
        "needed_on": "Pick the day by which you need it, today or later.",
    }
    refused = story.click("dev", story.card("Acme"), "red_account.ask").view
    assert refused
    assert "can ask for help here" in text_of(refused)
