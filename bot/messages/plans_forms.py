"""The form of a plan beside its reader, and the fields of it that the fill-in form has too."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from slack_sdk.models.blocks import (
    Block,
    InputBlock,
    Option,
    StaticMultiSelectElement,
    StaticSelectElement,
    UserSelectElement,
)

from bot.errors import InvalidForm
from bot.messages import blocks, forms
from bot.models import RedAccount
from bot.models.plans import has_number
from bot.models.red_accounts import Words
from bot.policy import Policy, Reason

PLAN = "red_account.plan_form"
SENTENCE, GOAL, HOW_WE_KNOW, SPONSOR = "sentence", "goal", "how_we_know", "sponsor"
REASON, REASONS, IMPACT = "reason", "reasons", "impact"
TOO_LONG_FOR_BOTH = (
    "Below is what stands there now. It does not fit into the field together with what you wrote: saving puts your"
    " text in its place, and keeps this one in the history."
)


def plan_form(
    red: RedAccount, policy: Policy, *, seen: int, intro: str | None = None, added: Words | None = None
) -> dict[str, Any]:
    """Edit the plan. `seen`: the newest entry of its history. `added`: what was written while somebody else wrote."""
    added = added or Words()
    rules = policy.red_accounts
    return forms.form(
        PLAN,
        f"Plan for {red.label}",
        [
            blocks.section(intro or f"*{blocks.esc(red.account.name)}*, red account {red.label}."),
            *in_full(SENTENCE, "What is happening", red.sentence, added.sentence, seen=seen),
            *goal_fields(red, added, seen=seen),
            by_now(list(added.reasons) or None, red.reasons, *map(rules.reason_label, red.reasons)),
            _reasons(rules.reasons, added.reasons or red.reasons),
            by_now(added.impact, red.impact, rules.impact_label(red.impact)),
            _impact(rules.impacts, red.impact if added.impact is None else added.impact),
            *sponsor_field(red, added),
        ],
        submit="Save",
        about=about(red, policy, seen),
    )


def read_plan(view: Mapping[str, Any]) -> tuple[int, Words, int]:
    """The red account's id, what was written, and the newest entry of the history that the person had seen."""
    is_new, reasons = changes(view), forms.choices_of(view, REASONS)
    words = Words(
        sentence=is_new(SENTENCE, forms.required(view, SENTENCE, "Say what is happening; the rest can wait.")),
        goal=is_new(GOAL, goal_of(view)),
        how_we_know=is_new(HOW_WE_KNOW, how_of(view)),
        reasons=reasons if is_new(REASONS, ",".join(reasons)) else (),
        impact=is_new(IMPACT, (forms.choice_of(view, IMPACT) or "") if forms.is_asked(view, IMPACT) else None),
        sponsor=is_new(SPONSOR, sponsor_of(view)),
    )
    return (about_of(view)[0], words, about_of(view)[1])


def about(red: RedAccount, policy: Policy, seen: int) -> str:
    """Its id, the newest entry of its history, and a print of what stands in each field."""
    rules = policy.red_accounts
    reasons = [key for key in red.reasons if key in {one.key for one in rules.reasons}]
    there = {
        SENTENCE: _there(red.sentence),
        GOAL: _there(red.goal),
        HOW_WE_KNOW: _there(red.how_we_know),
        REASON: reasons[0] if reasons else "",
        REASONS: ",".join(reasons),
        IMPACT: red.impact if red.impact in {one.key for one in rules.impacts} else "",
        SPONSOR: red.sponsor.slack_id if red.sponsor and red.sponsor.can_be_asked else "",
    }
    return ":".join([str(red.id), str(seen), *(f"{field}={_print(text or '')}" for field, text in there.items())])


def about_of(view: Mapping[str, Any]) -> tuple[int, int]:
    red_account_id, seen, *_ = view["private_metadata"].split(":")
    return int(red_account_id), int(seen)


def changes(view: Mapping[str, Any]) -> Callable[[str, str | None], str | None]:
    """Takes an answer that is what the form showed for none: whoever left it alone takes nobody's words away."""
    shown = dict(mark.split("=") for mark in view["private_metadata"].split(":")[2:])

    def is_new(field: str, answer: str | None) -> str | None:
        return None if answer is None or shown.get(field) == _print(answer) else answer

    return is_new


