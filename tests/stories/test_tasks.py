"""Action items are Tasks of the account in Salesforce, one each, and what people do with them there comes back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.models import Account, ActionItem, ActionState, Notice, Outcome, Person, RedAccount, Update
from bot.models.updates import News
from bot.workflows import notices, red_accounts, salesforce_updates, updates
from sandbox import company
from sandbox.salesforce.schema import Field
from sandbox.server import Sandbox
from tests.stories.story import NAMES, Story, text_of
from tests.stories.test_red_accounts import mark
from tests.stories.test_salesforce_moves import turn


def tasks(story: Story) -> list[dict[str, Any]]:
    account = company.account_id(story.world, "Acme")
    return [row for row in story.world.salesforce.rows("Task") if row["WhatId"] == account and not row["IsDeleted"]]


def task(story: Story) -> dict[str, Any]:
    [found] = tasks(story)
    return found


def red_of(session: Session) -> RedAccount:
    """Acme's newest."""
    found = session.query(RedAccount).join(Account, Account.id == RedAccount.account_id)
    red = found.where(Account.name == "Acme").order_by(RedAccount.id.desc()).first()
    assert red
    return red


def item(story: Story) -> ActionItem:
    with story.services.transaction() as session:
        [found] = red_of(session).action_items
        return found


def begin(story: Story) -> None:
    """Acme is red, with one action."""
    mark(story, "priya", "acme", actions="usage report")
    story.settle()


def change(story: Story, who: str, **values: Any) -> None:
    """Somebody changes the action item in Slack."""
    person_id = story.person(who).id
    with story.services.transaction() as session:
        person = session.get_one(Person, person_id)
        red = red_accounts.lock(session, red_of(session).id)
        [found] = red.action_items
        if "state" in values:
            found.become(values.pop("state"), now=story.services.now())
        for name, value in values.items():
            setattr(found, name, value)
        session.flush()
        red_accounts.changed(session, red, by=person, now=story.services.now(), policy=story.services.policy)
    story.settle()


def in_salesforce(story: Story, who: str, **changes: Any) -> None:
    """Somebody changes the Task on the Salesforce page, and the next poll sees it."""
    story.sandbox.call(story.world.clock.move, timedelta(seconds=30))
    by = company.user_id(story.world, NAMES[who])
    story.sandbox.call(story.world.salesforce.update, "Task", task(story)["Id"], changes, by)
    story.poll()


def test_an_action_item_is_one_task_that_says_who_and_from_what(story: Story) -> None:
    begin(story)
    found = task(story)
    assert found["Subject"] == f"[RA-{item(story).red_account_id}/A-{item(story).id}] usage report"
    assert found["WhatId"] == company.account_id(story.world, "Acme")
    assert found["Status"] == "Not Started"
    assert "from Slack, added by Priya Raman." in found["Description"]
    assert "/archives/C0REDACCTS/p" in found["Description"]
    assert item(story).task_id == found["Id"]


def test_what_changes_in_slack_changes_the_task(story: Story) -> None:
    begin(story)
    change(story, "priya", due_on=date(2027, 2, 3), owner_id=story.person("marek").id)
    assert task(story)["ActivityDate"] == date(2027, 2, 3)
    assert task(story)["OwnerId"] == company.user_id(story.world, company.MAREK)
    change(story, "priya", state=ActionState.BLOCKED, note="their list of admins")
    assert task(story)["Status"] == "Waiting on someone else"
    assert "Blocked: their list of admins" in task(story)["Description"]
    change(story, "priya", state=ActionState.DROPPED, note="they did it themselves")
    assert task(story)["IsClosed"]
    assert "Dropped: they did it themselves" in task(story)["Description"]


def test_a_create_whose_answer_was_lost_is_not_done_twice(story: Story) -> None:
    story.world.faults.switch_on("salesforce", "drop_after", call="POST sobjects/Task")
    mark(story, "priya", "acme", actions="usage report")
    story.settle()
    assert len(tasks(story)) == 1
    assert item(story).task_id is None
    story.world.faults.switch_off()
    story.skip(minutes=10)
    assert item(story).task_id == task(story)["Id"]
    assert story.failed() == []


@pytest.fixture
def key(sandbox: Sandbox) -> Field:
    """The org has a field of Task that tells ours apart."""
    org = sandbox.world.salesforce
    for row in org.rows("Task"):
        row[KEY] = None
    return org.schema["Task"].fields.setdefault(KEY, Field(KEY, external_id=True, unique=True))


def test_with_a_key_of_its_own_a_task_is_found_by_it_when_the_answer_was_lost(
    key: Field, tell: Callable[..., Story]
) -> None:
    story = tell(salesforce=KEYED)
    story.world.faults.switch_on("salesforce", "drop_after", call="PATCH sobjects/Task")
    begin(story)
    in_salesforce(story, "tom", Subject="Report of their usage", Status="In Progress")
    assert (task(story)[KEY], item(story).task_id) == (f"A-{item(story).id}", None)
    story.world.faults.switch_off()
    story.skip(minutes=10)
    assert item(story).task_id == task(story)["Id"]
    assert (task(story)["Subject"], task(story)["Status"]) == ("Report of their usage", "In Progress")  # theirs by now
    assert story.failed() == []


