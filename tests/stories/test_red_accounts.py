"""An account turns red, and Slack, the sheet and Salesforce agree."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from bot.models import RedAccount, Wish
from bot.workflows import asks
from sandbox import company
from tests.stories.story import Story, buttons_of, text_of

WHY = {"reason": "champion_left", "sentence": "Their sponsor left and the new VP doubts the price."}


def mark(story: Story, who: str, account: str, **words: str) -> None:
    """The shortest path: the command with the account's name, then Submit."""
    form = story.command(who, f"/red-account {account}").view
    assert form
    seen = story.submit(who, form, **{**WHY, **words})
    assert seen.ok, seen
    assert seen.view is None, seen.view


# Point 2: set to Red in Salesforce


def test_red_in_salesforce_is_one_card_one_reply_and_one_row(story: Story) -> None:
    story.set_health("priya", "Acme", "Red")
    story.poll()
    story.poll()
    card = text_of(story.card("Acme"))
    assert "🔴 Acme is red" in card
    assert "Set to Red in Salesforce by Priya" in card
    assert "$240,000 · renews 12 Mar · US East · CE Priya · AE Tom" in card
    assert "by Wed 27 Jan: what is happening, what we need, what we will do." in card
    [reply] = story.thread(story.card("Acme"))
    assert "<@U0TOM00000> Acme is yours, together." in text_of(reply)
    assert story.row("Acme")["Key"] in card
    assert story.row("Acme")["ARR"] == "$240,000"


def test_who_turned_it_red_is_not_mentioned(story: Story) -> None:
    story.set_health("priya", "Acme", "Red")
    story.poll()
    assert "U0PRIYA000" not in text_of(story.thread(story.card("Acme"))[0])


def test_the_push_line_is_enough(story: Story) -> None:
    story.set_health("priya", "Acme", "Red")
    story.poll()
    push = story.card("Acme")["text"]
    assert push == "Acme is red, set by Priya. $240k, renews 12 Mar. CE Priya, AE Tom."
    assert len(push) < 120


def test_a_flapping_field_is_one_red_account(story: Story) -> None:
    for health in ("Red", "Yellow", "Red", "Green", "Red"):
        story.set_health("priya", "Acme", health)
        story.poll()
    assert "🔴 Acme is red" in text_of(story.card("Acme"))
    assert len(story.rows("Acme")) == 1


def test_off_red_in_salesforce_asks_whether_it_is_over(story: Story) -> None:
    story.set_health("priya", "Acme", "Red")
    story.poll()
    story.set_health("tom", "Acme", "Yellow")
    story.poll()
    card = story.card("Acme")
    assert "🟡 Acme: Salesforce says Yellow. Is it over?" in text_of(card)
    story.click("priya", card, "red_account.still_red")
    story.settle()
    assert story.health("Acme") == "Red"
    assert "🔴 Acme is red" in text_of(story.card("Acme"))


# Point 3: /red-account


def test_the_ce_marks_red_with_two_clicks(story: Story) -> None:
    mark(story, "priya", "acme", asks="SSO fix from Identity\n- call with their CFO", actions="usage report")
    story.settle()
    card = text_of(story.card("Acme"))
    assert "Not yet in Salesforce" not in card
    assert "Their sponsor left and the new VP doubts the price." in card
    assert "red since Mon 25 Jan: Champion left · " in card
    assert "high priority" in card
    need = "SSO fix from Identity, *nobody yet*, *no date yet* · call with their CFO, *nobody yet*, *no date yet*"
    assert f"*We need*  {need}" in card
    assert "*We do*  0 of 1 done · next: usage report, Priya, no date yet" in card
    assert story.health("Acme") == "Red"
    row = story.row("Acme")
    assert row["Current state"] == WHY["sentence"]
    assert row["Needs"] == "SSO fix from Identity\ncall with their CFO"
    assert row["Status"] == "red"


def test_an_account_can_be_picked_by_typing(story: Story) -> None:
    form = story.command("priya", "/red-account").view
    assert form
    options = story.sandbox.run(story.slack.suggest("U0PRIYA000", form["id"], "account.find", "glo"))
    assert [option["text"]["text"] for option in options] == ["Globex"]
    seen = story.submit("priya", form, account=options[0]["value"], **WHY)
    assert seen.ok
    story.settle()
    assert story.cards("Globex is red")


def test_what_is_missing_in_the_form_is_said_under_the_field(story: Story) -> None:
    form = story.command("priya", "/red-account acme").view
    assert form
    seen = story.submit("priya", form, reason="champion_left", sentence="   ")
    assert list(seen.errors) == ["sentence"]
    assert story.cards("Acme") == []


