"""User text is inert in every message and form, and every limit holds after it was escaped."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot import policy
from bot.errors import InvalidForm
from bot.messages import (
    answers,
    blocks,
    closings,
    exports,
    forms,
    go_live,
    notices,
    plans_forms,
    plans_reminders,
    red_accounts,
    red_accounts_forms,
    red_accounts_proposals,
    red_accounts_reminders,
    reminders,
    resolutions,
    resolutions_forms,
    team,
)
from bot.messages import red_accounts_lists as lists
from bot.messages.blocks import Message
from bot.messages.red_accounts_view import Links, View
from bot.messages.reminders import Telling
from bot.models import (
    Account,
    ActionItem,
    ActionState,
    Agreement,
    Ask,
    AskState,
    ChangeState,
    HealthChange,
    Outcome,
    Person,
    RedAccount,
    Reminder,
    ReminderState,
    Resolution,
    ResolutionState,
    Role,
    Source,
    Status,
)
from bot.queries.red_accounts import Facts
from bot.reminders.owed import Listed, Owed
from sandbox.slack.validator import block_problems, view_problems

RULES = policy.read(Path(__file__).parent.parent / "sandbox" / "policy.toml")
NOW = datetime(2027, 1, 18, 14, 0, tzinfo=UTC)
MARKUP = re.compile(r"<[!@]|<http", re.IGNORECASE)
URL = "https://example.test/1"
FLAG = "🏳️‍🌈"

NASTY = [
    "<!channel>",
    "<!here|here>",
    "<@U0PRIYA000>",
    "<#C0REDACCTS>",
    "<https://evil.example|Salesforce>",
    "<!date^0^{date}|x>",
    "&",
    "&lt;!channel&gt;",
    "\0",
    "\u202edesrever",
    "\u2066",
    "\ud800",
    "\r\n",
    "*bold* _it_ `code` ~no~",
    "=IMPORTXML(A1)",
    "' OR Name != '",
    "שלום مرحبا",
    FLAG,
    "👩‍👩‍👧‍👦",
    "\t- ",
]
PIECES = st.lists(st.one_of(st.sampled_from(NASTY), st.text(max_size=12)), max_size=12).map("".join)
LONG = st.builds(
    lambda start, piece, times: start + piece * times, PIECES, st.sampled_from(NASTY), st.integers(1, 3001)
)
TEXTS = st.one_of(PIECES, LONG)


def unwanted(text: str) -> list[str]:
    """Characters that cannot be stored or that turn the line around."""
    return [c for c in text if c not in "\n\t\u200d" and unicodedata.category(c) in ("Cc", "Cf", "Cs")]


@given(text=TEXTS)
@example(text="")
@example(text="\0")
@example(text="<" * 3001)
def test_escaped_text_has_no_markup_left(text: str) -> None:
    shown = blocks.esc(text)
    assert "<" not in shown
    assert ">" not in shown
    assert unwanted(shown) == []
    assert shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == blocks.plain(text)


@given(text=TEXTS, limit=st.integers(20, 3000))
@example(text="&" * 3001, limit=2500)
def test_what_was_said_is_cut_with_a_mark_after_escaping(text: str, limit: int) -> None:
    shown, whole = blocks.said(text, limit), blocks.esc(text)
    assert len(shown) <= limit
    if len(whole) <= limit:
        assert shown == whole
        return
    assert shown.endswith(blocks.MARK)
    start = shown.removesuffix(blocks.MARK)
    assert whole.startswith(start)
    assert not re.search(r"&[a-z]{0,3}$", start), "an entity was cut in two"
    lost = whole[len(start) : limit]
    assert len(lost.strip()) <= 6, "more was cut than had to be"


@given(text=TEXTS, limit=st.integers(2, 200))
def test_a_clipped_text_fits_and_says_that_it_was_clipped(text: str, limit: int) -> None:
    shown = blocks.clip(text, limit)
    assert len(shown) <= limit
    assert shown == text or (shown.endswith(blocks.MARK) and text.startswith(shown[:-1]))


def test_a_date_or_a_link_is_cut_out_whole() -> None:
    text = f"{'x' * 2980} <!date^1768744800^{{date_short}}|Mon 18 Jan>"
    section = blocks.section(text).to_dict()
    assert section["text"]["text"] == "x" * 2980 + blocks.MARK


@given(text=TEXTS)
@example(text="<!channel>")
def test_the_push_line_rings_nobody(text: str) -> None:
    message = blocks.message(f"{text} is red", [])
    assert not MARKUP.search(message.text)
    assert len(message.text) <= blocks.PUSH


@given(text=TEXTS)
def test_headers_mentions_and_links_are_inert(text: str) -> None:
    assert len(blocks.header(f"🔴 {text}").to_dict()["text"]["text"]) <= blocks.HEADER
    assert unwanted(blocks.header(f"🔴 {text}").to_dict()["text"]["text"]) == []
    assert "<" not in blocks.mention(Person(name=text, slack_id=None))
    assert "<" not in blocks.first_name(Person(name=text))
    assert blocks.link("https://example.test", text).count("<") == 1


def a_view(text: str, **about: Any) -> View:
    """A red account in which everything that a person or another system wrote is `text`."""
    name = text[:200]
    ce, ae = Person(id=1, name=name, slack_id="U0PRIYA000", is_member=True), Person(id=2, name=name, slack_id=None)
    account = Account(
        id=1,
        salesforce_id="001000000000001AAA",
        name=blocks.plain(text)[:255],
        health=about.pop("health", "Red"),
        region=text[:80],
        arr=Decimal(240000),
        renewal_on=date(2027, 3, 12),
        ce=ce,
        ae=ae,
    )
    red = RedAccount(
        id=12,
        account=account,
        status=Status.OPEN,
        source=Source.SALESFORCE,
        reason=text[:60],
        sentence=text[:3000],
        by=ae,
        by_name=text[:200],
        other_reasons=[],
        agreements=[],
        relapses=0,
        red_at=NOW - timedelta(days=400),
        due_from_at=NOW,
        fill_in_by_at=NOW + timedelta(days=2),
        asks=[Ask(what=text[:500], state=AskState.ASKED) for _ in range(9)],
        action_items=[ActionItem(what=text[:500], state=ActionState.OPEN) for _ in range(9)],
        note=text[:3000],
    )
    for name, value in about.items():
        setattr(red, name, value)
    change = HealthChange(id=1, account=account, wanted="Red", by=ce, state=ChangeState.REFUSED, answer=text)
    asked = Resolution(
        id=1,
        red_account=red,
        by=ae,
        outcome=Outcome.GREEN,
        note=text[:3000],
        state=ResolutionState.ASKED,
        lead_from_at=NOW,
        created_at=NOW,
    )
    facts = Facts(red=red, lead=ce, pending=change, silent_since=NOW, asked=asked, card=None)
    links = Links("https://example.test/1", "https://example.test/2", None, None)
    return View(facts, RULES, links, NOW)


def planned(text: str, **about: Any) -> View:
    """A red account with a plan that one of the two agrees to."""
    person = Person(id=4, name=text[:200], slack_id="U0PRIYA000", is_member=True)
    written: dict[str, Any] = {
        "filled_in_at": NOW, "goal": f"{text[:2900]} 120 weekly users", "how_we_know": text[:3000], "sponsor": person,
        "other_reasons": [text[:60]], "impact": text[:60], "previous_id": 7, "relapses": 2,
        "agreements": [Agreement(role=Role.AE, by_id=4, by=person, at=NOW)], "ce_asked_at": NOW,
    }  # fmt: skip
    view = a_view(text, **(written | about))
    view.facts.account.weekly_users, view.facts.account.usage_as_of = 74, NOW.date()
    return view


def messages_about(text: str) -> list[Message]:
    open_, proposed = a_view(text), a_view(text, status=Status.PROPOSED, confirmed_by=None)
    closed = a_view(text, status=Status.CLOSED, outcome=Outcome.GREEN, ended_at=NOW, ended_by=Person(name=text[:200]))
    declined = a_view(text, status=Status.DECLINED, ended_at=NOW, ended_by=Person(name=text[:200]))
    pending = open_.facts.pending
    assert pending
    assert open_.facts.asked
    return [
        red_accounts.card(open_),
        red_accounts.card(a_view(text, filled_in_at=NOW, asks=[], source=Source.EXISTING)),
        red_accounts.card(planned(text)),
        red_accounts.card(closed),
        red_accounts.opening(open_),
        red_accounts.closing(closed),
        red_accounts.closing(open_),
        *(red_accounts_proposals.proposal(proposed, reader=reader) for reader in ("ce", "lead", "by")),
        red_accounts_proposals.proposal(declined, reader="by"),
        *reminding(text, open_, proposed),
        go_live.day_one([open_.facts.red] * 30, RULES, NOW),
        *(resolutions.question(open_, open_.facts.asked, reader=reader) for reader in ("ce", "lead", "by")),
        *after_the_end(text, closed),
        notices.refused(pending),
        notices.trouble(f"{text} is to be mended."),
        notices.answer(f"{text} is not here."),
        notices.ask_them(open_.facts.red, Person(name=text[:200], slack_id=None), "fill this in", None),
    ]


def after_the_end(text: str, closed: View) -> list[Message]:
    """What is asked when it is over, and its card with evidence and a retro."""
    lost = a_view(text, status=Status.CLOSED, outcome=Outcome.CHURNED, ended_at=NOW, evidence=text, retro=text[:3000])
    row = Reminder(id=5, kind="watch 30", step=0, state=ReminderState.SENT, messages=1, why="")
    telling = Telling(row, 1, "U0PRIYA000", time(9), NOW)
    lines = [closings.retro_line(lost, row, NOW.date()), closings.watch_line(closed, row, NOW.date())]
    return [
        red_accounts.card(lost),
        red_accounts.closing(lost),
        closings.retro_message(lost, telling),
        closings.watch_message(closed, telling),
        reminders.digest(reminders.Digest(row, NOW.date(), lines * 4, [])),
        reminders.digest(reminders.Digest(row, NOW.date(), lines * 40, [], is_asked_for=True)),
    ]


def reminding(text: str, open_: View, proposed: View) -> list[Message]:
    """A reminder of its own, in the thread and in a digest; live, snoozed with somebody's words, and done."""
    person = Person(id=3, name=text[:200], slack_id="U0PRIYA000", is_member=True)
    found = []
    for state in (ReminderState.SENT, ReminderState.SKIPPED, ReminderState.ACTED):
        row = Reminder(
            id=5, kind="proposal", step=0, occurrence="1", recipient=person, state=state, messages=1, ended_by=person,
            why=f"2027-01-25T14:00Z skipped by {' '.join(text.split())}\n",
        )  # fmt: skip
        telling = Telling(row, 1, "U0PRIYA000", time(9), NOW)
        assert open_.facts.asked
        lines = [
            red_accounts_reminders.line(open_, row, NOW.date()),
            red_accounts_proposals.line(proposed, row),
            resolutions.line(open_, open_.facts.asked, row),
            plans_reminders.line(planned(text), row, NOW.date()),
            plans_reminders.question_line(planned(text), row),
            team.line(planned(text, ce_since_at=NOW), row),
        ]
        found += [
            red_accounts_proposals.proposal(proposed, reader="ce", telling=telling),
            red_accounts_reminders.own_message(open_, telling),
            red_accounts_reminders.in_thread(open_, telling),
            plans_reminders.own_message(planned(text), telling),
            plans_reminders.in_thread(planned(text), telling),
            *(team.own_message(view, telling, None) for view in (planned(text, ce_since_at=NOW), open_)),
            team.merged(open_.facts.red, text[:255], open_.facts.red, 1, 2, None),
            team.merged(open_.facts.red, text[:255], None, 0, 0, None),
            *(plans_reminders.question(view, telling) for view in (planned(text), planned(text, goal=None), open_)),
            reminders.digest(reminders.Digest(row, NOW.date(), lines * 4, [line.text for line in lines])),
        ]
    return found


