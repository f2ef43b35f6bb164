"""Salesforce moves on its own: the field leaves Red, accounts are merged, somebody left while red."""

from __future__ import annotations

from typing import Any

import pytest

from bot import jobs
from bot.models import Account, Notice, Outcome, Person, RedAccount, Status
from bot.queries import red_accounts as queries
from bot.workflows import notices, posts
from bot.workflows import off_red as off_red_workflow
from bot.workflows.sheet_rows import ROW_DELETED
from sandbox import company
from tests.stories.story import NAMES, Story, buttons_of, text_of
from tests.stories.test_red_accounts import WHY, mark


def turn(story: Story, who: str, account: str, health: str | None) -> None:
    story.set_health(who, account, health)
    story.poll()


def off_red(story: Story) -> None:
    """Acme is red, and its AE sets the field to Yellow."""
    turn(story, "priya", "Acme", "Red")
    turn(story, "tom", "Acme", "Yellow")


def reds(story: Story, account: str) -> list[RedAccount]:
    with story.services.transaction() as session:
        found = session.query(RedAccount).join(Account, Account.id == RedAccount.account_id)
        return list(found.where(Account.name == account).order_by(RedAccount.id))


def merge(story: Story, account: str, into: str) -> None:
    ids = (company.account_id(story.world, account), company.account_id(story.world, into))
    story.sandbox.call(story.world.salesforce.merge, "Account", *ids)
    story.poll()


def questions(story: Story, who: str) -> list[dict[str, Any]]:
    return [message for message in story.dms(who) if "Is it over?" in text_of(message)]


# the field leaves Red


def test_off_red_asks_ce_and_ae_once(story: Story) -> None:
    off_red(story)
    story.poll()
    for who in ("priya", "tom"):
        [question] = questions(story, who)
        assert "Acme: Salesforce says Yellow, set by Tom Okafor" in text_of(question).replace("*", "")
        assert "it is closed as yellow" in text_of(question)
        assert buttons_of(question)[:2] == ["red_account.resolve", "red_account.still_red"]


def test_unanswered_it_closes_after_a_week_and_the_thread_is_told(story: Story) -> None:
    off_red(story)
    story.skip(days=6)
    assert reds(story, "Acme")[0].status == Status.OPEN
    story.skip(days=2)
    [red] = reds(story, "Acme")
    assert (red.status, red.outcome, red.ended_by) == (Status.CLOSED, Outcome.YELLOW, None)
    assert any("nobody said that it is still red" in text_of(reply) for reply in story.thread(story.card("Acme")))
    assert "Is it over?" not in text_of(story.dms("priya")[0]).split("\n")[0]


def test_whoever_is_asked_may_say_that_it_is_still_red(story: Story) -> None:
    off_red(story)
    story.click("tom", questions(story, "tom")[0], "red_account.still_red")
    story.settle()
    assert story.health("Acme") == "Red"
    told = [text_of(message).replace("*", "") for message in story.dms("tom")]
    assert any(
        "Acme left Red in Salesforce, set by Tom Okafor.\n" in said and "It is still red." in said for said in told
    )
    story.skip(days=9)
    assert reds(story, "Acme")[0].status == Status.OPEN
    assert questions(story, "priya") == []


def test_a_value_that_is_no_health_closes_nothing(story: Story) -> None:
    turn(story, "priya", "Acme", "Red")
    turn(story, "tom", "Acme", None)
    story.skip(days=9)
    assert reds(story, "Acme")[0].status == Status.OPEN


def test_back_to_red_in_salesforce_ends_the_question(story: Story) -> None:
    off_red(story)
    turn(story, "tom", "Acme", "Red")
    story.skip(days=9)
    assert reds(story, "Acme")[0].status == Status.OPEN
    assert questions(story, "priya") == []


def test_what_the_field_said_before_is_kept(story: Story) -> None:
    story.set_health("priya", "Acme", "Yellow")
    story.poll()
    turn(story, "priya", "Acme", "Red")
    mark(story, "priya", "globex")
    assert reds(story, "Acme")[0].health_before == "Yellow"
    assert reds(story, "Globex")[0].health_before in ("Green", "Yellow")


# merged accounts


def test_a_merged_account_takes_its_red_account_along(story: Story) -> None:
    mark(story, "priya", "acme", actions="usage report")
    story.settle()
    card, key = story.card("Acme")["ts"], story.row("Acme")["Key"]
    merge(story, "Acme", "Globex")
    [red] = reds(story, "Globex")
    assert red.status == Status.OPEN
    assert story.cards("Globex")[0]["ts"] == card
    assert [row["Key"] for row in story.rows("Globex")] == [key]
    assert story.failed() == []


def test_an_account_that_is_merged_before_salesforce_was_told_goes_on_too(story: Story) -> None:
    mark(story, "priya", "acme")
    ids = [company.account_id(story.world, name) for name in ("Acme", "Globex")]
    story.sandbox.call(story.world.salesforce.merge, "Account", *ids)
    story.settle()  # what was to be written finds the account in the recycle bin
    assert [red.status for red in reds(story, "Acme")] == [Status.OPEN]
    story.poll()
    assert [red.status for red in reds(story, "Globex")] == [Status.OPEN]
    assert story.failed() == []


