"""What people are answered: nothing that they wrote is lost, who may do what, and where Touchpoint speaks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy import text as sql

from bot.errors import Gone, Permanent
from bot.models import Person
from sandbox import company
from sandbox.slack.people import OTHER_TEAM
from tests.stories.story import Story, text_of
from tests.stories.test_red_accounts import WHY, _resolve_form, mark

HEBREW = "שלום לכולם, הלקוח לא מרוצה. "


def answer_of(view: dict[str, Any], field: str) -> str:
    """What stands in a form's text field."""
    [answer] = view["state"]["values"][field].values()
    return str(answer["value"])


def fill_in_form(story: Story, who: str) -> dict[str, Any]:
    form = story.command(who, "/red-account acme").view
    assert form
    return form


def refused_acks(story: Story) -> list[str]:
    return [call.error for call in story.world.calls if call.error in ("frame_too_long", "connection_lost")]


# Forms that are answered by another form


def test_a_long_text_about_a_red_account_stays_in_the_form_and_the_connection_holds(story: Story) -> None:
    form = story.command("priya", "/red-account acme").view
    assert form
    story.set_health("marek", "Acme", "Red")
    story.poll()
    typed = (HEBREW * 107)[:2900]
    seen = story.submit("priya", form, reason="other", sentence=typed)
    assert refused_acks(story) == []
    assert seen.ok
    assert seen.view
    assert "*Acme* has been red since 25 Jan" in text_of(seen.view)
    assert "What you wrote is still in the form underneath" in text_of(seen.view)
    assert "/archives/C0REDACCTS/p" in str(seen.view)
    underneath = story.sandbox.run(story.slack.close("U0PRIYA000", seen.view["id"])).view
    assert underneath
    assert answer_of(underneath, "sentence") == typed.strip()


def test_a_short_text_about_a_red_account_stands_below_what_is_there(story: Story) -> None:
    form = story.command("tom", "/red-account acme").view
    assert form
    mark(story, "priya", "acme", sentence="Their sponsor left.")
    seen = story.submit("tom", form, reason="other", sentence="Their CFO asked for a call.", actions="call their CFO")
    assert seen.view
    assert "has been red since 25 Jan, set by Priya." in text_of(seen.view)
    assert answer_of(seen.view, "sentence") == "Their sponsor left.\nTheir CFO asked for a call."
    assert answer_of(seen.view, "actions") == "call their CFO"


def test_a_proposal_that_is_there_keeps_what_a_second_person_wrote(story: Story) -> None:
    form = story.command("dev", "/red-account acme").view
    assert form
    mark(story, "tom", "acme")
    seen = story.submit("dev", form, reason="product_gap", sentence="SSO is down for 40 people.")
    assert seen.view
    assert "Tom said so before you. It waits for Priya to agree." in text_of(seen.view)
    underneath = story.sandbox.run(story.slack.close("U0DEV00000", seen.view["id"])).view
    assert underneath
    assert answer_of(underneath, "sentence") == "SSO is down for 40 people."


def test_two_people_fill_in_at_once_and_both_texts_are_there(story: Story) -> None:
    mark(story, "priya", "acme", sentence="Their sponsor left.")
    story.settle()
    of_priya, of_tom = fill_in_form(story, "priya"), fill_in_form(story, "tom")
    assert story.submit("priya", of_priya, sentence="Their sponsor left. The CFO decides now.").view is None
    seen = story.submit("tom", of_tom, sentence="Their sponsor left. I have a call on Friday.", asks="a discount")
    assert seen.view
    assert "Somebody changed this while you wrote. Both texts are here; put them in order." in text_of(seen.view)
    both = answer_of(seen.view, "sentence")
    assert both == "Their sponsor left. The CFO decides now.\nTheir sponsor left. I have a call on Friday."
    assert answer_of(seen.view, "asks") == "a discount"
    story.settle()
    assert "I have a call on Friday." not in text_of(story.card("Acme"))
    assert story.submit("tom", seen.view, sentence="The CFO decides now. I have a call on Friday.").view is None
    story.settle()
    card = text_of(story.card("Acme"))
    assert "The CFO decides now. I have a call on Friday." in card
    assert card.count("a discount") == 1