def mrkdwn_of(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["text"]] if part.get("type") == "mrkdwn" else []
        return own + [found for value in part.values() for found in mrkdwn_of(value)]
    if isinstance(part, list):
        return [found for value in part for found in mrkdwn_of(value)]
    return []


OURS = re.compile(r"<!date\^\d+\^[^|<>]*\|[^<>]*>|<@U0PRIYA000>|<https://example\.test/\d\|[^<>]*>|<#C0REDACCTS>")


@settings(max_examples=20)  # of all messages each
@given(text=TEXTS)
@example(text="<!channel> <@U0LENA0000> <https://evil.example|x>")
@example(text="&" * 3001)
@example(text="\0")
@example(text="")
def test_every_message_is_inert_and_one_that_slack_takes(text: str) -> None:
    for message in messages_about(text):
        assert block_problems(message.blocks) == []
        assert message.text.strip()
        assert len(message.text) <= blocks.PUSH
        assert not MARKUP.search(message.text)
        for shown in mrkdwn_of(message.blocks):
            assert "<" not in OURS.sub("", shown), shown


@settings(max_examples=20)  # of all forms each
@given(text=TEXTS)
@example(text="<!channel>" * 400)
@example(text="\0")
@example(text="")
def test_every_form_is_inert_and_one_that_slack_takes(text: str) -> None:
    view = a_view(text)
    red, wish = view.facts.red, view.facts.asked
    assert wish
    added = red_accounts_forms.Words("other", text[:3000], (text[:500],) * 3, (text[:500],) * 3, goal=text[:3000])
    whole = planned(text).facts.red
    owed = [Owed("the plan", NOW.date(), is_overdue=True)] * 3
    shown = [
        red_accounts_forms.mark_form(red.account, RULES),
        red_accounts_forms.mark_form(None, RULES, typed=text),
        red_accounts_forms.fill_in_form(red, RULES, seen=7, card_url="https://example.test/1", added=added),
        red_accounts_forms.fill_in_form(whole, RULES, seen=7),
        plans_forms.plan_form(whole, RULES, seen=7),
        plans_forms.plan_form(whole, RULES, seen=7, added=added),
        answers.still_underneath("Red already", answers.red_already(red, RULES, NOW), red, "https://example.test/1"),
        answers.proposed_already(red, view.facts.lead, over_a_form=True),
        resolutions_forms.resolve_form(red, asks=text[:200]),
        red_accounts_forms.decline_form(red),
        resolutions_forms.decline_resolution_form(wish),
        closings.retro_form(red),
        exports.form(red),
        lists.listing(lists.Scope("region", text[:60]), 1, [Listed(red, owed)] * 45, {12: URL}, RULES, NOW),
        lists.history(red.account, [red] * 50, {12: URL}, RULES, NOW),
        answers.sentence_view("Touchpoint", f"{text} is not here."),
        answers.proposed_already(red, view.facts.lead),
    ]
    for form in shown:
        assert view_problems(form) == []
        for part in mrkdwn_of(form):
            assert "<" not in OURS.sub("", part), part


