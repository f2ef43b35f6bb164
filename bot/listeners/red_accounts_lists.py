"""`/red-account` with a word behind it: lists, an account's history, its export, the figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot.deliveries.links import permalink
from bot.errors import UserError
from bot.listeners.press import pressed
from bot.messages import figures as figures_messages
from bot.messages import red_accounts_lists as messages
from bot.messages.blocks import esc, said
from bot.messages.exports import Format
from bot.messages.red_accounts_lists import Scope
from bot.models import Account, Person, RedAccount
from bot.queries import accounts, people
from bot.queries import red_accounts_lists as queries
from bot.services import Services
from bot.workflows import exports, figures
from bot.workflows import red_accounts_lists as lists

COMMAND = "/red-account"
FORMATS = {**{form.value: form for form in Format}, "md": Format.MARKDOWN}
Answer = dict[str, Any] | str  # a modal, or what an acknowledgement says
Do = Callable[[Services, Session, Person, str], Answer]


def register(app: App) -> None:
    app.action(messages.PAGE)(turn_page)
    app.action(messages.NEXT)(turn_page)


def takes(typed: str) -> bool:
    """Whether this is one of the words below, rather than an account's name that begins like one."""
    return _split(typed)[0] is not None


def answer(ack: Ack, body: dict[str, Any], client: WebClient, services: Services, typed: str) -> None:
    do, rest = _split(typed)
    assert do is not None  # `takes` was asked
    with services.transaction() as session:
        person = people.acting(session, body["user_id"])
        shown = do(services, session, person, rest)
    if isinstance(shown, str):
        ack(shown)
        return
    client.views_open(trigger_id=body["trigger_id"], view=shown)
    ack()


def _split(typed: str) -> tuple[Do | None, str]:
    """What the first word does, and what stands behind it."""
    word, _, rest = typed.partition(" ")
    rest = rest.strip()
    takes_it = rest.casefold() in ALONE.get(word.casefold(), {}) or word.casefold() in WITH_MORE
    return (DO.get(word.casefold()) if takes_it else None), rest


def turn_page(ack: Ack, body: dict[str, Any], client: WebClient, services: Services) -> None:
    scope, page = Scope.read(body["actions"][0]["value"])
    with pressed(services, body) as (session, person):
        view = _listing(services, session, person, scope, page)
    client.views_update(view_id=body["view"]["id"], view=view)  # without its hash: a double click is no conflict
    ack()


def account_of(session: Session, typed: str) -> Account:
    """The account that was typed. Raises a sentence where it can be none or several."""
    account = accounts.meant(session, typed)
    if account is None:
        if accounts.search(session, typed):
            raise UserError(f"Several accounts have “{said(typed, 80)}” in their name: type more of it.")
        raise UserError(f"No account has “{said(typed, 80)}” in its name.")
    return account


def _mine(services: Services, session: Session, person: Person, _rest: str) -> Answer:
    return _listing(services, session, person, Scope(lists.MINE), 0)


def _overdue(services: Services, session: Session, person: Person, _rest: str) -> Answer:
    return _listing(services, session, person, Scope(lists.OVERDUE), 0)


def _all(services: Services, session: Session, person: Person, _rest: str) -> Answer:
    return _listing(services, session, person, Scope(lists.ALL), 0)


def _region(services: Services, session: Session, person: Person, rest: str) -> Answer:
    regions = {name.casefold(): name for name in services.policy.regions}
    region = regions.get(rest.casefold())
    if region is None:
        names = ", ".join(f"`{COMMAND} region {name}`" for name in services.policy.regions)
        return f"Which region? {names}"
    return _listing(services, session, person, Scope(lists.REGION, region), 0)


def _history(services: Services, session: Session, _person: Person, rest: str) -> Answer:
    if not rest:
        return f"Which account? `{COMMAND} history acme`"
    account = account_of(session, rest)
    reds = queries.of_account(session, account)
    urls = _urls(services, session, reds)
    return messages.history(account, reds, urls, services.policy, services.now())


def _export(services: Services, session: Session, person: Person, rest: str) -> Answer:
    name, _, last = rest.rpartition(" ")
    form = FORMATS.get(last.casefold())
    typed = name.strip() if form and name else rest
    if not typed:
        return f"Which account? `{COMMAND} export acme`, or `{COMMAND} export RA-12 json`"
    red = exports.meant(session, typed)
    now = services.now()
    key = f"{person.id}:{red.id}:{form}:{now.isoformat(timespec='seconds')}"
    exports.send(session, red, form or Format.MARKDOWN, key, by=person, now=now, policy=services.policy)
    return f"{red.label} ({esc(red.account.name)}) comes to you as a file, by direct message."


def _figures(services: Services, session: Session, person: Person, rest: str) -> Answer:
    now, policy = services.now(), services.policy
    figures.must_see(session, person, now=now, policy=policy)
    if rest.casefold() == "csv":
        figures.send(session, by=person, now=now, policy=policy)
        return "The figures come to you as a file, by direct message."
    return figures_messages.view(figures.of_quarters(session, now=now, policy=policy))


def _listing(services: Services, session: Session, person: Person, scope: Scope, page: int) -> dict[str, Any]:
    now, policy = services.now(), services.policy
    found = lists.of(session, scope.what, scope.of, by=person, now=now, policy=policy)
    start = messages.first_of(page, len(found))
    urls = _urls(services, session, [one.red for one in found[start : start + messages.A_PAGE]])
    return messages.listing(scope, page, found, urls, policy, now)


def _urls(services: Services, session: Session, reds: Sequence[RedAccount]) -> dict[int, str]:
    """Red account's id → where its card opens."""
    posts = queries.cards(session, reds)
    found = {red_account_id: permalink(services, post) for red_account_id, post in posts.items()}
    return {red_account_id: url for red_account_id, url in found.items() if url}


#: What may stand behind words that are no account's: with anything else they may begin an account's name.
ALONE = {"mine": {""}, "overdue": {""}, "all": {""}, "list": {""}, "figures": {"", "csv"}}
WITH_MORE = {"region", "history", "export"}
DO: dict[str, Do] = {
    "mine": _mine,
    "overdue": _overdue,
    "all": _all,
    "list": _all,
    "region": _region,
    "history": _history,
    "export": _export,
    "figures": _figures,
}
