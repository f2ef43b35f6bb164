"""What people do with red accounts in Slack."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot.deliveries.links import permalink
from bot.errors import UserError
from bot.listeners.press import once, pressed, value_of
from bot.messages import answers
from bot.messages import red_accounts as messages
from bot.messages import red_accounts_forms as forms
from bot.messages.blocks import unescaped
from bot.models import Person, RedAccount, Status
from bot.models.red_accounts import Words
from bot.queries import accounts, people
from bot.queries import red_accounts as queries
from bot.services import Services
from bot.workflows import go_live
from bot.workflows import red_accounts as workflow

COMMAND = "/red-account"


def register(app: App) -> None:
    app.command(COMMAND)(declare)
    app.options(forms.FIND_ACCOUNT)(find_account)
    app.view(forms.MARK)(submit)
    app.action(messages.FILL_IN)(open_fill_in)
    app.view(forms.FILL_IN)(fill_in)
    app.action(messages.MENU)(choose)
    app.action(messages.MARK_RED)(confirm)
    app.action(messages.NOT_RED)(open_decline)
    app.view(forms.DECLINE)(decline)
    app.action(messages.NUDGE)(nudge)
    app.action(messages.WITHDRAW)(withdraw)
    app.action(messages.POST_CARD)(post_card)
    app.action(messages.POST_ALL)(post_all)
    app.action(messages.OPEN_LINK)(follow_link)


def declare(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    typed = unescaped(body.get("text", "")).strip()
    if typed.casefold() == "help":
        ack(answers.RED_ACCOUNT_HELP)
        return
    with services.transaction() as session:
        person = people.acting(session, body["user_id"])
        account = accounts.meant(session, typed)
        red = queries.under_way(session, account.id) if account else None
        if red and not _settles(person, red, services):
            view = _under_way_view(services, session, red, None)
        elif typed and account is None and not accounts.search(session, typed):
            ack(answers.unknown(COMMAND, typed, answers.RED_ACCOUNT_HELP))
            return
        else:
            view = forms.mark_form(account, services.policy, typed=typed)
    client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def find_account(ack: Ack, body: dict[str, Any], services: Services) -> None:
    with services.transaction() as session:
        person = people.acting(session, body["user"]["id"])
        found = accounts.search(session, body.get("value", ""), first_for=person.id)
        ack(forms.account_options(found))


def submit(ack: Ack, body: dict[str, Any], services: Services) -> None:
    account_id, words = forms.read_mark(body["view"])
    try:
        with services.transaction() as session:
            person = people.acting(session, body["user"]["id"])
            if once(session, body, services):
                workflow.mark(session, account_id, words, by=person, now=services.now(), policy=services.policy)
    except workflow.AlreadyUnderWay as already:
        with services.transaction() as session:
            red = session.get_one(RedAccount, already.red_account_id)
            ack(response_action="update", view=_under_way_view(services, session, red, words))
        return
    ack()


def open_fill_in(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    with pressed(services, body) as (session, person):
        red = session.get_one(RedAccount, value_of(body))
        if red.status != Status.OPEN:
            raise UserError(f"{red.account.name} is {red.status} by now, so there is nothing to fill in.")
        workflow.may_touch(session, person, red.account, services.policy, "fill this in")
        view = forms.fill_in_form(red, services.policy)
    client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def fill_in(ack: Ack, body: dict[str, Any], services: Services) -> None:
    red_account_id, words = forms.read_fill_in(body["view"])
    with pressed(services, body) as (session, person):
        if once(session, body, services):
            workflow.fill_in(session, red_account_id, words, by=person, now=services.now(), policy=services.policy)
    ack()


def choose(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    """An entry of the card's ⋯ menu."""
    what, _, red_account_id = body["actions"][0]["selected_option"]["value"].partition(":")
    with pressed(services, body) as (session, person):
        red = session.get_one(RedAccount, int(red_account_id))
        view = MENU_VIEWS[what](services, session, person, red)
    client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def confirm(ack: Ack, body: dict[str, Any], services: Services) -> None:
    with pressed(services, body) as (session, person):
        workflow.confirm(session, value_of(body), by=person, now=services.now(), policy=services.policy)
    ack()


def open_decline(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    with pressed(services, body) as (session, _person):
        view = forms.decline_form(session.get_one(RedAccount, value_of(body)))
    client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def decline(ack: Ack, body: dict[str, Any], services: Services) -> None:
    red_account_id, why = forms.read_decline(body["view"])
    with pressed(services, body) as (session, person):
        if once(session, body, services):
            workflow.decline(session, red_account_id, why, by=person, now=services.now(), policy=services.policy)
    ack()


def nudge(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    with pressed(services, body) as (session, person):
        asked = workflow.nudge(session, value_of(body), by=person, now=services.now(), policy=services.policy)
    view = answers.sentence_view("Nudged", f"{asked.name} is reminded now.")
    client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def withdraw(ack: Ack, body: dict[str, Any], services: Services) -> None:
    with pressed(services, body) as (session, person):
        workflow.withdraw(session, value_of(body), by=person, now=services.now())
    ack()


def post_card(ack: Ack, body: dict[str, Any], services: Services) -> None:
    _post_cards(body, services, value_of(body))
    ack()


def post_all(ack: Ack, body: dict[str, Any], services: Services) -> None:
    _post_cards(body, services, None)
    ack()


def follow_link(ack: Ack) -> None:
    """A button that is only a link still reports its press."""
    ack()


def _post_cards(body: dict[str, Any], services: Services, only: int | None) -> None:
    now = services.now()
    with pressed(services, body) as (session, person):
        wanted = [only] if only is not None else [red.id for red in queries.without_card(session)]
        workflow.post_cards(session, wanted, by=person, now=now, policy=services.policy)
        go_live.refresh_summary(session, now=now)


def _settles(person: Person, red: RedAccount, services: Services) -> bool:
    """Whether this person marking it red answers the proposal that is there."""
    return red.status == Status.PROPOSED and workflow.may_mark(person, red.account, services.policy)


def _under_way_view(services: Services, session: Session, red: RedAccount, added: Words | None) -> dict[str, Any]:
    if red.status == Status.PROPOSED:
        asked = workflow.waits_for(session, red, services.policy)
        return answers.proposed_already(red, asked)
    card = queries.card_post(session, red.id)
    return forms.fill_in_form(
        red,
        services.policy,
        card_url=permalink(services, card),
        intro=answers.red_already(red, services.policy, services.now()),
        added=added,
    )


def resolve_view(services: Services, session: Session, person: Person, red: RedAccount) -> dict[str, Any]:
    if red.status != Status.OPEN:
        raise UserError(f"{red.account.name} is {red.status} by now. Nothing changed.")
    if workflow.may_decide(person, red.account, services.policy):
        return forms.resolve_form(red)
    workflow.may_touch(session, person, red.account, services.policy, "resolve this")
    asked = red.account.ce if red.account.ce and red.account.ce.can_be_asked else None
    asked = asked or people.lead_of(session, red.account, services.policy)
    return forms.resolve_form(red, asks=asked.name if asked else "The CE lead")


def _history_view(services: Services, session: Session, _person: Person, red: RedAccount) -> dict[str, Any]:
    zone = services.policy.region(red.account.region).time_zone
    return forms.history_view(red, queries.history(session, red.id), zone, services.now())


MENU_VIEWS = {"resolve": resolve_view, "history": _history_view}
