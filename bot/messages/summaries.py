"""Monday's summary in #red-accounts, for leaders: who needs them, what is worse, who is silent, what goes well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from bot.messages import blocks
from bot.messages.asks import words
from bot.messages.blocks import Message, esc, said
from bot.messages.red_accounts import renews, short_money
from bot.messages.red_accounts_view import View
from bot.models import Ask, Mood, Outcome, RedAccount, Update
from bot.policy import Policy
from bot.reminders import cadence
from bot.reminders.plans import plan_by

FALLING = -5  # per cent in four weeks: then usage is worse, whatever else is said
MOST_LINES, EACH = 20, 5  # lines in all, and of each part where all have many
PER_BLOCK = 10  # lines: at most 280 characters each, and a section holds 3,000
ENDED = {
    Outcome.GREEN: "green again",
    Outcome.YELLOW: "yellow",
    Outcome.CHURNED: "left",
    Outcome.CHURNED_PARTLY: "staying with less",
}


class Part(StrEnum):
    """Where an account stands in the summary, in this order."""

    NEEDS_YOU = "Needs you"
    WORSE = "Worse"
    NO_WORD = "No word"
    ON_TRACK = "On track"


@dataclass(frozen=True)
class Standing:
    """An open red account and what was last said of it."""

    view: View
    update: Update | None


def monday(standings: Sequence[Standing], *, new: int, ended: Mapping[Outcome, int], sheet: str | None) -> Message:
    """Nobody is mentioned: what waits for somebody reaches them elsewhere."""
    head = _head(standings, new, ended)
    listed: dict[Part, list[str]] = {part: [] for part in Part}
    for standing in sorted(standings, key=_weight):
        part, sentence = sort(standing)
        listed[part].append(_line(standing.view, sentence))
    shares = share([len(lines) for lines in listed.values()])
    body = []
    for (part, lines), shown in zip(listed.items(), shares, strict=True):
        for first in range(0, shown, PER_BLOCK):
            title = [_title(part, len(lines), shown)] if first == 0 else []
            body.append(blocks.section("\n".join([*title, *lines[first : min(first + PER_BLOCK, shown)]])))
    more = len(standings) - sum(shares)
    where = blocks.link(sheet, "the sheet") if sheet else "the sheet"
    return blocks.message(
        head,
        [blocks.header(head), *body, blocks.context(f"and {more:,} more in {where}" if more else None)],
    )


def sort(standing: Standing) -> tuple[Part, str]:
    """Where it belongs, and the one sentence that says why."""
    view, update = standing.view, standing.update
    red, account = view.facts.red, view.facts.account
    ask = next((ask for ask in red.asks if _waits_for_a_leader(ask, red, view.policy)), None)
    if ask:
        return Part.NEEDS_YOU, said(f"ask: {words(view, ask)}", 160)
    if red.escalated_at or cadence.next_decision(red, view.policy) <= view.now:
        days = (view.today - view.local_day(red.red_at)).days
        return Part.NEEDS_YOU, f"red for {days} days: go on, change the plan or accept churn?"
    silence = _silence(view) if cadence.is_silent(red, view.policy, view.now) else None
    usage = account.usage_change
    worse = None
    if update and update.mood == Mood.WORSE:
        worse = _one_line(update.changed)
    elif usage is not None and usage <= FALLING and not (update and update.mood == Mood.BETTER):
        worse = f"usage fell {abs(usage):.0f} % in four weeks"
    if worse:
        return Part.WORSE, f"{worse} · {silence}" if silence else worse
    if not red.has_card:  # nobody was asked for an update
        return Part.NO_WORD, "no card yet"
    if silence:
        return Part.NO_WORD, silence
    if red.plan_in_place_at is None and plan_by(red, view.policy) < view.now:
        return Part.NO_WORD, f"no plan, due {blocks.short_day(view.local_day(plan_by(red, view.policy)), view.today)}"
    said_of_it = update.changed if update else red.sentence
    return (Part.ON_TRACK, _one_line(said_of_it)) if said_of_it else (Part.NO_WORD, "nothing is said of it yet")


def share(counts: Sequence[int]) -> list[int]:
    """How many lines each part shows: all of them where they fit, else some of each and more of the first."""
    shown = [min(count, EACH) for count in counts]
    for number, count in enumerate(counts):
        shown[number] += min(count - shown[number], MOST_LINES - sum(shown))
    return shown


def _head(standings: Sequence[Standing], new: int, ended: Mapping[Outcome, int]) -> str:
    """ "5 red accounts, $1.1M · 1 new, 1 green again" """
    count = len(standings)
    known = [standing.view.facts.account.arr for standing in standings if standing.view.facts.account.arr is not None]
    total = f", {short_money(sum(known, Decimal(0)))}" if known else ""
    changes = [f"{new} new"] if new else []
    changes += [f"{ended[outcome]} {word}" for outcome, word in ENDED.items() if ended.get(outcome)]
    what = f"{f'{count:,}' if count else 'no'} red account{'' if count == 1 else 's'}{total}"
    return f"{what[:1].upper()}{what[1:]}{' · ' if changes else ''}{', '.join(changes)}"


def _weight(standing: Standing) -> tuple[Decimal, int]:
    """The largest first; what nobody knows the size of comes last."""
    red, arr = standing.view.facts.red, standing.view.facts.account.arr
    return -arr if arr is not None else Decimal(1), red.id


def _line(view: View, sentence: str) -> str:
    account = view.facts.account
    name = esc(blocks.clip(account.name, 40))
    return f"• *{name}*, {short_money(account.arr)}, {renews(account.renewal_on, view.today)}: {sentence}"


def _title(part: Part, count: int, shown: int) -> str:
    return f"*{part}*" if count == shown else f"*{part}* ({shown} of {count:,})"


def _silence(view: View) -> str:
    since = view.facts.red.updated_at or view.facts.red.due_from_at
    return f"no update since {blocks.short_day(view.local_day(since), view.today)}"


def _one_line(text: str) -> str:
    return said(" ".join(text.split()), 160)


def _waits_for_a_leader(ask: Ask, red: RedAccount, policy: Policy) -> bool:
    """Whether a lead, of the CEs or of another team, or the executive sponsor is to give it, or somebody cannot."""
    if not ask.is_open:
        return ask.is_wanted
    leads = policy.leads | {team.lead for team in policy.teams.values() if team.lead}
    return ask.owner is not None and (ask.owner.email in leads or ask.owner_id == red.sponsor_id)