def test_two_red_accounts_become_one_with_the_actions_of_both(story: Story) -> None:
    mark(story, "priya", "acme", actions="usage report")
    mark(story, "priya", "globex", actions="call with their CFO")
    story.settle()
    merge(story, "Acme", "Globex")
    [ended], [goes_on] = reds(story, "Acme"), reds(story, "Globex")
    assert (ended.status, ended.outcome) == (Status.CLOSED, Outcome.LEFT)
    assert goes_on.label in (ended.note or "")
    assert {item.what for item in goes_on.action_items} == {"call with their CFO", "usage report"}
    assert story.failed() == []


def test_both_threads_say_what_became_of_a_merged_one(story: Story) -> None:
    mark(story, "priya", "acme", actions="usage report", asks="SSO fix")
    mark(story, "priya", "globex")
    story.settle()
    old, staying = story.card("Acme is red"), story.card("Globex is red")
    merge(story, "Acme", "Globex")
    [ended], [goes_on] = reds(story, "Acme"), reds(story, "Globex")
    ends = f"Acme was merged into Globex in Salesforce: {goes_on.label} goes on."
    assert text_of(story.card("⚪ Acme is not in Salesforce any more")).count(ends) == 2  # push line and card
    assert ends in text_of(story.thread(old)[-1])
    told = text_of(story.thread(staying)[-1])
    assert f"Acme was merged into Globex in Salesforce. {ended.label} goes on here: 1 ask and 1 action came" in told
    assert f"/archives/{old['channel']}/p{old['ts'].replace('.', '')}|the thread of {ended.label}>" in told


