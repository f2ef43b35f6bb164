"""A red account ends: in one of five ways, with what shows it; and what is asked afterwards."""

from __future__ import annotations

from typing import Any

from bot.models import Account, RedAccount
from sandbox import company
from tests.stories.story import Story, buttons_of, text_of
from tests.stories.test_red_accounts import mark

GRACEFUL = {"note": "Their new VP buys from one vendor only.", "evidence": "https://docs.larkfield.example/acme-left"}


def resolve_form(story: Story, who: str) -> dict[str, Any]:
    card = story.card("Acme")
    options = next(e for b in card["blocks"] for e in b.get("elements", []) if e.get("type") == "overflow")["options"]
    entry = next(option["value"] for option in options if option["value"].startswith("resolve:"))
    form = story.click(who, card, "red_account.menu", entry).view
    assert form
    return form


def begin(story: Story, who: str = "priya", **words: str) -> None:
    mark(story, who, "acme", **words)
    story.settle()


def knows_before(story: Story, health: str | None) -> None:
    """What is known of the field before it turned red."""
    with story.services.transaction() as session:
        red = session.query(RedAccount).order_by(RedAccount.id.desc()).first()
        assert red
        red.health_before = health


def end(story: Story, outcome: str, who: str = "priya", **words: str | None) -> None:
    seen = story.submit(who, resolve_form(story, who), **{"outcome": outcome, **GRACEFUL, **words})
    assert seen.ok, seen
    assert not seen.errors, seen
    story.settle()


def account(story: Story) -> Account:
    with story.services.transaction() as session:
        return session.query(Account).filter_by(name="Acme").one()


def mornings(story: Story, count: int) -> None:
    """So many days pass, each with its digest."""
    for _ in range(count):
        story.skip(days=1)


def newest_of(story: Story, who: str, words: str) -> dict[str, Any]:
    found = [message for message in story.dms(who) if words in text_of(message)]
    assert found, [text_of(message) for message in story.dms(who)]
    return found[-1]


def test_they_leave_and_the_field_stays_as_it_is(story: Story) -> None:
    begin(story)
    end(story, "churned")
    card = story.card("Acme")
    assert story.health("Acme") == "Red"
    assert account(story).is_left_red
    assert "⚪ Acme has left" in text_of(card)
    assert "*Why they left*  Their new VP buys from one vendor only." in text_of(card)
    assert "<https://docs.larkfield.example/acme-left|see it>" in text_of(card)
    assert [block["type"] for block in card["blocks"]] == ["header", "section", "context"]
    assert story.row("Acme")["Status"] == "closed"
    assert story.row("Acme")["Resolved"]
    [said] = [m for m in story.channel(company.RED_ACCOUNTS) if m.get("subtype") == "thread_broadcast"]
    assert "⚪ Acme has left" in text_of(said)


def test_they_stay_with_less_and_salesforce_says_yellow(story: Story) -> None:
    begin(story)
    end(story, "part churned", evidence=None)
    assert story.health("Acme") == "Yellow"
    assert "⚪ Acme stays with less" in text_of(story.card("Acme"))
    assert not account(story).is_left_red


def test_a_mistake_gives_the_earlier_value_back(story: Story) -> None:
    was = story.health("Acme")
    assert was != "Red"
    begin(story)
    knows_before(story, was)
    form = resolve_form(story, "priya")
    assert "Its health before" not in text_of(form)
    story.submit("priya", form, outcome="by mistake", note="The wrong account was picked.")
    story.settle()
    assert story.health("Acme") == was
    assert "⚪ Acme was not red (set by mistake)" in text_of(story.card("Acme"))


def test_where_nobody_knows_the_earlier_value_it_is_asked_for(story: Story) -> None:
    begin(story)
    knows_before(story, None)
    form = resolve_form(story, "priya")
    seen = story.submit("priya", form, outcome="by mistake", note="The wrong account was picked.")
    assert list(seen.errors) == ["health_before"]
    story.submit("priya", form, outcome="by mistake", note="The wrong account was picked.", health_before="Yellow")
    story.settle()
    assert story.health("Acme") == "Yellow"


def test_what_is_still_open_is_named_before_it_ends(story: Story) -> None:
    begin(story, asks="SSO fix", actions="usage report\nadmin training")
    said = text_of(resolve_form(story, "priya"))
    assert "⚠ 2 actions and 1 ask are still open: usage report, admin training, SSO fix." in said
    assert "They stay as they are and nobody is reminded any more." in said


def test_an_ae_asks_for_the_end_and_its_evidence_comes_along(story: Story) -> None:
    begin(story)
    end(story, "churned", who="tom")
    question = newest_of(story, "priya", "Tom asks to end Acme as churned.")
    assert "Evidence: <https://docs.larkfield.example/acme-left|see it>" in text_of(question)
    story.click("priya", question, "resolution.agree")
    story.settle()
    assert "<https://docs.larkfield.example/acme-left|see it>" in text_of(story.card("Acme"))


def test_salesforce_refuses_and_it_is_open_as_before(story: Story) -> None:
    begin(story)
    story.world.faults.switch_on("salesforce", "refuse", call="PATCH *", message="Ask the deal desk.", times=1)
    end(story, "part churned")
    assert "Acme is red" in text_of(story.card("Acme"))
    assert story.row("Acme")["Status"] == "red"
    assert all(row.kind != "retro" or row.is_over for row in story.reminders())


