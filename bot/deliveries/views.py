"""What messages are drawn from, read in one go."""

from __future__ import annotations

from urllib.parse import quote

from sqlalchemy.orm import Session

from bot.messages.red_accounts_view import Links, View
from bot.models import Account, RedAccount
from bot.queries import red_accounts as queries
from bot.services import Services


def red_view(services: Services, session: Session, red_account_id: int) -> View:
    facts = queries.facts(session, red_account_id, services.policy)
    return View(facts, services.policy, links(services, facts.account), services.now())


def line_view(services: Services, session: Session, red_account_id: int) -> View:
    """For a line in a list, which says little: the red account alone is read."""
    red = session.get_one(RedAccount, red_account_id)
    return View(queries.bare_facts(red), services.policy, Links(None, None, None, None), services.now())


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
