"""`/red-account` with a word behind it: lists, history, export, figures."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, insert

from bot import deliveries
from bot.models import Account, RedAccount, Source, Status
from sandbox.slack.seen import Seen
from tests.stories.story import NAMES, Story, text_of
from tests.stories.test_closing import begin, end


def asked(story: Story, who: str, words: str) -> str:
    """What the command shows: a modal, or an answer that only they see."""
    seen = story.command(who, f"/red-account {words}")
    assert seen.ok, seen
    return seen.text or text_of(seen.view or {})


def press(story: Story, who: str, view: dict[str, Any], action_id: str) -> Seen:
    seen: Seen = story.sandbox.run(story.slack.click_in_view(story.person(who).slack_id, view["id"], action_id))
    assert seen.ok, seen
    return seen


def test_mine_says_in_a_line_what_is_missing_and_where_its_card_is(story: Story) -> None:
    story.set_health("lena", "Acme", "Red")
    story.poll()
    listed = asked(story, "priya", "mine")
    label, ts = story.row("Acme")["Key"], story.card("Acme")["ts"].replace(".", "")
    assert "*Acme* · $240k · renews 12 Mar · what is happening, by Wed 27 Jan · <http" in listed
    assert f"p{ts}|{label}>" in listed
    assert "*Acme*" in asked(story, "tom", "mine")
    assert "Acme" not in asked(story, "marek", "mine")
    assert "None." in asked(story, "ines", "mine")


def test_overdue_lists_what_has_waited_longest_first(story: Story) -> None:
    story.set_health("lena", "Acme", "Red")
    story.poll()
    assert "*Acme*" not in asked(story, "lena", "overdue")
    story.skip(days=3)
    assert "*Acme* · $240k · renews 12 Mar · ⚠ what is happening, since Wed 27 Jan" in asked(story, "lena", "overdue")
    assert "with something overdue" in asked(story, "lena", "all")


def test_what_is_due_today_is_not_late_before_the_day_is_over_where_the_account_is(story: Story) -> None:
    begin(story)
    form = story.click("priya", story.card("Acme"), "red_account.add_action").view
    assert form
    for what, day in (("Slides", "2027-01-26"), ("Usage report", "2027-01-27")):
        assert story.submit("priya", form, what=what, due_on=day).ok
        form = story.click("priya", story.card("Acme"), "red_account.add_action").view
        assert form
    story.live(datetime(2027, 1, 28, 1, tzinfo=UTC))  # 20:00 on Wednesday in New York
    assert "⚠ 1 action, since Tue 26 Jan" in asked(story, "lena", "overdue")
    story.live(datetime(2027, 1, 28, 6, tzinfo=UTC))
    assert "⚠ 2 actions, since Tue 26 Jan" in asked(story, "lena", "overdue")


def test_a_day_that_is_over_in_singapore_is_late_while_it_lasts_in_london(story: Story) -> None:
    begin(story)
    form = story.click("priya", story.card("Acme"), "red_account.add_action").view
    assert form
    assert story.submit("priya", form, what="Slides", due_on="2027-01-26").ok
    story.live(datetime(2027, 1, 26, 17, tzinfo=UTC))  # Wednesday, 1:00 in Singapore
    with story.services.transaction() as session:
        session.query(Account).filter_by(name="Acme").one().region = "APAC"
    assert "⚠ 1 action, since Tue 26 Jan" in asked(story, "lena", "overdue")


def test_a_region_is_named_as_policy_names_it(story: Story) -> None:
    story.set_health("lena", "Acme", "Red")
    story.poll()
    assert "*Acme*" in asked(story, "lena", "region us east")
    assert "*Acme*" not in asked(story, "lena", "region EMEA")
    assert "`/red-account region APAC`" in asked(story, "lena", "region Mars")


def test_a_word_that_an_account_begins_with_still_finds_the_account(story: Story) -> None:
    with story.services.transaction() as session:
        acme = session.query(Account).filter_by(name="Acme").one()
        acme.name, acme.search_name = "All Seasons", "all seasons"
    seen = story.command("priya", "/red-account all seasons")
    assert seen.view
    assert seen.view["callback_id"] == "red_account.mark_form"


def test_two_thousand_red_accounts_are_a_hundred_pages(story: Story) -> None:
    at = datetime(2027, 1, 4, tzinfo=UTC)
    with story.services.transaction() as session:
        session.execute(insert(Account), [
            {"id": 5000 + n, "salesforce_id": f"x{n}", "name": f"Umbrella {n}", "search_name": f"umbrella {n}",
             "arr": Decimal(n), "renewal_on": date(2027, 6, 1), "region": "EMEA", "is_left_red": False,
             "is_deleted": False, "refreshed_at": at} for n in range(2000)
        ])  # fmt: skip
        session.execute(insert(RedAccount), [
            {"account_id": 5000 + n, "status": Status.OPEN, "source": Source.EXISTING, "has_card": False, "red_at": at,
             "due_from_at": at, "fill_in_by_at": at, "relapses": 0, "other_reasons": []} for n in range(2000)
        ])  # fmt: skip
    statements: list[str] = []
    event.listen(story.services.database.engine, "before_cursor_execute", lambda *said: statements.append(said[2]))
    view = story.command("lena", "/red-account region EMEA").view
    assert view
    assert len(statements) < 40  # as for one red account
    assert "1 to 20 of 2,0" in text_of(view)
    seen = press(story, "lena", view, "red_account.list_next")
    assert seen.view
    assert "21 to 40 of 2,0" in text_of(seen.view)
    back = press(story, "lena", seen.view, "red_account.list_page")
    assert back.view
    assert "1 to 20 of 2,0" in text_of(back.view)


def test_history_shows_every_time_that_it_was_red(story: Story) -> None:
    begin(story)
    story.skip(days=3)
    end(story, "green", note="The champion is back.")
    begin(story)
    said = asked(story, "dev", "history acme")
    assert "*Acme* was red twice, the newest first." in said
    assert "Mon 25 Jan to Thu 28 Jan, 3 days · green, says Priya · Champion left\n>The champion is back." in said
    assert "Thu 28 Jan until today, 0 days · open" in said
    assert "never red" in asked(story, "dev", "history globex")


@pytest.mark.parametrize("form", ["markdown", "json", "csv"])
def test_an_export_comes_as_one_file(story: Story, form: str) -> None:
    begin(story, asks="SSO fix", actions="usage <report>")
    assert "comes to you as a file" in asked(story, "priya", f"export acme {form}")
    story.settle()
    [(message, said)] = story.files("priya")
    assert message["text"].startswith("Acme, RA-")
    if form == "json":
        found = json.loads(said)
        assert found["account"]["name"] == "Acme"
        assert [one["what"] for one in found["asks"]] == ["SSO fix"]
        assert found["red_account"]["by"] == "Priya Raman"
        assert {entry["what"] for entry in found["history"]} >= {"opened", "ask added", "action added"}
    elif form == "csv":
        assert said.startswith("key,account,")
        assert ",Acme," in said
    else:
        assert said.startswith("# Acme, RA-")
        assert "- ARR: $240,000\n" in said
        assert "usage <report>" in said


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        ("files.getUploadURLExternal", "drop_after"),
        ("files.upload", "drop_after"),
        ("files.upload", "500"),
        ("files.completeUploadExternal", "drop_after"),
        ("files.completeUploadExternal", "429"),
    ],
)
def test_an_export_comes_once_whatever_is_lost_on_the_way(story: Story, call: str, fault: str) -> None:
    begin(story)
    story.world.faults.switch_on("slack", fault, call=call, times=1, seconds=1)
    asked(story, "priya", "export acme")
    story.settle()
    assert len(story.files("priya")) == 1
    assert not story.failed()


def test_a_file_that_slack_has_forgotten_is_uploaded_anew(story: Story) -> None:
    begin(story)
    story.world.faults.switch_on("slack", "500", call="files.completeUploadExternal", times=1)
    asked(story, "priya", "export acme")
    deliveries.deliver_due(story.services)
    assert story.slack.files
    story.slack.files.clear()
    story.settle()
    assert len(story.files("priya")) == 1
    assert not story.failed()


def test_an_export_for_somebody_who_has_left_goes_to_nobody_else(story: Story) -> None:
    begin(story)
    asked(story, "tom", "export acme")
    story.slack.users[NAMES["tom"].slack_id].deleted = True
    story.slack.channels.pop(story.slack.dm_with(NAMES["tom"].slack_id).id)
    story.settle()
    assert not any(message.get("files") for channel in story.slack.channels.values() for message in channel.top_level())
    assert not story.failed()


def test_an_export_is_for_those_who_work_on_it_and_from_the_card_too(story: Story) -> None:
    begin(story)
    assert "Only Priya Raman (Acme's CE)" in asked(story, "dev", "export acme")
    label = story.row("Acme")["Key"].removeprefix("RA-")
    form = story.click("lena", story.card("Acme"), "red_account.menu", f"export:{label}").view
    assert form
    story.submit("lena", form, format="json")
    story.settle()
    [(message, _)] = story.files("lena")
    assert message["files"][0]["name"] == f"RA-{label}.json"


def test_figures_are_for_leads(story: Story) -> None:
    begin(story)
    story.skip(days=4)
    end(story, "green")
    said = asked(story, "lena", "figures")
    assert "*Q4 FY27, so far*" in said
    assert "1 of 1 saved, $240k" in said
    assert "██████████ 1 of 1" in said
    assert "as a file" in asked(story, "lena", "figures csv")
    story.settle()
    [(message, text)] = story.files("lena")
    assert message["files"][0]["name"] == "red-accounts-Q4-FY27.csv"
    assert text.startswith("quarter,begins_on,turned_red")
    assert "Only Lena Hofmann (CE lead) can see the figures." in asked(story, "priya", "figures")
