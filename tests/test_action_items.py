"""What an action item says, drawn from rows alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from hypothesis import example, given, settings

from bot import policy
from bot.messages import action_items, action_items_forms, blocks
from bot.messages import action_items_reminders as reminders
from bot.messages import reminders as all_reminders
from bot.messages.blocks import Message
from bot.messages.red_accounts_view import Links, View
from bot.messages.reminders import Telling
from bot.models import Account, ActionItem, ActionState, Person, RedAccount, Reminder, ReminderState, Status
from bot.queries.red_accounts import Facts
from sandbox.slack.validator import block_problems, view_problems
from tests import test_blocks
from tests.test_blocks import MARKUP, OURS, TEXTS, mrkdwn_of

RULES = policy.read(Path(__file__).parent.parent / "sandbox" / "policy.toml")
NOW = datetime(2027, 2, 1, 15, 0, tzinfo=UTC)  # a Monday
PRIYA = Person(id=1, name="Priya Raman", slack_id="U0PRIYA000", is_member=True)


def a_view(*items: ActionItem) -> View:
    account = Account(id=1, name="Acme", region="US East", ce=PRIYA)
    red = RedAccount(id=12, account=account, status=Status.OPEN, action_items=list(items))
    facts = Facts(red=red, lead=None, pending=None, silent_since=None, asked=None, card=None)
    return View(facts, RULES, Links(None, None, None, None), NOW)


def an_item(number: int, what: str, due_on: date | None = None, state: ActionState = ActionState.OPEN) -> ActionItem:
    return ActionItem(id=number, what=what, owner=PRIYA, owner_id=1, due_on=due_on, state=state, since_at=NOW)


def test_the_card_counts_what_is_done_and_names_what_is_late_and_what_is_next() -> None:
    view = a_view(
        an_item(1, "Admin training", date(2027, 2, 3)),
        an_item(2, "Usage report", date(2027, 1, 28)),
        an_item(3, "Daily call", state=ActionState.DONE),
        an_item(4, "A trip", date(2027, 1, 20), ActionState.DROPPED),
        an_item(5, "Slides", date(2027, 2, 9), ActionState.BLOCKED),
    )
    line = "*We do*  1 of 4 done · late: Usage report, Priya, 28 Jan · next: Admin training, Priya, 3 Feb"
    assert action_items.we_do(view) == line


def test_of_several_late_ones_the_oldest_is_named_and_what_nobody_has_says_so() -> None:
    late = [an_item(number, f"Report {number}", date(2027, 1, 20 + number)) for number in (2, 1, 3)]
    lost = an_item(4, "Slides")
    lost.owner = None
    found = action_items.we_do(a_view(*late, lost))
    assert found == (
        "*We do*  0 of 4 done · late: Report 1, Priya, 21 Jan and 2 more · next: Slides, nobody yet, no date yet"
    )
    assert action_items.we_do(a_view()) is None


@pytest.mark.parametrize(
    ("state", "pressed"),
    [
        (ActionState.OPEN, ["action_item.done", "action_item.menu"]),
        (ActionState.BLOCKED, ["action_item.done", "action_item.unblock", "action_item.menu"]),
        (ActionState.DONE, ["action_item.menu"]),
        (ActionState.DROPPED, ["action_item.menu"]),
    ],
)
def test_the_buttons_are_those_that_the_state_allows(state: ActionState, pressed: list[str]) -> None:
    item = an_item(1, "Admin training", date(2027, 2, 3), state)
    shown = action_items.item_message(a_view(item), item)
    assert [element["action_id"] for element in shown.blocks[-1]["elements"]] == pressed
    assert len(shown.blocks[-1]["elements"][-1]["options"]) <= 5


def test_what_has_no_date_offers_to_set_one() -> None:
    for due_on, label in ((None, "Set a date…"), (date(2027, 2, 3), "Other date…")):
        item = an_item(1, "Admin training", due_on)
        *_, menu = action_items.item_message(a_view(item), item).blocks[-1]["elements"]
        assert label in [option["text"]["text"] for option in menu["options"]]


def test_the_message_of_a_closed_red_account_has_no_buttons() -> None:
    item = an_item(1, "Admin training")
    view = a_view(item)
    view.facts.red.status = Status.CLOSED
    assert "actions" not in [block["type"] for block in action_items.item_message(view, item).blocks]
    assert "carried over to RA-13" in str(action_items.item_message(view, item, carried_to=13).blocks)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I ask @Tom &  @Dev ", "I ask @Tom & @Dev"),
        ("see the page,\n  or\tnot", "see the page, or not"),
    ],
)
def test_a_message_becomes_plain_words_on_one_line(text: str, words: str) -> None:
    assert action_items_forms.words_of(text) == words


def test_a_long_message_fits_into_one_action() -> None:
    assert len(action_items_forms.words_of("word " * 400)) <= 500


URL = "https://example.test/1"


def messages_about(text: str) -> list[Message]:
    """Everything that is ever said about an item in which all that a person wrote is `text`."""
    view, writer = test_blocks.a_view(text), Person(id=9, name=text[:200], slack_id=None)
    row = Reminder(id=5, kind="action due", step=0, recipient=PRIYA, state=ReminderState.SENT, messages=1, why="")
    telling, found, lines = Telling(row, 1, "U0PRIYA000", time(9), NOW), [], []
    for state in ActionState:
        item = ActionItem(
            id=7, what=text[:500], serves=text[:3000], note=text[:3000], owner=PRIYA, owner_id=1, handed_by=writer,
            ended_by=writer, state=state, since_at=NOW, due_on=date(2027, 2, 3),
        )  # fmt: skip
        lines += [reminders.line(view, item, row, NOW.date()), reminders.handed_line(view, item, row)]
        found += [
            action_items.item_message(view, item),
            reminders.own_message(view, item, telling, URL),
            reminders.handed_message(view, item, telling, URL),
            reminders.handed_several(view, [item] * 12, telling, URL),
            reminders.in_thread(view, item, telling),
            action_items.carry_message(view, view.facts.red, [item] * 9, []),
            action_items.carry_message(view, view.facts.red, [], [item] * 2),
        ]
        for what in ("blocked", "date", "handed", "comment", "done", "dropped", "reopened"):
            details = {"what": what, "words": text[:3000], "was": "2027-02-03", "became": "2027-02-10"}
            found.append(action_items.said_in_thread(view, item, details, writer, PRIYA, writer, URL, writer))
    digest = all_reminders.Digest(row, NOW.date(), lines, [])
    return [*found, all_reminders.digest(digest)]


def test_what_nobody_we_know_gave_names_no_giver() -> None:
    item = an_item(1, "Admin training", date(2027, 2, 3))
    row = Reminder(id=5, kind="action handed over", step=0, recipient=PRIYA, state=ReminderState.SENT, messages=1)
    telling = Telling(row, 1, "U0PRIYA000", time(9), NOW)
    one = reminders.handed_message(a_view(item), item, telling, None)
    assert one.text == "This is yours now, for Acme, by Wed 3 Feb: Admin training"
    several = reminders.handed_several(a_view(item), [item, item], telling, None)
    assert several.text == "2 actions are yours now, for Acme, by Wed 3 Feb: Admin training"


@settings(max_examples=20)  # of all messages each
@given(text=TEXTS)
@example(text="<!channel> <@U0LENA0000> <https://evil.example|x>")
@example(text="&" * 3001)
@example(text="\0")
@example(text="")
def test_every_message_is_inert_and_one_that_slack_takes(text: str) -> None:
    for message in messages_about(text):
        assert block_problems(message.blocks) == []
        assert 0 < len(message.text.strip()) <= blocks.PUSH
        assert not MARKUP.search(message.text)
        for shown in mrkdwn_of(message.blocks):
            assert "<" not in OURS.sub("", shown), shown


@settings(max_examples=20)  # of all forms each
@given(text=TEXTS)
@example(text="<!channel>" * 400)
@example(text="x")
def test_every_form_is_inert_and_one_that_slack_takes(text: str) -> None:
    view = test_blocks.a_view(text)
    item = ActionItem(id=7, what=text[:500] or "x", serves=text[:3000], state=ActionState.OPEN, since_at=NOW)
    rows = [(view, item, URL)] * action_items.MOST_LISTED
    words = action_items_forms.words_of(text)
    shown = [
        *(form(item) for form in action_items_forms.FORMS.values()),
        action_items_forms.add_form(view.facts.red, owner="U0PRIYA000", what=words),
        action_items.list_view("Your open actions", rows, more=3, about="mine"),
        action_items.list_view("Your open actions", [], more=0, about="mine"),
    ]
    for form in shown:
        assert view_problems(form) == []
        for part in mrkdwn_of(form):
            assert "<" not in OURS.sub("", part), part
