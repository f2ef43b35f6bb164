"""What the account team does itself, as people see it: on the card, each in the thread, and as a list of one's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from slack_sdk.models.blocks import ActionsBlock, Block

from bot.messages import asks, blocks, forms
from bot.messages.blocks import Message, esc, said
from bot.messages.red_accounts_view import View
from bot.models import ActionItem, ActionState, Ask, Person, RedAccount, Status

ADD = "red_account.add_action"  # the button on the card
TRACK = "action_item.track"  # the message shortcut
DONE, UNBLOCK, TAKE, MENU = "action_item.done", "action_item.unblock", "action_item.take", "action_item.menu"
HAND_ON = "action_item.hand"  # the button in a digest
CARRY = "red_account.carry_actions"
BLOCKED, DATE, HAND, EDIT, DROP, UNDO = "blocked", "date", "hand", "edit", "drop", "undo"  # entries of the ⋯ menu
LABELS = {
    BLOCKED: "Blocked…", DATE: "Other date…", HAND: "Hand to…", EDIT: "Edit or comment…", DROP: "Drop…", UNDO: "Undo",
}  # fmt: skip
NO_DATE = "no date yet"
_ENDS = {"done": "is done", "dropped": "is not needed any more", "reopened": "is open again"}
MOST_LISTED = 50  # a view takes a hundred blocks; who has more reads those that are due first


def we_do(view: View) -> str | None:
    """The card's part about actions: "3 of 5 done · late: usage report, Priya, 28 Jan · next: …". None without any."""
    items = [item for item in view.facts.red.action_items if item.state != ActionState.DROPPED]
    if not items:
        return None
    opened = sorted((item for item in items if item.is_open), key=lambda item: (item.due_on or date.max, item.id or 0))
    late = [item for item in opened if _is_late(view, item)]
    to_come = [item for item in opened if item not in late]
    parts = [f"{len(items) - len(opened)} of {len(items)} done"]
    for title, listed in (("late", late), ("next", to_come[:1])):
        if listed:
            more = f" and {len(listed) - 1} more" if len(listed) > 1 else ""
            parts.append(f"{title}: {_short(view, listed[0])}{more}")
    return f"*We do*  {' · '.join(parts)}"


def words(view: View, item: ActionItem) -> str:
    """ "Admin training, Priya, by Thu 3 Feb" as plain text; what is over says so."""
    by = f"by {view.day(item.due_on)}" if item.due_on else None
    state = None if item.state == ActionState.OPEN else str(item.state)
    owner = blocks.plain(item.owner.name.split()[0]) if item.owner and item.owner.name.strip() else None
    return ", ".join(part for part in (item.what, owner, by, state) if part)


def item_message(view: View, item: ActionItem, *, carried_to: int | None = None, said_at: str | None = None) -> Message:
    """An action item's own message in the thread, edited in place. `said_at`: the message that it was made of."""
    red, owner = view.facts.red, blocks.first_name(item.owner)
    by = f"by {view.day(item.due_on)}" if item.due_on else NO_DATE
    push_line = f"{owner}: {item.what} for {blocks.clip(red.account.name, 30)}, {by}"
    note = f": {said(item.note, 800)}" if item.note else ""
    since, ender = view.day(item.since_at), blocks.first_name(item.ended_by)
    title = f"*{said(item.what, 1200)}*"
    serves = f"for: {said(item.serves, 500)}" if item.serves else None
    line = {
        ActionState.OPEN: f"☐ {title}",
        ActionState.BLOCKED: f"⛔ {title} · blocked since {since}{note}",
        ActionState.DONE: f"☑ {title} · done by {ender}, {since}",
        ActionState.DROPPED: f"☒ {title} · dropped by {ender}, {since}{note}",
    }[item.state]
    left = None
    if red.status != Status.OPEN and item.is_open:
        left = f"carried over to RA-{carried_to}" if carried_to else f"still open when {red.label} was closed"
    source = blocks.link(said_at, "from this message") if said_at else None
    about = blocks.context(owner, by, serves, source, left) if item.is_open else blocks.context(serves, source)
    press = _buttons(item) if red.status == Status.OPEN else None
    return blocks.message(push_line, [blocks.section(line), about, press])


def said_in_thread(view: View, item: ActionItem, details: Mapping[str, Any], by: Person | None, was: Person | None,
                   became: Person | None, url: str | None, whom: Person | None = None) -> Message:  # fmt: skip
    """One line about a change that others have to know of, with a link to the item. `whom` it concerns is mentioned."""
    what, who, title = details["what"], blocks.first_name(by), f"*{said(item.what, 300)}*"
    given, name = details.get("words"), blocks.clip(view.facts.account.name, 30)
    if what == "blocked":
        line, push_line, given = f"⛔ {title} is blocked: {said(given, 1500)}", f"{name}, blocked: {item.what}", None
    elif what == "date":
        before = f", not {view.day(date.fromisoformat(details['was']))}" if details["was"] else ""
        day = view.day(date.fromisoformat(details["became"]))
        line, push_line = f"{title} is due {day} now{before}", f"{name}, due {day} now: {item.what}"
    elif what == "handed":
        line, push_line = f"{title}: {_handed(by, was, became)}", f"{name}, {_handed(by, was, became)}: {item.what}"
    elif what in _ENDS:
        line, push_line = f"{title} {_ENDS[what]}", f"{name}: {item.what} {_ENDS[what]}, says {who}"
    else:
        line, push_line = f"💬 {title}", f"{name}, {who} on {item.what}: {blocks.plain(given)}"
    says = blocks.quoted(given) if given else ""
    link = blocks.link(url, "open the action") if url else None
    line = f"{blocks.mention(whom)} {line}" if whom else line
    return blocks.message(push_line, [blocks.section(f"{line}\n{says}".strip()), blocks.context(who, link)])