def test_with_a_key_of_its_own_a_task_that_nobody_saw_yet_is_not_doubled(
    key: Field, tell: Callable[..., Story]
) -> None:
    story = tell(salesforce=KEYED)
    org, made = story.world.salesforce, dict[str, str]()

    def somebody_is_faster(call: str) -> None:
        if call == "PATCH sobjects/Task" and not made:
            with story.services.transaction() as session:
                key = f"A-{red_of(session).action_items[0].id}"
            account = company.account_id(story.world, "Acme")
            made["id"] = org.insert("Task", {"Subject": "usage report", KEY: key, "WhatId": account})

    org.before_call = somebody_is_faster
    begin(story)
    assert item(story).task_id == task(story)["Id"] == made["id"]
    assert story.failed() == []


def test_a_field_that_may_be_there_twice_is_no_key(key: Field, tell: Callable[..., Story]) -> None:
    key.unique = False
    story = tell(salesforce=KEYED)
    begin(story)
    assert (task(story)[KEY], item(story).task_id) == (None, task(story)["Id"])


def test_an_update_has_a_key_of_its_own_too(key: Field, tell: Callable[..., Story]) -> None:
    story = tell(salesforce=KEYED)
    mark(story, "priya", "acme")
    story.world.faults.switch_on("salesforce", "drop_after", call="PATCH sobjects/Task", times=1)
    post_update(story, "priya", "Their CFO agreed to a call.")
    story.skip(minutes=10)
    assert task(story)[KEY].startswith("U-")
    assert story.failed() == []


def test_a_task_completed_in_salesforce_is_an_action_done_and_reopened_it_is_open(story: Story) -> None:
    begin(story)
    in_salesforce(story, "tom", Status="Completed")
    done = item(story)
    assert (done.state, done.ended_by and done.ended_by.name) == (ActionState.DONE, "Tom Okafor")
    story.poll()
    in_salesforce(story, "tom", Status="In Progress")
    assert item(story).state == ActionState.OPEN
    assert task(story)["Status"] == "In Progress"  # theirs: it is open, and Touchpoint has no other word for it


def test_a_date_moved_in_salesforce_moves_here_and_the_thread_is_told(story: Story) -> None:
    begin(story)
    change(story, "priya", due_on=date(2027, 2, 3))
    in_salesforce(story, "tom", ActivityDate=date(2027, 2, 5))
    assert item(story).due_on == date(2027, 2, 5)
    said = [text_of(reply) for reply in story.thread(story.card("Acme"))]
    assert any(
        "“usage report” is due Fri 5 Feb now, was Wed 3 Feb. Tom changed it in Salesforce." in one for one in said
    )


def test_what_both_changed_is_shown_and_salesforce_stands(story: Story) -> None:
    begin(story)
    change(story, "priya", due_on=date(2027, 2, 3))
    story.sandbox.call(story.world.clock.move, timedelta(seconds=30))
    by = company.user_id(story.world, company.TOM)
    story.sandbox.call(story.world.salesforce.update, "Task", task(story)["Id"], {"ActivityDate": "2027-02-09"}, by)
    change(story, "priya", due_on=date(2027, 2, 4))
    assert task(story)["ActivityDate"] == date(2027, 2, 9)
    assert item(story).due_on == date(2027, 2, 9)
    said = "\n".join(text_of(reply) for reply in story.thread(story.card("Acme")))
    assert "is due Tue 9 Feb now, was Thu 4 Feb. Tom changed it in Salesforce while it was changed here" in said


def test_words_that_people_changed_in_salesforce_are_left_alone(story: Story) -> None:
    begin(story)
    in_salesforce(story, "tom", Description="Ask Ana for the figures first.")
    change(story, "priya", state=ActionState.BLOCKED, note="figures")
    assert task(story)["Description"] == "Ask Ana for the figures first."
    assert task(story)["Status"] == "Waiting on someone else"


def test_a_deleted_task_is_not_made_again(story: Story) -> None:
    begin(story)
    story.sandbox.call(story.world.clock.move, timedelta(seconds=30))
    story.sandbox.call(story.world.salesforce.delete, "Task", task(story)["Id"])
    story.poll()
    change(story, "priya", due_on=date(2027, 2, 4))
    assert tasks(story) == []
    assert item(story).state == ActionState.OPEN


def post_update(story: Story, who: str, words: str) -> None:
    person_id = story.person(who).id
    with story.services.transaction() as session:
        person = session.get_one(Person, person_id)
        red = red_of(session)
        news, now, policy = News(words), story.services.now(), story.services.policy
        updates.post(session, red.id, news, by=person, now=now, policy=policy)
    story.settle()


