"""Blocks and views that Slack would refuse are refused, each with the place and the reason."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.slack.refusals import Refused
from sandbox.slack.validator import block_problems, check_message, check_options, view_problems
from tests.sandbox.slack_office import button, field, modal, plain, row


def mrkdwn(text: str) -> dict[str, str]:
    return {"type": "mrkdwn", "text": text}


def section(text: str = "x", **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": mrkdwn(text), **more}


def option(text: str = "One", value: str = "1", **more: Any) -> dict[str, Any]:
    return {"text": plain(text), "value": value, **more}


def select(**more: Any) -> dict[str, Any]:
    return {"type": "static_select", "action_id": "pick", "options": [option()], **more}


GOOD_BLOCKS: list[dict[str, Any]] = [
    {"type": "header", "text": plain("x" * 150)},
    section("x" * 3000),
    {"type": "section", "fields": [mrkdwn("x" * 2000)] * 10},
    section(accessory=button("go")),
    section(accessory={"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a"}),
    {"type": "context", "elements": [mrkdwn("x")] * 10},
    {"type": "divider"},
    row(*[button(f"b{n}") for n in range(25)]),
    row({"type": "overflow", "action_id": "more", "options": [option(value=str(n)) for n in range(5)]}),
    row(select(initial_option=option())),
    row({"type": "external_select", "action_id": "e", "min_query_length": 0, "placeholder": plain("x" * 150)}),
    row({"type": "datepicker", "action_id": "d", "initial_date": "2026-02-04"}),
    row({"type": "datetimepicker", "action_id": "m", "initial_date_time": 1801674000}),
    row({"type": "timepicker", "action_id": "t", "initial_time": "09:30", "timezone": "Asia/Dubai"}),
    section(accessory={"type": "users_select", "action_id": "who", "initial_user": "U0TOM00000"}),
    section(accessory={"type": "radio_buttons", "action_id": "r", "options": [option(description=plain("why"))]}),
    section(accessory={"type": "checkboxes", "action_id": "c", "options": [option()], "initial_options": [option()]}),
    row({"type": "button", "action_id": "u", "text": plain("x" * 75), "url": "https://example.com", "style": "danger"}),
    {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a", "title": plain("t")},
    field("f", multiline=True, max_length=3000, placeholder=plain("p")),
]

BAD_BLOCKS: list[tuple[str, str, Any]] = [
    ("unsupported type", "/0/type", {"type": "nonsense"}),
    ("missing required field: type", "/0", {"text": plain("x")}),
    ("must provide an object", "/0", "text"),
    ("less than 151", "/0/text/text", {"type": "header", "text": plain("x" * 151)}),
    ("unsupported type: mrkdwn", "/0/text/type", {"type": "header", "text": mrkdwn("x")}),
    ("less than 3001", "/0/text/text", section("x" * 3001)),
    ("more than 0", "/0/text/text", section("")),
    ("text or fields", "/0", {"type": "section"}),
    ("no more than 10", "/0/fields", {"type": "section", "fields": [mrkdwn("x")] * 11}),
    ("less than 2001", "/0/fields/0/text", {"type": "section", "fields": [mrkdwn("x" * 2001)]}),
    ("additional property: txet", "/0/txet", section(txet="x")),
    ("additional property: emoji", "/0/text/emoji", {"type": "section", "text": mrkdwn("x") | {"emoji": True}}),
    ("no less than 1", "/0/elements", row()),
    ("no more than 25", "/0/elements", row(*[button(f"b{n}") for n in range(26)])),
    ("`action_id` go already exists", "/0/elements", row(button("go"), button("go"))),
    ("less than 76", "/0/elements/0/text/text", row(button("go") | {"text": plain("x" * 76)})),
    ("less than 2001", "/0/elements/0/value", row(button("go", "x" * 2001))),
    ("primary, danger", "/0/elements/0/style", row(button("go") | {"style": "green"})),
    ("valid http", "/0/elements/0/url", row(button("go") | {"url": "javascript:x"})),
    ("less than 256", "/0/elements/0/action_id", row(button("x" * 256))),
    ("no more than 5", "/0/elements/0/options", row({"type": "overflow", "options": [option()] * 6})),
    ("less than 151", "/0/elements/0/options/0/value", row(select(options=[option(value="x" * 151)]))),
    ("less than 76", "/0/elements/0/options/0/text/text", row(select(options=[option("x" * 76)]))),
    ("no less than 1", "/0/elements/0/options", row(select(options=[]))),
    ("no more than 100", "/0/elements/0/options", row(select(options=[option()] * 101))),
    ("exactly one of", "/0/elements/0", row(select(option_groups=[{"label": plain("g"), "options": [option()]}]))),
    ("one of the options", "/0/elements/0/initial_option", row(select(initial_option=option("Two", "2")))),
    ("a date like", "/0/elements/0/initial_date", row({"type": "datepicker", "initial_date": "4 Feb"})),
    ("a date like", "/0/elements/0/initial_date", row({"type": "datepicker", "initial_date": "2027-02-30"})),
    ("a time like", "/0/elements/0/initial_time", row({"type": "timepicker", "initial_time": "24:00"})),
    ("a time zone like", "/0/elements/0/timezone", row({"type": "timepicker", "timezone": "Mars/Base"})),
    ("an integer", "/0/elements/0/initial_date_time", row({"type": "datetimepicker", "initial_date_time": 1801674})),
    ("additional property: placeholder", "/0/elements/0/placeholder", row(
        {"type": "datetimepicker", "placeholder": plain("x")})),
    ("unsupported type: datetimepicker", "/0/accessory/type", section(accessory={"type": "datetimepicker"})),
    ("no more than 10", "/0/accessory/options", section(accessory={
        "type": "radio_buttons", "options": [option()] * 11})),
    ("additional property: options", "/0/accessory/options", section(accessory={
        "type": "users_select", "options": [option()]})),
    ("unsupported type", "/0/elements/0/type", row({"type": "plain_text_input", "action_id": "x"})),
    ("unsupported type: button", "/0/element/type", {"type": "input", "label": plain("x"), "element": button("go")}),
    ("missing required field: label", "/0", {"type": "input", "element": {"type": "plain_text_input"}}),
    ("no more than 10", "/0/elements", {"type": "context", "elements": [mrkdwn("x")] * 11}),
    ("missing required field: alt_text", "/0", {"type": "image", "image_url": "https://example.com/a.png"}),
    ("missing required field: deny", "/0/elements/0/confirm", row(button("go") | {"confirm": {
        "title": plain("t"), "text": plain("x"), "confirm": plain("Yes")}})),
    ("less than 256", "/0/block_id", {"type": "divider", "block_id": "x" * 256}),
]  # fmt: skip

BAD_VIEWS: list[tuple[str, str, Any]] = [
    ("less than 25", "/title/text", modal() | {"title": plain("x" * 25)}),
    ("missing required field: title", "/", {"type": "modal", "blocks": []}),
    ("missing required field: submit", "/", {k: v for k, v in modal().items() if k != "submit"}),
    ("less than 3001", "/private_metadata", modal(private_metadata="x" * 3001)),
    ("less than 256", "/callback_id", modal(callback_id="x" * 256)),
    ("no more than 100", "/blocks", modal(*[{"type": "divider"}] * 101)),
    ("`block_id` a already exists", "/blocks", modal(field("a"), field("a"))),
    ("additional property: submit", "/submit", {"type": "home", "blocks": [], "submit": plain("x")}),
    ("additional property: hash", "/hash", modal(hash="1.2")),
    ("unsupported type: dialog", "/type", {"type": "dialog"}),
    ("focus_on_load", "/blocks", modal(field("a", focus_on_load=True), field("b", focus_on_load=True))),
    ("unsupported type: markdown", "/blocks/0/type", modal({"type": "markdown", "text": "x"})),
    ("must provide an object", "/", None),
]


def test_everything_at_its_limit_is_taken() -> None:
    assert block_problems(GOOD_BLOCKS) == []
    assert view_problems(modal(field("a"), field("b"))) == []


@pytest.mark.parametrize(("reason", "pointer", "block"), BAD_BLOCKS, ids=lambda value: str(value)[:40])
def test_a_block_beyond_the_rules_is_refused(reason: str, pointer: str, block: Any) -> None:
    problems = block_problems([block], "")
    assert [p.pointer for p in problems] == [pointer]
    assert reason in problems[0].message


@pytest.mark.parametrize(("reason", "pointer", "view"), BAD_VIEWS, ids=lambda value: str(value)[:40])
def test_a_view_beyond_the_rules_is_refused(reason: str, pointer: str, view: Any) -> None:
    problems = view_problems(view, "")
    assert [p.pointer for p in problems] == [pointer]
    assert reason in problems[0].message


def test_a_message_takes_fifty_blocks() -> None:
    assert block_problems([{"type": "divider"}] * 50) == []
    assert block_problems([{"type": "divider"}] * 51)[0].message == "no more than 50 items allowed"


def test_the_texts_of_a_messages_blocks_are_counted_together() -> None:
    with pytest.raises(Refused) as refused:
        check_message({"blocks": [section("x" * 3000)] * 5})
    assert refused.value.code == "msg_blocks_too_long"


def test_a_refusal_carries_slacks_own_form_of_the_reason() -> None:
    with pytest.raises(Refused) as refused:
        check_message({"blocks": [{"type": "nonsense"}]})
    assert refused.value.code == "invalid_blocks"
    expected = "[ERROR] unsupported type: nonsense [json-pointer:/blocks/0/type]"
    assert refused.value.extra["response_metadata"] == {"messages": [expected]}


def test_a_typeahead_offers_at_most_a_hundred_valid_options() -> None:
    assert check_options({"option_groups": [{"label": plain("g"), "options": [option()]}]}) == [option()]
    for answer in ({"options": [option()] * 101}, {"options": [option(value="")]}, {}):
        with pytest.raises(Refused, match="at /option"):
            check_options(answer)