def test_an_ae_proposes_and_nothing_reaches_salesforce_before_the_ce_confirms(story: Story) -> None:
    mark(story, "tom", "acme")
    story.settle()
    story.poll()
    assert story.health("Acme") != "Red"
    assert story.cards("Acme") == []
    assert "It waits for Priya (CE)" in text_of(story.dm("tom"))
    question = story.dm("priya")
    assert "Tom thinks Acme is red: champion left." in text_of(question)
    story.click("priya", question, "red_account.confirm")
    story.settle()
    assert story.health("Acme") == "Red"
    assert "Acme is red, set by Priya." in text_of(story.card("Acme"))
    assert "proposed by Tom" in text_of(story.card("Acme"))
    assert "Acme is marked red" in text_of(story.dm("tom"))
    assert buttons_of(story.dm("priya")) == []


def test_the_ce_declines_a_proposal_with_a_reason(story: Story) -> None:
    mark(story, "tom", "acme")
    story.settle()
    form = story.click("priya", story.dm("priya"), "red_account.decline").view
    assert form
    story.submit("priya", form, why="Their new VP told me yesterday that they stay.")
    story.settle()
    asked, answered = story.dms("tom")
    assert "Priya says it is not red: Their new VP told me yesterday that they stay." in text_of(asked)
    assert answered["text"].startswith(
        "Acme is not red, says Priya Raman: Their new VP told me"
    )  # an edit rings nobody
    assert story.health("Acme") != "Red"
    assert story.cards("Acme") == []


def test_whoever_is_not_of_the_account_hears_that_it_is_red(story: Story) -> None:
    mark(story, "dev", "acme")
    story.settle()
    story.click("priya", story.dm("priya"), "red_account.confirm")
    story.settle()
    assert story.dms("dev")[-1]["text"] == "Acme is red, says Priya Raman too. Its card is up."


def test_another_main_reason_keeps_the_one_before_and_none_stands_twice(story: Story) -> None:
    mark(story, "priya", "acme")
    for reason in ("low_adoption", "champion_left", "low_adoption"):
        form = story.command("priya", "/red-account acme").view
        assert form
        assert story.submit("priya", form, reason=reason).ok
    story.settle()
    assert ": Low adoption, champion left" in text_of(story.card("Acme"))


def test_the_ae_nudges_once_a_day_and_withdraws(story: Story) -> None:
    mark(story, "tom", "acme")
    story.settle()
    pressed = story.click("tom", story.dm("tom"), "red_account.nudge")
    assert pressed.ok
    assert pressed.view is None
    story.settle()
    assert len(story.dms("priya")) == 2
    assert "reminded Mon 25 Jan" in text_of(story.dm("tom"))
    again = story.click("tom", story.dm("tom"), "red_account.nudge")
    assert again.view
    assert "I remind once a day at the most" in text_of(again.view)
    story.click("tom", story.dm("tom"), "red_account.withdraw")
    story.settle()
    assert "Tom took it back." in text_of(story.dms("priya")[0])
    assert story.health("Acme") != "Red"


def test_after_a_working_day_the_lead_may_confirm(story: Story) -> None:
    mark(story, "tom", "acme")
    story.settle()
    assert story.dms("lena") == []
    story.skip(days=2)
    asked = story.dm("lena")
    assert "Priya (CE) has had a working day: you can answer now." in text_of(asked)
    story.click("lena", asked, "red_account.confirm")
    story.settle()
    assert story.health("Acme") == "Red"
    assert "Priya's agreement to the plan" in text_of(story.card("Acme"))


def test_without_a_ce_the_lead_is_asked_at_once(story: Story) -> None:
    story.sandbox.run(story.slack.deactivate("U0PRIYA000"))
    story.settle()
    mark(story, "tom", "acme")
    story.settle()
    assert "Tom thinks Acme is red" in text_of(story.dm("lena"))
    story.click("lena", story.dm("lena"), "red_account.confirm")
    story.settle()
    assert story.health("Acme") == "Red"


# Point 4: red already, and double clicks


