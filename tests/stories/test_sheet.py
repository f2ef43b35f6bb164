"""The sheet belongs to people: whatever they do to its rows, what they wrote stands and no row becomes another's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot import deliveries
from bot.integrations.sheets import METADATA_KEY
from bot.queries import red_accounts as queries
from sandbox import company
from sandbox.sheets.grid import Metadata
from sandbox.sheets.metadata import CHARACTERS
from sandbox.sheets.person import AtTheGrid
from tests.stories.story import Story, text_of
from tests.stories.test_red_accounts import WHY, mark

TOMS = "Tom's view of it"


def header(story: Story) -> list[str]:
    found: list[str] = AtTheGrid(story.world.sheets, tab=company.TAB).grid()["header"]
    return found


def paste(story: Story, row: int, column: str, text: str) -> None:
    """A person types into a cell. Row 1 is the first under the header."""
    grid = AtTheGrid(story.world.sheets, "U0TOM00000", company.TAB)
    story.sandbox.call(grid.type, row, header(story).index(column), text)


def number_of(story: Story, of: str) -> int:
    """The row of an account, by its Account ID or else by its name."""
    account_id = company.account_id(story.world, of)
    rows = list(enumerate(story.rows(), 1))
    with_id = [number for number, row in rows if row.get("Account ID") == account_id]
    return with_id[0] if with_id else next(number for number, row in rows if row["Account"].startswith(of))


def write(story: Story, of: str, column: str, text: str) -> None:
    paste(story, number_of(story, of), column, text)


def say(story: Story, of: str, sentence: str, *, settle: bool = True) -> None:
    """The CE writes another sentence in Slack."""
    form = story.command("priya", f"/red-account {of}").view
    assert form
    seen = story.submit("priya", form, sentence=sentence)
    assert seen.ok, seen
    if settle:
        story.settle()


def show_card(story: Story, of: str) -> None:
    key = story.row(of)["Key"].removeprefix("RA-")
    story.click("lena", story.cards()[0], "red_account.post_card", key)
    story.settle()


def delete_row(story: Story, of: str) -> None:
    story.sandbox.call(AtTheGrid(story.world.sheets, tab=company.TAB).delete, "ROWS", number_of(story, of))


# Key and Account ID


def swap_keys(story: Story, one: str, other: str) -> None:
    """What sorting only some of the columns does to two rows."""
    keys = story.row(one)["Key"], story.row(other)["Key"]
    write(story, one, "Key", keys[1])
    write(story, other, "Key", keys[0])


def test_a_key_in_the_row_of_another_account_changes_no_row(story: Story) -> None:
    mark(story, "priya", "acme")
    mark(story, "priya", "globex")
    story.settle()
    swap_keys(story, "Acme", "Globex")
    before = story.rows()
    say(story, "Acme", "Another sentence.")
    assert story.rows() == before
    assert "Key and Account ID disagree for RA-" in text_of(story.dm("lena"))
    assert "(Acme)" in text_of(story.dm("lena"))


def test_the_leads_are_told_once_that_keys_are_mixed_up(story: Story) -> None:
    mark(story, "priya", "acme")
    mark(story, "priya", "globex")
    story.settle()
    swap_keys(story, "Acme", "Globex")
    say(story, "Acme", "Another sentence.")
    say(story, "Acme", "And another one.")
    say(story, "Globex", "And one more.")
    assert len(story.dms("lena")) == 1


def test_keys_that_were_put_right_are_followed_again(story: Story) -> None:
    mark(story, "priya", "acme")
    mark(story, "priya", "globex")
    story.settle()
    swap_keys(story, "Acme", "Globex")
    say(story, "Acme", "Another sentence.")
    swap_keys(story, "Acme", "Globex")
    say(story, "Acme", "The last one.")
    assert story.row("Acme")["Current state"] == "The last one."
    assert story.row("Globex")["Current state"] == WHY["sentence"]


def test_a_copied_key_does_not_hide_the_right_row(story: Story) -> None:
    mark(story, "priya", "globex")
    mark(story, "priya", "acme")
    story.settle()
    story.sandbox.call(AtTheGrid(story.world.sheets, tab=company.TAB).sort, 0, True)
    write(story, "Globex", "Key", story.row("Acme")["Key"])
    assert number_of(story, "Globex") < number_of(story, "Acme")
    say(story, "Acme", "Another sentence.")
    assert story.row("Acme")["Current state"] == "Another sentence."
    assert story.row("Globex")["Current state"] == WHY["sentence"]


def test_a_row_that_lost_its_key_is_found_by_its_account_id(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    key = story.row("Acme")["Key"]
    write(story, "Acme", "Key", "")
    say(story, "Acme", "Another sentence.")
    assert story.row("Acme")["Key"] == key
    assert story.row("Acme")["Current state"] == "Another sentence."


def test_a_key_that_slipped_into_a_row_without_an_id_is_not_believed(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    over = story.row("Fallowfield")
    write(story, "Fallowfield", "Key", story.row("Acme")["Key"])
    write(story, "Acme", "Key", "RA-999")
    say(story, "Acme", "Another sentence.")
    assert story.row("Fallowfield") == over | {"Key": story.row("Fallowfield")["Key"]}
    assert "disagree" in text_of(story.dm("lena"))


# Rows that people made


def test_an_adopted_row_keeps_every_cell_that_people_filled(story: Story) -> None:
    row = story.row("Hillcrest")
    assert (row["CE"], row["AE"], row["ARR"], row["Red since"]) == ("Priya", "Grace", "88000", "2026-12-02")
    assert row["Key"].startswith("RA-")
    assert row["Account ID"] == company.account_id(story.world, "Hillcrest Freight")
    assert row["Renewal"]  # it was empty
    quillstone = story.row("Quillstone")
    assert quillstone["Account"] == "Quillstone Ltd"
    assert quillstone["Salesforce"].startswith("https://")
    assert quillstone["ARR"]


def test_what_people_filled_stays_theirs_at_later_changes(story: Story) -> None:
    before = story.row("Hillcrest")
    show_card(story, "Hillcrest")
    record = company.account_id(story.world, "Hillcrest Freight")
    changes = {"ARR__c": 99_000, "Customer_Engineer__c": company.user_id(story.world, company.MAREK)}
    story.sandbox.call(story.world.salesforce.update, "Account", record, changes, None)
    story.set_health("priya", "Hillcrest Freight", "Yellow")
    story.poll()
    row = story.row("Hillcrest")
    assert row | {"Health now": ""} == before | {"Health now": ""}


def test_a_cell_that_people_emptied_is_filled_again(story: Story) -> None:
    show_card(story, "Hillcrest")
    write(story, "Hillcrest Freight", "CE", "")
    story.set_health("priya", "Hillcrest Freight", "Yellow")
    story.poll()
    row = story.row("Hillcrest")
    assert row["CE"] in ("Priya Raman", "Marek Novotny")
    assert row["AE"] == "Grace"


def test_an_adopted_row_is_closed_with_its_red_account(story: Story) -> None:
    show_card(story, "Hillcrest")
    entry = f"resolve:{story.row('Hillcrest')['Key'].removeprefix('RA-')}"
    form = story.click("marek", story.card("Hillcrest Freight is red"), "red_account.menu", entry).view
    assert form
    assert story.submit("marek", form, outcome="green", note="They rolled it out.").ok
    story.settle()
    row = story.row("Hillcrest")
    assert row["Status"] == "closed"
    assert row["Resolved"] == "2027-01-25"
    assert row["Current state"] == "Rollout stalled at 30 users."


def test_red_since_is_taken_from_the_row_that_people_kept(story: Story) -> None:
    since = story.command("priya", "/red-account hillcrest").view
    assert "2 Dec" in text_of(since or {})
    with story.services.transaction() as session:
        began = {red.account.name: red.red_at for red in queries.all_under_way(session)}
    assert began["Hillcrest Freight"] == datetime(2026, 12, 2, tzinfo=ZoneInfo("Europe/London"))
    assert began["Quillstone"] == datetime(2027, 1, 4, tzinfo=ZoneInfo("Asia/Singapore"))
    assert began["Brightmoor Energy"] >= company.OPENING  # nobody kept a row for it


@pytest.mark.parametrize("typed", ["7 or 12", "12", "0001-01-01", "2031-01-01"])
def test_what_is_no_earlier_day_is_not_taken_for_one(tell: Callable[..., Story], typed: str) -> None:
    story = tell(writes={"slack": "on", "salesforce": "on", "sheets": "off"})
    paste(story, 1, "Red since", typed)
    before = story.row("Hillcrest")["Red since"]
    story.restart(writes={"slack": "on", "salesforce": "on", "sheets": "on"})
    story.settle()
    with story.services.transaction() as session:
        began = {red.account.name: red.red_at for red in queries.all_under_way(session)}
    assert began["Hillcrest Freight"] >= company.OPENING
    assert story.row("Hillcrest")["Red since"] == before
    assert story.row("Hillcrest")["Key"]
    assert story.failed() == []


def test_a_row_of_another_account_with_the_same_name_is_not_adopted(tell: Callable[..., Story]) -> None:
    story = tell(writes={"slack": "on", "salesforce": "on", "sheets": "off"})
    paste(story, 1, "Notes", "theirs")
    grid = AtTheGrid(story.world.sheets, tab=company.TAB)
    story.sandbox.call(grid.type, 0, len(header(story)) - 1, "Account ID")
    paste(story, 1, "Account ID", company.account_id(story.world, "Initech"))
    story.restart(writes={"slack": "on", "salesforce": "on", "sheets": "on"})
    story.settle()
    theirs, ours = sorted(story.rows("Hillcrest"), key=lambda row: row["Key"])
    assert (theirs["Key"], theirs["Notes"]) == ("", "theirs")
    assert ours["Key"].startswith("RA-")


# Lost answers


def lose_the_answer(story: Story) -> None:
    """The sheet takes what waits for it, but its answer does not arrive. The next attempt is not made yet."""
    story.world.faults.switch_on("sheets", "drop_after", call="batchUpdate", times=1)
    story.sandbox.call(story.world.clock.move, timedelta(seconds=2))  # Slack takes a message a second
    deliveries.deliver_due(story.services)


def test_a_cell_whose_answer_was_lost_is_still_ours(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    say(story, "Acme", "The answer to this is lost.", settle=False)
    lose_the_answer(story)
    assert story.row("Acme")["Current state"] == "The answer to this is lost."
    say(story, "Acme", "And this comes after it.")
    assert story.row("Acme")["Current state"] == "And this comes after it."


def test_answers_that_are_lost_one_after_the_other_leave_the_cell_ours(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    for sentence in ("The first.", "The second.", "The third."):
        say(story, "Acme", sentence, settle=False)
        story.sandbox.call(story.world.clock.move, timedelta(minutes=6))
        lose_the_answer(story)
        assert story.row("Acme")["Current state"] == sentence
    say(story, "Acme", "The last.")
    assert story.row("Acme")["Current state"] == "The last."


def test_the_cells_of_a_new_row_whose_answer_was_lost_are_still_ours(story: Story) -> None:
    mark(story, "priya", "acme")
    lose_the_answer(story)
    assert story.row("Acme")["Current state"] == WHY["sentence"]
    say(story, "Acme", "Another sentence.")
    assert story.row("Acme")["Current state"] == "Another sentence."


def test_a_cell_is_still_ours_after_a_kill_between_the_write_and_its_record(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    say(story, "Acme", "Killed after this.", settle=False)
    lose_the_answer(story)
    story.restart()
    say(story, "Acme", "And this comes after it.")
    assert story.row("Acme")["Current state"] == "And this comes after it."


def test_what_people_typed_after_a_lost_answer_stands(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    say(story, "Acme", "The answer to this is lost.", settle=False)
    lose_the_answer(story)
    write(story, "Acme", "Current state", TOMS)
    say(story, "Acme", "And this comes after it.")
    assert story.row("Acme")["Current state"] == TOMS


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "500"])
def test_what_people_typed_before_is_theirs_however_the_adoption_went(tell: Callable[..., Story], fault: str) -> None:
    story = tell(writes={"slack": "on", "salesforce": "on", "sheets": "off"})
    story.restart(writes={"slack": "on", "salesforce": "on", "sheets": "on"})
    story.world.faults.switch_on("sheets", fault, call="batchUpdate", times=3)
    story.settle()
    story.skip(minutes=6)
    row = story.row("Hillcrest")
    assert row["Key"].startswith("RA-")
    assert (row["CE"], row["AE"], row["Current state"]) == ("Priya", "Grace", "Rollout stalled at 30 users.")
    assert story.failed() == []


# One that the sheet refuses


def test_a_row_that_the_sheet_refuses_does_not_keep_the_others_out(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    story.world.faults.switch_on("sheets", "down")
    say(story, "Acme", "Another sentence.")
    mark(story, "priya", "globex")
    story.settle()
    # The tab has no room for the mark of another new row; cells of the others can still be written.
    tab = story.world.sheets.spreadsheet().tab(company.TAB)
    used = sum(len(pin.key) + len(pin.value) for pin in story.world.sheets.spreadsheet().metadata)
    full = Metadata(
        2**31 - 1, "theirs", "x" * (CHARACTERS - used - len("theirs") - len(METADATA_KEY) + 1), "DOCUMENT", tab.id
    )
    story.world.sheets.spreadsheet().metadata.append(full)
    story.world.faults.switch_off()
    story.skip(minutes=6)
    assert story.row("Acme")["Current state"] == "Another sentence."
    assert story.rows("Globex") == []
    [failed] = set(story.failed())
    assert "Developer metadata exceeds the limit" in failed


# Rows that people delete


def test_the_thread_is_told_once_that_a_row_was_deleted(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    delete_row(story, "Acme")
    say(story, "Acme", "Another sentence.")
    say(story, "Acme", "And another one.")
    assert story.rows("Acme") == []
    told = [text_of(reply) for reply in story.thread(story.card("Acme is red"))]
    said = "Somebody deleted the sheet row of Acme. It is not put back; the red account goes on here."
    assert len([text for text in told if said in text]) == 1
    assert story.failed() == []


def test_a_row_that_was_deleted_and_put_back_by_people_is_followed_again(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    key = story.row("Acme")["Key"]
    delete_row(story, "Acme")
    say(story, "Acme", "Another sentence.")
    below = len(story.rows()) + 1
    paste(story, below, "Key", key)
    paste(story, below, "Account", "Acme")
    say(story, "Acme", "And another one.")
    row = story.row("Acme")
    assert row["Current state"] == "And another one."
    assert row["Account ID"] == company.account_id(story.world, "Acme")
