"""An export of a red account, as Markdown, JSON or CSV: a file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from slack_sdk.models.blocks import RadioButtonsElement

from bot.messages import blocks, forms
from bot.messages.blocks import esc
from bot.models import RedAccount, ReminderState
from bot.policy import Policy

FORM, FORMAT = "red_account.export_form", "format"
Values = dict[str, Any]


class Format(StrEnum):
    MARKDOWN = "markdown"
    JSON = "json"
    CSV = "csv"


ENDINGS = {Format.MARKDOWN: "md", Format.JSON: "json", Format.CSV: "csv"}
LABELS = {Format.MARKDOWN: "Markdown", Format.JSON: "JSON", Format.CSV: "CSV"}


@dataclass(frozen=True)
class File:
    """A file that somebody gets by direct message, and what the message says."""

    name: str
    title: str
    text: str  # of the message, as mrkdwn
    content: str


#: Column of the CSV → where it stands in what was found.
COLUMNS = {
    "key": ("red_account", "label"),
    "account": ("account", "name"),
    "account_id": ("account", "salesforce_id"),
    "status": ("red_account", "status"),
    "outcome": ("red_account", "outcome"),
    "region": ("account", "region"),
    "arr": ("account", "arr"),
    "arr_at_end": ("red_account", "arr_at_end"),
    "renewal_on": ("account", "renewal_on"),
    "ce": ("account", "ce"),
    "ae": ("account", "ae"),
    "sponsor": ("red_account", "sponsor"),
    "marked_by": ("red_account", "by"),
    "red_at": ("red_account", "red_at"),
    "filled_in_at": ("red_account", "filled_in_at"),
    "plan_in_place_at": ("red_account", "plan_in_place_at"),
    "updated_at": ("red_account", "updated_at"),
    "ended_at": ("red_account", "ended_at"),
    "ended_by": ("red_account", "ended_by"),
    "relapses": ("red_account", "relapses"),
    "reason": ("red_account", "reason"),
    "impact": ("red_account", "impact"),
    "what_is_happening": ("red_account", "sentence"),
    "goal": ("red_account", "goal"),
    "how_we_know": ("red_account", "how_we_know"),
    "what_helped": ("red_account", "note"),
    "evidence": ("red_account", "evidence"),
    "retro": ("red_account", "retro"),
}
COUNTED = ("asks", "actions", "updates", "replies")


def written(found: Values, form: Format, policy: Policy) -> str:
    if form == Format.JSON:
        return json.dumps(found, indent=2, ensure_ascii=False) + "\n"
    return as_csv([found]) if form == Format.CSV else as_markdown(found, policy)


def as_csv(exported: Sequence[Values]) -> str:
    """A row for each red account."""
    rows = [
        [inert(found[part].get(name)) for part, name in COLUMNS.values()] + [len(found[name]) for name in COUNTED]
        for found in exported
    ]
    return table([*COLUMNS, *COUNTED], rows)


def table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def inert(value: Any) -> Any:
    """A cell that a spreadsheet reads as text. https://owasp.org/www-community/attacks/CSV_Injection"""
    return f"'{value}" if isinstance(value, str) and value.lstrip()[:1] in ("=", "+", "-", "@") else value


def as_markdown(found: Values, policy: Policy) -> str:
    """For people to read."""
    red, account = found["red_account"], found["account"]
    lines = [f"# {account['name']}, {red['label']}", "", *_facts(red, account, policy)]
    for title, text in (
        ("What is happening", red["sentence"]),
        ("Goal", red["goal"]),
        ("How we will know", red["how_we_know"]),
        ("How it ended", red["note"]),
        ("Evidence", red["evidence"]),
        ("Retro", red["retro"]),
    ):
        lines += ["", f"## {title}", "", text] if text else []
    lines += _part("We need", [_item(one, _asked(one), "needed_on") for one in found["asks"]])
    lines += _part("We do", [_item(one, one["owner"], "due_on") for one in found["actions"]])
    lines += _part("Agreed", [f"{_day(one['at'])} {one['by']} ({one['role']})" for one in found["agreements"]])
    lines += _part("Updates", [_update(one) for one in found["updates"] if not one["taken_back_at"]])
    lines += _part("Said in the thread", [_reply(one) for one in found["replies"]])
    lines += _part("History", [_entry(one, policy) for one in found["history"]])
    lines += _part("Reminders", [_reminder(one) for one in _in_time(found["reminders"])])
    return "\n".join(lines) + "\n"