def change_update(story: Story, who: str, words: str | None) -> None:
    """Its author edits it, or takes it back."""
    person_id = story.person(who).id
    with story.services.transaction() as session:
        person = session.get_one(Person, person_id)
        update = session.query(Update).order_by(Update.id.desc()).first()
        assert update
        now, policy = story.services.now(), story.services.policy
        if words:
            updates.edit(session, update.id, News(words), by=person, now=now, policy=policy)
        else:
            updates.take_back(session, update.id, by=person, now=now, policy=policy)
    story.settle()


def test_an_update_is_a_logged_activity_of_the_account(story: Story) -> None:
    mark(story, "priya", "acme")
    post_update(story, "priya", "Their CFO agreed to a call.")
    found = task(story)
    assert found["Subject"].endswith("] Their CFO agreed to a call.")
    assert found["IsClosed"]
    assert "Priya Raman, from Slack, RA-" in found["Description"]


def test_an_update_that_is_edited_or_taken_back_is_so_in_salesforce(story: Story) -> None:
    mark(story, "priya", "acme")
    post_update(story, "priya", "Their CFO agreed to a call.")
    change_update(story, "priya", "Their CFO agreed to a call on Friday.")
    assert task(story)["Subject"].endswith("] Their CFO agreed to a call on Friday.")
    change_update(story, "priya", None)
    assert task(story)["Subject"].endswith("] Taken back")
    assert "Friday" not in task(story)["Description"]


def test_an_activity_that_people_wrote_in_stays_as_they_left_it(story: Story) -> None:
    mark(story, "priya", "acme")
    post_update(story, "priya", "Their CFO agreed to a call.")
    by_hand = {"Description": "The call is on Friday at ten."}
    story.sandbox.call(story.world.salesforce.update, "Task", task(story)["Id"], by_hand)
    change_update(story, "priya", "Their CFO agreed to a call on Friday.")
    assert task(story)["Description"] == "The call is on Friday at ten."


KEY = "Touchpoint_Key__c"
KEYED = {"tasks": True, "updates": "task", "task_key": KEY}
FIELD = {
    "fields": {"health_note": "Customer_Health_Reason__c", "newest_update": "Latest_Update__c"},
    "updates": "field",
    "tasks": False,
}


def test_a_field_has_the_newest_update_unless_somebody_wrote_there(tell: Callable[..., Story]) -> None:
    story = tell(salesforce=FIELD)
    mark(story, "priya", "acme")
    post_update(story, "priya", "Their CFO agreed to a call.")
    account = company.account_id(story.world, "Acme")
    field = lambda: story.world.salesforce.get("Account", account)["Latest_Update__c"]  # noqa: E731
    assert "Their CFO agreed to a call.\nPriya Raman, from Slack, RA-" in field()
    post_update(story, "priya", "The call was held.")
    assert "The call was held." in field()
    story.sandbox.call(
        story.world.salesforce.update, "Account", account, {"Latest_Update__c": "Do not call before May."}
    )
    post_update(story, "priya", "They asked for an offer.")
    assert field() == "Do not call before May."
    assert any("Do not call before May." in text_of(message) for message in story.dms("priya"))


def test_an_update_taken_back_gives_way_to_that_of_the_time_before(tell: Callable[..., Story]) -> None:
    story = tell(salesforce=FIELD)
    mark(story, "priya", "acme")
    post_update(story, "priya", "Their CFO agreed to a call.")
    story.skip(minutes=1)
    turn(story, "priya", "Acme", "Yellow")
    with story.services.transaction() as session:
        red_accounts.close(session, red_accounts.lock(session, red_of(session).id), Outcome.YELLOW, "Well.", by=None,
                           now=story.services.now(), policy=story.services.policy)  # fmt: skip
    turn(story, "priya", "Acme", "Red")
    field = lambda: story.world.salesforce.get("Account", company.account_id(story.world, "Acme"))["Latest_Update__c"]  # noqa: E731
    post_update(story, "priya", "They are red again.")
    assert "They are red again." in field()
    change_update(story, "priya", None)
    assert "Their CFO agreed to a call." in field()


def test_what_was_for_somebody_who_left_reaches_the_lead_whole(tell: Callable[..., Story]) -> None:
    story = tell(salesforce=FIELD)
    mark(story, "priya", "acme")
    post_update(story, "priya", "Their CFO agreed to a call.")
    with story.services.transaction() as session:
        update, now = session.query(Update).one(), story.services.now()
        salesforce_updates.not_replaced(session, update.id, "Latest_Update__c", "Do not call before May.", now=now)
        notice = session.query(Notice).filter_by(message=salesforce_updates.NOT_REPLACED).one()
        notices.hand_on(session, notice.id, now=now, policy=story.services.policy)  # Slack says that she has left
    story.settle()
    assert any("Do not call before May." in text_of(message) for message in story.dms("lena"))


def test_who_set_the_health_stands_beside_it(story: Story) -> None:
    begin(story)
    row = story.world.salesforce.get("Account", company.account_id(story.world, "Acme"))
    assert row["Customer_Health_Reason__c"] == f"Priya Raman, from Slack, RA-{item(story).red_account_id}"
