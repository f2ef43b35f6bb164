"""Updates, their reminders and Monday's summary: inert, within Slack's limits, and each account in the right part."""

from __future__ import annotations

from collections import Counter
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.messages import blocks, replies, still_red, summaries, updates, updates_forms
from bot.messages.blocks import Message
from bot.messages.reminders import Telling
from bot.messages.summaries import Part, Standing
from bot.models import Ask, AskState, Mood, Outcome, Person, Reminder, ReminderState, Reply, Update
from sandbox.slack.validator import block_problems, view_problems
from tests.test_blocks import MARKUP, NOW, OURS, TEXTS, a_view, mrkdwn_of


def an_update(text: str, **about: Any) -> Update:
    said = {"changed": text or "x", "blocker": text, "next_step": text, "mood": Mood.WORSE} | about
    return Update(id=7, next_on=date(2027, 2, 3), created_at=NOW, by=Person(id=1, name=text[:200] or "x"), **said)


def messages(text: str) -> list[Message]:
    view = a_view(text, has_card=True)
    update, taken_back = an_update(text), an_update(text, taken_back_at=NOW)
    reply = Reply(id=3, text=text, said_at=NOW, red_account_id=12)
    found = [
        updates.in_thread(view, update, is_newest=True),
        updates.in_thread(view, taken_back, is_newest=False),
        replies.offer(view, reply, None),
        replies.offer(view, reply, update),
        summaries.monday([Standing(view, update), Standing(view, None)], new=1, ended={}, sheet=None),
    ]
    for state in (ReminderState.SENT, ReminderState.ACTED):
        person = Person(id=3, name=text[:200], slack_id="U0PRIYA000", is_member=True)
        row = Reminder(
            id=5, kind="update", occurrence="3 2027-01-04T17:30:00", step=0, recipient=person, state=state, messages=1,
            why="", ended_by=person,
        )  # fmt: skip
        telling = Telling(row, 1, "U0PRIYA000", time(9), NOW)
        found += [
            updates.own_message(view, telling),
            updates.reminder_in_thread(view, telling),
            still_red.question(view, telling),
            Message("x", [blocks.section(updates.line(view, row, NOW.date()).text).to_dict()]),
            Message("x", [blocks.section(still_red.line(view, row).text).to_dict()]),
        ]
    return found


@settings(max_examples=20)  # of all of them each
@given(text=TEXTS)
def test_every_message_is_inert_and_one_that_slack_takes(text: str) -> None:
    for message in messages(text):
        assert block_problems(message.blocks) == []
        assert len(message.text) <= blocks.PUSH
        assert not MARKUP.search(message.text)
        for shown in mrkdwn_of(message.blocks):
            assert "<" not in OURS.sub("", shown), shown


@settings(max_examples=20)  # of all of them each
@given(text=TEXTS)
def test_every_form_is_one_that_slack_takes(text: str) -> None:
    red, update = a_view(text).facts.red, an_update(text)
    for form in (updates_forms.form(red, update, NOW.date()), updates_forms.edit_form(update)):
        assert view_problems(form) == []
        assert all("<" not in part for part in mrkdwn_of(form))


def standing(number: int = 1, mood: Mood | None = None, usage: int | None = None, **about: Any) -> Standing:
    view = a_view("Acme", **{"has_card": True, "plan_in_place_at": NOW} | about)
    view.facts.red.id, view.facts.red.asks = number, about.get("asks", [])
    view.facts.account.usage_change = None if usage is None else Decimal(usage)
    return Standing(view, an_update("They came to the call.", mood=mood) if mood else None)


LENA = Person(id=9, name="Lena Hofmann", email="lena.hofmann@larkfield.example")
OF_LENA = Ask(what="Call with their CFO", state=AskState.ASKED, owner=LENA, owner_id=9)
LONG_AGO, LATELY = NOW - timedelta(days=28), NOW - timedelta(days=9)


@pytest.mark.parametrize(
    ("found", "part", "sentence"),
    [
        (standing(asks=[OF_LENA]), Part.NEEDS_YOU, "ask: Call with their CFO"),
        (standing(asks=[Ask(what="x", state=AskState.DECLINED)]), Part.NEEDS_YOU, "ask: x, declined"),
        (standing(asks=[Ask(what="x", state=AskState.DELIVERED, owner=LENA, owner_id=9)]), Part.ON_TRACK, "Acme"),
        (standing(still_red_at=NOW - timedelta(days=35)), Part.NEEDS_YOU, "red for 400 days: go on"),
        (standing(escalated_at=NOW), Part.NEEDS_YOU, "red for 400 days: go on"),
        (standing(mood=Mood.WORSE), Part.WORSE, "They came to the call."),
        (standing(usage=-18), Part.WORSE, "usage fell 18 % in four weeks"),
        (standing(usage=-18, mood=Mood.BETTER), Part.ON_TRACK, "They came to the call."),
        (standing(usage=-4), Part.ON_TRACK, "Acme"),
        (standing(updated_at=LONG_AGO), Part.NO_WORD, "no update since 21 Dec 2026"),
        (standing(mood=Mood.WORSE, updated_at=LONG_AGO), Part.WORSE, " · no update since 21 Dec 2026"),
        (standing(has_card=False), Part.NO_WORD, "no card yet"),
        (standing(plan_in_place_at=None, due_from_at=LATELY, mood=Mood.BETTER), Part.NO_WORD, "no plan, due "),
        (standing(sentence=None), Part.NO_WORD, "nothing is said of it yet"),
    ],
)
def test_an_account_stands_where_a_leader_looks_for_it(found: Standing, part: Part, sentence: str) -> None:
    sorted_to, said = summaries.sort(found)
    assert sorted_to == part
    assert sentence in said


def test_two_thousand_red_accounts_fit_one_message() -> None:
    many = [standing(number, mood=Mood.WORSE if number % 3 else None) for number in range(2000)]
    for one in many:
        one.view.facts.account.name = "&" * 255
    message = summaries.monday(many, new=3, ended={Outcome.GREEN: 1}, sheet="https://example.test/1")
    assert block_problems(message.blocks) == []
    assert message.text == "2,000 red accounts, $480M · 3 new, 1 green again"
    lines = [line for part in mrkdwn_of(message.blocks) for line in part.splitlines()]
    assert sum(line.startswith("•") for line in lines) == 20
    assert "and 1,980 more in <https://example.test/1|the sheet>" in lines
    assert "*Worse* (15 of 1,333)" in lines
    assert "*On track* (5 of 667)" in lines


@given(st.lists(st.integers(0, 2000), min_size=4, max_size=4))
def test_every_part_has_its_share_and_no_place_is_left_empty(counts: list[int]) -> None:
    shown = summaries.share(counts)
    assert all(min(count, 5) <= share <= count for count, share in zip(counts, shown, strict=True))
    assert sum(shown) == min(sum(counts), 20)


def test_the_headline_of_a_week() -> None:
    few = [standing(1), standing(2)]
    few[1].view.facts.account.arr = None
    ended = Counter({Outcome.CHURNED: 2, Outcome.ERROR: 1})
    assert summaries.monday(few, new=0, ended=ended, sheet=None).text == "2 red accounts, $240k · 2 left"
    assert summaries.monday([], new=0, ended={Outcome.GREEN: 1}, sheet=None).text == "No red accounts · 1 green again"
