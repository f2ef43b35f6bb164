"""A cell that was changed in the sheet and in Slack: whoever wrote ours is asked which of the two holds."""

from __future__ import annotations

from collections.abc import Callable

from bot.queries import red_accounts as queries
from sandbox import company
from sandbox.sheets.person import AtTheGrid
from tests.stories.story import Story, text_of
from tests.stories.test_action_items import at
from tests.stories.test_sheet import header, say, write
from tests.stories.test_sheet_edits import KEY, acme, add_columns, edited, everything_kept, look, red_account, red_id
from tests.stories.test_updates import post


def said_in_history(story: Story, of: str) -> list[str]:
    """Newest first."""
    with story.services.transaction() as session:
        return [entry.why for entry, _ in queries.history(session, red_id(story, of)) if entry.why]


def change_both(story: Story) -> None:
    acme(story)
    write(story, "Acme", "Current state", "Tom's view of it")
    say(story, "Acme", "Priya's view of it")
    look(story)


def question(story: Story) -> dict[str, object]:
    [asked] = [message for message in story.dms("priya") if "The sheet says" in text_of(message)]
    return asked


def test_a_cell_that_both_changed_is_asked_of_who_wrote_it_in_slack(story: Story) -> None:
    change_both(story)
    assert "The sheet says “Tom's view of it”, you say “Priya's view of it”." in text_of(question(story))
    assert story.row("Acme")["Current state"] == "Tom's view of it"
    assert red_account(story, "Acme").sentence == "Priya's view of it"


def test_use_mine_writes_it_and_a_late_press_says_so(story: Story) -> None:
    change_both(story)
    asked = question(story)
    story.click("priya", asked, "sheet_conflict.use_mine")
    late = story.click("priya", asked, "sheet_conflict.keep")
    assert "What stands in Slack was kept before. Nothing changed." in text_of(late.view or {})
    look(story)
    assert "Kept: Slack's." in text_of(question(story))
    assert story.row("Acme")["Current state"] == "Priya's view of it"


def test_without_an_answer_the_sheets_holds_after_two_days(story: Story) -> None:
    change_both(story)
    look(story, days=1, hours=23)
    assert red_account(story, "Acme").sentence == "Priya's view of it"
    look(story, hours=2)
    assert red_account(story, "Acme").sentence == "Tom's view of it"
    assert "Kept: the sheet's. Nobody answered in 2 days." in text_of(question(story))


def test_the_two_days_begin_when_the_question_reaches_somebody(story: Story) -> None:
    acme(story)
    story.live(at(29, 19, month=1))  # a Friday evening
    write(story, "Acme", "Current state", "Tom's view of it")
    say(story, "Acme", "Priya's view of it")
    look(story)
    look(story, days=2, hours=10)  # the Monday, before nine
    assert red_account(story, "Acme").sentence == "Priya's view of it"
    story.live(at(1, 9, 1))
    assert "Without an answer by Wed 3 Feb 09:0" in text_of(question(story))
    look(story, days=1, hours=23)
    assert red_account(story, "Acme").sentence == "Priya's view of it"
    look(story, hours=2)
    assert red_account(story, "Acme").sentence == "Tom's view of it"


def test_closing_the_red_account_ends_what_was_asked_about_its_row(story: Story) -> None:
    change_both(story)
    form = story.click("priya", story.card("Acme is red"), "red_account.menu", f"resolve:{red_id(story, 'Acme')}").view
    assert form
    assert story.submit("priya", form, outcome="green", note="They rolled it out.").ok
    story.settle()
    look(story)
    assert "Kept: the sheet's. The red account was over before anybody answered." in text_of(question(story))
    assert "sheet_conflict" not in str(question(story)["blocks"])
    look(story, days=3)
    assert len([message for message in story.dms("priya") if "The sheet says" in text_of(message)]) == 1
    assert story.row("Acme")["Current state"] == "Tom's view of it"