def test_declaring_a_red_account_shows_the_open_one_and_takes_what_was_written(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    form = story.command("tom", "/red-account acme").view
    assert form
    assert "has been red since 25 Jan, set by Priya" in text_of(form)
    assert "/archives/C0REDACCTS/p" in str(form)
    story.submit("tom", form, sentence="Their CFO asked for a call, too.", actions="call their CFO")
    story.settle()
    card = text_of(story.card("Acme"))
    assert "Their CFO asked for a call, too." in card
    assert "call their CFO" in card


def test_somebody_was_faster_while_the_form_was_open(story: Story) -> None:
    form = story.command("priya", "/red-account acme").view
    assert form
    story.set_health("marek", "Acme", "Red")
    story.poll()
    seen = story.submit("priya", form, **WHY)
    assert seen.view
    assert "has been red since" in text_of(seen.view)
    assert WHY["sentence"] in str(seen.view)
    assert len(story.cards("Acme")) == 1


def test_a_double_click_is_one_red_account(story: Story) -> None:
    form = story.command("priya", "/red-account acme").view
    assert form

    async def twice() -> None:
        hand_in = story.slack.submit("U0PRIYA000", form["id"], WHY)
        again = story.slack.submit("U0PRIYA000", form["id"], WHY)
        await asyncio.gather(hand_in, again, return_exceptions=True)

    story.sandbox.run(twice())
    story.settle()
    assert len(story.cards("Acme")) == 1
    assert len(story.rows("Acme")) == 1


def test_a_double_press_confirms_once_and_says_who_did_it(story: Story) -> None:
    mark(story, "tom", "acme")
    story.settle()
    question = story.dm("priya")
    story.click("priya", question, "red_account.confirm")
    late = story.click("priya", question, "red_account.confirm")
    assert late.view
    assert "Acme is open by now: Priya Raman did this Mon 25 Jan at 9:00. Nothing changed." in text_of(late.view)
    story.settle()
    assert len(story.cards("Acme")) == 1


# Point 5: resolve


@pytest.mark.parametrize("outcome", ["green", "yellow"])
def test_the_ce_resolves_from_the_card(story: Story, outcome: str) -> None:
    mark(story, "priya", "acme")
    story.settle()
    form = _resolve_form(story, "priya")
    story.submit("priya", form, outcome=outcome, note="The SSO fix shipped, and 120 people log in.")
    story.settle()
    story.poll()
    assert story.health("Acme") == outcome.title()
    [card] = story.cards("Acme")
    assert f"Acme is {outcome}" in text_of(card)
    assert "The SSO fix shipped" in text_of(card)
    assert story.row("Acme")["Status"] == "closed"
    assert story.row("Acme")["Resolved"] == "2027-01-25"


def _resolve_form(story: Story, who: str) -> dict[str, object]:
    card = story.card("Acme")
    label = story.row("Acme")["Key"].removeprefix("RA-")
    form = story.click(who, card, "red_account.menu", f"resolve:{label}").view
    assert form
    return form


def test_an_aes_resolve_asks_the_ce(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    story.submit("tom", _resolve_form(story, "tom"), outcome="green", note="They signed today.")
    story.settle()
    assert story.health("Acme") == "Red"
    assert "Tom asks Priya to end it as green." in text_of(story.card("Acme"))
    story.click("priya", story.dm("priya"), "resolution.agree")
    story.settle()
    assert story.health("Acme") == "Green"
    assert "Priya agreed. It is closed." in text_of(story.dms("tom")[-1])


def test_the_ce_says_not_yet(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    story.submit("tom", _resolve_form(story, "tom"), outcome="green", note="They signed today.")
    story.settle()
    form = story.click("priya", story.dm("priya"), "resolution.decline").view
    assert form
    story.submit("priya", form, why="Half of them still cannot log in.")
    story.settle()
    assert "Priya says not yet: Half of them still cannot log in." in text_of(story.dms("tom")[-2])
    assert story.dms("tom")[-1]["text"] == "Acme stays red, says Priya Raman: Half of them still cannot log in."
    assert "🔴 Acme is red" in text_of(story.card("Acme"))


def test_somebody_else_may_not_resolve_and_is_told_who_can(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    label = story.row("Acme")["Key"].removeprefix("RA-")
    refused = story.click("dev", story.card("Acme"), "red_account.menu", f"resolve:{label}").view
    assert refused
    assert "Priya Raman (Acme's CE), Tom Okafor (its AE) or Lena Hofmann (CE lead)" in text_of(refused)


def test_a_relapse_is_a_new_red_account_that_names_the_last(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    first = story.row("Acme")["Key"]
    story.submit("priya", _resolve_form(story, "priya"), outcome="green", note="All well.")
    story.skip(seconds=3)  # for two seconds a poll leaves alone what Touchpoint itself has just written
    story.set_health("priya", "Acme", "Red")
    story.poll()
    assert len(story.cards("Acme")) == 2
    assert f"red for the 2nd time, last {first}" in text_of(story.cards("Acme")[1])
    assert sorted(row["Status"] for row in story.rows("Acme")) == ["closed", "red"]


# A poll never undoes or repeats what a person just did


def test_while_salesforce_is_down_the_person_sees_that_it_waits(story: Story) -> None:
    story.world.faults.switch_on("salesforce", "down")
    mark(story, "priya", "acme")
    story.settle()
    story.poll()
    card = text_of(story.card("Acme"))
    assert "Not yet in Salesforce: it has not answered since" in card
    story.world.faults.switch_off()
    story.poll()
    story.skip(minutes=6)
    assert story.health("Acme") == "Red"
    assert "Not yet in Salesforce" not in text_of(story.card("Acme"))
    assert len(story.cards("Acme")) == 1


def test_resolved_while_salesforce_is_down_stays_resolved(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    story.world.faults.switch_on("salesforce", "down", call="PATCH *")
    story.submit("priya", _resolve_form(story, "priya"), outcome="green", note="All well.")
    story.settle()
    story.poll()
    story.poll()
    assert "Acme is green again" in text_of(story.card("Acme"))
    assert story.health("Acme") == "Red"
    story.world.faults.switch_off()
    story.skip(minutes=6)
    assert story.health("Acme") == "Green"
    assert len(story.cards("Acme")) == 1


def test_salesforce_refuses_to_mark_red_and_everybody_is_told_why(story: Story) -> None:
    story.world.faults.switch_on("salesforce", "refuse", call="PATCH *", message="A churn review must be open first.")
    mark(story, "priya", "acme")
    story.settle()
    story.poll()
    card = story.card("Acme")
    assert "Acme is not red: Salesforce refused" in text_of(card)
    assert "A churn review must be open first." in text_of(card)
    assert "Salesforce did not set Acme to Red." in text_of(story.dm("priya"))
    assert any("A churn review must be open first." in text_of(reply) for reply in story.thread(card))
    assert story.row("Acme")["Status"] == "closed"


def test_salesforce_refuses_the_end_and_it_is_open_again(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    story.world.faults.switch_on("salesforce", "refuse", call="PATCH *", message="Ask the deal desk.", times=1)
    story.submit("priya", _resolve_form(story, "priya"), outcome="green", note="All well.")
    story.settle()
    story.poll()
    assert "🔴 Acme is red" in text_of(story.card("Acme"))
    assert "Ask the deal desk." in text_of(story.dms("priya")[-1])
    assert story.row("Acme")["Status"] == "red"
    assert story.row("Acme")["Resolved"] == ""


def test_a_value_that_changed_meanwhile_is_shown_and_not_overwritten(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    story.set_health("tom", "Acme", "Yellow")  # no poll has seen it yet
    story.submit("priya", _resolve_form(story, "priya"), outcome="green", note="All well.")
    story.settle()
    assert story.health("Acme") == "Yellow"
    assert "Tom Okafor set it to Yellow meanwhile" in text_of(story.dms("priya")[-1])
    assert "Acme is yellow" in text_of(story.card("Acme"))


def test_the_session_expires_in_the_middle_and_nobody_notices(story: Story) -> None:
    story.world.faults.switch_on("salesforce", "expired", times=2)
    mark(story, "priya", "acme")
    story.settle()
    story.skip(minutes=6)
    assert story.health("Acme") == "Red"
    assert story.failed() == []


def test_history_tells_who_did_what(story: Story) -> None:
    mark(story, "tom", "acme")
    story.settle()
    story.click("priya", story.dm("priya"), "red_account.confirm")
    story.settle()
    label = story.row("Acme")["Key"].removeprefix("RA-")
    view = story.click("tom", story.card("Acme"), "red_account.menu", f"history:{label}").view
    assert view
    said = text_of(view)
    assert "*proposed* · Tom Okafor" in said
    assert "*opened* · Priya Raman" in said
    assert "*in Salesforce*" in said


def test_history_says_that_there_is_more_and_shows_days_as_elsewhere(story: Story) -> None:
    lines = {"asks": "\n".join(f"Ask {number}" for number in range(30)),
             "actions": "\n".join(f"Action {number}" for number in range(12))}  # fmt: skip
    mark(story, "priya", "acme", **lines)
    story.settle()
    red_id = story.row("Acme")["Key"].removeprefix("RA-")
    with story.services.transaction() as session:
        red = session.get_one(RedAccount, int(red_id))
        asks.add(session, red, Wish("SSO fix", needed_on=date(2027, 2, 4)), by=None, now=story.services.now())
    view = story.click("tom", story.card("Acme"), "red_account.menu", f"history:{red_id}").view
    assert view
    assert "*ask added* · by Thu 4 Feb · Touchpoint" in text_of(view)
    assert "older ones are in ⋯ *Export…*" in text_of(view)


def test_people_from_outside_get_nothing(story: Story) -> None:
    seen = story.command("sam", "/red-account acme", channel=company.SHARED)
    assert seen.view is None
    assert "full members" in seen.text
    assert story.command("ana", "/red-account acme", channel=company.SHARED).view is None
