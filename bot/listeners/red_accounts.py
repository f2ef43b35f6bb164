"""What people do with red accounts in Slack."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot.deliveries.links import permalink
from bot.errors import InvalidForm, UserError
from bot.listeners import action_items, exports, red_accounts_lists
from bot.listeners.plans import plan_view, undo_agreement
from bot.listeners.press import once, pressed, value_of
from bot.messages import answers, plans_forms, resolutions_forms
from bot.messages import closings as closing_messages
from bot.messages import go_live as go_live_messages
from bot.messages import plans as plan_messages
from bot.messages import red_accounts as messages
from bot.messages import red_accounts_forms as forms
from bot.messages import red_accounts_proposals as proposals
from bot.messages.blocks import plain, unescaped
from bot.messages.forms import fits_an_ack
from bot.models import Person, RedAccount, Status
from bot.models.red_accounts import Words
from bot.queries import accounts, people
from bot.queries import red_accounts as queries
from bot.services import Services
from bot.workflows import closings, go_live, plans, relapses, rights
from bot.workflows import red_accounts as workflow
from bot.workflows import red_accounts_proposals as proposal_workflow

COMMAND = "/red-account"
ADD, ADD_TO_IT = "Add what you wrote", "Add what you know here, or open its card."


def register(app: App) -> None:
    app.command(COMMAND)(declare)
    app.options(forms.FIND_ACCOUNT)(find_account)
    app.view(forms.MARK)(submit)
    app.action(messages.FILL_IN)(open_fill_in)
    app.view(forms.FILL_IN)(fill_in)
    app.action(messages.MENU)(choose)
    app.action(proposals.MARK_RED)(confirm)
    app.action(proposals.NOT_RED)(open_decline)
    app.view(forms.DECLINE)(decline)
    app.action(proposals.NUDGE)(nudge)
    app.action(proposals.WITHDRAW)(withdraw)
    app.action(go_live_messages.POST_CARD)(post_card)
    app.action(go_live_messages.POST_ALL)(post_all)
    app.action(messages.OPEN_LINK)(follow_link)


def declare(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    typed = plain(unescaped(body.get("text", "")))
    if typed.casefold() == "help":
        ack(answers.RED_ACCOUNT_HELP)
        return
    if red_accounts_lists.takes(typed):
        red_accounts_lists.answer(ack, body, client, services, typed)
        return
    word, _, rest = typed.partition(" ")
    if word.casefold() == "actions":
        action_items.show_list(ack, body, client, services, rest.strip())
        return
    with services.transaction() as session:
        person = people.acting(session, body["user_id"])
        account = accounts.meant(session, typed)
        red = queries.under_way(session, account.id) if account else None
        if red and not _settles(session, person, red, services):
            view = _under_way_view(services, session, person, red)
        elif typed and account is None and not accounts.search(session, typed):
            ack(answers.unknown(COMMAND, typed, answers.RED_ACCOUNT_HELP))
            return
        else:
            if account:
                relapses.must_be_free(session, account, services.policy)
            view = forms.mark_form(account, services.policy, typed=typed)
    client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def find_account(ack: Ack, body: dict[str, Any], services: Services) -> None:
    with services.transaction() as session:
        person = people.acting(session, body["user"]["id"])
        found = accounts.search(session, plain(body.get("value")), first_for=person.id)
        ack(forms.account_options(found))


def submit(ack: Ack, body: dict[str, Any], services: Services) -> None:
    account_id, words = forms.read_mark(body["view"])
    try:
        with services.transaction() as session:
            person = people.acting(session, body["user"]["id"])
            if once(session, body, services):
                proposal_workflow.mark(
                    session, account_id, words, by=person, now=services.now(), policy=services.policy
                )
    except plans.UnknownSponsor as unknown:
        raise InvalidForm({plans_forms.SPONSOR: str(unknown)}) from unknown
    except proposal_workflow.AlreadyUnderWay as already:
        with services.transaction() as session:
            red = session.get_one(RedAccount, already.red_account_id)
            if red.status == Status.PROPOSED:
                asked = proposal_workflow.waits_for(session, red, now=services.now(), policy=services.policy)
                ack(response_action="push", view=answers.proposed_already(red, asked, over_a_form=True))
                return
            since = answers.red_already(red, services.policy, services.now())
            view = _fill_in_form(services, session, red, intro=f"{since} {ADD_TO_IT}", added=words, submit=ADD)
            _put_in_its_place(ack, view, _small_view(services, session, red, "Red already", since))
        return
    ack()


def open_fill_in(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    with pressed(services, body) as (session, person):
        red = session.get_one(RedAccount, value_of(body))
        if red.status != Status.OPEN:
            raise UserError(f"{workflow.already(red, services.policy)} There is nothing to fill in.")
        rights.must_write(session, person, red, "fill this in", now=services.now(), policy=services.policy)
        view = _fill_in_form(services, session, red)
    client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def fill_in(ack: Ack, body: dict[str, Any], services: Services) -> None:
    red_account_id, words, seen = forms.read_fill_in(body["view"])
    now, policy = services.now(), services.policy
    try:
        with pressed(services, body) as (session, person):
            if once(session, body, services):
                workflow.fill_in(session, red_account_id, words, seen=seen, by=person, now=now, policy=policy)
    except plans.UnknownSponsor as unknown:
        raise InvalidForm({plans_forms.SPONSOR: str(unknown)}) from unknown
    except workflow.ChangedMeanwhile as meanwhile:
        with services.transaction() as session:
            red = session.get_one(RedAccount, meanwhile.red_account_id)
            intro = f"{answers.CHANGED_MEANWHILE} Both texts are here; put them in order."
            view = _fill_in_form(services, session, red, intro=intro, added=words)
            _put_in_its_place(
                ack, view, _small_view(services, session, red, "Changed meanwhile", answers.CHANGED_MEANWHILE)
            )
        return
    ack()


def choose(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    """An entry of the card's ⋯ menu."""
    what, _, red_account_id = body["actions"][0]["selected_option"]["value"].partition(":")
    with pressed(services, body) as (session, person):
        red = session.get_one(RedAccount, int(red_account_id))
        view = MENU_VIEWS[what](services, session, person, red)
    if view:
        client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def confirm(ack: Ack, body: dict[str, Any], services: Services) -> None:
    with pressed(services, body) as (session, person):
        proposal_workflow.confirm(session, value_of(body), by=person, now=services.now(), policy=services.policy)
    ack()


