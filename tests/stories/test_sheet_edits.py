"""What people type into the sheet is in Slack a minute later, and what both sides changed is asked about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import inspect
from sqlalchemy import text as sql

from bot import jobs
from bot.models import RedAccount
from bot.queries import red_accounts as queries
from sandbox import company
from sandbox.sheets.person import AtTheGrid
from tests.stories.story import Story, text_of
from tests.stories.test_action_items import item
from tests.stories.test_red_accounts import WHY, mark
from tests.stories.test_sheet import delete_row, header, number_of, paste, say, write

POLL = next(job for job in jobs.JOBS if job.name == "poll sheet")


def look(story: Story, **later: float) -> None:
    """The sheet is looked at, twice: the thread is told at the second look what was seen at the first."""
    story.sandbox.call(story.world.clock.move, timedelta(**later))
    for _ in range(2):
        jobs.run(POLL, story.services)
        story.settle()


def add_columns(story: Story, *names: str) -> None:
    for name in names:
        grid = AtTheGrid(story.world.sheets, tab=company.TAB)
        story.sandbox.call(grid.type, 0, len([title for title in header(story) if title]), name)


def red_account(story: Story, of: str) -> RedAccount:
    with story.services.transaction() as session:
        return next(red for red in queries.all_under_way(session) if red.account.name == of)


def replies(story: Story, of: str) -> list[str]:
    return [text_of(reply) for reply in story.thread(story.card(f"{of} is red"))]


def edited(story: Story, of: str) -> list[str]:
    return [text for text in replies(story, of) if "Edited in the sheet" in text]


def red_id(story: Story, of: str) -> int:
    return red_account(story, of).id


def everything_kept(story: Story) -> str:
    with story.services.transaction() as session:
        tables = inspect(session.connection()).get_table_names()
        return "\n".join(str(row) for table in tables for row in session.execute(sql(f'SELECT * FROM "{table}"')))


def acme(story: Story, **words: str) -> None:
    mark(story, "priya", "acme", **words)
    story.settle()


def sheet_calls(story: Story) -> list[str]:
    return [call.name for call in story.world.calls if call.system == "sheets" and call.name != "token"]


# What comes to Slack


def test_an_edit_in_the_sheet_is_on_the_card_and_is_said_once_in_the_thread(story: Story) -> None:
    acme(story)
    write(story, "Acme", "Current state", "The new VP wants figures.")
    look(story)
    assert "The new VP wants figures." in text_of(story.card("Acme is red"))
    [reply] = edited(story, "Acme")
    assert "• *Current state*: “The new VP wants figures.”" in reply
    with story.services.transaction() as session:
        red = queries.under_way(session, red_account(story, "Acme").account_id)
        assert red
        history = queries.history(session, red.id)
    [told] = [(one.what, who) for one, who in history if "The new VP wants figures." in (one.why or "")]
    assert told == ("what is happening", "the sheet")


def test_all_edits_of_a_quarter_hour_are_one_reply(story: Story) -> None:
    acme(story)
    add_columns(story, "Goal", "How we will know")
    write(story, "Acme", "Current state", "First.")
    look(story)
    for column, text in (("Goal", "120 users"), ("How we will know", "The dashboard"), ("Goal", "140 users")):
        write(story, "Acme", column, text)
        look(story, minutes=3)
    assert len(edited(story, "Acme")) == 1
    look(story, minutes=15)
    assert len(edited(story, "Acme")) == 2
    assert "140 users" in edited(story, "Acme")[1]
    assert "120 users" not in edited(story, "Acme")[1]
    red = red_account(story, "Acme")
    assert (red.goal, red.how_we_know) == ("140 users", "The dashboard")


def test_lines_become_asks_and_actions_and_none_of_them_twice(story: Story) -> None:
    acme(story, asks="SSO fix", actions="Usage report\nCall their platform team")
    write(story, "Acme", "Needs", "- SSO fix\n- A migration engineer")
    write(story, "Acme", "Action plan", "Usage report\nCall their platform team on Monday")
    look(story)
    look(story)
    red = red_account(story, "Acme")
    assert [ask.what for ask in red.asks] == ["SSO fix", "A migration engineer"]
    assert [item.what for item in red.action_items] == ["Usage report", "Call their platform team on Monday"]


def test_a_line_that_was_taken_out_comes_back_and_the_thread_says_so(story: Story) -> None:
    acme(story, actions="Usage report\nAdmin training")
    write(story, "Acme", "Action plan", "Usage report")
    look(story)
    assert story.row("Acme")["Action plan"] == "Usage report, Priya Raman\nAdmin training, Priya Raman"
    [reply] = edited(story, "Acme")
    assert "“Admin training” is back in Action plan. Drop in Slack what nobody does any more." in reply


def test_a_corrected_date_comes_back_and_the_rest_of_the_cell_goes_on(story: Story) -> None:
    acme(story, actions="Usage report\nAdmin training")
    write(story, "Acme", "Action plan", "Usage report, Priya Raman, by Fri 28 Jan\nAdmin training\nCall their CFO")
    look(story)
    [reply] = edited(story, "Acme")
    assert "Action plan said “Usage report, Priya Raman, by Fri 28 Jan”. Who and by when are changed in Slack." in reply
    assert "“Call their CFO”" in reply
    story.click("priya", item(story, "Usage report"), "action_item.done")
    story.settle()
    assert story.row("Acme")["Action plan"].splitlines() == [
        "Usage report, Priya Raman, done",
        "Admin training, Priya Raman",
        "Call their CFO",
    ]
    assert "Action plan: Usage report, Priya Raman, by Fri 28 Jan" in everything_kept(story)


def test_a_line_that_is_too_long_stays_below_ours_and_the_rest_of_the_cell_goes_on(story: Story) -> None:
    acme(story, asks="SSO fix")
    long = "They say that " * 40
    write(story, "Acme", "Needs", f"SSO fix\n{long}\nAn index node")
    look(story)
    write(story, "Acme", "Needs", f"{story.row('Acme')['Needs']}\nA migration engineer")
    look(story, minutes=20)
    assert [ask.what for ask in red_account(story, "Acme").asks] == ["SSO fix", "An index node", "A migration engineer"]
    assert story.row("Acme")["Needs"].count("They say that") == 40
    assert ["stays in the sheet only. A line has 500" in reply for reply in edited(story, "Acme")] == [True, False]
    write(story, "Acme", "Needs", "SSO fix\nAn index node\nA migration engineer")
    look(story)
    say(story, "Acme", "Another sentence.")
    assert story.row("Acme")["Needs"].splitlines() == ["SSO fix", "An index node", "A migration engineer"]


def test_a_cell_that_somebody_emptied_is_filled_again_and_the_thread_says_so(story: Story) -> None:
    acme(story, actions="Usage report\nAdmin training")
    for column in ("Current state", "Action plan"):
        write(story, "Acme", column, "")
    look(story)
    row = story.row("Acme")
    assert row["Current state"] == WHY["sentence"]
    assert row["Action plan"].splitlines() == ["Usage report, Priya Raman", "Admin training, Priya Raman"]
    [reply] = edited(story, "Acme")
    again = f"Current state was emptied. It says “{WHY['sentence']}” again: an empty cell changes nothing in Slack."
    assert again in reply
    assert "“Usage report”, “Admin training” are back in Action plan." in reply
    look(story, minutes=20)
    assert len(edited(story, "Acme")) == 1


def test_listed_values_are_offered_and_understood(story: Story) -> None:
    add_columns(story, "Reason", "Impact", "Exec sponsor")
    acme(story)
    grid = AtTheGrid(story.world.sheets, tab=company.TAB).grid()
    assert "Competitor" in grid["validations"][str(header(story).index("Reason"))]
    assert "Fewer seats" in grid["validations"][str(header(story).index("Impact"))]
    for column, text in (("Reason", "competitor"), ("Impact", "Fewer seats"), ("Exec sponsor", "Lena Hofmann")):
        write(story, "Acme", column, text)
    look(story)
    red = red_account(story, "Acme")
    assert (red.reason, red.impact) == ("competitor", "seats")
    assert red.sponsor is not None
    assert red.sponsor.name == "Lena Hofmann"


def test_what_cannot_be_read_stays_in_the_sheet_and_is_said_once(story: Story) -> None:
    add_columns(story, "Reason", "Next step")
    acme(story)
    write(story, "Acme", "Reason", "Mercury in retrograde")
    write(story, "Acme", "Next step", "Call them")
    look(story)
    look(story, minutes=20)
    say(story, "Acme", "Another sentence.")
    row = story.row("Acme")
    assert (row["Reason"], row["Next step"], row["Current state"]) == (
        "Mercury in retrograde",
        "Call them",
        "Another sentence.",
    )
    [reply] = edited(story, "Acme")
    assert "“Mercury in retrograde” stays in the sheet only. It is none of the reasons that are offered there." in reply
    assert red_account(story, "Acme").reason == WHY["reason"]


def test_a_column_that_touchpoint_fills_is_put_back_and_the_words_are_kept(story: Story) -> None:
    acme(story)
    write(story, "Acme", "CE", "Somebody else")
    look(story)
    assert story.row("Acme")["CE"] == "Priya Raman"
    [reply] = edited(story, "Acme")
    assert "CE said “Somebody else”." in reply


def test_a_row_that_people_kept_fills_the_plan_without_a_word_in_the_thread(story: Story) -> None:
    look(story)
    red = red_account(story, "Hillcrest Freight")
    assert red.sentence == "Rollout stalled at 30 users."
    assert [ask.what for ask in red.asks] == ["A migration engineer for a week"]
    assert [item.what for item in red.action_items] == ["Weekly call with their platform team"]
    story.click("lena", story.cards()[0], "red_account.post_card", str(red.id))
    look(story, minutes=20)
    assert "Rollout stalled at 30 users." in text_of(story.card("Hillcrest Freight is red"))
    assert edited(story, "Hillcrest Freight") == []


KEY = "slk_" + "1f" * 20


def test_a_key_in_a_cell_is_cut_out_of_all_that_is_kept_and_people_are_told(story: Story) -> None:
    acme(story)
    write(story, "Acme", "Current state", f"They log in with {KEY} by now.")
    write(story, "Acme", "Needs", f"Another key than {KEY}")
    write(story, "Acme", "CE", f"Priya {KEY}")
    look(story)
    look(story, minutes=20)
    assert red_account(story, "Acme").sentence == "They log in with [key cut out] by now."
    row = story.row("Acme")
    assert row["Current state"] == f"They log in with {KEY} by now."  # what people wrote is theirs to mend
    assert row["CE"] == "Priya Raman"
    [reply] = edited(story, "Acme")
    assert "Current state: a key was cut out of it. Take it out of the sheet too." in reply
    assert "Needs: a key was cut out of it." in reply
    assert "CE said “Priya [key cut out]”." in reply
    assert KEY not in everything_kept(story)
    say(story, "Acme", "Another sentence.")
    assert story.row("Acme")["Current state"] == "Another sentence."


def test_a_cell_that_is_only_a_key_stays_where_it_is(story: Story) -> None:
    acme(story)
    write(story, "Acme", "Current state", KEY)
    look(story)
    assert red_account(story, "Acme").sentence == WHY["sentence"]
    assert "Take it out there." in edited(story, "Acme")[0]
    assert KEY not in everything_kept(story)


def test_lines_beyond_those_that_are_taken_at_once_stay_until_the_next_edit(story: Story) -> None:
    acme(story)
    lines = [f"Number {number} of what they need" for number in range(1, 32)]
    write(story, "Acme", "Needs", "\n".join(lines))
    look(story)
    assert [ask.what for ask in red_account(story, "Acme").asks] == lines[:30]
    assert "“Number 31 of what they need” stays in the sheet only. 30 at once become items" in edited(story, "Acme")[0]
    story.world.calls.clear()
    look(story, minutes=20)
    assert sheet_calls(story) == ["values.get"] * 2
    assert len(edited(story, "Acme")) == 1
    say(story, "Acme", "Another sentence.")
    assert story.row("Acme")["Needs"].splitlines() == lines
    write(story, "Acme", "Needs", "\n".join([*lines, "And one more"]))
    look(story)
    assert [ask.what for ask in red_account(story, "Acme").asks] == [*lines, "And one more"]
    story.world.calls.clear()
    look(story)
    assert sheet_calls(story) == ["values.get"] * 2


# Rows


def test_the_row_is_added_again_only_when_somebody_wants_it(story: Story) -> None:
    acme(story)
    delete_row(story, "Acme")
    look(story)
    look(story)
    [told] = [m for m in story.thread(story.card("Acme is red")) if "Somebody deleted the sheet row" in text_of(m)]
    assert story.rows("Acme") == []
    story.click("priya", told, "sheet_row.add")
    story.settle()
    assert story.row("Acme")["Current state"] == WHY["sentence"]
    late = story.click("priya", told, "sheet_row.add")
    assert "in the sheet again" in text_of(late.view or {})


def test_a_row_that_people_added_is_theirs_until_its_account_turns_red_and_then_it_is_its_row(story: Story) -> None:
    below = len(story.rows()) + 1
    paste(story, below, "Account", "Acme")
    paste(story, below, "Current state", "They have been quiet for a month.")
    theirs = story.row("Acme")
    look(story)
    assert story.row("Acme") == theirs
    story.set_health("priya", "Acme", "Red")
    story.poll()
    story.settle()
    assert story.row("Acme")["Key"] == red_account(story, "Acme").label
    assert red_account(story, "Acme").sentence == "They have been quiet for a month."


def test_a_copied_row_is_told_to_the_leads_and_changes_nothing(story: Story) -> None:
    acme(story)
    grid = AtTheGrid(story.world.sheets, tab=company.TAB).grid()
    cells = [cell["v"] for cell in grid["rows"][number_of(story, "Acme") - 1]]
    below = len(story.rows()) + 1
    for column, text in zip(grid["header"], cells, strict=False):
        if column and text:
            paste(story, below, column, text)
    paste(story, below, "Current state", "Typed into the copy")
    look(story)
    assert red_account(story, "Acme").sentence == WHY["sentence"]
    assert "stands in more than one row" in text_of(story.dm("lena"))
    assert len(story.rows("Acme")) == 2


def test_without_the_columns_that_rows_are_found_by_nothing_is_taken_for_deleted(story: Story) -> None:
    acme(story)
    grid = AtTheGrid(story.world.sheets, tab=company.TAB)
    for name in ("Key", "Account ID"):
        story.sandbox.call(grid.type, 0, header(story).index(name), f"Our {name}")
    look(story)
    assert "The sheet has neither a column Key nor Account ID" in text_of(story.dm("lena"))
    assert not [text for text in replies(story, "Acme") if "deleted" in text]


def test_people_may_rename_sort_and_insert_and_edits_are_found_all_the_same(tell: Callable[..., Story]) -> None:
    story = tell(sheet={"columns": {"state": "What is going on"}})
    grid = AtTheGrid(story.world.sheets, tab=company.TAB)
    story.sandbox.call(grid.type, 0, header(story).index("Current state"), "What is going on")
    acme(story)
    story.sandbox.call(grid.insert, "COLUMNS", 2)
    story.sandbox.call(grid.sort, 0, True)
    write(story, "Acme", "What is going on", "The new VP wants figures.")
    story.sandbox.call(grid.sort, 0, False)
    look(story)
    assert red_account(story, "Acme").sentence == "The new VP wants figures."


# Calls


def test_a_look_at_an_unchanged_sheet_is_one_reading_and_no_writing(story: Story) -> None:
    acme(story)
    look(story)
    story.world.calls.clear()
    jobs.run(POLL, story.services)
    story.settle()
    assert len(sheet_calls(story)) == 1
