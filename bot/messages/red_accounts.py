"""A red account as people see it: the card in #red-accounts, the first reply in its thread, its closing there."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from slack_sdk.models.blocks import Block, OverflowMenuElement

from bot.messages import action_items, asks, blocks, plans, updates
from bot.messages.blocks import Message, esc, names, said
from bot.messages.outcomes import CLOSED_HEADERS, ENDINGS, linked, what_helped
from bot.messages.red_accounts_view import View
from bot.models import NO_RETRO, TRANSITIONS, Health, Outcome, RedAccount, Source, Status
from bot.models.plans import lacks_only_agreement
from bot.policy import Priority
from bot.reminders.plans import plan_by

FILL_IN, MENU = "red_account.fill_in", "red_account.menu"
STILL_RED, RESOLVE = "red_account.still_red", "red_account.resolve"
OPEN_LINK = "red_account.open"


def card(view: View) -> Message:
    """The one headline message of a red account, in the channel."""
    red = view.facts.red
    if red.status == Status.CLOSED:
        return _closed_card(view)
    return blocks.message(
        push(view),
        [
            blocks.header(_header(view)),
            blocks.section(said(red.sentence) or _how_it_turned_red(view)),
            blocks.context(team_line(view), _sponsor(red)),
            *(blocks.section(lines) for lines in _the_plan(view) if lines),
            plans.missing_section(view),
            blocks.context(_waits(view)),
            _buttons(view),
            blocks.context(_dates(view), view.links.line()),
        ],
    )


def opening(view: View) -> Message:
    """The first reply in the thread: who, what, by when, once."""
    red, account = view.facts.red, view.facts.account
    told = [person for person in (account.ce, account.ae) if person and person != red.marked_by]
    who = " ".join(blocks.mention(p) for p in told) or names(account.ce, account.ae)
    together = "together" if account.ce and account.ae else "to look after"
    sheet = " or in the sheet row; the two are kept the same" if view.has_sheet else ""
    write = (
        f"By {view.day(red.fill_in_by_at)}: what is happening, what you need, what you will do. Fill it in here{sheet}."
    )
    if red.filled_in_at:
        write = f"What is happening stands on the card. Change it there (⋯ > *Edit plan*){sheet}."
    agrees = " Each of you agrees to it." if account.ce and account.ae else ""
    lines = [
        f"{who} {esc(account.name)} is yours, {together}.",
        f"• {write}",
        f"• By {view.day(plan_by(red, view.policy))}: a goal with a number, how we will know, a name and a date on"
        f" every action.{agrees}",
        "• You need something from another team? Say it here, then ⋯ on your message > *Make this an ask*.",
    ]
    kept = blocks.context("What is said in this thread is kept when Slack forgets it.")
    fill_in = None
    if red.status == Status.OPEN and not red.filled_in_at:
        fill_in = blocks.actions(blocks.button("Fill in…", FILL_IN, red.id, style="primary"))
    push_line = f"{short_name(red)} is red: fill in what is happening by {view.day(red.fill_in_by_at)}."
    return blocks.message(push_line, [blocks.section("\n".join(lines)), kept, fill_in])


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


def team(red: RedAccount) -> str:
    return f"CE {blocks.first_name(red.account.ce)} · AE {blocks.first_name(red.account.ae)}"


def _header(view: View) -> str:
    red, account = view.facts.red, view.facts.account
    if _moved_off_red(view):
        return f"🟡 {account.name}: Salesforce says {account.health or 'nothing'}. Is it over?"
    in_place = red.plan_in_place_at and lacks_only_agreement(red)  # a changed one is in place until it is agreed to
    return f"🔴 {account.name} is red{' · plan in place' if in_place else ''}"


def _the_plan(view: View) -> tuple[str | None, ...]:
    return plans.goal(view), asks.we_need(view), action_items.we_do(view)


def _sponsor(red: RedAccount) -> str | None:
    return f"sponsor {blocks.first_name(red.sponsor)}" if red.sponsor else None


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
    reasons = reasons_line(view)
    return f"{how} {f'Why: {reasons}.' if reasons else 'Why: not said yet.'}"


def reasons_line(view: View) -> str:
    """ "Champion left, low adoption" """
    labels = [view.policy.red_accounts.reason_label(key) or key for key in view.facts.red.reasons]
    first, *others = labels or [""]
    return esc(", ".join([first, *(label[:1].lower() + label[1:] for label in others)]))


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
            f" {ENDINGS[facts.asked.outcome]}."
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
    more = [
        (f"plan:{red.id}", "Edit plan…"),
        (f"resolve:{red.id}", "Resolve…"),
        (f"history:{red.id}", "History"),
        (f"export:{red.id}", "Export…"),
    ]
    if red.filled_in_at and red.agreements:
        more.insert(1, (f"{plans.UNDO}:{red.id}", "Undo my agreement"))
    help_ = blocks.button("Ask for help…", asks.ASK, red.id)
    if not red.filled_in_at:
        return blocks.actions(
            blocks.button("Fill in…", FILL_IN, red.id, style="primary"), help_, blocks.menu(MENU, more)
        )
    return blocks.actions(
        blocks.button("Post update…", updates.POST, red.id, style="primary"),
        help_,
        blocks.button("Add action…", action_items.ADD, red.id),
        blocks.menu(MENU, more),
    )


def _dates(view: View) -> str:
    """Since when, how urgent, and how often before."""
    red = view.facts.red
    why = reasons_line(view) if red.sentence else None  # without one, the first lines say it
    proposed = f", proposed by {by_name(red)}" if red.confirmed_by and red.by else ""
    at_stake = view.policy.red_accounts.impact_label(red.impact)
    return " · ".join(part for part in (
        red.label,
        f"red since {view.day(red.red_at)}{proposed}{f': {why}' if why else ''}",
        updates.dates(view),
        f"at stake: {esc(at_stake)}" if at_stake else None,
        f"{priority(view)} priority",
        f"red for the {ordinal(red.relapses + 1)} time, last RA-{red.previous_id}" if red.previous_id else None,
    ) if part)  # fmt: skip


def priority(view: View) -> Priority:
    account = view.facts.account
    return view.policy.priority(account.arr, account.renewal_on, view.today)


def ordinal(number: int) -> str:
    """ "2nd", "3rd", "11th" """
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ending}"


def _menu_of_a_closed_one(red: RedAccount) -> OverflowMenuElement | None:
    retro = [] if red.retro or red.outcome == Outcome.NOT_SET else [(f"retro:{red.id}", "Add the retro…")]
    return blocks.menu(MENU, [*retro, (f"history:{red.id}", "History"), (f"export:{red.id}", "Export…")])


def _closed_card(view: View) -> Message:
    red, account = view.facts.red, view.facts.account
    assert red.outcome is not None
    assert red.ended_at is not None
    title = CLOSED_HEADERS[red.outcome].format(name=account.name)
    by = f" by {blocks.first_name(red.ended_by)}" if red.ended_by else ""
    return blocks.message(
        f"{CLOSED_HEADERS[red.outcome].format(name=short_name(red))}. {blocks.plain(red.note)}",
        [
            blocks.header(title),
            blocks.section(what_helped(red), accessory=_menu_of_a_closed_one(red)),
            blocks.context(_waits(view)),
            blocks.context(
                red.label,
                f"red from {view.day(red.red_at)} to {view.day(red.ended_at)}, closed{by}",
                _retro(red),
                view.links.line(),
            ),
        ],
    )


def _retro(red: RedAccount) -> str | None:
    """ "Retro: read it", or why there is none."""
    if red.retro and red.retro.startswith(NO_RETRO):
        return f"No retro: {said(red.retro.removeprefix(NO_RETRO), 700)}"
    return f"Retro: {linked(red.retro, 'read it')}" if red.retro else None


def by_name(red: RedAccount) -> str:
    """The first name of whoever made it red or proposed it; empty where nobody knows."""
    if red.by:
        return blocks.first_name(red.by)
    return esc(red.by_name.split()[0]) if red.by_name and red.by_name.strip() else ""


def renews(when: date | None, today: date) -> str:
    return f"renews {blocks.short_day(when, today)}" if when else "renewal not known"
