"""A red account as people see it: the card in #red-accounts, the first reply in its thread, its closing there."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from slack_sdk.models.blocks import Block

from bot.messages import action_items, asks, blocks
from bot.messages.blocks import Message, esc, said
from bot.messages.red_accounts_view import View
from bot.models import TRANSITIONS, Health, Outcome, Person, RedAccount, Source, Status
from bot.reminders import business_days

FILL_IN, MENU = "red_account.fill_in", "red_account.menu"
STILL_RED, RESOLVE = "red_account.still_red", "red_account.resolve"
OPEN_LINK = "red_account.open"

CLOSED_HEADERS = {
    Outcome.GREEN: "🟢 {name} is green again",
    Outcome.YELLOW: "🟡 {name} is yellow: no longer red",
    Outcome.NOT_SET: "⚪ {name} is not red: Salesforce refused",
    Outcome.LEFT: "⚪ {name} has left",
}
OUTCOME_LABELS = {Outcome.GREEN: "Green", Outcome.YELLOW: "Yellow"}


def card(view: View) -> Message:
    """The one headline message of a red account, in the channel."""
    red = view.facts.red
    if red.status == Status.CLOSED:
        return _closed_card(view)
    return blocks.message(
        push(view),
        [
            blocks.header(_header(view)),
            blocks.section(_how_it_turned_red(view)),
            blocks.context(team_line(view)),
            *(blocks.section(lines) for lines in (asks.we_need(view), action_items.we_do(view)) if lines),
            blocks.section(missing) if (missing := _missing(view)) else None,
            blocks.context(_waits(view)),
            _buttons(view),
            blocks.context(_dates(view), view.links.line()),
        ],
    )


def opening(view: View) -> Message:
    """The first reply in the thread: who, what, by when, once."""
    red, account = view.facts.red, view.facts.account
    plan_by = view.day(plan_by_at(view))
    told = [person for person in (account.ce, account.ae) if person and person != red.marked_by]
    who = " ".join(blocks.mention(p) for p in told) or names(account.ce, account.ae)
    together = "together" if account.ce and account.ae else "to look after"
    lines = [
        f"{who} {esc(account.name)} is yours, {together}.",
        f"• By {view.day(red.fill_in_by_at)}: what is happening, what you need, what you will do. Fill it in here.",
        f"• By {plan_by}: a goal with a number, how we will know, a name and a date on every action.",
        "• You need something from another team? *Ask for help* on the card: it is said here, for everyone to see.",
    ]
    fill_in = None
    if red.status == Status.OPEN and not red.filled_in_at:
        fill_in = blocks.actions(blocks.button("Fill in…", FILL_IN, red.id, style="primary"))
    push_line = f"{short_name(red)} is red: fill in what is happening by {view.day(red.fill_in_by_at)}."
    return blocks.message(push_line, [blocks.section("\n".join(lines)), fill_in])


def closing(view: View) -> Message:
    """The last word in the thread, also sent to the channel: how it ended, what helped, who says so. One line."""
    red, name = view.facts.red, esc(view.facts.account.name)
    if red.outcome is None:  # Salesforce refused the closing before this was sent
        text = f"{name} is still red: it could not be closed."
        return blocks.message(text, [blocks.section(text)])
    title = CLOSED_HEADERS[red.outcome].format(name=short_name(red))
    note = " ".join(blocks.plain(red.note).split())
    by = blocks.first_name(red.ended_by) if red.ended_by else None
    parts = (f"*{CLOSED_HEADERS[red.outcome].format(name=name)}*", said(note, 500), by)
    push_line = f"{title}{f', says {by}' if by else ''}. {note}"
    return blocks.message(push_line, [blocks.section(" · ".join(part for part in parts if part))])


def push(view: View) -> str:
    """The line on a locked phone."""
    account, red = view.facts.account, view.facts.red
    by = f", set by {blocks.first_name(red.marked_by)}" if red.marked_by else ""
    return (
        f"{short_name(red)} is red{by}. {short_money(account.arr)}, {renews(account.renewal_on, view.today)}."
        f" CE {blocks.first_name(account.ce)}, AE {blocks.first_name(account.ae)}."
    )


def short_name(red: RedAccount) -> str:
    """The account's name for a push line, so that what is wanted still fits behind it."""
    return blocks.clip(red.account.name, 30)


def money(amount: Decimal | None) -> str:
    return "ARR not known" if amount is None else f"${amount:,.0f}"


def short_money(amount: Decimal | None) -> str:
    """ "$240k" or "$1.1M", for a push line."""
    if amount is None or amount < 1000:
        return money(amount)
    if amount < 999_500:
        return f"${amount / 1000:.0f}k"
    return f"${amount / 1_000_000:.1f}".removesuffix(".0") + "M"


def team_line(view: View) -> str:
    account = view.facts.account
    return " · ".join(
        [
            money(account.arr),
            renews(account.renewal_on, view.today),
            esc(account.region) or "region not known",
            team(view.facts.red),
        ]
    )


def plan_by_at(view: View) -> datetime:
    rules, region = view.policy.red_accounts, view.policy.region(view.facts.account.region)
    return business_days.after(view.facts.red.due_from_at, rules.plan_business_days, region, ends_at=rules.day_ends_at)


def team(red: RedAccount) -> str:
    return f"CE {blocks.first_name(red.account.ce)} · AE {blocks.first_name(red.account.ae)}"