def test_the_history_names_columns_as_people_do(tell: Callable[..., Story]) -> None:
    story = tell(sheet={"columns": {"state": "What is going on"}})
    story.sandbox.call(
        AtTheGrid(story.world.sheets, tab=company.TAB).type, 0, header(story).index("Current state"), "What is going on"
    )
    acme(story)
    write(story, "Acme", "What is going on", "Tom's view of it")
    say(story, "Acme", "Priya's view of it")
    look(story)
    story.click("priya", question(story), "sheet_conflict.keep")
    assert said_in_history(story, "Acme")[:2] == [
        "Tom's view of it",
        "What is going on: not “Priya's view of it”",
    ]
    assert any(why.startswith("What is going on: the sheet says") for why in said_in_history(story, "Acme"))


def test_words_in_a_column_of_days_are_asked_about_as_they_stand(story: Story) -> None:
    acme(story)
    add_columns(story, "Next step by")
    post(story, "priya", changed="A call.", next_step="Ask again", next_on="2027-02-05")
    write(story, "Acme", "Next step by", "after the holidays")
    post(story, "priya", changed="Another call.", next_step="Ask again", next_on="2027-02-08")
    look(story)
    assert "The sheet says “after the holidays”, you say Mon 8 Feb" in text_of(question(story))


def test_what_could_not_be_read_is_asked_about_once_slack_says_something_else(story: Story) -> None:
    add_columns(story, "Next step", "Reason")
    acme(story)
    write(story, "Acme", "Next step", "Call them")
    write(story, "Acme", "Reason", "Mercury in retrograde")
    look(story)
    for step in ("Ask again", "Ask their CFO"):
        post(story, "priya", changed="A call.", next_step=step)
        look(story, minutes=20)
    asked = question(story)
    assert "The sheet says “Call them”, you say “Ask their CFO”." in text_of(asked)
    story.click("priya", asked, "sheet_conflict.use_mine")
    look(story)
    assert (story.row("Acme")["Next step"], story.row("Acme")["Reason"]) == ("Ask their CFO", "Mercury in retrograde")


def test_keeping_what_cannot_be_read_says_so_and_the_next_change_is_asked_about(story: Story) -> None:
    acme(story)
    add_columns(story, "Next step by")
    post(story, "priya", changed="A call.", next_step="Ask again", next_on="2027-02-05")
    write(story, "Acme", "Next step by", "after the holidays")
    post(story, "priya", changed="Another call.", next_step="Ask again", next_on="2027-02-08")
    look(story)
    story.click("priya", question(story), "sheet_conflict.keep")
    look(story)
    assert story.row("Acme")["Next step by"] == "after the holidays"
    assert "“after the holidays” stays in the sheet only. It is no date." in edited(story, "Acme")[-1]
    look(story, minutes=20)
    post(story, "priya", changed="A third call.", next_step="Ask again", next_on="2027-02-10")
    look(story, minutes=20)
    asked = [text_of(message) for message in story.dms("priya") if "The sheet says" in text_of(message)]
    assert ["Wed 10 Feb" in text for text in asked] == [False, True]


def test_use_mine_holds_though_the_sheet_is_being_written_at_that_moment(story: Story) -> None:
    change_both(story)
    add_columns(story, "Goal")
    asked, write_now = question(story), story.services.sheets.write

    def slowly(*what: object) -> None:
        object.__setattr__(story.services.sheets, "write", write_now)
        story.click("priya", asked, "sheet_conflict.use_mine")
        write_now(*what)  # type: ignore[arg-type]

    write(story, "Acme", "Goal", "120 weekly users")
    object.__setattr__(story.services.sheets, "write", slowly)
    look(story)
    assert story.row("Acme")["Current state"] == "Priya's view of it"
    assert "Kept: Slack's." in text_of(question(story))


def test_a_key_in_a_cell_that_both_changed_is_not_in_the_question(story: Story) -> None:
    acme(story)
    write(story, "Acme", "Current state", f"They log in with {KEY} by now.")
    say(story, "Acme", "Priya's view of it")
    look(story)
    assert "The sheet says “They log in with [key cut out] by now.”" in text_of(question(story))
    story.click("priya", question(story), "sheet_conflict.keep")
    look(story)
    assert red_account(story, "Acme").sentence == "They log in with [key cut out] by now."
    assert KEY not in everything_kept(story)