# What is asked afterwards


def test_a_retro_is_asked_for_five_working_days_after_much_was_lost(story: Story) -> None:
    begin(story)
    end(story, "churned")
    mornings(story, 4)
    assert not any("red_account.retro" in str(message) for who in ("priya", "tom") for message in story.dms(who))
    mornings(story, 4)
    line = "Add the retro · *Acme* left, $240k · closed Mon 25 Jan"
    assert line in text_of(newest_of(story, "tom", "Add the retro"))
    digest = newest_of(story, "priya", line)
    form = story.click("priya", digest, "red_account.retro").view
    assert form
    assert list(story.submit("priya", form).errors) == ["retro"]
    story.submit("priya", form, retro="https://docs.larkfield.example/retro-acme")
    story.settle()
    assert "Retro: <https://docs.larkfield.example/retro-acme|read it>" in text_of(story.card("Acme has left"))
    assert "☑ Done by Priya" in text_of(newest_of(story, "tom", "Add the retro"))


def test_a_retro_can_be_skipped_with_a_reason_that_the_card_shows(story: Story) -> None:
    begin(story)
    end(story, "part churned")
    mornings(story, 8)
    form = story.click("tom", newest_of(story, "tom", "stays with less, $240k"), "red_account.retro").view
    assert form
    story.submit("tom", form, why_none="The contract had been shortened last year.")
    story.settle()
    assert "No retro: The contract had been shortened last year." in text_of(story.card("Acme"))


def test_a_retro_can_be_added_from_every_closed_card(story: Story) -> None:
    begin(story)
    end(story, "green")
    [menu] = [block["accessory"] for block in story.card("Acme")["blocks"] if "accessory" in block]
    labels = [option["text"]["text"] for option in menu["options"]]
    assert labels == ["Add the retro…", "History", "Export…"]
    form = story.click("tom", story.card("Acme"), "red_account.menu", menu["options"][0]["value"]).view
    assert form
    assert story.submit("tom", form, retro="We asked their CFO too late.").ok
    story.settle()
    assert "Retro: We asked their CFO too late." in text_of(story.card("Acme"))
    assert "Add the retro" not in text_of(story.card("Acme"))


def test_where_little_was_lost_no_retro_is_asked_for(tell: Any) -> None:
    rules = {"retro_above_arr": 240_000, "reasons": [{"key": "champion_left", "label": "Champion left"}]}
    story = tell(red_accounts=rules)
    story.settle()
    begin(story)
    end(story, "churned")
    assert story.reminders(kind="retro") == []


def test_after_thirty_days_the_ce_says_that_it_is_still_good(story: Story) -> None:
    begin(story)
    end(story, "green")
    story.skip(days=30)
    mornings(story, 4)
    digest = newest_of(story, "priya", "*Acme* has been green for 30 days. Still good?")
    assert buttons_of(digest)[:2] == ["red_account.still_good", "red_account.red_again"]
    assert not any("Still good?" in text_of(message) for message in story.dms("tom"))
    story.click("priya", digest, "red_account.still_good")
    story.settle()
    assert "☑ Done by Priya" in text_of(newest_of(story, "priya", "for 30 days"))
    label = story.row("Acme")["Key"].removeprefix("RA-")
    [row] = story.reminders(kind="watch 60")
    assert row.is_waiting, label


def test_red_again_opens_the_form_for_that_account_and_ends_the_watches(story: Story) -> None:
    begin(story)
    end(story, "yellow")
    story.skip(days=30)
    mornings(story, 4)
    form = story.click("priya", newest_of(story, "priya", "yellow for 30 days"), "red_account.red_again").view
    assert form
    assert "Acme" in str(form)
    story.submit("priya", form, sentence="The new VP wants out again.")
    story.settle()
    assert len(story.cards("Acme")) == 2
    assert all(row.is_over for row in story.reminders() if row.kind.startswith("watch"))
    assert "red for the 2nd time" in text_of(story.cards("Acme")[-1])


def test_a_watch_follows_a_hand_over_and_one_that_is_answered_is_not_asked_again(story: Story) -> None:
    begin(story)
    end(story, "green")
    story.skip(days=30)
    mornings(story, 4)
    story.click("priya", newest_of(story, "priya", "green for 30 days"), "red_account.still_good")
    story.settle()
    changes = {"Customer_Engineer__c": company.user_id(story.world, company.JONAS)}
    story.sandbox.call(story.world.salesforce.update, "Account", company.account_id(story.world, "Acme"), changes)
    story.poll()
    whose = {row.kind: row.recipient.name for row in story.reminders() if row.recipient and row.is_waiting}
    assert whose["watch 60"] == whose["watch 90"] == company.JONAS.name
    assert "watch 30" not in whose
    story.skip(days=30)
    mornings(story, 4)
    assert newest_of(story, "jonas", "*Acme* has been green for 60 days. Still good?")
    assert not any("for 60 days" in text_of(message) for message in story.dms("priya"))
    assert not any("for 30 days" in text_of(message) for message in story.dms("jonas"))


def test_an_account_that_is_not_in_salesforce_any_more_is_not_watched(story: Story) -> None:
    begin(story)
    end(story, "green")
    story.sandbox.call(story.world.salesforce.delete, "Account", company.account_id(story.world, "Acme"))
    story.poll()
    assert all(row.is_over for row in story.reminders() if row.kind.startswith("watch"))