def open_decline(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    with pressed(services, body) as (session, person):
        red = session.get_one(RedAccount, value_of(body))
        proposal_workflow.may_answer(session, red, person, now=services.now(), policy=services.policy)
        view = forms.decline_form(red)
    client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def decline(ack: Ack, body: dict[str, Any], services: Services) -> None:
    red_account_id, why = forms.read_decline(body["view"])
    with pressed(services, body) as (session, person):
        if once(session, body, services):
            proposal_workflow.decline(
                session, red_account_id, why, by=person, now=services.now(), policy=services.policy
            )
    ack()


def nudge(ack: Ack, body: dict[str, Any], services: Services) -> None:
    """The question that was pressed says afterwards that the CE was reminded."""
    with pressed(services, body) as (session, person):
        proposal_workflow.nudge(session, value_of(body), by=person, now=services.now(), policy=services.policy)
    ack()


def withdraw(ack: Ack, body: dict[str, Any], services: Services) -> None:
    with pressed(services, body) as (session, person):
        proposal_workflow.withdraw(session, value_of(body), by=person, now=services.now(), policy=services.policy)
    ack()


def post_card(ack: Ack, body: dict[str, Any], services: Services) -> None:
    with pressed(services, body) as (session, person):
        red = session.get_one(RedAccount, value_of(body))
        if person.email not in services.policy.leads:
            rights.must_write(session, person, red, "post its card", now=services.now(), policy=services.policy)
        _post_cards(services, session, person, [red.id])
    ack()


def post_all(ack: Ack, body: dict[str, Any], services: Services) -> None:
    with pressed(services, body) as (session, person):
        if person.email not in services.policy.leads:
            leads = [people.by_email(session, email) for email in sorted(services.policy.leads)]
            who = " or ".join(lead.name for lead in leads if lead) or "a lead"
            raise UserError(f"Only {who} (CE lead) can post all cards at once. Post those of your own accounts here.")
        _post_cards(services, session, person, [red.id for red in queries.without_card(session)])
    ack()


def follow_link(ack: Ack) -> None:
    """A button that is only a link still reports its press."""
    ack()


def _post_cards(services: Services, session: Session, person: Person, red_account_ids: list[int]) -> None:
    now = services.now()
    workflow.post_cards(session, red_account_ids, by=person, now=now, policy=services.policy)
    go_live.refresh_summary(session, now=now)


def _settles(session: Session, person: Person, red: RedAccount, services: Services) -> bool:
    """Whether this person marking it red answers the proposal that is there."""
    return red.status == Status.PROPOSED and rights.may_mark(
        session, person, red.account, now=services.now(), policy=services.policy
    )


def _under_way_view(services: Services, session: Session, person: Person, red: RedAccount) -> dict[str, Any]:
    if red.status == Status.PROPOSED:
        return answers.proposed_already(
            red, proposal_workflow.waits_for(session, red, now=services.now(), policy=services.policy)
        )
    since = answers.red_already(red, services.policy, services.now())
    if not rights.may_write(session, person, red, now=services.now(), policy=services.policy):
        return answers.with_link(since, red.id, permalink(services, queries.card_post(session, red.id)))
    return _fill_in_form(services, session, red, intro=f"{since} {ADD_TO_IT}", submit=ADD)


def mark_again_view(services: Services, session: Session, person: Person, before: RedAccount) -> dict[str, Any]:
    """The form for an account that was red before, or what there is to know where it is red already."""
    red = queries.under_way(session, before.account_id)
    if red and not _settles(session, person, red, services):
        return _under_way_view(services, session, person, red)
    return forms.mark_form(before.account, services.policy, words=Words(before.reason))


def _fill_in_form(
    services: Services,
    session: Session,
    red: RedAccount,
    *,
    intro: str | None = None,
    added: Words | None = None,
    submit: str = "Save",
) -> dict[str, Any]:
    return forms.fill_in_form(
        red,
        services.policy,
        seen=queries.newest_history_id(session, red.id),
        card_url=permalink(services, queries.card_post(session, red.id)) if intro else None,
        intro=intro,
        added=added,
        submit=submit,
    )


def _small_view(services: Services, session: Session, red: RedAccount, title: str, sentence: str) -> dict[str, Any]:
    return answers.still_underneath(title, sentence, red, permalink(services, queries.card_post(session, red.id)))


def _put_in_its_place(ack: Ack, view: dict[str, Any], small: dict[str, Any]) -> None:
    """Answer a form with another one. One that is too large for an answer would cost us the connection, and the
    person what they wrote: then `small` is laid over their form instead."""
    if fits_an_ack(view):
        ack(response_action="update", view=view)
    else:
        ack(response_action="push", view=small)


def resolve_view(services: Services, session: Session, person: Person, red: RedAccount) -> dict[str, Any]:
    if red.status != Status.OPEN:
        raise UserError(f"{workflow.already(red, services.policy)} Nothing changed.")
    if rights.may_decide(session, person, red.account, now=services.now(), policy=services.policy):
        return resolutions_forms.resolve_form(red)
    rights.must_write(session, person, red, "resolve this", now=services.now(), policy=services.policy)
    asked = red.account.ce if red.account.ce and red.account.ce.can_be_asked else None
    asked = asked or people.lead_of(session, red.account, services.policy)
    return resolutions_forms.resolve_form(red, asks=asked.name if asked else "The CE lead")


def _history_view(services: Services, session: Session, _person: Person, red: RedAccount) -> dict[str, Any]:
    return forms.history_view(red, queries.history(session, red.id), services.policy, services.now())


def retro_view(services: Services, session: Session, person: Person, red: RedAccount) -> dict[str, Any]:
    closings.may_add_retro(session, red, person, now=services.now(), policy=services.policy)
    return closing_messages.retro_form(red)


#: Entry of a card's ⋯ → the form that it opens, if it is not done with the click.
MENU_VIEWS: dict[str, Callable[[Services, Session, Person, RedAccount], dict[str, Any] | None]] = {
    "plan": plan_view,
    plan_messages.UNDO: undo_agreement,
    "retro": retro_view,
    "resolve": resolve_view,
    "history": _history_view,
    "export": exports.export_view,
}