def _there(text: str | None) -> str:
    """As the field shows it: one that is too long for it stands above."""
    return blocks.plain(text) if forms.fits_a_field(text or "") else ""


def _print(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def by_now(added: object, there: object, *labels: str | None) -> Block | None:
    """What somebody else picked while this person picked another."""
    if added is None or not there or added == there:
        return None
    return blocks.context(f"There by now: {', '.join(blocks.esc(label) for label in labels)}")


def goal_fields(red: RedAccount, added: Words, *, seen: int) -> list[Block]:
    return [
        *in_full(
            GOAL, "Goal, with a number", red.goal, added.goal, seen=seen, optional=True,
            hint="What has to be reached, and by when.", placeholder="120 weekly users by 15 Feb",
        ),
        *in_full(
            HOW_WE_KNOW, "How we will know", red.how_we_know, added.how_we_know, seen=seen, optional=True,
            placeholder="Their usage page, looked at each Monday",
        ),
    ]  # fmt: skip


def goal_of(view: Mapping[str, Any]) -> str | None:
    goal = _text(view, GOAL)
    if goal and not has_number(goal):
        raise InvalidForm({GOAL: "Put a number into the goal, such as 120 weekly users by 15 Feb."})
    return goal


def how_of(view: Mapping[str, Any]) -> str | None:
    return _text(view, HOW_WE_KNOW)


def sponsor_field(red: RedAccount | None = None, added: Words | None = None) -> list[Block | None]:
    sponsor = red.sponsor if red and red.sponsor and red.sponsor.can_be_asked else None
    there, wanted = sponsor.slack_id if sponsor else None, added.sponsor if added else None
    element = UserSelectElement(action_id=forms.INPUT, initial_user=(there if wanted is None else wanted) or None)
    return [
        by_now(wanted, there, sponsor.name if sponsor else None),
        forms.input_field(SPONSOR, "Executive sponsor", element, optional=True),
    ]


def sponsor_of(view: Mapping[str, Any]) -> str | None:
    return forms.user_of(view, SPONSOR) or "" if forms.is_asked(view, SPONSOR) else None


def in_full(
    field: str, label: str, there: str | None, added: str | None, *, seen: int, optional: bool = False, **more: Any
) -> list[Block]:
    """A text field with what is there and what somebody wrote before they knew; the former above it if too long."""
    there, added = there or "", added or ""
    both = _both(there, added)
    fits = forms.fits_a_field(both)
    above: list[Block] = [] if fits else [blocks.section(TOO_LONG_FOR_BOTH), *blocks.whole(there)]
    # Where this form takes another's place, Slack keeps what was typed in fields of the same name.
    action_id = f"{forms.INPUT}.{seen}"
    initial = both if fits else added
    return [*above, forms.text_field(field, label, initial=initial, optional=optional, action_id=action_id, **more)]


def _both(there: str, added: str) -> str:
    """What is there and what somebody wrote, as one text; once where one of them holds the other."""
    if there in added:
        return added
    return there if added in there else f"{there}\n{added}"


def _text(view: Mapping[str, Any], field: str) -> str | None:
    return (forms.text_of(view, field) or "") if forms.is_asked(view, field) else None


def _reasons(known: Sequence[Reason], chosen: Sequence[str]) -> InputBlock:
    options = [forms.option(reason.key, reason.label) for reason in known]
    initial = [option for key in chosen for option in options if option.value == key]
    element = StaticMultiSelectElement(
        action_id=forms.INPUT, placeholder="The main one first", options=options, initial_options=initial or None
    )
    return forms.input_field(REASONS, "Reasons", element, optional=True)


def _impact(known: Sequence[Reason], chosen: str | None) -> InputBlock | None:
    options: list[Option] = [forms.option(impact.key, impact.label) for impact in known]
    if not options:
        return None
    initial = next((option for option in options if option.value == chosen), None)
    element = StaticSelectElement(
        action_id=forms.INPUT, placeholder="Pick the closest", options=options, initial_option=initial
    )
    return forms.input_field(IMPACT, "What is at stake", element, optional=True)