def typed(field: str, text: str | None) -> dict[str, Any]:
    """A form's answer with this text in the field."""
    return {"state": {"values": {field: {forms.INPUT: {"type": "plain_text_input", "value": text}}}}}


@given(text=TEXTS)
def test_what_was_typed_is_read_without_what_cannot_be_stored(text: str) -> None:
    read = forms.text_of(typed("state", text), "state")
    assert read is None or unwanted(read) == []
    assert read != ""


@given(text=TEXTS)
def test_lines_are_items_within_limits_or_the_form_says_which_one_is_not(text: str) -> None:
    try:
        found = forms.lines_of(typed("asks", text), "asks")
    except InvalidForm as refused:
        found = ()
        assert set(refused.fields) == {"asks"}  # noqa: PT017
    assert len(found) <= forms.MOST_LINES
    assert all(0 < len(line) <= forms.LONGEST_LINE and "\n" not in line for line in found)


def test_lines_lose_their_bullets_and_nothing_else() -> None:
    text = "- SSO fix\n• call with their CFO\n\n   \n* index node -- large\n☐ a new price"
    assert forms.lines_of(typed("asks", text), "asks") == (
        "SSO fix",
        "call with their CFO",
        "index node -- large",
        "a new price",
    )


def test_too_many_or_too_long_lines_are_a_sentence_under_the_field() -> None:
    with pytest.raises(InvalidForm, match="These are 31 lines; 30 at the most"):
        forms.lines_of(typed("asks", "x\n" * 31), "asks")
    with pytest.raises(InvalidForm, match="Line 2 is longer than 500 characters"):
        forms.lines_of(typed("asks", "x\n" + "y" * 501), "asks")


