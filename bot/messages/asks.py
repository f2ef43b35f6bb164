"""Asks as people see them: on the card, in the sheet, in the thread, in a team's channel, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from slack_sdk.models.blocks import Block, ButtonElement, OverflowMenuElement, SectionBlock

from bot.messages import blocks
from bot.messages.blocks import Message, esc, said
from bot.messages.red_accounts_view import View
from bot.models import Ask, AskNews, AskState, Person, Status

ASK = "red_account.ask"  # the button on the card
TAKE, CANNOT, DELIVER, COMPLETE = "ask.take", "ask.cannot", "ask.deliver", "ask.complete"
HAND, MENU = "ask.hand", "ask.menu"
CANT, DATE, WHOM, EDIT, WITHDRAW, UNDO = "cannot", "date", "whom", "edit", "withdraw", "undo"  # of the ⋯ menu
LONGEST_ON_CARD, LONGEST_PUSHED = 120, 50  # characters of what is asked
DOTS = " · "


def we_need(view: View) -> str | None:
    """The card's part about asks: what, who has it, by when; None where there is none."""
    shown = [ask for ask in view.facts.red.asks if ask.state != AskState.WITHDRAWN]
    waiting = [ask for ask in shown if ask.state != AskState.DELIVERED]
    if not shown:
        return None
    parts = [_on_card(view, ask) for ask in waiting[: blocks.MOST_LINES]]
    if len(waiting) > blocks.MOST_LINES:
        parts.append(f"{len(waiting) - blocks.MOST_LINES} more in the thread")
    if not waiting:
        parts.append("nothing more")
    if len(shown) > len(waiting):
        parts.append(f"{len(shown) - len(waiting)} delivered")
    return f"*We need*  {DOTS.join(parts)}"


def words(view: View, ask: Ask) -> str:
    """A line of plain text for the sheet: "SSO fix, Identity, by Thu 4 Feb"."""
    by = f"by {view.day(ask.needed_on)}" if ask.needed_on else None
    state = None if ask.is_open else str(ask.state)
    return ", ".join(part for part in (ask.what, asked_of(view, ask), by, state) if part)


def asked_of(view: View, ask: Ask) -> str | None:
    """ "Dev (Identity)", "Identity" or "Dev", as plain text; None where nobody is asked."""
    team = team_name(view, ask)
    if ask.owner is None:
        return team or ask.of
    return f"{_first(ask.owner)} ({team})" if team else _first(ask.owner)


def team_name(view: View, ask: Ask) -> str | None:
    team = view.policy.teams.get(ask.team or "")
    return team.name if team else ask.team  # a team that policy.toml no longer names


def title(view: View, ask: Ask) -> str:
    """ "🙋 *SSO fix for Acme*" """
    mark = "☑" if ask.state == AskState.DELIVERED else "🙋"
    return f"{mark} *{said(ask.what, 500)} for {esc(view.facts.account.name)}*"


def brief(view: View, ask: Ask) -> str:
    """ "SSO fix for Acme", as plain text for a push line."""
    return f"{blocks.clip(ask.what, LONGEST_PUSHED)} for {blocks.clip(view.facts.account.name, 30)}"


def in_thread(view: View, ask: Ask, said_at: str | None = None) -> Message:
    """The ask itself, in the thread of the card. `said_at`: where the message is that it was made of."""
    made_of = blocks.context(blocks.link(said_at, "from this message")) if said_at else None
    shown = [head(view, ask), reasons(ask), made_of, over(view, ask), buttons(view, ask)]
    return blocks.message(push(view, ask), shown)


def in_team_channel(view: View, ask: Ask, thread_url: str | None) -> Message:
    """Where the team that is asked reads it: nothing of money or health, and not that the account is red."""
    place = blocks.link(thread_url, "the thread") if thread_url else None
    asker = f"asked by {blocks.first_name(ask.by)}" if ask.by else None
    shown = [head(view, ask), reasons(ask), over(view, ask), buttons(view, ask), blocks.context(asker, place)]
    return blocks.message(push(view, ask), shown)


