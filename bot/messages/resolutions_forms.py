"""The forms that end a red account, or say that it is not over, each beside the reader of its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from slack_sdk.models.blocks import RadioButtonsElement, StaticSelectElement

from bot.errors import InvalidForm
from bot.messages import blocks, forms
from bot.messages.outcomes import CHOICES
from bot.messages.red_accounts_forms import WHY
from bot.models import Health, Outcome, RedAccount, Resolution

RESOLVE, DECLINE_RESOLUTION = "red_account.resolve_form", "resolution.decline_form"
OUTCOME, NOTE, EVIDENCE, BEFORE = "outcome", "note", "evidence", "health_before"
MOST_NAMED = 5  # of what is still open


class Ending(TypedDict):
    """What somebody wrote about an end."""

    outcome: Outcome
    note: str
    evidence: str | None
    health_before: str | None


def resolve_form(red: RedAccount, *, asks: str | None = None) -> dict[str, Any]:
    """End a red account. `asks` names who is asked, where the reader cannot do it alone."""
    intro = f"{blocks.esc(asks)} is asked to agree; until then nothing changes." if asks else None
    still_open = _still_open(red)
    return forms.form(
        RESOLVE,
        f"Resolve {red.label}",
        [
            blocks.section(f"*{blocks.esc(red.account.name)}*, red account {red.label}. {intro or ''}".strip()),
            blocks.section(still_open) if still_open else None,
            forms.input_field(
                OUTCOME,
                "How it ended",
                RadioButtonsElement(
                    action_id=forms.INPUT,
                    options=[forms.option(outcome, label) for outcome, label in CHOICES.items()],
                ),
            ),
            forms.text_field(
                NOTE,
                "What helped, and what comes next",
                hint="If they leave or stay with less: why, and what we learn. If it was a mistake: what happened.",
            ),
            forms.text_field(
                EVIDENCE, "Evidence", hint="A link or a sentence that shows it.", optional=True, multiline=False
            ),
            None if red.earlier_health else _before(),
        ],
        submit="Ask" if asks else "Resolve",
        about=red.id,
    )


def read_resolve(view: Mapping[str, Any]) -> tuple[int, Ending]:
    chosen = forms.choice_of(view, OUTCOME)
    if chosen not in tuple(CHOICES):
        raise InvalidForm({OUTCOME: "Pick how it ended."})
    outcome = Outcome(chosen)
    note = forms.required(view, NOTE, "Say what helped, so that the next team can do the same.")
    before = forms.choice_of(view, BEFORE)
    if outcome == Outcome.ERROR and before is None and BEFORE in view["state"]["values"]:
        raise InvalidForm({BEFORE: "Pick what its health was before: it gets this value back."})
    evidence = forms.text_of(view, EVIDENCE)
    return int(view["private_metadata"]), Ending(outcome=outcome, note=note, evidence=evidence, health_before=before)


def decline_resolution_form(wish: Resolution) -> dict[str, Any]:
    name = wish.red_account.account.name
    return forms.form(
        DECLINE_RESOLUTION,
        "Not over yet",
        [forms.text_field(WHY, f"Why {name} is still red", hint=f"{blocks.first_name(wish.by)} gets to read this.")],
        submit="Not yet",
        about=wish.id,
    )


def _before() -> Any:
    """Only where nobody knows what the field said before it turned red."""
    options = [forms.option(health, health) for health in (Health.GREEN, Health.YELLOW)]
    return forms.input_field(
        BEFORE,
        "Its health before",
        StaticSelectElement(action_id=forms.INPUT, placeholder="Only if it was set by mistake", options=options),
        optional=True,
        hint="Salesforce gets this value back if it was set by mistake.",
    )


def _still_open(red: RedAccount) -> str | None:
    """ "2 actions and 1 ask are still open: …" None where nothing is."""
    actions = [item.what for item in red.action_items if item.is_open]
    asks = [ask.what for ask in red.asks if ask.is_wanted]
    counted = [_count(actions, "action"), _count(asks, "ask")]
    there = " and ".join(part for part in counted if part)
    if not there:
        return None
    named = [*actions, *asks]
    names = ", ".join(blocks.said(what, 150) for what in named[:MOST_NAMED])
    more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    are, they = ("are", "They stay as they are") if len(named) > 1 else ("is", "It stays as it is")
    return f"⚠ {there} {are} still open: {names}{more}. {they} and nobody is reminded any more."


def _count(whats: Sequence[str], word: str) -> str | None:
    return f"{len(whats)} {word}{'' if len(whats) == 1 else 's'}" if whats else None