@given(text=TEXTS)
def test_an_option_has_a_label_that_slack_takes(text: str) -> None:
    label = forms.option(7, text).to_dict()["text"]["text"]
    assert 0 < len(label) <= blocks.OPTION
    assert unwanted(label) == []


def test_a_field_that_was_not_in_the_form_is_empty() -> None:
    assert forms.text_of(typed("state", None), "state") is None
    assert forms.text_of(typed("state", "x"), "other") is None
    assert forms.choice_of(typed("state", "x"), "state") is None
    with pytest.raises(InvalidForm, match="Say why"):
        forms.required(typed("why", " \0 "), "why", "Say why in a sentence.")


@given(text=TEXTS)
@example(text="&" * 3000)
def test_a_whole_text_is_in_its_sections_from_the_first_character_to_the_last(text: str) -> None:
    shown = [section.to_dict() for section in blocks.whole(text)]
    assert block_problems(shown) == []
    together = "".join(section["text"]["text"] for section in shown)
    assert "".join(together.split()) == "".join(blocks.esc(text).split())


def test_every_line_of_a_quotation_is_quoted() -> None:
    assert blocks.quoted("They signed.\nToday. <!here>") == ">They signed.\n>Today. &lt;!here&gt;"


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (None, "ARR not known"),
        (Decimal(0), "$0"),
        (Decimal(999), "$999"),
        (Decimal("240400.40"), "$240k"),
        (Decimal(999499), "$999k"),
        (Decimal(999500), "$1M"),
        (Decimal(1_130_000), "$1.1M"),
        (Decimal(12_000_000), "$12M"),
    ],
)
def test_money_is_short_on_a_locked_phone(amount: Decimal | None, shown: str) -> None:
    assert red_accounts.short_money(amount) == shown


@given(text=TEXTS)
@example(text="\U0001f3e6" * 3000)
@example(text="\u05d0" * 3000)
def test_an_answer_to_somebody_who_types_ahead_fits_into_a_frame(text: str) -> None:
    account = Account(id=1, name=text or "x")
    options = red_accounts_forms.account_options([account] * 25)
    assert len(json.dumps(options)) <= forms.LONGEST_ACK
    assert options["options"]


@given(text=TEXTS)
@example(text="\U0001f3e6" * 3000)
@example(text="\u05d0" * 3000)
def test_a_small_view_fits_into_a_frame_whatever_stands_in_it(text: str) -> None:
    view = a_view(text)
    red = view.facts.red
    since = answers.red_already(red, RULES, NOW)
    for small in (
        answers.sentence_view("Touchpoint", text),
        answers.proposed_already(red, view.facts.lead, over_a_form=True),
        answers.still_underneath("Red already", since, red, "https://example.test/1"),
    ):
        assert forms.fits_an_ack(small)