def push(view: View, ask: Ask) -> str:
    """ "Ask for Identity, by Fri 4 Feb: SSO fix for Acme" """
    what, by = brief(view, ask), f", by {view.day(ask.needed_on)}" if ask.needed_on else ""
    owner, since = _first(ask.owner) if ask.owner else None, view.day(ask.since_at)
    return {
        AskState.ASKED: f"Ask for {asked_of(view, ask) or 'help'}{by}: {what}",
        AskState.TAKEN: f"{owner} has it{by}: {what}",
        AskState.DECLINED: f"{_answered(ask)} cannot give {what}",
        AskState.DELIVERED: f"Delivered by {owner or _answered(ask)}, {since}: {what}",
        AskState.WITHDRAWN: f"Withdrawn: {what}",
    }[ask.state]


def head(view: View, ask: Ask) -> SectionBlock:
    return blocks.section(DOTS.join(part for part in (title(view, ask), *_state(view, ask)) if part))


def reasons(ask: Ask) -> Block | None:
    """Why, and what happens otherwise."""
    why = said(ask.why, 1800) if ask.why else None
    otherwise = f"Without it: {said(ask.otherwise, 900)}" if ask.otherwise else None
    text = " ".join(part for part in (why, otherwise) if part)
    return blocks.section(text) if text and ask.state != AskState.WITHDRAWN else None


def buttons(view: View, ask: Ask, *, later: OverflowMenuElement | None = None) -> Block | None:
    """By its state. `later` stands in the place of the ⋯ menu, in a reminder. Nothing once its red account is over."""
    if view.facts.red.status != Status.OPEN:
        return None
    return blocks.actions(*_presses(ask), later or blocks.menu(MENU, _menu(ask)))


def over(view: View, ask: Ask) -> Block | None:
    """In the place of the buttons, once its red account was closed; how it ended is not for every channel."""
    red = view.facts.red
    if red.status == Status.OPEN or red.ended_at is None or not ask.is_wanted:
        return None
    return blocks.context(f"{red.label} was closed {view.day(red.ended_at)}: nothing more is asked.")


def over_for(view: View, had: Sequence[Ask], whom: Person) -> Message:
    """One line in the thread for whoever had taken something on."""
    red, name = view.facts.red, esc(view.facts.account.name)
    whats = ", ".join(said(ask.what, 150) for ask in had)
    text = f"{red.label} of {name} was closed: nothing more is asked of you. You had {whats}."
    if red.status == Status.OPEN:
        text = f"{name} is still red: {red.label} could not be closed, and what you have is still needed: {whats}."
    return blocks.message(blocks.unescaped(text), [blocks.section(f"{blocks.mention(whom)} {text}")])


def news(view: View, ask: Ask, what_happened: AskNews, whom: Person, by: Person, note: str | None) -> Message:
    """One line for whoever has to know, in the thread."""
    what, who = f"{esc(ask.what)} for {esc(view.facts.account.name)}", blocks.first_name(by)
    text = {
        AskNews.DECLINED: f"{who} cannot give {what}. Hand it to somebody else, or withdraw it.",
        AskNews.DELIVERED: f"{who} delivered {what}.",
        AskNews.WITHDRAWN: f"{who} says that {what} is not needed any more.",
        AskNews.MOVED: f"{what} is needed by {view.day(ask.needed_on) if ask.needed_on else 'another day'} now.",
        AskNews.HANDED: f"{who} asks {esc(asked_of(view, ask)) or 'somebody else'} for {what} instead of you.",
        AskNews.REOPENED: f"{who} says that {what} is still needed.",
    }[what_happened]
    quote = f"\n{blocks.quoted(note)}" if note else ""
    return blocks.message(blocks.unescaped(text), [blocks.section(f"{blocks.mention(whom)} {text}{quote}")])