def _handed(by: Person | None, was: Person | None, became: Person | None) -> str:
    """ "Tom has it now, from Priya", "Dev took it"."""
    new = blocks.first_name(became)
    if by and became and by.id == became.id:
        return f"{new} took it" + (f" from {blocks.first_name(was)}" if was else "")
    return f"{new} has it now" + (f", not {blocks.first_name(was)}" if was else "")


def carry_message(
    view: View, previous: RedAccount, left: Sequence[ActionItem | Ask], carried: Sequence[ActionItem | Ask]
) -> Message:
    """Under the card of a relapse: what the last one left open may go on here."""
    name = blocks.clip(view.facts.account.name, 30)
    if not left:
        text = (
            f"{_counted(carried)} of {previous.label} carried over."
            if carried
            else f"{previous.label} left nothing open."
        )
        return blocks.message(f"{name}: {text}", [blocks.section(text)])
    many = _counted(left)
    is_still = "is still open" if len(left) == 1 else "are still open"
    text = f"{many} from the last time ({previous.label}) {is_still}:"
    listed = [f"• {said(one.what, 250)}, {_whose(view, one)}" for one in left[: blocks.MOST_LINES]]
    if len(left) > blocks.MOST_LINES:
        listed.append(f"{len(left) - blocks.MOST_LINES} more")
    press = None
    if view.facts.red.status == Status.OPEN:
        press = blocks.actions(blocks.button(f"Carry over {many}", CARRY, view.facts.red.id))
    return blocks.message(f"{name}: {text}", [blocks.section("\n".join([text, *listed])), press])


def _counted(found: Sequence[ActionItem | Ask]) -> str:
    """ "2 actions and 1 ask" """
    asked = sum(isinstance(one, Ask) for one in found)
    counts = ((len(found) - asked, "action"), (asked, "ask"))
    return " and ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts if count)


def _whose(view: View, one: ActionItem | Ask) -> str:
    return esc(asks.asked_of(view, one)) or "nobody yet" if isinstance(one, Ask) else blocks.first_name(one.owner)


def list_view(
    title: str, listed: Sequence[tuple[View, ActionItem, str | None]], *, more: int, about: str
) -> dict[str, Any]:
    """Open actions in a modal: (what it is drawn from, the action, where its message is), each with its Done."""
    rows: list[Block] = []
    for view, item, url in listed:
        by = f"{'since' if _is_late(view, item) else 'by'} {view.day(item.due_on)}" if item.due_on else NO_DATE
        blocked = f"blocked: {said(item.note, 200)}" if item.state == ActionState.BLOCKED else None
        link = blocks.link(url, "open it in the thread") if url else None
        facts = (esc(view.facts.account.name), blocks.first_name(item.owner), by, blocked, link)
        line = f"*{said(item.what, 500)}*\n{' · '.join(fact for fact in facts if fact)}"
        rows.append(blocks.section(line, accessory=blocks.button("Done", DONE, item.id)))
    rest = f"{more} more come up as these are done." if more else None
    body = [*rows, blocks.context(rest)] if rows else [blocks.section("Nothing is open here.")]
    return forms.form("action_item.list", title, body, submit=None, about=about)


def _short(view: View, item: ActionItem) -> str:
    """ "admin training, Priya, 3 Feb" """
    day = blocks.short_day(item.due_on, view.today) if item.due_on else NO_DATE
    blocked = ", blocked" if item.state == ActionState.BLOCKED else ""
    return f"{said(item.what, 200)}, {blocks.first_name(item.owner)}, {day}{blocked}"


def _is_late(view: View, item: ActionItem) -> bool:
    return item.due_on is not None and item.due_on < view.today


def _buttons(item: ActionItem) -> ActionsBlock | None:
    """What the state allows; the entry of the menu carries the item's id."""
    if not item.is_open:
        return blocks.actions(blocks.menu(MENU, [(f"{UNDO}:{item.id}", LABELS[UNDO])]))
    entries = [entry for entry in (BLOCKED, DATE, HAND, EDIT, DROP)
               if entry != BLOCKED or item.state == ActionState.OPEN]  # fmt: skip
    labels = LABELS if item.due_on else LABELS | {DATE: "Set a date…"}
    return blocks.actions(
        blocks.button("I'll take it", TAKE, item.id, style="primary") if item.owner is None else None,
        blocks.button("Done", DONE, item.id, style="primary" if item.owner else None),
        blocks.button("Unblock", UNBLOCK, item.id) if item.state == ActionState.BLOCKED else None,
        blocks.menu(MENU, [(f"{entry}:{item.id}", labels[entry]) for entry in entries]),
    )
