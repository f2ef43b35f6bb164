"""The forms of an action item, each beside the reader of its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from slack_sdk.models.blocks import DatePickerElement, InputBlock, SectionBlock, UserSelectElement

from bot.errors import InvalidForm
from bot.messages import action_items as messages
from bot.messages import blocks, forms
from bot.messages.blocks import esc
from bot.models import ActionItem, RedAccount

ADD, BLOCK, DATE = "action_item.add_form", "action_item.block_form", "action_item.date_form"
HAND, EDIT, DROP = "action_item.hand_form", "action_item.edit_form", "action_item.drop_form"
WHAT, OWNER, DUE, SERVES, WORDS = "what", "owner", "due_on", "serves", "words"
SAID = "Said in the thread."
FULL_MEMBER = "Pick a full member of this workspace: guests, bots and people from outside get nothing."
NOT_BEFORE_TODAY = "Pick the day by which it is done, today or later."
NOTHING_WRITTEN = "Say what is to be done, one action per line."


@dataclass(frozen=True)
class Added:
    """Actions as somebody wrote them down: one for each line."""

    red_account_id: int
    whats: tuple[str, ...]
    owner: str  # a Slack id
    due_on: date
    serves: str | None
    made_of: str | None = None  # the message: "channel ts"


@dataclass(frozen=True)
class Answer:
    """What was said about one item; a form fills in what it asks for."""

    item_id: int
    words: str | None = None
    due_on: date | None = None
    owner: str | None = None
    what: str | None = None
    serves: str | None = None


def add_form(red: RedAccount, *, owner: str | None, what: str = "", made_of: str = "") -> dict[str, Any]:
    """New actions. `owner` is a Slack id, and `what` the words of a message that is to be tracked: `made_of`."""
    return forms.form(
        ADD,
        "Add an action",
        [
            blocks.section(f"*{esc(red.account.name)}*, {red.label}. Each gets a message in the thread of its card."),
            forms.text_field(WHAT, "What", hint="One per line. Each line becomes an action.", initial=what,
                             placeholder="Admin training for the platform team"),
            forms.input_field(OWNER, "Who does it", UserSelectElement(action_id=forms.INPUT, initial_user=owner)),
            forms.input_field(DUE, "By when", DatePickerElement(action_id=forms.INPUT)),
            forms.text_field(SERVES, "What it is for", hint="The part of the goal that it helps.", multiline=False,
                             optional=True, placeholder="120 weekly users"),
        ],
        submit="Add",
        about=f"{red.id} {made_of}".strip(),
    )  # fmt: skip


def read_add(view: Mapping[str, Any]) -> Added:
    whats = forms.lines_of(view, WHAT)
    if not whats:
        raise InvalidForm({WHAT: NOTHING_WRITTEN})
    owner, due_on = forms.user_of(view, OWNER), forms.date_of(view, DUE)
    if owner is None:
        raise InvalidForm({OWNER: "Pick who does it."})
    if due_on is None:
        raise InvalidForm({DUE: NOT_BEFORE_TODAY})
    about, _, made_of = view["private_metadata"].partition(" ")
    return Added(int(about), whats, owner, due_on, forms.text_of(view, SERVES), made_of or None)


def words_of(text: str) -> str:
    """A message as the words of one action: on one line."""
    return blocks.clip(" ".join(blocks.plain(text).split()), forms.LONGEST_LINE)


def block_form(item: ActionItem) -> dict[str, Any]:
    waits = forms.text_field(WORDS, "What it waits for", hint=SAID, placeholder="Their list of admins")
    return forms.form(BLOCK, "Blocked", [_about(item), waits], submit="Blocked", about=item.id)


def date_form(item: ActionItem) -> dict[str, Any]:
    initial = item.due_on.isoformat() if item.due_on else None
    day = forms.input_field(DUE, "By when", DatePickerElement(action_id=forms.INPUT, initial_date=initial))
    title = "Other date" if item.due_on else "Set a date"
    return forms.form(DATE, title, [_about(item), day, _comment("Why")], submit="Save", about=item.id)


def hand_form(item: ActionItem) -> dict[str, Any]:
    whom = forms.input_field(OWNER, "Who does it", UserSelectElement(action_id=forms.INPUT))
    body = [_about(item), whom, _comment("A word to them")]
    return forms.form(HAND, "Hand it on", body, submit="Hand over", about=item.id)


def edit_form(item: ActionItem) -> dict[str, Any]:
    what = forms.text_field(WHAT, "What", initial=item.what, multiline=False)
    serves = forms.text_field(SERVES, "What it is for", initial=item.serves, multiline=False, optional=True)
    return forms.form(EDIT, "Edit or comment", [what, serves, _comment("Comment")], submit="Save", about=item.id)


def drop_form(item: ActionItem) -> dict[str, Any]:
    why = forms.text_field(WORDS, "Why it is not needed", hint="It stays in the thread, with your reason.")
    return forms.form(DROP, "Drop this action", [_about(item), why], submit="Drop", about=item.id)


def read_block(view: Mapping[str, Any]) -> Answer:
    return Answer(_item(view), words=forms.required(view, WORDS, "Say what it waits for, so that others can help."))


def read_date(view: Mapping[str, Any]) -> Answer:
    due_on = forms.date_of(view, DUE)
    if due_on is None:
        raise InvalidForm({DUE: NOT_BEFORE_TODAY})
    return Answer(_item(view), words=forms.text_of(view, WORDS), due_on=due_on)


def read_hand(view: Mapping[str, Any]) -> Answer:
    owner = forms.user_of(view, OWNER)
    if owner is None:
        raise InvalidForm({OWNER: "Pick who does it."})
    return Answer(_item(view), words=forms.text_of(view, WORDS), owner=owner)


def read_edit(view: Mapping[str, Any]) -> Answer:
    what = forms.required(view, WHAT, "Say what is to be done.")
    if len(what) > forms.LONGEST_LINE:
        raise InvalidForm({WHAT: f"{forms.LONGEST_LINE} characters at the most; the rest fits into a comment."})
    return Answer(_item(view), words=forms.text_of(view, WORDS), what=what, serves=forms.text_of(view, SERVES))


def read_drop(view: Mapping[str, Any]) -> Answer:
    return Answer(_item(view), words=forms.required(view, WORDS, "Say why it is not needed, for whoever asks later."))


def _about(item: ActionItem) -> SectionBlock:
    return blocks.section(f"*{blocks.said(item.what, 600)}*")


def _comment(label: str) -> InputBlock:
    return forms.text_field(WORDS, label, hint=SAID, optional=True)


def _item(view: Mapping[str, Any]) -> int:
    return int(view["private_metadata"])


#: Entry of an item's ⋯ menu → its form.
FORMS: dict[str, Callable[[ActionItem], dict[str, Any]]] = {
    messages.BLOCKED: block_form,
    messages.DATE: date_form,
    messages.HAND: hand_form,
    messages.EDIT: edit_form,
    messages.DROP: drop_form,
}