def _on_card(view: View, ask: Ask) -> str:
    """ "SSO fix, Dev, by 4 Feb", or in the place of a name what is missing."""
    by = f"by {blocks.short_day(ask.needed_on, view.today)}" if ask.needed_on else "*no date yet*"
    return ", ".join([said(ask.what, LONGEST_ON_CARD), _holder(view, ask), by])


def _holder(view: View, ask: Ask) -> str:
    if ask.state == AskState.DECLINED:
        return f"*{esc(_answered(ask))} cannot*"
    if ask.state == AskState.TAKEN and ask.owner:
        return blocks.first_name(ask.owner)
    of = asked_of(view, ask)
    waits = "*no answer yet*" if ask.owner else "*nobody yet*"
    return f"{esc(of)}, {waits}" if of else waits


def _state(view: View, ask: Ask) -> list[str | None]:
    by, since = f"by {view.day(ask.needed_on)}" if ask.needed_on else None, view.day(ask.since_at)
    if ask.state == AskState.TAKEN:
        has_it = f"{blocks.first_name(ask.owner)} has it"
        return [f"{has_it}, {by}" if by else has_it, None if by else unsaid(ask)]
    if ask.state == AskState.DELIVERED:
        who = blocks.first_name(ask.owner) if ask.owner else esc(_answered(ask))
        return [f"delivered by {who}, {since}"]
    if ask.state == AskState.DECLINED:
        why = f": {said(ask.note, 1000)}" if ask.note else ""
        return [by, f"{esc(_answered(ask))} cannot, said {since}{why}"]
    if ask.state == AskState.WITHDRAWN:
        why = f": {said(ask.note, 1000)}" if ask.note else ""
        return [f"withdrawn by {esc(_answered(ask))}, {since}{why}"]
    return [esc(asked_of(view, ask)), by, unsaid(ask)]


def unsaid(ask: Ask) -> str | None:
    """What an ask lacks that was only noted down."""
    missing = [] if ask.needed_on else ["by when"]
    missing += [] if ask.is_asked_of_somebody else ["from whom"]
    return f"{' and '.join(missing)} is not said yet" if missing else None


def _presses(ask: Ask) -> list[ButtonElement | None]:
    if ask.state == AskState.TAKEN:
        complete = blocks.button("Complete…", COMPLETE, ask.id) if unsaid(ask) else None
        return [blocks.button("Delivered", DELIVER, ask.id, style="primary"), complete]
    if ask.state == AskState.DECLINED:
        return [blocks.button("I'll take it", TAKE, ask.id), blocks.button("Hand to…", HAND, ask.id)]
    if ask.state == AskState.ASKED and unsaid(ask):
        complete = blocks.button("Complete…", COMPLETE, ask.id, style="primary")
        return [complete, blocks.button("I'll take it", TAKE, ask.id)]
    if ask.state == AskState.ASKED:
        take = blocks.button("I'll take it", TAKE, ask.id, style="primary")
        return [take, blocks.button("Can't…", CANNOT, ask.id)]
    return []


def _menu(ask: Ask) -> list[tuple[str, str]]:
    date, whom, withdraw = (DATE, "Other date…"), (WHOM, "Hand to…"), (WITHDRAW, "Withdraw…")
    entries = {
        AskState.ASKED: [date, whom, (EDIT, "Edit…"), withdraw],
        AskState.TAKEN: [(CANT, "Can't…"), date, whom, withdraw, (UNDO, "Undo")],
        AskState.DECLINED: [date, (EDIT, "Edit…"), withdraw, (UNDO, "Undo")],
        AskState.DELIVERED: [(UNDO, "Undo")],
        AskState.WITHDRAWN: [(UNDO, "Undo")],
    }[ask.state]
    return [(f"{what}:{ask.id}", label) for what, label in entries]


def _answered(ask: Ask) -> str:
    return _first(ask.ended_by) if ask.ended_by else "Somebody"


def _first(person: Person) -> str:
    """As plain text."""
    return blocks.plain(person.name.split()[0]) if person.name.strip() else "somebody"


def is_late(ask: Ask, today: date) -> bool:
    return ask.needed_on is not None and ask.needed_on < today
