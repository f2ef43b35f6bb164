"""Noun and slot → the message as it should be now. The one place that knows which message is which."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from sqlalchemy.orm import Session

from bot.messages import go_live as go_live_messages
from bot.messages import red_accounts as red_messages
from bot.messages import red_accounts_proposals as proposal_messages
from bot.messages import resolutions as resolution_messages
from bot.messages.blocks import Message
from bot.messages.red_accounts_view import Links, View
from bot.models import Account, Post, Resolution
from bot.queries import red_accounts as queries
from bot.services import Services
from bot.workflows import go_live, red_accounts_proposals, resolutions

Draw = Callable[[Services, Session, int], Message]


def draw(services: Services, session: Session, post: Post) -> Message:
    return DRAWINGS[post.noun, post.slot](services, session, post.subject_id)


def red_view(services: Services, session: Session, red_account_id: int) -> View:
    facts = queries.facts(session, red_account_id, services.policy)
    return View(facts, services.policy, links(services, facts.account), services.now())


def links(services: Services, account: Account) -> Links:
    def filled(template: str | None) -> str | None:
        values = {"account_id": quote(account.salesforce_id), "account": quote(account.name)}
        return template.format(**values) if template else None

    return Links(
        salesforce=services.salesforce.account_url(account.salesforce_id),
        sheet=services.sheets.url(),
        usage=filled(services.policy.links.usage),
        health=filled(services.policy.links.health),
    )


def _proposal(reader: str) -> Draw:
    return lambda services, session, subject: proposal_messages.proposal(
        red_view(services, session, subject), reader=reader
    )


def _question(reader: str) -> Draw:
    def drawn(services: Services, session: Session, subject: int) -> Message:
        wish = session.get_one(Resolution, subject)
        return resolution_messages.question(red_view(services, session, wish.red_account_id), wish, reader=reader)

    return drawn


def _summary(services: Services, session: Session, _subject: int) -> Message:
    return go_live_messages.day_one(queries.without_card(session), services.policy, services.now())


DRAWINGS: dict[tuple[str, str], Draw] = {
    (queries.NOUN, queries.CARD): lambda services, session, s: red_messages.card(red_view(services, session, s)),
    (queries.NOUN, queries.OPENING): lambda services, session, s: red_messages.opening(red_view(services, session, s)),
    (queries.NOUN, red_accounts_proposals.PROPOSAL_CE): _proposal("ce"),
    (queries.NOUN, red_accounts_proposals.PROPOSAL_BY): _proposal("by"),
    (queries.NOUN, red_accounts_proposals.PROPOSAL_LEAD): _proposal("lead"),
    (resolutions.NOUN, resolutions.ASK_CE): _question("ce"),
    (resolutions.NOUN, resolutions.ASK_BY): _question("by"),
    (resolutions.NOUN, resolutions.ASK_LEAD): _question("lead"),
    (go_live.NOUN, go_live.SUMMARY): _summary,
}
