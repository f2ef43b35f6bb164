"""What the reminders of an ask say: to whom it is asked of, to whoever asked, in the thread when it is late."""

from __future__ import annotations

from datetime import date
from typing import Any

from bot.messages import asks, blocks
from bot.messages import reminders_forms as forms
from bot.messages.asks import DELIVER, HAND
from bot.messages.blocks import Message, esc, said
from bot.messages.red_accounts_view import View
from bot.messages.reminders import Button, Line, Section, Telling, own
from bot.messages.reminders_forms import ANSWER
from bot.models import Ask, AskState, Reminder


def question(view: View, ask: Ask, telling: Telling, thread_url: str | None) -> Message:
    """By DM, to whom it is asked of: with the same buttons as in the thread, in whatever state it is by now."""
    if telling.reminder.step > 0:
        return _no_answer(view, ask, telling)
    has_it = ask.owner is not None and ask.owner.slack_id == telling.reader and ask.state != AskState.WITHDRAWN
    asker, by = blocks.first_name(ask.by) if ask.by else "The account team", _by(view, ask)
    of = "you" if ask.owner_id == telling.reminder.recipient_id else esc(asks.asked_of(view, ask)) or "for help"
    is_open = ask.state == AskState.ASKED
    line = f"{asker} asks {of}: {asks.brief(view, ask)}{by}" if is_open else asks.push(view, ask)
    later = telling.later() if telling.is_live and is_open else None
    after = telling.became() if is_open and not telling.is_live and not telling.reminder.is_over else None
    press = None if after or (not is_open and not has_it) else asks.buttons(view, ask, later=later)
    place = blocks.link(thread_url, "the thread") if thread_url else None
    return blocks.message(
        blocks.unescaped(line),
        [
            asks.head(view, ask),
            asks.reasons(ask),
            blocks.section(after) if after else press,
            asks.over(view, ask),
            blocks.context(f"asked by {asker}" if ask.by else None, view.facts.red.label, place, telling.whose()),
        ],
    )


def unanswered_line(view: View, ask: Ask, row: Reminder) -> Line:
    """In a digest: of whom it is asked, or of whoever asked and of the leads."""
    what, name, by = said(ask.what, 200), esc(view.facts.account.name), _by(view, ask)
    if row.step == 0:
        asker = blocks.first_name(ask.by) if ask.by else "The account team"
        text = f"{asker} asks you: {what} · *{name}*{by}"
        return Line(row, text, Section.WAITS, Button("Answer…", ANSWER, row.id))
    if missing := asks.unsaid(ask):
        text = f"{what} · *{name}* · {missing}"
        return Line(row, text, Section.TODAY, Button("Complete…", asks.COMPLETE, ask.id))
    text = f"No answer yet from {esc(asks.asked_of(view, ask))}: {what} · *{name}*{by}"
    return Line(row, text, Section.WAITS, Button("Hand to…", HAND, ask.id))


def declined(view: View, ask: Ask, telling: Telling) -> Message:
    """By DM, to whoever wanted it at another time or was handed it."""
    brief, rest = asks.brief(view, ask), f"{_by(view, ask)}{_cannot(ask)}"
    press = Button("Hand to…", HAND, ask.id)
    return own(telling, f"{brief}{blocks.unescaped(rest)}.", f"*{esc(brief)}*{rest}.", press, view.facts.red.label)


def declined_line(view: View, ask: Ask, row: Reminder) -> Line:
    """In a digest, to whoever asked and to the leads: somebody else has to be found."""
    text = f"{said(ask.what, 200)} · *{esc(view.facts.account.name)}*{_by(view, ask)}{_cannot(ask)}"
    return Line(row, text, Section.WAITS, Button("Hand to…", HAND, ask.id))


def answer_form(view: View, ask: Ask, row: Reminder) -> dict[str, Any]:
    """For whoever reads of it in a digest."""
    about = f"*{esc(ask.what)}* for {esc(view.facts.account.name)}{_by(view, ask)}\n{said(ask.why, 1500)}"
    return forms.answer_form(row, about.strip(), yes="I'll take it", no="I can't")


def due(view: View, ask: Ask, telling: Telling) -> Message:
    """By DM, to whoever wanted it at another time or was handed it."""
    who = asks.asked_of(view, ask) or "nobody yet"
    since = f"by {view.day(ask.needed_on)}" if ask.needed_on else "no date yet"
    text = f"*{esc(asks.brief(view, ask))}* · {esc(who)} · {since}"
    return own(telling, f"{asks.brief(view, ask)}: {who}, {since}.", text, Button("Delivered", DELIVER, ask.id),
               view.facts.red.label)  # fmt: skip


def due_line(view: View, ask: Ask, row: Reminder, today: date) -> Line:
    """In a digest of that day. Others read whose it is."""
    is_late = asks.is_late(ask, today)
    whose = f" · {esc(asks.asked_of(view, ask)) or 'nobody yet'}" if row.step else ""
    when = f" · {'since' if is_late else 'by'} {view.day(ask.needed_on)}" if ask.needed_on else ""
    text = f"{said(ask.what, 200)} · *{esc(view.facts.account.name)}*{whose}{when}"
    return Line(row, text, Section.OVERDUE if is_late else Section.TODAY, Button("Delivered", DELIVER, ask.id))


def late_in_thread(view: View, ask: Ask, telling: Telling) -> Message:
    """Days after it was needed, where everybody who follows it reads it. Facts, not blame."""
    when = view.day(ask.needed_on) if ask.needed_on else "some days ago"
    after = telling.became()
    has_it = ask.owner if ask.state == AskState.TAKEN else None
    who = f"{blocks.mention(has_it)} " if has_it and not after else ""
    nobody = "" if ask.state == AskState.TAKEN else " Nobody has it yet."
    text = f"{who}{esc(asks.brief(view, ask))} was needed by {when}, and is not delivered.{nobody}"
    press = None if after else asks.buttons(view, ask)
    push = f"{asks.brief(view, ask)} was needed by {when}. {after or 'It is not delivered.'}"
    return blocks.message(push, [blocks.section(text), blocks.section(after) if after else press])


def _cannot(ask: Ask) -> str:
    return f": {blocks.first_name(ask.ended_by)} cannot" if ask.state == AskState.DECLINED else ""


def _no_answer(view: View, ask: Ask, telling: Telling) -> Message:
    who = asks.asked_of(view, ask)
    if who is None:
        text = f"*{esc(asks.brief(view, ask))}*: {asks.unsaid(ask)}."
        press = Button("Complete…", asks.COMPLETE, ask.id)
    else:
        text = f"*{esc(asks.brief(view, ask))}*: no answer yet from {esc(who)}{_by(view, ask)}."
        press = Button("Hand to…", HAND, ask.id)
    return own(telling, blocks.unescaped(text.replace("*", "")), text, press, view.facts.red.label)


def _by(view: View, ask: Ask) -> str:
    return f", by {view.day(ask.needed_on)}" if ask.needed_on else ""
