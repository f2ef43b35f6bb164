"""What people do with action items in Slack."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from slack_bolt import Ack, App
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot.deliveries.links import permalink
from bot.deliveries.views import line_view
from bot.errors import InvalidForm, UserError
from bot.listeners.press import once, pressed, value_of
from bot.messages import action_items as messages
from bot.messages import action_items_forms as forms
from bot.messages import answers
from bot.messages.blocks import said
from bot.models import ActionItem, Person, RedAccount, Status
from bot.queries import accounts, people
from bot.queries import action_items as queries
from bot.queries import red_accounts as red_queries
from bot.queries.preferences import covered_by
from bot.queries.said import as_read
from bot.services import Services
from bot.workflows import action_items, action_items_carried, action_items_marks, inbox
from bot.workflows import action_items_changes as workflow
from bot.workflows.action_items import New

MINE = "mine"
NOT_IN_A_THREAD = (
    "Actions are tracked for a red account: use this on a message in the thread of its card in #red-accounts."
)


def register(app: App) -> None:
    app.action(messages.ADD)(open_add)
    app.shortcut(messages.TRACK)(track)
    app.view(forms.ADD)(add)
    app.action(messages.DONE)(at_once("done"))
    app.action(messages.UNBLOCK)(at_once("unblock"))
    app.action(messages.TAKE)(at_once("take"))
    app.action(messages.MENU)(choose)
    app.action(messages.HAND_ON)(open_hand)
    app.view(forms.BLOCK)(block)
    app.view(forms.DATE)(other_date)
    app.view(forms.HAND)(hand)
    app.view(forms.EDIT)(edit)
    app.view(forms.DROP)(drop)
    app.action(messages.CARRY)(carry_over)
    app.event("reaction_added")(reacted)
    app.event("reaction_removed")(reacted)


def open_add(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    with pressed(services, body) as (session, person):
        red = session.get_one(RedAccount, value_of(body))
        workflow.may_add(session, red, person, now=services.now(), policy=services.policy)
        view = forms.add_form(red, owner=person.slack_id)
    client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def track(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    """The message shortcut: what somebody said in a card's thread becomes an action of theirs."""
    message, channel = body["message"], body["channel"]["id"]
    place = f"{channel} {message['ts']}"
    with pressed(services, body) as (session, person):
        red = red_queries.of_thread(session, channel, message.get("thread_ts") or message["ts"])
        if red is None:
            raise UserError(NOT_IN_A_THREAD)
        workflow.may_add(session, red, person, now=services.now(), policy=services.policy)
        author = None if message.get("bot_id") else people.by_slack_id(session, message.get("user") or "")
        owner = author if author and author.can_be_asked else person
        made = action_items.made_of(red, place)
        if made:
            by, url = session.get(Person, made.by_id), permalink(services, queries.post_of(session, made))
            view = answers.made_already(by, "an action", made.what, red, url)
        else:
            what = forms.words_of(as_read(session, message.get("text", ""))) if author else ""
            view = forms.add_form(red, owner=owner.slack_id, what=what, made_of=place)
    client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def add(ack: Ack, body: dict[str, Any], services: Services) -> None:
    wanted, now = forms.read_add(body["view"]), services.now()
    with pressed(services, body) as (session, person):
        owner = _owner(session, wanted.owner)
        _must_not_be_past(wanted.due_on, person, now)
        if once(session, body, services):
            items = [New(what, owner, wanted.due_on, wanted.serves, made_of=wanted.made_of) for what in wanted.whats]
            workflow.add(session, wanted.red_account_id, items, by=person, now=now, policy=services.policy)
    ack()