def form(red: RedAccount) -> dict[str, Any]:
    options = [
        forms.option(Format.MARKDOWN, "Markdown, to read"),
        forms.option(Format.JSON, "JSON, with everything in it"),
        forms.option(Format.CSV, "CSV, a row for a spreadsheet"),
    ]
    return forms.form(
        FORM,
        f"Export {red.label}",
        [
            blocks.section(f"*{esc(red.account.name)}*, {red.label}. It comes to you as a file, by direct message."),
            forms.input_field(
                FORMAT, "As", RadioButtonsElement(action_id=forms.INPUT, options=options, initial_option=options[0])
            ),
        ],
        submit="Export",
        about=red.id,
    )


def read(view: Mapping[str, Any]) -> tuple[int, Format]:
    return int(view["private_metadata"]), Format(forms.choice_of(view, FORMAT) or Format.MARKDOWN)


def file(red: RedAccount, found: Values, form: Format, policy: Policy) -> File:
    """All that was found, whole."""
    kind = LABELS[form]
    return File(
        f"{red.label}.{ENDINGS[form]}",
        f"{blocks.plain(red.account.name)}, {red.label}",
        f"{esc(red.account.name)}, {red.label}: all that is known of it, as {kind}.",
        written(found, form, policy),
    )


def _facts(red: Values, account: Values, policy: Policy) -> list[str]:
    ended = f"{red['outcome']}, {_day(red['ended_at'])}, {red['ended_by'] or 'Salesforce'}" if red["ended_at"] else None
    named = (
        ("Red since", _day(red["red_at"])),
        ("Ended", ended),
        ("ARR", None if account["arr"] is None else f"${account['arr']:,.0f}"),
        ("Renewal", account["renewal_on"]),
        ("Region", account["region"]),
        ("CE", account["ce"]),
        ("AE", account["ae"]),
        ("Sponsor", red["sponsor"]),
        ("Reason", policy.red_accounts.reason_label(red["reason"])),
        ("At stake", policy.red_accounts.impact_label(red["impact"])),
    )
    return [f"- {name}: {'not known' if value is None else value}" for name, value in named
            if value is not None or name in ("ARR", "Renewal")]  # fmt: skip


def _part(title: str, lines: Sequence[str]) -> list[str]:
    return ["", f"## {title}", "", *(f"- {' '.join(line.split())}" for line in lines)] if lines else []


def _item(one: Values, whom: str | None, by: str) -> str:
    when = f"by {one[by]}" if one[by] else None
    return ", ".join(part for part in (one["what"], whom, when, one["state"], one["note"]) if part)


def _asked(one: Values) -> str | None:
    found: str | None = one["owner"] or one["team"] or one["of"]
    return found


def _update(one: Values) -> str:
    blocker = f"blocker: {one['blocker']}" if one["blocker"] else None
    by = f"by {one['next_on']}" if one["next_on"] else None
    step = ", ".join(part for part in (one["next_step"], by) if part)
    mood = f"it goes {one['mood']}" if one["mood"] else None
    said = "; ".join(part for part in (one["changed"], blocker, f"next: {step}" if step else None, mood) if part)
    return f"{_day(one['created_at'])} {one['by']}: {said}"


def _reply(one: Values) -> str:
    said = "(deleted)" if one["deleted_at"] else one["text"]
    return f"{_day(one['said_at'])} {one['by']}: {said}"


def _entry(one: Values, policy: Policy) -> str:
    change = " → ".join(policy.red_accounts.in_words(one["what"], part) for part in (one["was"], one["became"]) if part)
    return ", ".join(
        part for part in (f"{_day(one['at'])} {one['what']}", change, one["by"] or "Touchpoint", one["why"]) if part
    )


def _in_time(reminders: Sequence[Values]) -> list[Values]:
    """Those that were told or will be, in the order of their days."""
    return sorted((one for one in reminders if one["state"] != ReminderState.WITHDRAWN), key=lambda one: one["due_at"])


def _reminder(one: Values) -> str:
    return f"{_day(one['due_at'])} {one['kind']}, {one['recipient'] or 'the thread'}: {one['state']}"


def _day(instant: str) -> str:
    return instant[:10]