def _header(view: View) -> str:
    account = view.facts.account
    if _moved_off_red(view):
        return f"🟡 {account.name}: Salesforce says {account.health or 'nothing'}. Is it over?"
    return f"🔴 {account.name} is red"


def _moved_off_red(view: View) -> bool:
    """Somebody set another value in Salesforce, and nobody here has said that it is over."""
    return view.facts.account.health != Health.RED and view.facts.pending is None


def _how_it_turned_red(view: View) -> str:
    red = view.facts.red
    by = f" by {by_name(red)}" if by_name(red) else ""
    if red.confirmed_by and red.by:
        done = "set to Red in Salesforce" if red.source == Source.SALESFORCE else "marked red"
        how = f"Proposed{by}, {done} by {blocks.first_name(red.confirmed_by)}, {view.moment(red.due_from_at)}."
    elif red.source == Source.PERSON:
        how = f"Marked red{by}, {view.moment(red.red_at)}."
    elif red.source == Source.EXISTING:
        how = "Red in Salesforce before Touchpoint came" + (f", set{by} {view.moment(red.red_at)}." if by else ".")
    else:
        how = f"Set to Red in Salesforce{by}, {view.moment(red.red_at)}."
    label = view.policy.red_accounts.reason_label(red.reason)
    why = f"Why: {esc(label)}." if label else "Why: not said yet."
    return f"{how} {why}" + (f"\n{said(red.sentence)}" if red.sentence else "")


def _missing(view: View) -> str | None:
    """What is missing has a name and a date."""
    red, account = view.facts.red, view.facts.account
    who = names(account.ce, account.ae)
    if not red.filled_in_at:
        return f"{who}, by {view.day(red.fill_in_by_at)}: what is happening, what we need, what we will do."
    gaps = [what for what, there in (("what we need", red.asks), ("what we will do", red.action_items)) if not there]
    return f"Missing: {' and '.join(gaps)}. {who}, by {view.day(plan_by_at(view))}." if gaps else None


def _waits(view: View) -> str | None:
    """What is not done yet and whom it waits for."""
    facts = view.facts
    waits = []
    if facts.pending:
        waits.append(f"Not yet in Salesforce{_silence(view)}.")
    if facts.asked:
        asked = facts.lead if facts.asked.is_with_lead(view.now) else facts.account.ce
        waits.append(
            f"{blocks.first_name(facts.asked.by)} asks {blocks.first_name(asked)} to end it as"
            f" {OUTCOME_LABELS[facts.asked.outcome].lower()}."
        )
    return " ".join(waits) or None


def _silence(view: View) -> str:
    if view.policy.writes.salesforce != "on":
        return ": writing there is switched off in policy.toml"
    since = view.facts.silent_since
    return f": it has not answered since {blocks.clock(since, view.zone)}. Nothing for you to do" if since else ""


def _buttons(view: View) -> Block | None:
    red = view.facts.red
    if Status.CLOSED not in TRANSITIONS[red.status]:
        return None
    if _moved_off_red(view):
        return blocks.actions(
            blocks.button("Yes, resolve…", RESOLVE, red.id, style="primary"),
            blocks.button("No, still red", STILL_RED, red.id),
        )
    return blocks.actions(
        blocks.button("Fill in…", FILL_IN, red.id, style=None if red.filled_in_at else "primary"),
        blocks.button("Ask for help…", asks.ASK, red.id),
        blocks.menu(MENU, [(f"resolve:{red.id}", "Resolve…"), (f"history:{red.id}", "History")]),
    )


def _dates(view: View) -> str:
    red = view.facts.red
    filled = f"filled in {view.day(red.filled_in_at)}" if red.filled_in_at else None
    again = f"red before: RA-{red.previous_id}" if red.previous_id else None
    return " · ".join(part for part in (red.label, f"red since {view.day(red.red_at)}", filled, again) if part)


def _closed_card(view: View) -> Message:
    red, account = view.facts.red, view.facts.account
    assert red.outcome is not None
    assert red.ended_at is not None
    title = CLOSED_HEADERS[red.outcome].format(name=account.name)
    helped = "Salesforce said" if red.outcome in (Outcome.NOT_SET, Outcome.LEFT) else "What helped"
    by = f" by {blocks.first_name(red.ended_by)}" if red.ended_by else ""
    return blocks.message(
        f"{CLOSED_HEADERS[red.outcome].format(name=short_name(red))}. {blocks.plain(red.note)}",
        [
            blocks.header(title),
            blocks.section(f"*{helped}*  {said(red.note)}"),
            blocks.context(_waits(view)),
            blocks.context(
                red.label,
                f"red from {view.day(red.red_at)} to {view.day(red.ended_at)}, closed{by}",
                view.links.line(),
            ),
        ],
    )


def by_name(red: RedAccount) -> str:
    """The first name of whoever made it red or proposed it; empty where nobody knows."""
    if red.by:
        return blocks.first_name(red.by)
    return esc(red.by_name.split()[0]) if red.by_name and red.by_name.strip() else ""


def names(*people: Person | None) -> str:
    return " and ".join(blocks.first_name(person) for person in people if person) or "Nobody yet"


def renews(when: date | None, today: date) -> str:
    return f"renews {blocks.short_day(when, today)}" if when else "renewal not known"