def at_once(what: str) -> Callable[..., None]:
    """A button that does it with the click: on the item's message, in a reminder, or in a list."""

    def press(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
        view, listed = body.get("view"), None
        with pressed(services, body) as (session, person):
            given = {"by": person, "now": services.now(), "policy": services.policy}
            workflow.AT_ONCE[what](session, value_of(body), **given)
            if view:
                session.flush()
                listed = _list_view(services, session, person, view["private_metadata"])
        if view and listed:
            client.views_update(view_id=view["id"], view=listed)
        ack()

    return press


def open_hand(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    """The button in a digest: somebody has left, and the lead picks who goes on."""
    with pressed(services, body) as (session, person):
        view = _form_view(services, session, person, messages.HAND, value_of(body))
    client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def choose(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    """An entry of an item's ⋯ menu."""
    what, _, item_id = body["actions"][0]["selected_option"]["value"].partition(":")
    view = None
    with pressed(services, body) as (session, person):
        given: dict[str, Any] = {"by": person, "now": services.now(), "policy": services.policy}
        if what in workflow.AT_ONCE:
            workflow.AT_ONCE[what](session, int(item_id), **given)
        else:
            view = _form_view(services, session, person, what, int(item_id))
    if view:
        client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def block(ack: Ack, body: dict[str, Any], services: Services) -> None:
    _save(ack, body, services, forms.read_block(body["view"]), _block)


def other_date(ack: Ack, body: dict[str, Any], services: Services) -> None:
    _save(ack, body, services, forms.read_date(body["view"]), _other_date)


def hand(ack: Ack, body: dict[str, Any], services: Services) -> None:
    _save(ack, body, services, forms.read_hand(body["view"]), _hand)


def edit(ack: Ack, body: dict[str, Any], services: Services) -> None:
    _save(ack, body, services, forms.read_edit(body["view"]), _edit)


def drop(ack: Ack, body: dict[str, Any], services: Services) -> None:
    _save(ack, body, services, forms.read_drop(body["view"]), _drop)


def carry_over(ack: Ack, body: dict[str, Any], services: Services) -> None:
    with pressed(services, body) as (session, person):
        action_items_carried.carry_over(session, value_of(body), by=person, now=services.now(), policy=services.policy)
    ack()


def reacted(event: dict[str, Any], body: dict[str, Any], services: Services) -> None:
    """A ✅ on a message, put on or taken off. Most reactions mean nothing to us."""
    item = event["item"]
    if item.get("type") != "message" or event["reaction"] not in action_items_marks.MARKS:
        return
    now = services.now()
    with services.transaction() as session:
        if inbox.first_time(session, f"event:{body['event_id']}", now=now):
            action_items_marks.react(
                session,
                item["channel"],
                item["ts"],
                mark=event["reaction"],
                is_there=event["type"] == "reaction_added",
                by=people.by_slack_id(session, event["user"]),
                at=datetime.fromtimestamp(float(event["event_ts"]), UTC),
                now=now,
                policy=services.policy,
            )


def show_list(ack: Ack, body: dict[str, Any], client: WebClient, services: Services, which: str) -> None:
    """`/red-account actions [mine or an account]`: what is open, each with its Done."""
    with services.transaction() as session:
        person = people.acting(session, body["user_id"])
        about = MINE if which.casefold() in ("", MINE) else _red_account(session, which)
        view = _list_view(services, session, person, about)
    client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def _red_account(session: Session, typed: str) -> str:
    account = accounts.meant(session, typed)
    if account is None:
        raise UserError(f"“{said(typed, 80)}” is no account that I know, or several. Type more of its name.")
    red = red_queries.under_way(session, account.id)
    if red is None or red.status != Status.OPEN:
        raise UserError(f"{account.name} is not red, so it has no open actions.")
    return str(red.id)


def _form_view(services: Services, session: Session, person: Person, what: str, item_id: int) -> dict[str, Any]:
    item = session.get_one(ActionItem, item_id)
    red = session.get_one(RedAccount, item.red_account_id)
    workflow.may_change(session, item, red, person, now=services.now(), policy=services.policy)
    return forms.FORMS[what](item)


def _list_view(services: Services, session: Session, person: Person, about: str) -> dict[str, Any]:
    if about == MINE:
        title = "Your open actions"
        items = queries.of_people(session, [person, *covered_by(session, person, services.now())])
    else:
        red = session.get_one(RedAccount, int(about))
        title, items = f"{red.label}: open actions", queries.of_red_account(session, red)
    listed = [
        (line_view(services, session, item.red_account_id), item, permalink(services, queries.post_of(session, item)))
        for item in items[: messages.MOST_LISTED]
    ]
    return messages.list_view(title, listed, more=len(items) - len(listed), about=about)


def _save(ack: Ack, body: dict[str, Any], services: Services, answer: forms.Answer, do: Callable[..., None]) -> None:
    with pressed(services, body) as (session, person):
        if once(session, body, services):
            do(session, answer, by=person, now=services.now(), policy=services.policy)
    ack()


def _block(session: Session, answer: forms.Answer, **given: Any) -> None:
    workflow.block(session, answer.item_id, answer.words or "", **given)


def _other_date(session: Session, answer: forms.Answer, **given: Any) -> None:
    assert answer.due_on is not None
    _must_not_be_past(answer.due_on, given["by"], given["now"])
    workflow.other_date(session, answer.item_id, answer.due_on, answer.words, **given)


def _hand(session: Session, answer: forms.Answer, **given: Any) -> None:
    assert answer.owner is not None
    try:
        workflow.hand_to(session, answer.item_id, _owner(session, answer.owner), answer.words, **given)
    except workflow.HasItAlready as error:
        raise InvalidForm({forms.OWNER: str(error)}) from error


def _edit(session: Session, answer: forms.Answer, **given: Any) -> None:
    assert answer.what is not None
    workflow.edit(session, answer.item_id, answer.what, answer.serves, answer.words, **given)


def _drop(session: Session, answer: forms.Answer, **given: Any) -> None:
    workflow.drop(session, answer.item_id, answer.words or "", **given)


def _owner(session: Session, slack_id: str) -> Person:
    person = people.by_slack_id(session, slack_id)
    if person is None or not person.can_be_asked:
        raise InvalidForm({forms.OWNER: forms.FULL_MEMBER})
    return person


def _must_not_be_past(day: date, person: Person, now: datetime) -> None:
    """Today is that of whoever picks it."""
    if day < now.astimezone(ZoneInfo(person.zone)).date():
        raise InvalidForm({forms.DUE: forms.NOT_BEFORE_TODAY})