def test_a_red_account_that_moves_with_its_account_says_so_in_its_thread(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    merge(story, "Acme", "Globex")
    assert text_of(story.thread(story.card("Globex is red"))[-1]).startswith(
        "Acme was merged into Globex in Salesforce. This goes on as Globex."
    )


def test_an_account_that_nobody_knew_yet_takes_over_the_red_account_of_one_merged_into_it(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    salesforce, acme = story.world.salesforce, company.account_id(story.world, "Acme")
    new_id = story.sandbox.call(
        salesforce.insert, "Account", {"Name": "Acme Group", "OwnerId": salesforce.get("Account", acme)["OwnerId"]}
    )
    story.sandbox.call(salesforce.merge, "Account", acme, new_id)
    story.poll()
    [red] = reds(story, "Acme Group")
    assert red.status == Status.OPEN
    assert story.failed() == []


# whoever left while red


def left_while_red(story: Story) -> None:
    turn(story, "priya", "Acme", "Red")
    with story.services.transaction() as session:
        red = session.query(RedAccount).join(Account, Account.id == RedAccount.account_id).where(
            Account.name == "Acme"
        ).one()  # fmt: skip
        red.become(Status.CLOSED)
        red.outcome, red.note, red.ended_at = Outcome.CHURNED, "They left.", story.services.now()
        red.account.is_left_red = True


def test_after_churned_none_opens_until_the_field_has_left_red(story: Story) -> None:
    left_while_red(story)
    story.poll()
    assert len(reds(story, "Acme")) == 1
    refused = story.command("priya", "/red-account acme")
    assert "Acme has left." in f"{refused.text} {refused.view}"
    turn(story, "tom", "Acme", "Green")
    turn(story, "tom", "Acme", "Red")
    first, again = reds(story, "Acme")
    assert (again.status, again.previous_id, again.relapses) == (Status.OPEN, first.id, 1)


# who looks after it


def test_the_lead_is_told_once_of_a_missing_ce(story: Story) -> None:
    by = company.user_id(story.world, NAMES["tom"])
    account = company.account_id(story.world, "Acme")
    story.sandbox.call(story.world.salesforce.update, "Account", account, {"Customer_Engineer__c": None}, by)
    turn(story, "tom", "Acme", "Red")
    turn(story, "tom", "Acme", "Yellow")
    turn(story, "tom", "Acme", "Red")
    told = [text_of(message) for message in story.dms("lena")]
    assert sum("Acme is red and has no CE in Salesforce." in one for one in told) == 1


def test_the_lead_is_told_again_when_a_ce_is_missing_once_more(story: Story) -> None:
    by, account = company.user_id(story.world, NAMES["tom"]), company.account_id(story.world, "Acme")

    def told() -> int:
        return sum("Acme is red and has no CE in Salesforce." in text_of(message) for message in story.dms("lena"))

    def assign(ce: str | None) -> None:
        story.sandbox.call(story.world.salesforce.update, "Account", account, {"Customer_Engineer__c": ce}, by)
        story.skip(minutes=1)

    turn(story, "tom", "Acme", "Red")
    assign(None)
    assert told() == 1
    assign(company.user_id(story.world, NAMES["marek"]))
    assert told() == 1
    assign(None)
    assert told() == 2
    story.skip(days=1)
    assert told() == 2


def assign(story: Story, account: str, **people: str | None) -> None:
    by, record = company.user_id(story.world, NAMES["lena"]), company.account_id(story.world, account)
    fields = {"ce": "Customer_Engineer__c", "ae": "OwnerId"}
    changes = {fields[role]: company.user_id(story.world, NAMES[who]) if who else None for role, who in people.items()}
    story.sandbox.call(story.world.salesforce.update, "Account", record, changes, by)
    story.poll()


def yours(story: Story, who: str) -> list[dict[str, Any]]:
    return [message for message in story.dms(who) if "you are its" in text_of(message)]


def test_a_new_ce_is_told_once_and_asked_for_their_own_agreement_on_another_day(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    assign(story, "Acme", ce="marek")
    [told] = yours(story, "marek")
    assert told["text"].startswith("Acme is red, and you are its CE now. $240k, renews 12 Mar.")
    assert WHY["sentence"] in text_of(told)
    assert f"/p{story.card('Acme')['ts'].replace('.', '')}|open the card>" in text_of(told)
    assert story.dms("marek") == [told]
    assert yours(story, "priya") == yours(story, "tom") == []
    assert "Marek's and Tom's agreement to the plan" in text_of(story.card("Acme"))
    [red] = reds(story, "Acme")
    seen = story.click("lena", story.card("Acme"), "red_account.menu", f"history:{red.id}").view
    assert seen
    assert "*CE* · Priya Raman → Marek Novotny" in text_of(seen)
    story.skip(days=1)
    assert [m["text"] for m in story.dms("marek") if m["text"].endswith("Do you agree?")]
    assert len(yours(story, "marek")) == 1


def test_a_new_ae_is_told_and_whoever_comes_back_agrees_still(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    assign(story, "Acme", ae="grace")
    story.skip(hours=3)  # her day begins
    assert yours(story, "grace")[0]["text"].startswith("Acme is red, and you are its AE now.")
    assign(story, "Acme", ce=None)
    assign(story, "Acme", ce="priya")
    assert "Priya's" not in text_of(story.card("Acme"))
    assert yours(story, "priya") == []


def test_whoever_had_it_before_reads_that_it_is_over(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    assign(story, "Acme", ce="marek")
    assign(story, "Acme", ce="priya")
    assert "Acme is red, and somebody else looks after it by now." in story.dm("marek")["text"]
    assert "Over: nothing to do any more" in text_of(story.dm("marek"))
    assert len(yours(story, "priya")) == 1


def test_a_new_ce_of_what_is_not_red_or_has_no_card_is_told_nothing(story: Story) -> None:
    assign(story, "Globex", ce="marek")
    assert story.dms("marek") == []


def unreachable(story: Story, account: str) -> list[str]:
    told = [message["text"] for human in NAMES for message in story.dms(human)]
    return [text for text in told if text.startswith(f"{account} is red, and its CE ") and "cannot be reached" in text]


def test_the_lead_is_told_by_the_next_morning_of_a_ce_whose_leaving_no_event_told(story: Story) -> None:
    [red] = reds(story, "Hillcrest Freight")  # red on day one: nobody was reminded of anything
    with story.services.transaction() as session:
        session.get_one(Person, red.account.ce_id).is_member = False
    for _ in range(2):
        jobs.check_ledger(story.services, story.services.now())
        story.settle()
    assert len(unreachable(story, "Hillcrest Freight")) == 1


def test_the_lead_is_told_of_a_ce_whom_slack_takes_no_message_for(story: Story) -> None:
    [red] = reds(story, "Hillcrest Freight")
    now, policy = story.services.now(), story.services.policy
    with story.services.transaction() as session:
        posts.say(session, "a row", ROW_DELETED, red.id, to=session.get_one(Person, red.account.ce_id), now=now)
        notice = session.query(Notice).where(Notice.key == "a row").one()
        notices.hand_on(session, notice.id, now=now, policy=policy)
    story.settle()
    assert len(unreachable(story, "Hillcrest Freight")) == 1


def test_the_lead_is_told_when_a_ce_leaves_slack(story: Story) -> None:
    turn(story, "tom", "Acme", "Red")
    story.leave("priya")
    [told] = [message["text"] for message in story.dms("lena")]
    assert told.startswith("Acme is red, and its CE Priya Raman cannot be reached in Slack. You are asked")


# many at once


def test_many_that_leave_red_at_once_are_asked_about_some_at_a_time(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(off_red_workflow, "AT_ONCE", 1)
    for account in ("acme", "globex"):
        mark(story, "priya", account)
    story.settle()
    with story.services.transaction() as session:  # a formula field: it leaves no trace that a poll goes by
        for account in session.query(Account).where(Account.name.in_(["Acme", "Globex"])):
            account.health = "Yellow"
    for asked in (1, 2):
        with story.services.transaction() as session:
            found, now = queries.all_under_way(session), story.services.now()
            off_red_workflow.look(session, found, (), now=now, policy=story.services.policy)
        assert len([red for red in [*reds(story, "Acme"), *reds(story, "Globex")] if red.off_red_at]) == asked
