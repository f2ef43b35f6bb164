"""What every press and every form begins with: who it is, inside one transaction, once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from bot.errors import UserError
from bot.models import Person
from bot.queries import people
from bot.services import Services
from bot.workflows import inbox


@contextmanager
def pressed(services: Services, body: dict[str, Any]) -> Iterator[tuple[Session, Person]]:
    """One transaction, and the person who acts in it. Refuses people from outside the workspace."""
    with services.transaction() as session:
        person = people.acting(session, body["user"]["id"])
        try:
            yield session, person
        except NoResultFound:
            raise UserError("This is not here any more. Nothing changed.") from None


def once(session: Session, body: dict[str, Any], services: Services) -> bool:
    """Whether this form is handed in for the first time: a double click hands it in twice."""
    return inbox.first_time(session, f"view:{body['view']['id']}", now=services.now())


def value_of(body: dict[str, Any]) -> int:
    """The id that a button carries."""
    return int(body["actions"][0]["value"])