def test_a_long_text_that_was_overtaken_stays_in_the_form(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    of_priya, of_tom = fill_in_form(story, "priya"), fill_in_form(story, "tom")
    story.submit("priya", of_priya, sentence="The CFO decides now.")
    typed = ("י" * 79 + "\n") * 36
    seen = story.submit("tom", of_tom, sentence=typed)
    assert refused_acks(story) == []
    assert seen.view
    assert "Somebody changed this while you wrote." in text_of(seen.view)
    underneath = story.sandbox.run(story.slack.close("U0TOM00000", seen.view["id"])).view
    assert underneath
    assert answer_of(underneath, "sentence") == typed


def test_old_and_new_that_do_not_fit_together_are_never_saved_cut(story: Story) -> None:
    old, new = "old & " * 400 + "THE END OF THE OLD", "new " * 600 + "THE END OF THE NEW"
    form = story.command("tom", "/red-account acme").view
    assert form
    mark(story, "priya", "acme", sentence=old)
    story.settle()
    seen = story.submit("tom", form, reason="other", sentence=new)
    assert seen.view
    assert answer_of(seen.view, "sentence") == new
    assert "THE END OF THE OLD" in text_of(seen.view)
    assert "keeps this one in the history" in text_of(seen.view)
    assert story.submit("tom", seen.view).view is None
    story.settle()
    assert story.row("Acme")["Current state"] == new
    with story.services.transaction() as session:
        kept = session.scalars(
            sql("SELECT why FROM history WHERE what = 'what is happening' AND by_id IS NOT NULL ORDER BY id")
        ).all()
    assert [str(text)[-18:] for text in kept] == ["THE END OF THE OLD", "THE END OF THE NEW"]


def test_many_names_in_another_script_are_still_offered(story: Story) -> None:
    for name in company.NAMES[:30]:
        record = company.account_id(story.world, name)
        story.sandbox.call(story.world.salesforce.update, "Account", record, {"Name": f"{'🏦' * 60} {name}"}, None)
    story.poll()
    form = story.command("priya", "/red-account").view
    assert form
    options = story.sandbox.run(story.slack.suggest("U0PRIYA000", form["id"], "account.find", "🏦"))
    assert refused_acks(story) == []
    assert len(options) > 5


# What is typed


@pytest.mark.parametrize("typed", ["ac\x00me", "acme\ud800", "\u202eacme"])
def test_what_cannot_be_stored_is_left_out_of_a_command(story: Story, typed: str) -> None:
    form = story.command("priya", f"/red-account {typed}").view
    assert form
    assert '"text": "Acme"' in str(form).replace("'", '"')


def test_what_cannot_be_stored_is_left_out_of_a_search(story: Story) -> None:
    form = story.command("priya", "/red-account").view
    assert form
    options = story.sandbox.run(story.slack.suggest("U0PRIYA000", form["id"], "account.find", "glo\x00\udc00"))
    assert [option["text"]["text"] for option in options] == ["Globex"]


def test_a_name_that_several_accounts_have_is_not_called_unknown(story: Story) -> None:
    form = story.command("priya", "/red-account in").view
    assert form
    assert "Several accounts have “in” in their name. Pick one." in text_of(form)
    assert "No account" not in text_of(form)


def test_what_people_typed_is_not_in_the_log(story: Story, caplog: pytest.LogCaptureFixture) -> None:
    form = story.command("priya", "/red-account acme").view
    assert form
    with story.services.transaction() as session:
        session.execute(sql("ALTER TABLE asks RENAME TO asks_away"))
    try:
        story.submit("priya", form, **WHY, asks="a discount of 40 per cent")
    finally:
        with story.services.transaction() as session:
            session.execute(sql("ALTER TABLE asks_away RENAME TO asks"))
    assert "while handling view_submission" in caplog.text
    assert "INSERT INTO asks" in caplog.text
    assert "40 per cent" not in caplog.text


# Who may


def test_a_reminder_is_seen_where_it_was_asked_for(story: Story) -> None:
    mark(story, "tom", "acme")
    story.settle()
    story.slack.trigger_seconds = -1
    try:
        pressed = story.click("tom", story.dm("tom"), "red_account.nudge")
    finally:
        story.slack.trigger_seconds = 3.0
    story.settle()
    assert pressed.view is None
    assert "reminded Mon 25 Jan" in text_of(story.dm("tom"))
    assert "Nothing was changed" not in text_of(story.dm("tom"))


def test_only_those_who_look_after_an_account_post_its_card(story: Story) -> None:
    key = story.row("Hillcrest")["Key"].removeprefix("RA-")
    refused = story.click("dev", story.cards()[0], "red_account.post_card", key).view
    assert refused
    assert "can post its card." in text_of(refused)
    assert story.cards("Hillcrest Freight is red") == []
    assert "Only Marek Novotny" in text_of(refused)
    assert story.click("marek", story.cards()[0], "red_account.post_card", key).view is None
    story.settle()
    assert len(story.cards("Hillcrest Freight is red")) == 1


def test_only_a_lead_posts_all_cards(story: Story) -> None:
    refused = story.click("priya", story.cards()[0], "red_account.post_all").view
    assert refused
    assert "Only Lena Hofmann (CE lead) can post all cards at once." in text_of(refused)
    story.settle()
    assert len(story.cards()) == 1


def test_who_may_not_answer_a_proposal_is_told_before_writing(story: Story) -> None:
    mark(story, "tom", "acme")
    story.settle()
    question = story.dm("priya")
    story.click("priya", question, "red_account.confirm")
    late = story.click("priya", question, "red_account.decline").view
    assert late
    assert late["submit"] is None
    assert "Priya Raman did this" in text_of(late)


def test_who_may_not_answer_a_wish_to_end_is_told_before_writing(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    story.submit("tom", _resolve_form(story, "tom"), outcome="green", note="They signed.\nToday.")
    story.settle()
    question = story.dm("priya")
    assert "&gt;" not in text_of(question)
    assert ">They signed.\n>Today." in text_of(question)
    record = company.account_id(story.world, "Acme")
    marek = {"Customer_Engineer__c": company.user_id(story.world, company.MAREK)}
    story.sandbox.call(story.world.salesforce.update, "Account", record, marek, None)
    story.poll()
    refused = story.click("priya", question, "resolution.decline").view
    assert refused
    assert refused["submit"] is None
    assert "Only Marek Novotny (Acme's CE) or Lena Hofmann (CE lead) can answer this." in text_of(refused)


def test_somebody_of_another_company_is_no_member_whatever_team_the_event_names(story: Story) -> None:
    profile = {"real_name": "Ana Castillo", "email": "ana@acme.example"}
    user = {"id": "U0VISITOR0", "team_id": OTHER_TEAM, "is_stranger": False, "tz": "UTC", "profile": profile}
    story.sandbox.call(story.slack.events.emit, {"type": "user_change", "user": user})
    story.settle()
    with story.services.transaction() as session:
        person = session.scalars(select(Person).where(Person.slack_id == "U0VISITOR0")).one()
    assert not person.is_member


# Where Touchpoint speaks


def test_a_channel_shared_with_a_customer_gets_nothing_from_that_moment_and_goes_on_after(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    assert len(story.cards("Acme")) == 1
    story.sandbox.run(story.slack.share(company.RED_ACCOUNTS))
    mark(story, "marek", "initech")
    story.settle()
    assert story.cards("Initech") == []
    story.sandbox.run(story.slack.unshare(company.RED_ACCOUNTS))
    story.settle()
    assert len(story.cards("Initech is red")) == 1


def test_the_closing_alone_is_also_sent_to_the_channel(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    note = "The SSO fix shipped,\nand 120 people log in."
    story.submit("priya", _resolve_form(story, "priya"), outcome="green", note=note)
    story.settle()
    sent = [m for m in story.channel(company.RED_ACCOUNTS) if m.get("subtype") == "thread_broadcast"]
    assert [text_of(message).splitlines()[-1] for message in sent] == [
        "*🟢 Acme is green again* · The SSO fix shipped, and 120 people log in. · Priya"
    ]
    assert sent[0]["thread_ts"] == story.card("Acme")["ts"]
    assert sent[0]["text"] == "🟢 Acme is green again, says Priya. The SSO fix shipped, and 120 people log in."


def test_a_proposal_says_on_a_locked_phone_what_is_wanted(story: Story) -> None:
    mark(story, "tom", "acme")
    story.settle()
    assert story.dm("priya")["text"] == "Tom thinks Acme is red: champion left. Mark it red, or say why not."


def test_day_one_names_the_sheet_only_where_it_is_written(tell: Callable[..., Story]) -> None:
    story = tell(writes={"slack": "on", "salesforce": "on", "sheets": "off"})
    story.settle()
    summary = text_of(story.cards()[0])
    assert "3 accounts were red already when Touchpoint came." in summary
    assert "sheet" not in summary
    mark(story, "priya", "acme")
    story.settle()
    assert "or in the sheet row" not in text_of(story.thread(story.cards("Acme is red")[0])[0])


def test_a_message_that_may_not_be_edited_any_more_is_not_posted_again(story: Story) -> None:
    slack = story.services.slack
    with pytest.raises(Gone):
        slack.edit(company.RED_ACCOUNTS, "1.000001", "x", [], opaque_id="x")
    mine = story.sandbox.run(story.slack.say("U0PRIYA000", company.RED_ACCOUNTS, "hello"))
    with pytest.raises(Permanent) as refused:
        slack.edit(company.RED_ACCOUNTS, str(mine), "x", [], opaque_id="x")
    assert refused.value.code == "cant_update_message"
    assert not isinstance(refused.value, Gone)


def test_somebody_who_may_not_write_is_shown_the_card(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    view = story.command("dev", "/red-account acme").view
    assert view
    assert "has been red since 25 Jan, set by Priya. Say what you know in the thread of its card." in text_of(view)
    assert "/archives/C0REDACCTS/p" in str(view)
    assert view["submit"] is None


# Somebody else may


def asking(story: Story) -> dict[str, Any]:
    """Presses a button that is not theirs; the refusal."""
    refused = story.click("dev", story.card("Acme"), "red_account.post_update").view
    assert refused
    assert "Only Priya Raman (Acme's CE), Tom Okafor (its AE) or" in text_of(refused)
    return refused


def test_who_may_not_asks_whoever_may_with_one_click_once_a_day(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    refused = asking(story)
    assert "Ask Priya" in text_of(refused)
    answer = story.click_in_view("dev", refused, "answer.ask_them").view
    assert answer
    assert "I asked Priya Raman." in text_of(answer)
    answer = story.click_in_view("dev", asking(story), "answer.ask_them").view
    assert answer
    assert "I asked Priya Raman for you today already." in text_of(answer)
    story.settle()
    asked = story.dm("priya")
    assert asked["text"] == "Acme: Dev asks whether you can post an update."
    assert "Open it" in text_of(asked)
    story.skip(hours=24)
    story.click_in_view("dev", asking(story), "answer.ask_them")
    story.settle()
    assert len([one for one in story.dms("priya") if one["text"] == asked["text"]]) == 2


def test_where_the_ce_has_left_the_lead_is_asked(story: Story) -> None:
    mark(story, "priya", "acme")
    story.leave("priya")
    refused = asking(story)
    assert "Ask Lena" in text_of(refused)
    story.click_in_view("dev", refused, "answer.ask_them")
    story.settle()
    assert "Acme: Dev asks whether you can post an update." in [one["text"] for one in story.dms("lena")]
