"""The forms of asks, each beside the reader of its answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from slack_sdk.models.blocks import Block, DatePickerElement, StaticSelectElement, UserSelectElement

from bot.errors import InvalidForm
from bot.messages import blocks, forms
from bot.messages.blocks import esc
from bot.models import Ask, RedAccount, Wish
from bot.policy import Policy

FORM, EDIT_FORM = "ask.form", "ask.edit_form"
CANNOT_FORM, DATE_FORM, HAND_FORM, WITHDRAW_FORM = "ask.cannot_form", "ask.date_form", "ask.hand_form", "ask.withdraw"
WHAT, TEAM, WHOM, NEEDED_ON, WHY, OTHERWISE = "what", "team", "whom", "needed_on", "why", "otherwise"
LONGEST_WHAT = 150  # so much of a message becomes what is asked; a longer one becomes the reason


def form(
    red: RedAccount, policy: Policy, *, what: str | None = None, why: str | None = None, made_of: str | None = None
) -> dict[str, Any]:
    """`made_of`: the message that it is made of, as "channel ts"."""
    intro = blocks.section(f"*{esc(red.account.name)}*, {red.label}. It is said in the thread of its card.")
    fields = _fields(policy, what=what, why=why)
    return forms.form(FORM, "Ask for help", [intro, *fields], submit="Ask", about=f"{red.id} {made_of or ''}".strip())


def edit_form(ask: Ask, red: RedAccount, policy: Policy) -> dict[str, Any]:
    """To say it in other words, or what was not said yet."""
    intro = blocks.section(f"*{esc(red.account.name)}*, {red.label}.")
    owner = ask.owner.slack_id if ask.owner else None
    fields = _fields(policy, ask.what, ask.team, owner, ask.needed_on, ask.why, ask.otherwise)
    return forms.form(EDIT_FORM, "Edit the ask", [intro, *fields], submit="Save", about=ask.id)


def read(view: Mapping[str, Any], today: date, *, was: date | None = None) -> tuple[int, Wish]:
    """Whose id the form carries, and what is asked. Raises `InvalidForm` with a sentence for each field to mend.

    `was`: the date that it had, which may stay though it is over.
    """
    wrong: dict[str, str] = {}
    what = forms.text_of(view, WHAT) or ""
    if not what:
        wrong[WHAT] = "Say what you need."
    elif len(what) > forms.LONGEST_LINE:
        wrong[WHAT] = f"{forms.LONGEST_LINE} characters at the most; the rest fits under Why."
    team, whom, day = forms.choice_of(view, TEAM), forms.user_of(view, WHOM), forms.date_of(view, NEEDED_ON)
    if team is None and whom is None:
        wrong[TEAM if TEAM in view["state"]["values"] else WHOM] = "Pick a team, a person, or both."
    if day is None or (day < today and day != was):
        wrong[NEEDED_ON] = "Pick the day by which you need it, today or later."
    if wrong:
        raise InvalidForm(wrong)
    about, _, made_of = view["private_metadata"].partition(" ")
    return int(about), Wish(
        what, day, team, whom, forms.text_of(view, WHY), forms.text_of(view, OTHERWISE), made_of or None
    )


def prefill(text: str) -> tuple[str, str | None]:
    """What a message in the thread asks for, and why: short, it is what is asked; of a long one, its first line."""
    readable = blocks.plain(text)
    first, _, rest = readable.partition("\n")
    if len(first) <= LONGEST_WHAT and not rest.strip():
        return first, None
    return blocks.clip(first, LONGEST_WHAT), blocks.clip(readable, forms.LONGEST_TEXT // 2)


def cannot_form(ask: Ask) -> dict[str, Any]:
    about = blocks.section(f"*{esc(ask.what)}*\nWhoever asked reads why, and it stays open for somebody else.")
    why = forms.text_field(WHY, "Why not", placeholder="Our next release is in March")
    return forms.form(CANNOT_FORM, "You cannot", [about, why], submit="Say so", about=ask.id)


def read_cannot(view: Mapping[str, Any]) -> tuple[int, str]:
    return int(view["private_metadata"]), forms.required(view, WHY, "Say why not: whoever asked reads it.")


def date_form(ask: Ask) -> dict[str, Any]:
    picker = forms.input_field(NEEDED_ON, "By when", _picker(ask.needed_on))
    return forms.form(DATE_FORM, "Other date", [_about(ask), picker], submit="Save", about=ask.id)


def read_date(view: Mapping[str, Any], today: date) -> tuple[int, date]:
    day = forms.date_of(view, NEEDED_ON)
    if day is None or day < today:
        raise InvalidForm({NEEDED_ON: "Pick the day by which you need it, today or later."})
    return int(view["private_metadata"]), day


def hand_form(ask: Ask) -> dict[str, Any]:
    hint = "They are asked by a direct message."
    person = forms.input_field(WHOM, "To whom", UserSelectElement(action_id=forms.INPUT), hint=hint)
    return forms.form(HAND_FORM, "Hand it on", [_about(ask), person], submit="Hand over", about=ask.id)


def read_hand(view: Mapping[str, Any]) -> tuple[int, str]:
    whom = forms.user_of(view, WHOM)
    if whom is None:
        raise InvalidForm({WHOM: "Pick who can give it."})
    return int(view["private_metadata"]), whom


def withdraw_form(ask: Ask) -> dict[str, Any]:
    why = forms.text_field(WHY, "Why", optional=True, multiline=False, placeholder="They fixed it themselves")
    return forms.form(WITHDRAW_FORM, "Withdraw the ask", [_about(ask), why], submit="Withdraw", about=ask.id)


def read_withdraw(view: Mapping[str, Any]) -> tuple[int, str | None]:
    return int(view["private_metadata"]), forms.text_of(view, WHY)


def _about(ask: Ask) -> Block:
    return blocks.section(f"*{esc(ask.what)}*")


def _fields(
    policy: Policy,
    what: str | None = None,
    team: str | None = None,
    owner: str | None = None,
    needed_on: date | None = None,
    why: str | None = None,
    otherwise: str | None = None,
) -> list[Block]:
    """Three to fill in: what, a team or a person, by when."""
    return [
        forms.text_field(WHAT, "What", placeholder="SSO fix", multiline=False, initial=what),
        *_teams(policy, team),
        forms.input_field(WHOM, "From whom", UserSelectElement(action_id=forms.INPUT, initial_user=owner),
                          optional=True, hint="They are asked by a direct message."),
        forms.input_field(NEEDED_ON, "By when", _picker(needed_on)),
        forms.text_field(WHY, "Why", optional=True, initial=why, placeholder="40 people cannot log in."),
        forms.text_field(OTHERWISE, "What happens otherwise", optional=True, initial=otherwise, multiline=False,
                         placeholder="The rollout stops."),
    ]  # fmt: skip


def _teams(policy: Policy, team: str | None) -> list[Block]:
    """None where policy.toml names no team."""
    options = [forms.option(key, one.name) for key, one in policy.teams.items()]
    if not options:
        return []
    chosen = next((option for option in options if option.value == team), None)
    select = StaticSelectElement(action_id=forms.INPUT, options=options, initial_option=chosen)
    hint = "A team, a person, or both. What nobody has yet is also said in the team's own channel."
    return [forms.input_field(TEAM, "From which team", select, optional=True, hint=hint)]


def _picker(day: date | None) -> DatePickerElement:
    return DatePickerElement(action_id=forms.INPUT, initial_date=day.isoformat() if day else None)
